//! Whole numbers of many rows in one parameter.
//!
//! On the hot path even JSON is too much work: it is parsed, and every field of every row is searched for. Here a row is
//! a fixed number of decimal fields, [`WIDTH`] bytes each, and the statement cuts them out by their place: with five
//! fields a row, the second one of row `n` is `CAST(substr(?1, 100 * n + 21, 20) AS INTEGER)`. The rows are counted by
//! the table `slots`.

/// Bytes per field: a sign and nineteen digits hold every `i64`.
const WIDTH: usize = 20;

/// The rows that the table `slots` can count.
pub(super) const ROWS_MAX: usize = 1024;

/// Rows of `FIELDS` numbers.
#[derive(Debug, Default)]
pub(super) struct Numbers<const FIELDS: usize> {
    bytes: Vec<u8>,
}

impl<const FIELDS: usize> Numbers<FIELDS> {
    pub(super) fn push(&mut self, row: [i64; FIELDS]) {
        for value in row {
            self.bytes.extend_from_slice(&decimal(value));
        }
    }

    /// The rows and their count, as the statement takes them.
    pub(super) fn finish(self) -> (Vec<u8>, i64) {
        let rows = self.bytes.len() / (WIDTH * FIELDS.max(1));
        (self.bytes, rows as i64)
    }
}

fn decimal(value: i64) -> [u8; WIDTH] {
    let mut digits = [b'0'; WIDTH];
    let mut rest = value.unsigned_abs();
    for digit in digits.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if value < 0 {
        digits[0] = b'-';
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_the_same_width_and_reads_back() {
        for value in [0, 1, -1, 42, i64::MAX, i64::MIN] {
            let text = String::from_utf8(decimal(value).to_vec()).expect("digits");
            assert_eq!((text.len(), text.parse::<i64>()), (WIDTH, Ok(value)));
        }
        let mut rows = Numbers::<3>::default();
        rows.push([1, 2, 3]);
        rows.push([4, 5, -6]);
        let (bytes, count) = rows.finish();
        assert_eq!((bytes.len(), count), (2 * 3 * WIDTH, 2));
    }
}
