//! Texts as spreadsheets and shells write them: UTF-8 or, with its mark, UTF-16; fields that commas, semicolons or tabs part.

use std::io::{self, Cursor, ErrorKind, Read};

/// How much is read at once.
const CHUNK: usize = 16 * 1024;
/// The most bytes in which the end of the heading is looked for.
const HEADING_MOST: usize = 256 * 1024;

/// What may stand between fields. Of those that are equally many in a heading, the first one does.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A text in UTF-8, and what stands between its fields.
pub(super) struct Text<'s> {
    pub source: Box<dyn Read + 's>,
    pub delimiter: u8,
}

/// Tells by its heading what stands between a text's fields.
pub(super) fn delimited<'s>(source: impl Read + 's) -> io::Result<Text<'s>> {
    let mut source = utf8(source)?;
    let head = head(&mut source, HEADING_MOST, |read| heading(read).is_some())?;
    let delimiter = delimiter(heading(&head).unwrap_or(&head));
    Ok(Text { source: Box::new(Cursor::new(head).chain(source)), delimiter })
}

/// A text in UTF-8 without a mark, whatever it is written in.
pub(crate) fn utf8<'s>(mut source: impl Read + 's) -> io::Result<Box<dyn Read + 's>> {
    let head = head(&mut source, CHUNK, |read| read.len() >= 3)?;
    let after = |mark: usize| {
        let mut head = Cursor::new(head.clone());
        head.set_position(mark as u64);
        head
    };
    let (head, unit): (_, fn([u8; 2]) -> u16) = match head.as_slice() {
        [0xFF, 0xFE, ..] => (after(2), u16::from_le_bytes),
        [0xFE, 0xFF, ..] => (after(2), u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, ..] => return Ok(Box::new(after(3).chain(source))),
        _ => return Ok(Box::new(after(0).chain(source))),
    };
    Ok(Box::new(Utf16 { source: head.chain(source), unit, odd: None, high: None, text: Cursor::default() }))
}

/// What a source begins with: as much as is needed, and what came with it.
fn head(source: &mut impl Read, most: usize, enough: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u8>> {
    let (mut head, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    while head.len() < most && !enough(&head) {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => head.extend_from_slice(chunk.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

/// The first line that is not empty, where it ends here. A line may go on within quotes.
fn heading(text: &[u8]) -> Option<&[u8]> {
    let from = text.iter().position(|byte| !matches!(byte, b'\n' | b'\r'))?;
    let line = text.get(from..)?;
    let mut quoted = false;
    let end = line.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && matches!(byte, b'\n' | b'\r')
    })?;
    line.get(..end)
}

fn delimiter(heading: &[u8]) -> u8 {
    let mut quoted = false;
    let mut found = [0_usize; DELIMITERS.len()];
    for byte in heading {
        quoted ^= *byte == b'"';
        for (times, delimiter) in found.iter_mut().zip(DELIMITERS) {
            *times += usize::from(!quoted && *byte == delimiter);
        }
    }
    let most = found.iter().copied().max().unwrap_or(0);
    found.iter().zip(DELIMITERS).find(|(times, _)| **times == most).map_or(b',', |(_, delimiter)| delimiter)
}

/// Brings UTF-16 to UTF-8. Half of a pair that stands alone becomes bytes that are no UTF-8, so that whoever needs the text
/// refuses its row.
struct Utf16<R> {
    source: R,
    /// What two bytes are.
    unit: fn([u8; 2]) -> u16,
    /// The first byte of a unit whose second one is still to come.
    odd: Option<u8>,
    /// The first unit of a pair whose second one is still to come.
    high: Option<u16>,
    text: Cursor<Vec<u8>>,
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.text.read(buffer)?;
            if read > 0 || buffer.is_empty() || !self.more()? {
                return Ok(read);
            }
        }
    }
}

impl<R: Read> Utf16<R> {
    /// Reads on; `false` at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut chunk = vec![0; CHUNK];
        let read = self.source.read(&mut chunk)?;
        if read == 0 {
            let whole = self.odd.is_none() && self.high.is_none();
            return if whole { Ok(false) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        let mut text = std::mem::take(&mut self.text).into_inner();
        text.clear();
        for byte in chunk.into_iter().take(read) {
            match self.odd.take() {
                Some(first) => self.take((self.unit)([first, byte]), &mut text),
                None => self.odd = Some(byte),
            }
        }
        self.text = Cursor::new(text);
        Ok(true)
    }

    fn take(&mut self, unit: u16, text: &mut Vec<u8>) {
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let both = 0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                put(both, text);
            }
            (before, _) => {
                before.into_iter().for_each(|alone| put(alone.into(), text));
                match unit {
                    0xD800..=0xDBFF => self.high = Some(unit),
                    _ => put(unit.into(), text),
                }
            }
        }
    }
}

fn put(code: u32, text: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        // No byte of UTF-8.
        None => text.push(0xFF),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_tells_what_parts_fields_whatever_its_quotes_hold() {
        for (heading, expected) in [
            ("a,b", b','),
            ("a;b;c", b';'),
            ("a\tb", b'\t'),
            ("\"a,b,c\";d", b';'),
            ("\"a;b\",c", b','),
            ("a;b,c", b','),
            ("alone", b','),
        ] {
            assert_eq!(delimiter(heading.as_bytes()), expected, "{heading}");
        }
    }

    #[test]
    fn a_heading_ends_with_its_line_and_not_within_quotes() {
        assert_eq!(heading(b"\r\na;b\r\n1,2,3"), Some(&b"a;b"[..]));
        assert_eq!(heading(b"\"a\n,\";b\n"), Some(&b"\"a\n,\";b"[..]));
        assert_eq!(heading(b"a;b"), None, "it may go on");
    }

    /// A byte at a time, so that every unit and every pair is parted.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let short = buffer.len().min(1);
            self.0.read(buffer.get_mut(..short).unwrap_or_default())
        }
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        utf8(Slow(bytes))?.read_to_end(&mut text).map(|_| text)
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xFEFF_u16);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_with_its_mark_is_read_at_either_end_however_it_comes() {
        let text = "day;Ünïcode;𝄞,\n";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(read(&utf16(text, true, bytes)).unwrap(), text.as_bytes());
        }
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap(), text.as_bytes());
        assert_eq!(read(text.as_bytes()).unwrap(), text.as_bytes());
    }

    #[test]
    fn half_of_a_pair_is_no_text_and_half_of_a_unit_no_end() {
        let halves = [0xFEFF_u16, 0xD834, 0x61, 0xDD1E, 0x0A];
        let bytes: Vec<u8> = halves.into_iter().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes).unwrap(), b"\xFFa\xFF\n");
        for cut in [1, 3] {
            let whole = utf16("𝄞", true, u16::to_le_bytes);
            let cut = whole.get(..whole.len() - cut).unwrap();
            assert_eq!(read(cut).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    }
}
