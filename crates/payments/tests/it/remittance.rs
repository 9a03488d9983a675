//! The plain table of outcomes.

use entente_payments::{Outcome, PaymentOutcome, ReadFault, ReasonCode, Reference, answer::remittance};

use crate::sample::money;

const HEADING: &str = "end_to_end_id,status,amount,currency,date,reason\n";

fn told(id: &str, outcome: Outcome, amount: Option<entente_core::money::Money>) -> PaymentOutcome {
    PaymentOutcome { end_to_end_id: Reference::parse(id).unwrap(), outcome, amount }
}

#[test]
fn each_status_becomes_its_outcome() {
    let table = format!(
        "{HEADING}T-1,settled,1250.00,EUR,2027-04-02,\nT-2,rejected,,,,AC04 account closed\nT-3,returned,5,JPY,2027-04-03,\"AC01 wrong, again\"\nT-4,pending,,,,\n"
    );
    let on = |day: &str| day.parse().unwrap();
    let code = |code: &str| ReasonCode::parse(code).unwrap();
    let expected = vec![
        told("T-1", Outcome::Settled { on: on("2027-04-02") }, Some(money(125_000, "EUR"))),
        told("T-2", Outcome::Rejected { code: code("AC04"), words: "account closed".into() }, None),
        told(
            "T-3",
            Outcome::Returned { on: on("2027-04-03"), code: code("AC01"), words: "wrong, again".into() },
            Some(money(5, "JPY")),
        ),
        told("T-4", Outcome::Pending, None),
    ];
    assert_eq!(remittance::read(table.as_bytes()).unwrap(), expected);
    let with_mark = format!("\u{feff}{}", table.replace('\n', "\r\n"));
    assert_eq!(remittance::read(with_mark.as_bytes()).unwrap(), expected);
    let european =
        table.replace("wrong, again", "wrong; again").replace(',', ";").replace("wrong; again", "wrong, again");
    assert_eq!(remittance::read(european.as_bytes()).unwrap(), expected);
}

#[test]
fn a_row_that_is_not_understood_is_refused_with_its_line_and_column() {
    let table = [
        ("T-1,paid,,,2027-04-02,", "status", ReadFault::UnknownStatus("paid".into())),
        ("T-1,Settled,,,2027-04-02,", "status", ReadFault::UnknownStatus("Settled".into())),
        ("T-1,,,,2027-04-02,", "status", ReadFault::Missing("status")),
        (",settled,,,2027-04-02,", "end_to_end_id", ReadFault::Missing("end_to_end_id")),
        ("T-1,settled,,,,", "date", ReadFault::Missing("date")),
        ("T-1,settled,,,02.04.2027,", "date", ReadFault::NotADate("02.04.2027".into())),
        ("T-1,settled,1.00,,2027-04-02,", "currency", ReadFault::Missing("currency")),
        ("T-1,settled,,EUR,2027-04-02,", "amount", ReadFault::Missing("amount")),
        ("T-1,rejected,,,,", "reason", ReadFault::Missing("reason")),
        ("T-1,returned,,,2027-04-02,(closed)", "reason", ReadFault::NotAReason("(closed)".into())),
        ("T-0,pending,,,,", "end_to_end_id", ReadFault::Twice),
    ];
    for (row, column, fault) in table {
        let error = remittance::read(format!("{HEADING}T-0,pending,,,,\n{row}\n").as_bytes()).unwrap_err();
        assert_eq!((error.line, error.element.as_str(), error.fault), (3, column, fault), "{row}");
    }
    for (amount, currency) in [("1,000.00", "EUR"), ("1.001", "EUR"), ("x", "EUR"), ("1.00", "euro")] {
        let row = format!("{HEADING}T-1,settled,\"{amount}\",{currency},2027-04-02,\n");
        assert!(matches!(remittance::read(row.as_bytes()).unwrap_err().fault, ReadFault::Amount(_)), "{amount}");
    }
}

#[test]
fn another_heading_or_a_short_row_is_refused() {
    let error = remittance::read(b"id,status\n").unwrap_err();
    assert!(matches!(error.fault, ReadFault::OtherDocument { .. }), "{error}");
    let error = remittance::read(format!("{HEADING}T-1,pending\n").as_bytes()).unwrap_err();
    assert!(matches!(error.fault, ReadFault::Malformed(_)), "{error}");
    assert_eq!(error.line, 2);
    assert_eq!(remittance::read(b"\xff\xfe").unwrap_err().fault, ReadFault::NotUtf8);
    assert_eq!(remittance::read(HEADING.as_bytes()).unwrap(), []);
}
