//! Files of each accepted kind, built from their smallest parts, and how they are judged.

use entente_documents::{Declared, Error, Evidence, Limits, MediaType, Refusal, admit};

/// A PDF with an empty page.
pub fn pdf() -> Vec<u8> {
    let body = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\n\
                endobj\nxref\n0 3\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R>>\nstartxref\n94\n%%EOF\n";
    body.as_bytes().to_vec()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    // The checksum is for those who decode the picture.
    [&length[..], name, content, &[0; 4]].concat()
}

/// A PNG whose header names this size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let parts = [chunk(b"IHDR", &header), chunk(b"tEXt", b"Title\0x"), chunk(b"IDAT", b"data"), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), parts.concat()].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

/// A progressive JPEG whose header names this size, with two scans and a stuffed byte in the first.
pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let frame = [&[8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    let (scan, data) = (segment(0xda, &[1, 1, 0, 0, 63, 0]), b"ab\xff\x00cd\xff\xd0ef".to_vec());
    let parts = [segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"), segment(0xc2, &frame), segment(0xc4, &[0; 17])];
    [vec![0xff, 0xd8], parts.concat(), scan.clone(), data, scan, b"gh\xff\xd9".to_vec()].concat()
}

pub fn judge(bytes: impl Into<Vec<u8>>, name: &str) -> Result<Evidence, Error> {
    admit(bytes.into(), &Declared { name, media_type: None }, &Limits::default())
}

pub fn kind(bytes: impl Into<Vec<u8>>, name: &str) -> MediaType {
    judge(bytes, name).unwrap().kind()
}

/// Why a file is refused; its error names the file and the code has a page.
pub fn refusal(bytes: impl Into<Vec<u8>>, name: &str) -> Refusal {
    match judge(bytes, name) {
        Err(error @ Error::Refused { .. }) => {
            assert_eq!(error.code(), "evidence_refused");
            let text = error.to_string();
            assert!(text.contains("is refused: ") && text.contains("; "), "no remedy: {text}");
            let Error::Refused { why, .. } = error else { unreachable!() };
            why
        }
        other => panic!("`{name}` was to be refused: {other:?}"),
    }
}

/// Asserts that a file is refused with these words.
#[track_caller]
pub fn assert_refused(bytes: impl Into<Vec<u8>>, name: &str, words: &str) {
    let why = refusal(bytes, name).to_string();
    assert!(why.contains(words), "`{name}`: `{why}` does not say `{words}`");
}
