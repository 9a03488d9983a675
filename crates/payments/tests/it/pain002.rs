//! What a bank's report on a file comes to.

use entente_payments::{Outcome, PaymentFile, PaymentOutcome, ReadError, ReadFault, ReasonCode, answer::pain002};

use crate::sample::{money, two_groups};

/// A report on the file with two groups, with this inside after its header.
fn report(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">
<CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2027-03-31T18:00:00+02:00</CreDtTm></GrpHdr>
{inside}
</CstmrPmtStsRpt>
</Document>
"#
    )
}

/// What is said of the whole file.
fn whole(status: &str) -> String {
    format!(
        "<OrgnlGrpInfAndSts><OrgnlMsgId>PAY-2027-03</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>"
    )
}

/// What is said of a group.
fn group(id: &str, inside: &str) -> String {
    format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>{id}</OrgnlPmtInfId>{inside}</OrgnlPmtInfAndSts>")
}

/// What is said of a transfer.
fn transfer(id: &str, inside: &str) -> String {
    format!("<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId>{inside}</TxInfAndSts>")
}

const REJECTED: &str =
    "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account\n closed</AddtlInf></StsRsnInf>";

fn read(inside: &str) -> Result<Vec<(String, Outcome)>, ReadError> {
    let outcomes = pain002::read(report(inside).as_bytes(), &two_groups())?;
    Ok(outcomes.into_iter().map(|told| (told.end_to_end_id.to_string(), told.outcome)).collect())
}

fn rejected(code: &str, words: &str) -> Outcome {
    Outcome::Rejected { code: ReasonCode::parse(code).unwrap(), words: words.into() }
}

fn all(outcome: &Outcome) -> Vec<(String, Outcome)> {
    (1..=3).map(|n| (format!("PAY-2027-03-{n}"), outcome.clone())).collect()
}

#[test]
fn a_status_of_the_whole_file_is_that_of_every_transfer() {
    for status in ["RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC"] {
        assert_eq!(read(&whole(&format!("<GrpSts>{status}</GrpSts>"))).unwrap(), all(&Outcome::Pending), "{status}");
    }
    let settled = Outcome::Settled { on: "2027-03-31".parse().unwrap() };
    assert_eq!(read(&whole("<GrpSts>ACSC</GrpSts>")).unwrap(), all(&settled));
    let reasoned = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>";
    assert_eq!(read(&whole(reasoned)).unwrap(), all(&rejected("FF01", "")));
    assert_eq!(read(&whole("<GrpSts>RJCT</GrpSts>")).unwrap(), all(&rejected("MS03", "")), "no reason given");
}

#[test]
fn the_nearest_status_counts_and_what_is_not_told_has_none() {
    let one = transfer("PAY-2027-03-2", REJECTED);
    let partly = whole("<GrpSts>PART</GrpSts>") + &group("EUR-1", &one);
    let only = vec![("PAY-2027-03-2".to_owned(), rejected("AC04", "Account closed"))];
    assert_eq!(read(&partly).unwrap(), only);
    let accepted = whole("<GrpSts>ACCP</GrpSts>") + &group("EUR-1", &one);
    let mut expected = all(&Outcome::Pending);
    expected[1].1 = rejected("AC04", "Account closed");
    assert_eq!(read(&accepted).unwrap(), expected);
    let of_group = whole("") + &group("USD-1", "<PmtInfSts>ACSP</PmtInfSts>");
    assert_eq!(read(&of_group).unwrap(), [("PAY-2027-03-3".to_owned(), Outcome::Pending)]);
    assert_eq!(read(&whole("")).unwrap(), [], "a report without a status says nothing");
}

#[test]
fn a_reason_in_words_alone_is_kept_as_words() {
    let own = "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Prtry>No such branch</Prtry></Rsn></StsRsnInf>";
    let told = read(&(whole("") + &group("EUR-1", &transfer("PAY-2027-03-1", own)))).unwrap();
    assert_eq!(told[0].1, rejected("NARR", "No such branch"));
    let coded = own.replace("No such branch", "B-17");
    let told = read(&(whole("") + &group("EUR-1", &transfer("PAY-2027-03-1", &coded)))).unwrap();
    assert_eq!(told[0].1, rejected("B-17", ""));
}

