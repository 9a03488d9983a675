//! How a file is written, and what is not read back.

use entente_payments::{
    PaymentFile, ReadFault, TransferDraft,
    pain001::{self, Version},
};

use crate::sample::{draft, group, money, one, transfer, two_groups};

fn written(file: &PaymentFile, version: Version) -> String {
    let mut out = Vec::new();
    pain001::write(file, version, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn one_transfer_is_written_as_the_golden_file_of_each_version() {
    assert_eq!(written(&one(), Version::V09), include_str!("../golden/one.pain.001.001.09.xml"));
    assert_eq!(written(&one(), Version::V03), include_str!("../golden/one.pain.001.001.03.xml"));
}

#[test]
fn a_file_is_made_in_a_whole_second() {
    let transfers = vec![transfer("PAY-2027-03-1", money(125_000, "EUR"))];
    let of_the_last_nanosecond = entente_payments::FileDraft {
        created_at: "2027-03-29T08:15:30.999999999Z".parse().unwrap(),
        ..draft(vec![group("EUR-1", "EUR", transfers)])
    };
    assert_eq!(PaymentFile::new(of_the_last_nanosecond).unwrap(), one());
}

#[test]
fn sepa_is_said_for_euros_within_its_area_and_for_nothing_else() {
    let xml = written(&two_groups(), Version::V09);
    let (euros, dollars) = xml.split_once("<PmtInfId>USD-1</PmtInfId>").unwrap();
    assert_eq!((euros.matches("<Cd>SEPA</Cd>").count(), euros.matches("SLEV").count()), (1, 1));
    assert_eq!((dollars.matches("SEPA").count(), dollars.matches("<ChrgBr>SHAR</ChrgBr>").count()), (0, 1));
}

#[test]
fn a_group_of_euros_that_leaves_the_area_says_it_transfer_by_transfer() {
    let abroad = TransferDraft {
        creditor_account: entente_payments::AccountDraft::Iban("KW81CBKU0000000000001234560101".into()),
        ..transfer("T-2", money(100, "EUR"))
    };
    let mixed = group("G-1", "EUR", vec![transfer("T-1", money(100, "EUR")), abroad]);
    let xml = written(&PaymentFile::new(draft(vec![mixed])).unwrap(), Version::V09);
    let (head, rest) = xml.split_once("<CdtTrfTxInf>").unwrap();
    assert!(!head.contains("SEPA") && !head.contains("ChrgBr"), "{head}");
    let (inside, outside) = rest.split_once("<CdtTrfTxInf>").unwrap();
    assert!(inside.contains("<Cd>SEPA</Cd>") && inside.contains("SLEV"), "{inside}");
    assert!(!outside.contains("SEPA") && outside.contains("SHAR"), "{outside}");
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    for (minor, code, expected) in [(5, "EUR", "0.05"), (5, "JPY", "5"), (5, "KWD", "0.005"), (1_000, "KWD", "1.000")] {
        let group = group("G-1", code, vec![transfer("T-1", money(minor, code))]);
        let xml = written(&PaymentFile::new(draft(vec![group])).unwrap(), Version::V03);
        assert!(xml.contains(&format!("<InstdAmt Ccy=\"{code}\">{expected}</InstdAmt>")), "{xml}");
    }
}

#[test]
fn a_file_that_was_changed_on_its_way_is_not_read_and_the_line_is_told() {
    let xml = written(&two_groups(), Version::V09);
    let line_of = |text: &str| xml.lines().position(|line| line.contains(text)).unwrap() as u64 + 1;
    let read = |from: &str, to: &str| pain001::read(xml.replacen(from, to, 1).as_bytes()).unwrap_err();
    let cent = read(">1250.00</InstdAmt>", ">1250.01</InstdAmt>");
    assert_eq!((cent.line, cent.element.as_str()), (line_of("<CtrlSum>76750.99</CtrlSum>"), "CtrlSum"));
    let sum = ReadFault::Sum { told: "76750.99".into(), found: "76751.00".into() };
    assert_eq!(cent.fault, sum);
    let currency = read("<InstdAmt Ccy=\"USD\">", "<InstdAmt Ccy=\"EUR\">");
    assert_eq!(currency.element, "InstdAmt");
    let twice = read("<EndToEndId>PAY-2027-03-2<", "<EndToEndId>PAY-2027-03-1<");
    assert!(matches!(twice.fault, ReadFault::Invalid(_)), "{twice}");
    let gone = read("<Nm>Globex Deutschland GmbH</Nm>", "");
    assert_eq!(gone.fault, ReadFault::Missing("Nm"));
    let other = read("pain.001.001.09", "pain.001.001.99");
    assert!(matches!(other.fault, ReadFault::OtherDocument { .. }), "{other}");
}
