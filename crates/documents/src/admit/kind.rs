//! What a file is, by its first bytes.

use super::text;
use crate::{media::MediaType, refusal::Refusal};

/// The first bytes of the binary kinds that are accepted.
const ACCEPTED: [(&[u8], MediaType); 4] = [
    (b"%PDF-", MediaType::Pdf),
    (b"\x89PNG\r\n\x1a\n", MediaType::Png),
    (b"\xff\xd8\xff", MediaType::Jpeg),
    (b"PK\x03\x04", MediaType::Xlsx),
];

const PROGRAM: (&str, &str) = ("a program", "programs prove nothing: send a document or a picture");
const PACKED: (&str, &str) = ("an archive", "send the files in it one by one");
const PICTURE: (&str, &str) = ("a picture of another kind", "save it as PNG or JPEG");
const OLD_OFFICE: (&str, &str) =
    ("a document of an old or protected Office format", "save it as XLSX without a password, or print it to PDF");

/// First bytes of binary kinds that are known and never accepted.
const NEVER: [(&[u8], (&str, &str)); 23] = [
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"L\0\0\0\x01\x14\x02\0", PROGRAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"PK", PACKED),
    (b"Rar!\x1a\x07", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (b"\x28\xb5\x2f\xfd", PACKED),
    (b"GIF8", PICTURE),
    (b"RIFF", PICTURE),
    (b"BM", PICTURE),
    (b"II*\0", PICTURE),
    (b"MM\0*", PICTURE),
    (b"\0\0\x01\0", PICTURE),
];

/// Within how many bytes readers of PDF look for its header.
const PDF_SEARCH: usize = 1024;

/// What the file is, by its first bytes; text is a table.
///
/// # Errors
/// When it is of no kind that is accepted.
pub(super) fn recognise(bytes: &[u8]) -> Result<MediaType, Refusal> {
    if let Some((_, kind)) = ACCEPTED.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Ok(*kind);
    }
    let beginning = bytes.get(..PDF_SEARCH).unwrap_or(bytes);
    if beginning.windows(5).any(|five| five == b"%PDF-") {
        return Err(Refusal::Damaged { kind: MediaType::Pdf, reason: "something stands before its header" });
    }
    match text::judge(bytes) {
        Err(Refusal::Unrecognised) => Err(never(bytes).unwrap_or(Refusal::Unrecognised)),
        judged => judged.map(|()| MediaType::Csv),
    }
}

fn never(bytes: &[u8]) -> Option<Refusal> {
    let known = NEVER.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, words)| *words);
    // The family of HEIC, AVIF and MP4 says its name after four bytes of length.
    let boxed = (bytes.get(4..8) == Some(b"ftyp".as_slice())).then_some(PICTURE);
    known.or(boxed).map(|(what, remedy)| Refusal::NeverAccepted { what, remedy })
}
