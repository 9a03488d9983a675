//! What bookings on an account come to.

use entente_payments::{Outcome, ReadError, ReadFault, ReasonCode, answer::camt};

use crate::sample::money;

fn statement(entries: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">\n<BkToCstmrStmt><Stmt>\n{entries}\n</Stmt></BkToCstmrStmt></Document>"
    )
}

fn entry(side: &str, status: &str, details: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">1250.00</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts><BookgDt><Dt>2027-04-02</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )
}

fn detail(id: &str, more: &str) -> String {
    format!("<TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs>{more}</TxDtls>")
}

const RETURN: &str = "<RtrInf><Rsn><Cd>AC01</Cd></Rsn><AddtlInf>wrong account</AddtlInf></RtrInf>";

fn read(entries: &str) -> Result<Vec<(String, Outcome)>, ReadError> {
    let outcomes = camt::read(statement(entries).as_bytes())?;
    Ok(outcomes.into_iter().map(|told| (told.end_to_end_id.to_string(), told.outcome)).collect())
}

fn settled() -> Outcome {
    Outcome::Settled { on: "2027-04-02".parse().unwrap() }
}

fn returned(code: &str, words: &str) -> Outcome {
    let code = ReasonCode::parse(code).unwrap();
    Outcome::Returned { on: "2027-04-02".parse().unwrap(), code, words: words.into() }
}

#[test]
fn a_booked_debit_is_settled_and_a_credit_that_gives_back_is_returned() {
    let debit = entry("DBIT", "BOOK", &detail("T-1", ""));
    let back = entry("CRDT", "BOOK", &detail("T-1", RETURN));
    let expected = vec![("T-1".to_owned(), settled()), ("T-1".to_owned(), returned("AC01", "wrong account"))];
    assert_eq!(read(&(debit + &back)).unwrap(), expected);
}

#[test]
fn what_is_not_booked_yet_is_pending_and_a_return_counts_once_it_is_booked() {
    for status in ["PDNG", "FUTR"] {
        assert_eq!(read(&entry("DBIT", status, &detail("T-1", ""))).unwrap(), [("T-1".to_owned(), Outcome::Pending)]);
        assert_eq!(read(&entry("CRDT", status, &detail("T-1", RETURN))).unwrap(), []);
    }
    assert_eq!(read(&entry("DBIT", "INFO", &detail("T-1", ""))).unwrap(), []);
}

#[test]
fn what_others_sent_is_left_out() {
    let others = [
        entry("CRDT", "BOOK", &detail("INVOICE-1", "")),
        entry("DBIT", "BOOK", &detail("GIVEN-BACK-BY-US", RETURN)),
        entry("DBIT", "BOOK", &detail("NOTPROVIDED", "")),
        entry("DBIT", "BOOK", &detail("an id _ that is none of ours", "")),
        entry("DBIT", "BOOK", "<TxDtls/>"),
        entry("DBIT", "BOOK", "<Btch><NbOfTxs>3</NbOfTxs></Btch>"),
        entry("DBIT", "BOOK", &detail("T-9", "")).replace("<BookgDt>", "<RvslInd>true</RvslInd><BookgDt>"),
    ];
    assert_eq!(read(&others.concat()).unwrap(), []);
}

#[test]
fn a_reversed_debit_without_a_reason_came_back_all_the_same() {
    let reversed = entry("CRDT", "BOOK", &detail("T-1", "")).replace("<BookgDt>", "<RvslInd>true</RvslInd><BookgDt>");
    assert_eq!(read(&reversed).unwrap(), [("T-1".to_owned(), returned("MS03", ""))]);
}

#[test]
fn amounts_are_those_of_the_detail_and_of_the_entry_only_when_it_is_alone() {
    let amount = |details: &str| camt::read(statement(&entry("DBIT", "BOOK", details)).as_bytes()).unwrap();
    let amounts = |details: &str| amount(details).into_iter().map(|told| told.amount).collect::<Vec<_>>();
    assert_eq!(amounts(&detail("T-1", "")), [Some(money(125_000, "EUR"))]);
    assert_eq!(amounts(&(detail("T-1", "") + &detail("T-2", ""))), [None, None], "the sum is nobody's amount");
    let own = "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">10.00</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">9.00</Amt></TxAmt></AmtDtls>";
    assert_eq!(amounts(&detail("T-1", own)), [Some(money(1_000, "USD"))], "what was asked for");
    let back = entry("CRDT", "BOOK", &detail("T-1", &format!("{own}{RETURN}")));
    let outcomes = camt::read(statement(&back).as_bytes()).unwrap();
    assert_eq!(outcomes[0].amount, Some(money(900, "EUR")), "what came back");
}

#[test]
fn notifications_and_newer_versions_are_read_alike() {
    let entries = entry("DBIT", "BOOK", &detail("T-1", ""));
    let old = statement(&entries);
    let expected = camt::read(old.as_bytes()).unwrap();
    assert_eq!(expected.len(), 1);
    let notification = old
        .replace("camt.053.001.02", "camt.054.001.08")
        .replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
        .replace("Stmt>", "Ntfctn>")
        .replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
        .replace("<Dt>2027-04-02</Dt>", "<DtTm>2027-04-02T23:30:00-05:00</DtTm>");
    assert_eq!(camt::read(notification.as_bytes()).unwrap(), expected);
    assert_eq!(camt::read(format!("\u{feff}{old}").as_bytes()).unwrap(), expected);
}

#[test]
fn an_unknown_status_or_side_is_an_error_with_its_line() {
    for (entries, fault) in [
        (entry("DBIT", "DONE", &detail("T-1", "")), ReadFault::UnknownStatus("DONE".into())),
        (entry("BOTH", "BOOK", &detail("T-1", "")), ReadFault::UnknownStatus("BOTH".into())),
        (entry("DBIT", "<Prtry>BOOK-ISH</Prtry>", ""), ReadFault::UnknownStatus("BOOK-ISH".into())),
    ] {
        let error = read(&entries).unwrap_err();
        assert_eq!((error.line, error.fault), (3, fault));
    }
    let no_day = entry("DBIT", "BOOK", &detail("T-1", "")).replace("<BookgDt><Dt>2027-04-02</Dt></BookgDt>", "");
    assert_eq!(read(&no_day).unwrap_err().fault, ReadFault::Missing("BookgDt"));
    let not_a_day = entry("DBIT", "BOOK", &detail("T-1", "")).replace("2027-04-02", "2027-02-30");
    assert_eq!(read(&not_a_day).unwrap_err().fault, ReadFault::NotADate("2027-02-30".into()));
}
