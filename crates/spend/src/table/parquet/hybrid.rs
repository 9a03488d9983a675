//! Runs of equal numbers and packed numbers of few bits: how Parquet writes levels and places in dictionaries.

use crate::SpendError;

/// Reads such numbers.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Hybrid {
    /// Where the next run begins.
    at: usize,
    width: usize,
    run: Run,
}

#[derive(Debug, Default, Clone, Copy)]
enum Run {
    #[default]
    None,
    /// The same number so many times.
    Equal { number: u32, left: usize },
    /// Packed numbers, the next one at this bit.
    Packed { bit: usize, left: usize },
}

impl Hybrid {
    /// Numbers of `width` bits that begin at a byte.
    pub fn new(at: usize, width: u8) -> Result<Hybrid, SpendError> {
        if width > 32 {
            return Err(short());
        }
        Ok(Hybrid { at, width: usize::from(width), run: Run::None })
    }

    /// Appends the next `count` numbers.
    pub fn read(&mut self, bytes: &[u8], count: usize, into: &mut Vec<u32>) -> Result<(), SpendError> {
        let mut wanted = count;
        while wanted > 0 {
            match self.run {
                Run::Equal { number, left } if left > 0 => {
                    let taken = left.min(wanted);
                    into.resize(into.len() + taken, number);
                    self.run = Run::Equal { number, left: left - taken };
                    wanted -= taken;
                }
                Run::Packed { bit, left } if left > 0 => {
                    let taken = left.min(wanted);
                    unpack(bytes, bit, self.width, taken, into)?;
                    self.run = Run::Packed { bit: bit + taken * self.width, left: left - taken };
                    wanted -= taken;
                }
                _ => self.next_run(bytes)?,
            }
        }
        Ok(())
    }

    fn next_run(&mut self, bytes: &[u8]) -> Result<(), SpendError> {
        let header = self.varint(bytes)?;
        let size = usize::try_from(header >> 1).map_err(|_| short())?;
        if size == 0 {
            return Err(short());
        }
        if header & 1 == 1 {
            let left = size.checked_mul(8).ok_or_else(short)?;
            self.run = Run::Packed { bit: self.at * 8, left };
            self.at = size.checked_mul(self.width).and_then(|length| self.at.checked_add(length)).ok_or_else(short)?;
        } else {
            let length = self.width.div_ceil(8);
            let written = bytes.get(self.at..self.at + length).ok_or_else(short)?;
            let number = written.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            self.run = Run::Equal { number, left: size };
            self.at += length;
        }
        Ok(())
    }

    fn varint(&mut self, bytes: &[u8]) -> Result<u64, SpendError> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = *bytes.get(self.at).ok_or_else(short)?;
            self.at += 1;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(short())
    }
}

fn unpack(bytes: &[u8], mut bit: usize, width: usize, count: usize, into: &mut Vec<u32>) -> Result<(), SpendError> {
    // The last group may be cut off where nothing is left to say.
    if bytes.len() * 8 < bit + count * width {
        return Err(short());
    }
    let mask = (1_u64 << width) - 1;
    for _ in 0..count {
        let start = bit / 8;
        let word = match bytes.get(start..start + 8) {
            Some(word) => u64::from_le_bytes(word.try_into().unwrap_or_default()),
            None => {
                bytes.get(start..).unwrap_or_default().iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
            }
        };
        // At most 7 bits before it and 32 of its own.
        into.push(u32::try_from(word >> (bit % 8) & mask).unwrap_or_default());
        bit += width;
    }
    Ok(())
}

fn short() -> SpendError {
    SpendError::Damaged("a page of the Parquet file is cut off".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers_are_read_in_any_portions() {
        // 0 to 7 of 3 bits, as the format's description writes them, then a run of nine fives.
        let bytes = [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010, 9 << 1, 5];
        let expected: Vec<u32> = (0..8).chain([5; 9]).collect();
        for portion in 1..=17 {
            let (mut hybrid, mut read) = (Hybrid::new(0, 3).unwrap(), Vec::new());
            while read.len() < expected.len() {
                hybrid.read(&bytes, portion.min(expected.len() - read.len()), &mut read).unwrap();
            }
            assert_eq!(read, expected, "{portion} at a time");
        }
    }

    #[test]
    fn numbers_without_bits_are_nothing() {
        let mut read = Vec::new();
        Hybrid::new(0, 0).unwrap().read(&[8 << 1], 8, &mut read).unwrap();
        assert_eq!(read, [0; 8]);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        for bytes in [&[][..], &[0x80], &[3, 1], &[4], &[0, 0]] {
            assert!(Hybrid::new(0, 8).unwrap().read(bytes, 8, &mut Vec::new()).is_err(), "{bytes:?}");
        }
        assert!(Hybrid::new(0, 33).is_err());
    }
}
