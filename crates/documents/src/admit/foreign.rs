//! A second file inside a file: what one program shows as a picture, another one would unpack or run.

use crate::media::MediaType;

/// Elements that make a reader of HTML run something.
const ELEMENTS: [&[u8]; 5] = [b"html", b"script", b"iframe", b"!doctype html", b"?php"];

/// Too short to be looked for in pictures, where one in some thousand would hold it by chance.
const SHORT_ELEMENTS: [&[u8]; 1] = [b"svg"];

/// What else the file is, beside the kind that its first bytes say.
pub(super) fn second_nature(bytes: &[u8], kind: MediaType) -> Option<&'static str> {
    bytes.iter().enumerate().find_map(|(at, byte)| {
        // Most bytes begin nothing: they are passed over before anything is compared.
        let rest = match byte {
            b'P' | b'R' | b'7' | b'%' | b'<' => bytes.get(at..)?,
            _ => return None,
        };
        match byte {
            b'P' if kind != MediaType::Xlsx && ends_archive(rest) => Some("an archive"),
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
    let mut places = text.iter().enumerate().filter(|(_, byte)| **byte == b'<').filter_map(|(at, _)| text.get(at..));
    places.any(|rest| is_element(rest, &ELEMENTS) || is_element(rest, &SHORT_ELEMENTS))
}

/// Within how many bytes from the end programs look for the end of an archive: its record and the longest comment.
const ARCHIVE_TAIL: usize = 22 + 0xffff;

/// The end of an archive. Some programs find it anywhere, and most of them near the end of the file whatever else it says.
/// In compressed data the four bytes of its signature occur by chance: far from the end they count only where the disk
/// numbers are zero and the two counts agree.
fn ends_archive(rest: &[u8]) -> bool {
    let plausible = || rest.get(4..8) == Some([0; 4].as_slice()) && rest.get(8..10) == rest.get(10..12);
    rest.starts_with(b"PK\x05\x06") && (rest.len() <= ARCHIVE_TAIL || plausible())
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
