//! Workbooks that would do harm to whoever unpacks them.

use entente_documents::MediaType;
use proptest::prelude::*;

use crate::{
    corpus::{assert_refused, judge, kind},
    workbook::{Entry, Workbook, entry, plain},
};

#[test]
fn a_workbook_as_spreadsheets_write_it_is_accepted() {
    let descriptor = Entry { flags: 1 << 3, after: vec![0; 16], ..entry("xl/styles.xml", b"packed").deflated(600) };
    let folder = Entry { mode: 0o040_755, ..entry("xl/charts/", b"") };
    let commented = Workbook { comment: b"made by a report".to_vec(), ..plain() };
    for workbook in [plain(), plain().with(descriptor), plain().with(folder), commented] {
        assert_eq!(kind(workbook.build(), "a.xlsx"), MediaType::Xlsx);
    }
}

#[test]
fn row_53_bombs_are_refused_by_what_the_list_says() {
    let large = |at: u32| entry(&format!("xl/worksheets/sheet{at}.xml"), &vec![7; 300_000]).deflated(25_100_000);
    let many = (0..195).fold(plain(), |book, at| book.with(entry(&format!("xl/theme/theme{at}.xml"), b"x")));
    for (workbook, words) in [
        (plain().with(entry("xl/sharedStrings.xml", &[7; 1000]).deflated(100_001)), "more than 100 times its size"),
        (plain().with(entry("xl/sharedStrings.xml", b"").deflated(1)), "more than 100 times its size"),
        (plain().with(entry("xl/sharedStrings.xml", &[7; 1000]).deflated(u32::MAX)), "more than 100 times its size"),
        ((2..6).fold(plain(), |book, at| book.with(large(at))), "more than 100 MB"),
        (many, "more than 200 entries"),
    ] {
        assert_refused(workbook.build(), "a.xlsx", words);
    }
    let just = (2..5).fold(plain(), |book, at| book.with(large(at)));
    assert_eq!(kind(just.build(), "a.xlsx"), MediaType::Xlsx);
}

#[test]
fn row_53_archives_inside_archives_are_refused() {
    for hostile in [
        entry("xl/inner.zip", b"PK\x03\x04"),
        entry("xl/Book2.XLSX", b"packed").deflated(6),
        entry("xl/media/image2.png", &plain().build()),
        entry("xl/media/image2.png", b"Rar!\x1a\x07\x01\0"),
        entry("xl/media/image2.png", b"\x1f\x8b\x08\0"),
    ] {
        assert_refused(plain().with(hostile).build(), "a.xlsx", "archive");
    }
}

#[test]
fn row_53_entries_that_leave_their_folder_are_refused() {
    for (name, words) in [
        ("../../etc/cron.d/x.xml", "leaves its folder"),
        ("xl/../../x.xml", "leaves its folder"),
        ("xl/..", "leaves its folder"),
        ("/etc/x.xml", "leaves its folder"),
        ("xl\\..\\..\\x.xml", "read as another path"),
        ("C:/windows/x.xml", "read as another path"),
        ("xl/a\0.xml", "read as another path"),
        ("xl/a\n.xml", "read as another path"),
        ("", "read as another path"),
    ] {
        assert_refused(plain().with(entry(name, b"x")).build(), "a.xlsx", words);
    }
}

#[test]
fn row_53_links_devices_and_encrypted_entries_are_refused() {
    let made = |mode, flags, method| Entry { mode, flags, method, ..entry("xl/a.xml", b"xxxxxxxxxxxxxxxxxxxx") };
    for (hostile, words) in [
        (made(0o120_777, 0, 0), "a link or a device"),
        (made(0o020_666, 0, 0), "a link or a device"),
        (made(0o100_644, 1, 0), "an encrypted entry"),
        (made(0o100_644, 1 << 6, 0), "an encrypted entry"),
        (made(0o100_644, 1 << 13, 0), "an encrypted entry"),
        (made(0o100_644, 0, 12), "packed in an unusual way"),
        (made(0o100_644, 0, 99), "packed in an unusual way"),
    ] {
        assert_refused(plain().with(hostile).build(), "a.xlsx", words);
    }
}

