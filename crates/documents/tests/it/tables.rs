//! Text, and what pretends to be text.

use entente_documents::{MediaType, Refusal};

use crate::corpus::{assert_refused, kind, refusal};

#[test]
fn a_table_of_any_language_is_accepted() {
    for text in ["name,company\nAnn,Acme\n", "\u{feff}Name;Firma\r\nJörg;Müller\r\n", "氏名\t会社\n山田\t丸\n"]
    {
        assert_eq!(kind(text, "attendees.csv"), MediaType::Csv, "{text}");
    }
}

#[test]
fn row_55_pages_and_drawings_that_a_browser_runs_are_refused_whatever_their_name() {
    let page = "<html><script>alert(1)</script></html>";
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    for text in [
        page.to_owned(),
        drawing.to_owned(),
        format!("\u{feff}\n  {drawing}"),
        format!("<?xml version=\"1.0\"?>\n{drawing}"),
        format!("<!DOCTYPE html>{page}"),
        format!("name,company\nAnn,{page}\n"),
        format!("name,company\nAnn,{}\n", drawing.to_uppercase()),
    ] {
        for name in ["a.csv", "a.svg", "a.html", "a.pdf"] {
            assert_refused(text.as_str(), name, "which a browser could run");
        }
    }
}

#[test]
fn row_74_entities_of_xml_are_refused_unread() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><l>&b;</l>";
    let outside = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>";
    for text in [laughs, outside] {
        for name in ["a.xml", "a.csv"] {
            assert_refused(text, name, "other XML");
        }
    }
}

#[test]
fn programs_scripts_and_archives_are_refused_whatever_their_name() {
    for (bytes, words) in [
        (&b"MZ\x90\0\x03\0\0\0"[..], "it is a program"),
        (b"\x7fELF\x02\x01\x01\0", "it is a program"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "it is a program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "it is a program"),
        (b"\0asm\x01\0\0\0", "it is a program"),
        (b"#!/bin/sh\nrm -rf /\n", "it is a script"),
        (b"@echo off\r\nformat c:\r\n", "it is a script"),
        (b"Rar!\x1a\x07\x01\0", "it is an archive"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "it is an archive"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "it is an archive"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "it is an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "old or protected Office format"),
        (b"{\\rtf1\\ansi}", "PostScript or RTF"),
    ] {
        for name in ["proof.csv", "proof.pdf", "proof.png", "proof.xlsx", "proof.exe"] {
            assert_refused(bytes, name, words);
        }
    }
}

#[test]
fn bytes_of_no_kind_are_refused() {
    for bytes in [&b"\x01\x02\x03"[..], b"a,b\0", b"\xff", b"text\x1b[2J"] {
        assert_eq!(refusal(bytes, "a.csv"), Refusal::Unrecognised);
    }
    assert_refused(&b"Name;Stra\xdfe\n"[..], "a.csv", "CSV UTF-8");
}
