//! PDF, and what is said about files of every kind.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use entente_documents::{Declared, Error, Limits, MediaType, Refusal, admit, admit_stream};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::{
    corpus::{assert_refused, jpeg, judge, kind, pdf, png, refusal},
    workbook,
};

#[test]
fn each_accepted_kind_is_recognised_by_its_bytes() {
    for (bytes, name, expected) in [
        (pdf(), "invoice.pdf", MediaType::Pdf),
        (png(800, 600), "stand.png", MediaType::Png),
        (jpeg(800, 600), "stand.JPG", MediaType::Jpeg),
        (jpeg(800, 600), "stand.jpeg", MediaType::Jpeg),
        (b"name,company\nAnn,Acme\n".to_vec(), "attendees.csv", MediaType::Csv),
        (workbook::plain().build(), "attendees.xlsx", MediaType::Xlsx),
    ] {
        assert_eq!(kind(bytes, name), expected, "{name}");
    }
}

#[test]
fn evidence_carries_its_hash_its_size_and_a_clean_name() {
    let evidence = judge(&b"abc"[..], "C:\\fakepath\\..\\li\u{202e}st.csv").unwrap();
    assert_eq!(evidence.name(), "list.csv");
    assert_eq!(evidence.size(), 3);
    assert_eq!(evidence.digest().to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn row_54_the_name_and_the_declared_type_agree_with_the_bytes() {
    for (name, kind) in [("a.png", MediaType::Pdf), ("a", MediaType::Pdf), ("a.pdf.exe", MediaType::Pdf)] {
        assert_eq!(refusal(pdf(), name), Refusal::ExtensionDiffers { kind }, "{name}");
    }
    assert_refused(png(1, 1), "photo.jpg", "does not end in `.png`");
    assert_refused(jpeg(1, 1), "photo.png", "does not end in `.jpg` or `.jpeg`");
    let table = [
        (pdf(), "a.pdf", "application/pdf", true),
        (pdf(), "a.pdf", "Application/PDF; charset=binary", true),
        (pdf(), "a.pdf", "application/octet-stream", true),
        (pdf(), "a.pdf", "image/png", false),
        (pdf(), "a.pdf", "text/html", false),
        (pdf(), "a.pdf", "application/pdfx", false),
        (b"a,b\n".to_vec(), "a.csv", "text/csv", true),
        (b"a,b\n".to_vec(), "a.csv", "application/vnd.ms-excel", true),
        (b"a,b\n".to_vec(), "a.csv", "text/html", false),
        (workbook::plain().build(), "a.xlsx", "application/vnd.ms-excel", false),
    ];
    for (bytes, name, declared, accepted) in table {
        let judged = admit(bytes, &Declared { name, media_type: Some(declared) }, &Limits::default());
        assert_eq!(judged.is_ok(), accepted, "{name} as {declared}: {judged:?}");
    }
}

#[test]
fn a_file_may_have_as_many_bytes_as_the_limit_says() {
    let limits = Limits { bytes: 100, ..Limits::default() };
    for (bytes, refused) in [(100, None), (101, Some(Refusal::TooLarge { limit: 100 })), (0, Some(Refusal::Empty))] {
        let judged = admit(vec![b'a'; bytes], &Declared { name: "a.csv", media_type: None }, &limits);
        let why = judged.err().map(|error| match error {
            Error::Refused { why, .. } => why,
            other => panic!("{other}"),
        });
        assert_eq!(why, refused, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_stream_is_read_to_the_limit_and_no_further() {
    let limits = Limits { bytes: 1_000_000, ..Limits::default() };
    let declared = Declared { name: "list.csv", media_type: None };
    let endless = admit_stream(tokio::io::repeat(b'a'), &declared, &limits).await.unwrap_err();
    assert!(endless.to_string().contains("more than 1000000 bytes"), "{endless}");
    let whole = admit_stream(&b"a,b\n1,2\n"[..], &declared, &limits).await.unwrap();
    assert_eq!(whole.bytes().as_ref(), b"a,b\n1,2\n");
}

#[tokio::test]
async fn a_stream_that_breaks_off_leaves_no_evidence() {
    let broken = Broken.chain(&b"rest"[..]);
    let declared = Declared { name: "list.csv", media_type: None };
    let refused = admit_stream(broken, &declared, &Limits::default()).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused { why: Refusal::CutOff { .. }, .. }), "{refused}");
}

/// A reader whose first read fails.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()))
    }
}

#[test]
fn row_54_a_pdf_is_whole_and_nothing_else_at_once() {
    let with = |more: &[u8]| [pdf(), more.to_vec()].concat();
    let inside = |more: &str| String::from_utf8(pdf()).unwrap().replace("xref\n0 3", &format!("{more}\nxref\n0 3"));
    assert_eq!(kind(with(b"\n\n"), "a.pdf"), MediaType::Pdf, "blank lines at the end are usual");
    let chance = inside(&format!("PK\x05\x06\x01\0\x02\0\x01\0\x03\0{}", " ".repeat(70_000)));
    assert_eq!(kind(chance, "a.pdf"), MediaType::Pdf, "four bytes far from the end occur by chance");
    for (bytes, words) in [
        ([b"\n".to_vec(), pdf()].concat(), "something stands before its header"),
        ([b"GIF89a".to_vec(), pdf()].concat(), "something stands before its header"),
        (b"%PDF-".to_vec(), "names no version"),
        (b"%PDF-x.y\n%%EOF".to_vec(), "names no version"),
        (pdf()[..pdf().len() - 6].to_vec(), "no end mark"),
        (b"%PDF-1.7\n%%EOF\n".to_vec(), "where its table lies"),
        (with(b"MZ\x90\0"), "something stands after its end"),
        (with(&vec![b' '; 2000]), "no end mark"),
        (with(&workbook::plain().build()), "holds an archive"),
        (inside("PK\x05\x06\0\0\0\0\x01\0\x01\0").into_bytes(), "holds an archive"),
        (inside("PK\x05\x06\x01\0\x02\0\x01\0\x03\0").into_bytes(), "holds an archive"),
        (inside(&format!("PK\x05\x06\0\0\0\0\x01\0\x01\0{}", " ".repeat(70_000))).into_bytes(), "holds an archive"),
        (inside("Rar!\x1a\x07\x01\0").into_bytes(), "holds an archive"),
        (inside("<SCRIPT>alert(1)</SCRIPT>").into_bytes(), "holds a page of HTML"),
        (inside("<!doctype html>").into_bytes(), "holds a page of HTML"),
    ] {
        assert_refused(bytes, "a.pdf", words);
    }
}

#[test]
fn row_54_every_cut_of_every_kind_is_refused() {
    for (bytes, name) in
        [(pdf(), "a.pdf"), (png(8, 8), "a.png"), (jpeg(8, 8), "a.jpg"), (workbook::plain().build(), "a.xlsx")]
    {
        let whole = String::from_utf8_lossy(&bytes).trim_end().len().min(bytes.len());
        for length in 0..whole {
            assert!(judge(&bytes[..length], name).is_err(), "{name}: {length} bytes of {}", bytes.len());
        }
    }
}
