//! A second file inside a file: what one program shows as a picture, another one would unpack or run.

use crate::media::MediaType;

/// Elements that make a reader of HTML run something.
const ELEMENTS: [&[u8]; 5] = [b"html", b"script", b"iframe", b"!doctype html", b"?php"];

/// Too short to be looked for in pictures, where one in some thousand would hold it by chance.
const SHORT_ELEMENTS: [&[u8]; 1] = [b"svg"];

/// What else the file is, beside the kind that its first bytes say.
pub(super) fn second_nature(bytes: &[u8], kind: MediaType) -> Option<&'static str> {
    (0..bytes.len()).find_map(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.first()? {
            b'P' if kind != MediaType::Xlsx && is_zip_end(rest) => Some("an archive"),
            b'R' if rest.starts_with(b"Rar!\x1a\x07") => Some("an archive"),
            b'7' if rest.starts_with(b"7z\xbc\xaf\x27\x1c") => Some("an archive"),
            b'%' if kind != MediaType::Pdf && is_pdf_header(rest) => Some("a PDF document"),
            b'<' if is_element(rest, &ELEMENTS) => Some("a page of HTML"),
            _ => None,
        }
    })
}

/// Whether a text holds an element that makes a browser run something.
pub(super) fn has_markup(text: &[u8]) -> bool {
    let mut places = (0..text.len()).filter_map(|at| text.get(at..));
    places.any(|rest| is_element(rest, &ELEMENTS) || is_element(rest, &SHORT_ELEMENTS))
}

/// The end of an archive: where it lies in a file does not matter to those who unpack it. In compressed data the four
/// bytes of its signature occur by chance; its disk numbers are zero and its two counts agree as well.
fn is_zip_end(rest: &[u8]) -> bool {
    rest.starts_with(b"PK\x05\x06") && rest.get(4..8) == Some([0; 4].as_slice()) && rest.get(8..10) == rest.get(10..12)
}

/// `%PDF-1.7`: with its digits, so that compressed data does not say it by chance.
pub(super) fn is_pdf_header(rest: &[u8]) -> bool {
    match rest.strip_prefix(b"%PDF-") {
        Some([major, b'.', minor, ..]) => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}

fn is_element(rest: &[u8], names: &[&[u8]]) -> bool {
    let Some(rest) = rest.strip_prefix(b"<") else { return false };
    names.iter().any(|name| {
        let begins = rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        begins && matches!(rest.get(name.len()), None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/'))
    })
}