#[test]
fn row_53_macros_and_embedded_files_are_refused() {
    for (name, words) in [
        ("xl/vbaProject.bin", "holds macros"),
        ("xl/VBAPROJECT.BIN", "holds macros"),
        ("xl/vbaProjectSignature.bin", "holds macros"),
        ("xl/macrosheets/sheet1.xml", "holds macros"),
        ("xl/embeddings/oleObject1.bin", "embedded files or controls"),
        ("xl/activeX/activeX1.xml", "embedded files or controls"),
        ("xl/media/movie.exe", "no plain workbook holds"),
        ("xl/drawings/a.svg", "no plain workbook holds"),
        ("payload", "no plain workbook holds"),
    ] {
        assert_refused(plain().with(entry(name, b"x")).build(), "a.xlsx", words);
    }
}

#[test]
fn row_53_an_archive_that_two_programs_read_differently_is_refused() {
    let first = plain().entries.remove(0);
    let lies = Entry { own_name: "xl/b.xml".into(), ..entry("xl/a.xml", b"x") };
    let overlap = Entry { offset: Some(0), ..first.clone() };
    let again = Entry { name: "xl/c.xml".into(), offset: Some(0), ..first };
    let hidden = Entry { after: b"hidden".to_vec(), ..entry("xl/a.xml", b"x") };
    let long = Entry { flags: 1 << 3, after: vec![0; 25], ..entry("xl/a.xml", b"x") };
    let double = [plain().build(), plain().build()].concat();
    for (bytes, words) in [
        (plain().with(lies).build(), "otherwise than in the entry itself"),
        (plain().with(again).build(), "has entries that overlap"),
        (plain().with(overlap).build(), "two entries of one name"),
        (plain().with(entry("XL/Workbook.xml", b"x")).build(), "two entries of one name"),
        (plain().with(hidden).build(), "belong to none of its entries"),
        (plain().with(long).build(), "belong to none of its entries"),
        (Workbook { count: Some(5), ..plain() }.build(), "lists more entries than it counts"),
        (Workbook { count: Some(7), ..plain() }.build(), "is cut off"),
        (Workbook { gap: vec![0; 20], ..plain() }.build(), "elsewhere than its end says"),
        (double, "has two ends"),
        ([plain().build(), b"x".to_vec()].concat(), "bytes after its end"),
        ([b"PK\x03\x04".to_vec(), plain().build()].concat(), "elsewhere than its end says"),
        (Workbook { before: b"PK\x03\x04hidden".to_vec(), ..plain() }.build(), "belong to none of its entries"),
        (plain().with(Entry { unpacked: 9, ..entry("xl/a.xml", b"x") }).build(), "about the size of an entry"),
    ] {
        assert_refused(bytes, "a.xlsx", words);
    }
}

#[test]
fn archives_and_other_documents_are_no_workbooks() {
    let of = |names: &[&str]| Workbook { entries: names.iter().map(|name| entry(name, b"x")).collect(), ..plain() };
    for names in [&["a.csv"][..], &["[Content_Types].xml", "word/document.xml"], &["xl/workbook.xml"], &[]] {
        let refused = judge(of(names).build(), "a.xlsx").unwrap_err().to_string();
        let words = if names.is_empty() { "it is an archive" } else { "no XLSX workbook" };
        assert!(refused.contains(words), "{names:?}: {refused}");
    }
}

proptest! {
    #[test]
    fn row_53_no_byte_of_a_workbook_can_be_changed_into_a_panic(at in 0_usize..900, byte in any::<u8>()) {
        let mut bytes = plain().build();
        let at = at % bytes.len();
        bytes[at] = byte;
        drop(judge(bytes, "a.xlsx"));
    }

    #[test]
    fn row_54_no_bytes_after_a_known_beginning_make_it_panic(
        magic in prop::sample::select(vec![&b"%PDF-1.7"[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        drop(judge([magic.to_vec(), rest].concat(), "a.pdf"));
    }
}
