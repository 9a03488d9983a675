//! Files that were made to harm their reader.

use entente_payments::{
    ReadError, ReadFault,
    answer::{camt, pain002, remittance},
    pain001,
};
use proptest::prelude::*;

use crate::sample::two_groups;

/// What each reader says of a document.
fn read(bytes: &[u8]) -> [ReadError; 3] {
    [
        pain001::read(bytes).map(drop).unwrap_err(),
        pain002::read(bytes, &two_groups()).map(drop).unwrap_err(),
        camt::read(bytes).map(drop).unwrap_err(),
    ]
}

fn assert_refused(bytes: &[u8], line: u64, fault: &ReadFault) {
    for error in read(bytes) {
        assert_eq!((error.line, &error.fault), (line, fault), "{error}");
    }
}

#[test]
fn row_74_a_document_type_is_refused_whatever_it_holds() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n <!ENTITY a \"ha\">\n <!ENTITY b \"&a;&a;&a;&a;\">\n]>\n<Document>&b;</Document>";
    let outside = "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Document>&x;</Document>";
    let bare = "<!DOCTYPE Document><Document/>";
    for (document, line) in [(bomb, 2), (outside, 1), (bare, 1)] {
        for error in read(document.as_bytes()) {
            assert_eq!((error.line, &error.fault), (line, &ReadFault::Doctype), "{error}");
        }
    }
}

#[test]
fn row_74_an_entity_is_never_expanded_and_the_five_of_xml_are_characters() {
    assert_refused(b"<Document>\n<a>&x;</a></Document>", 2, &ReadFault::Entity("x".into()));
    assert_refused(b"<Document>&#x110000;</Document>", 1, &ReadFault::Entity("#x110000".into()));
    let sent = two_groups();
    let report = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt><GrpHdr><CreDtTm>2027-03-31T18:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>PAY&#45;2027-03</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><GrpSts>RJCT</GrpSts><StsRsnInf><AddtlInf>a &amp; b &lt;c&gt;<![CDATA[ & d]]></AddtlInf></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>";
    let outcomes = pain002::read(report.as_bytes(), &sent).unwrap();
    let entente_payments::Outcome::Rejected { words, .. } = &outcomes[0].outcome else { panic!("{outcomes:?}") };
    assert_eq!(words, "a & b <c> & d");
}

#[test]
fn row_74_size_depth_and_number_of_elements_are_bounded() {
    let deep = "<a>".repeat(100_000);
    assert_refused(deep.as_bytes(), 1, &ReadFault::TooMuch { most: 32, what: "levels" });
    let many = format!("<a>{}</a>", "<b/>".repeat(500_001));
    assert_refused(many.as_bytes(), 1, &ReadFault::TooMuch { most: 500_000, what: "elements" });
    let large = vec![b' '; 16 * 1024 * 1024 + 1];
    assert_refused(&large, 1, &ReadFault::TooMuch { most: 16 * 1024 * 1024, what: "bytes" });
    let error = remittance::read(&large).unwrap_err();
    assert_eq!(error.fault, ReadFault::TooMuch { most: 16 * 1024 * 1024, what: "bytes" });
}

#[test]
fn what_is_no_document_is_refused_with_its_line() {
    let table: [(&[u8], u64); 8] = [
        (b"", 1),
        (b"hello", 1),
        (b"<Document>\n\n<a></b>", 3),
        (b"<Document>\n<a>", 2),
        (b"<Document/>\n<Document/>", 2),
        (b"<Document>\ntext<a/>text</Document>", 1),
        (b"<Document/>\ntext", 1),
        (b"<Document a='1' a='2'/>", 1),
    ];
    for (bytes, line) in table {
        for error in read(bytes) {
            assert!(matches!(error.fault, ReadFault::Malformed(_)), "{error}");
            assert_eq!(error.line, line, "{error}");
        }
    }
    assert_refused(b"\n\xff", 2, &ReadFault::NotUtf8);
    assert_refused(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Document/>", 1, &ReadFault::NotUtf8);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in any::<Vec<u8>>()) {
        let _ = (pain001::read(&bytes), pain002::read(&bytes, &two_groups()), camt::read(&bytes), remittance::read(&bytes));
    }

    #[test]
    fn no_change_of_a_sent_file_makes_its_reader_panic(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Vec::new();
        pain001::write(&two_groups(), pain001::Version::V09, &mut bytes).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = pain001::read(&bytes);
    }
}