#[test]
fn the_amount_is_told_and_must_be_the_one_that_was_sent() {
    let told = |amount: &str| {
        let original =
            format!("<TxSts>ACSC</TxSts><OrgnlTxRef><Amt><InstdAmt Ccy=\"EUR\">{amount}</InstdAmt></Amt></OrgnlTxRef>");
        let inside = whole("") + &group("EUR-1", &transfer("PAY-2027-03-1", &original));
        pain002::read(report(&inside).as_bytes(), &two_groups())
    };
    let outcomes: Vec<PaymentOutcome> = told("1250.00").unwrap();
    assert_eq!(outcomes[0].amount, Some(money(125_000, "EUR")));
    assert!(matches!(told("1250.01").unwrap_err().fault, ReadFault::Sum { .. }));
    assert!(matches!(told("1250.001").unwrap_err().fault, ReadFault::Amount(_)));
}

#[test]
fn an_unknown_status_is_an_error_with_its_line_and_never_a_success() {
    for unknown in ["", "OK", "acsc", "ACSC2", "SETTLED", "BLCK"] {
        let error = read(&whole(&format!("<GrpSts>{unknown}</GrpSts>"))).unwrap_err();
        assert_eq!(error.fault, ReadFault::UnknownStatus(unknown.into()));
        assert_eq!((error.line, error.element.as_str()), (5, "GrpSts"));
    }
    let partly = transfer("PAY-2027-03-1", "<TxSts>PART</TxSts>");
    let error = read(&(whole("") + &group("EUR-1", &partly))).unwrap_err();
    assert_eq!(error.fault, ReadFault::UnknownStatus("PART".into()), "one transfer is not partly done");
}

#[test]
fn nothing_is_accepted_inside_of_what_was_rejected() {
    let accepted = transfer("PAY-2027-03-1", "<TxSts>ACSC</TxSts>");
    let contradiction = ReadFault::Contradiction { above: "RJCT".into(), below: "ACSC".into() };
    let file = whole("<GrpSts>RJCT</GrpSts>") + &group("EUR-1", &accepted);
    assert_eq!(read(&file).unwrap_err().fault, contradiction);
    let of_group = whole("") + &group("EUR-1", &format!("<PmtInfSts>RJCT</PmtInfSts>{accepted}"));
    assert_eq!(read(&of_group).unwrap_err().fault, contradiction);
}

#[test]
fn what_is_not_in_the_file_is_an_error() {
    let table = [
        (whole("") + &group("GBP-1", ""), ReadFault::Unknown("GBP-1".into())),
        (whole("") + &group("USD-1", &transfer("PAY-2027-03-1", REJECTED)), ReadFault::Unknown("PAY-2027-03-1".into())),
        (whole("") + &group("EUR-1", &transfer("PAY-2027-03-1", REJECTED).repeat(2)), ReadFault::Twice),
        (whole("") + &group("EUR-1", "").repeat(2), ReadFault::Twice),
        (
            whole("").replace("PAY-2027-03<", "PAY-2027-02<"),
            ReadFault::OtherFile { expected: "PAY-2027-03".into(), found: "PAY-2027-02".into() },
        ),
    ];
    for (inside, fault) in table {
        assert_eq!(read(&inside).unwrap_err().fault, fault);
    }
    let statement = report(&whole("")).replace("pain.002.001.03", "camt.053.001.02");
    let error = pain002::read(statement.as_bytes(), &two_groups()).unwrap_err();
    assert!(matches!(error.fault, ReadFault::OtherDocument { .. }), "{error}");
}

#[test]
fn a_byte_order_mark_a_prefix_and_another_version_are_read() {
    let xml = report(&whole("<GrpSts>ACCP</GrpSts>"));
    let sent: PaymentFile = two_groups();
    let expected = pain002::read(xml.as_bytes(), &sent).unwrap();
    assert_eq!(pain002::read(format!("\u{feff}{xml}").as_bytes(), &sent).unwrap(), expected);
    let newer = xml.replace("pain.002.001.03", "pain.002.001.10");
    assert_eq!(pain002::read(newer.as_bytes(), &sent).unwrap(), expected);
    let prefixed = xml
        .replace("xmlns=", "xmlns:p=")
        .replace("</", "\u{1}")
        .replace('<', "<p:")
        .replace('\u{1}', "</p:")
        .replace("<p:?", "<?");
    assert_eq!(pain002::read(prefixed.as_bytes(), &sent).unwrap(), expected);
}
