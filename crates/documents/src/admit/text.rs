//! Tables of text.

use super::foreign;
use crate::{media::MediaType, refusal::Refusal};

const MARKUP: Refusal = Refusal::NeverAccepted {
    what: "a page of HTML, SVG or other XML, which a browser could run",
    remedy: "print it to PDF, or send a picture of it",
};
const SCRIPT: Refusal =
    Refusal::NeverAccepted { what: "a script", remedy: "programs prove nothing: send a document or a picture" };
const DOCUMENT: Refusal = Refusal::NeverAccepted { what: "a document of PostScript or RTF", remedy: "save it as PDF" };
const ENCODING: Refusal =
    Refusal::Damaged { kind: MediaType::Csv, reason: "its text is not in UTF-8, which spreadsheets call `CSV UTF-8`" };

/// Whether the bytes are a table of text: UTF-8 without control characters, and neither markup nor a script.
///
/// # Errors
/// [`Refusal::Unrecognised`] when they are no text at all.
pub(super) fn judge(bytes: &[u8]) -> Result<(), Refusal> {
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let control = bytes.iter().any(|byte| (*byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n')) || *byte == 0x7f);
    let text = match std::str::from_utf8(bytes) {
        _ if utf16 => return Err(ENCODING),
        _ if control => return Err(Refusal::Unrecognised),
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        // Bytes of magic numbers are seldom letters of an old code page: most of such a file is plain.
        Err(_) if mostly_plain(bytes) => return Err(ENCODING),
        Err(_) => return Err(Refusal::Unrecognised),
    };
    if text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(Refusal::Unrecognised);
    }
    let start = text.trim_start().get(..16).unwrap_or(text.trim_start()).to_ascii_lowercase();
    match () {
        () if start.is_empty() => Err(Refusal::Empty),
        () if start.starts_with('<') || foreign::has_markup(text.as_bytes()) => Err(MARKUP),
        () if start.starts_with("#!") || start.starts_with("@echo") => Err(SCRIPT),
        () if start.starts_with("%!ps") || start.starts_with("{\\rtf") => Err(DOCUMENT),
        () => Ok(()),
    }
}

fn mostly_plain(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| byte.is_ascii()).count() * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_text_in_utf8_and_nothing_that_runs() {
        for (bytes, expected) in [
            (&b"name,company\r\nAnn,Acme\r\n"[..], Ok(())),
            (b"\xef\xbb\xbfName;Firma\nJ\xc3\xb6rg;Acme\n", Ok(())),
            (b"MZ;Name\n1;Ann\n", Ok(())),
            (b"one column\n", Ok(())),
            (b"a<b,1 < 2\n", Ok(())),
            (b"  \r\n", Err(Refusal::Empty)),
            (b"Name;Firma\nJ\xf6rg;Acme\n", Err(ENCODING)),
            (b"\xff\xfea\0,\0", Err(ENCODING)),
            (b"a,b\0c\n", Err(Refusal::Unrecognised)),
            (b"a,\x1b[31m\n", Err(Refusal::Unrecognised)),
            (b"a,\xc2\x9bm\n", Err(Refusal::Unrecognised)),
            (b"\xff\xf0\xe1", Err(Refusal::Unrecognised)),
            (b"#!/bin/sh\n", Err(SCRIPT)),
            (b"@ECHO off\r\n", Err(SCRIPT)),
            (b"{\\rtf1", Err(DOCUMENT)),
            (b"<a>\n", Err(MARKUP)),
            (b"a,<SCRIPT>alert(1)</SCRIPT>\n", Err(MARKUP)),
        ] {
            assert_eq!(judge(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
