//! What is found in a file that is not as it was signed, and where.

use entente_core::mdf::statement::{Restored, StatementFinding, UnreadableStatement, verify};
use proptest::prelude::*;

use super::{NOTARY, Notary, euros, lines, statement, verified, yen};

fn findings(lines: &[String]) -> Vec<StatementFinding> {
    verified(lines).findings
}

/// The file with a text in one line, from 1, replaced.
fn with(line: usize, from: &str, to: &str) -> Vec<String> {
    let mut lines = lines();
    assert!(lines[line - 1].contains(from), "{}", lines[line - 1]);
    lines[line - 1] = lines[line - 1].replacen(from, to, 1);
    lines
}

fn changed(line: u64, restored: Option<Restored>) -> Vec<StatementFinding> {
    vec![StatementFinding::Changed { line, restored }]
}

#[test]
fn us18_one_changed_cent_names_its_line_and_what_was_signed() {
    let restored = Restored { field: "amount", signed: euros(150_000), found: euros(150_001) };
    let found = findings(&with(4, "\"minor\":150000", "\"minor\":150001"));
    assert_eq!(found, changed(4, Some(restored)));
    assert_eq!(found[0].to_string(), "line 4 was changed: `amount` is EUR 1,500.01, and EUR 1,500.00 was signed");
    let paid = Restored { field: "amount", signed: euros(160_000), found: euros(159_999) };
    assert_eq!(findings(&with(7, "\"minor\":160000", "\"minor\":159999")), changed(7, Some(paid)));
    let opening = Restored { field: "owed", signed: euros(10_000), found: euros(10_001) };
    assert_eq!(findings(&with(2, "\"minor\":10000", "\"minor\":10001")), changed(2, Some(opening)));
    let closing = Restored { field: "owed", signed: euros(125_000), found: euros(-125_000) };
    assert_eq!(findings(&with(9, "\"minor\":125000", "\"minor\":-125000")), changed(9, Some(closing)));
    let of_two = Restored { field: "amount", signed: yen(7), found: yen(8) };
    assert_eq!(findings(&with(11, "\"minor\":7", "\"minor\":8")), changed(11, Some(of_two)));
    let currency = Restored { field: "amount", signed: euros(125_000), found: yen(125_000) };
    assert_eq!(findings(&with(8, "EUR", "JPY")), changed(8, Some(currency)));
}

#[test]
fn any_other_change_names_its_line_alone() {
    let table = [
        (1, "globex", "initech"),
        (1, "2027-03", "2027-04"),
        (4, "2027-03-02", "2027-03-03"),
        (4, "CLM-2027-00007", "CLM-2027-00008"),
        (4, "\"V1\"", "\"V2\""),
        (4, "lowest", "highest"),
        (4, "\"owe\"", "\"pay\""),
        (4, "\"J-2\"", "\"J-9\""),
        (4, "\"no\":4", "\"no\":9"),
        (4, "\"no\":4", "\"no\":2"),
        (4, ",", ", "),
        (4, "\"about\"", "\"amount\":1,\"about\""),
        (4, "{", "{\"more\":1,"),
        (4, "{", "["),
        // A movement that changes nothing of what is owed has no total that tells what its amount was.
        (3, "\"minor\":900000", "\"minor\":900001"),
    ];
    for (line, from, to) in table {
        assert_eq!(findings(&with(line, from, to)), changed(line as u64, None), "{from} -> {to}");
    }
    let mut empty = lines();
    empty[3] = String::new();
    assert_eq!(findings(&empty), changed(4, None));
}

#[test]
fn a_changed_hash_names_its_line_and_not_the_next() {
    for at in 1..=13 {
        let mut lines = lines();
        let start = lines[at - 1].find("\"hash\":\"").unwrap() + 8;
        let digit = if &lines[at - 1][start..=start] == "0" { "1" } else { "0" };
        lines[at - 1].replace_range(start..=start, digit);
        assert_eq!(findings(&lines), changed(at as u64, None), "line {at}");
    }
}

#[test]
fn two_changes_are_two_findings() {
    let mut lines = with(4, "\"minor\":150000", "\"minor\":150001");
    lines[6] = lines[6].replace("160000", "160001");
    lines[10] = lines[10].replace("\"minor\":7", "\"minor\":9");
    let of_yen = Restored { field: "amount", signed: yen(7), found: yen(9) };
    let expected = [changed(4, None), changed(7, None), changed(11, Some(of_yen))].concat();
    assert_eq!(findings(&lines), expected, "totals that hide two changes prove neither");
}

#[test]
fn lines_that_are_gone_there_again_or_elsewhere_are_told() {
    for at in 1..=13_u64 {
        let mut lines = lines();
        lines.remove(at as usize - 1);
        assert_eq!(findings(&lines), [StatementFinding::Missing { line: at, first: at, last: at }], "line {at}");
    }
    let mut tail = lines();
    tail.drain(9..13);
    assert_eq!(findings(&tail), [StatementFinding::Missing { line: 10, first: 10, last: 13 }], "a whole section");
    let mut again = lines();
    again.insert(4, again[3].clone());
    assert_eq!(findings(&again), [StatementFinding::Misplaced { line: 5, no: 4 }]);
    let mut swapped = lines();
    swapped.swap(3, 4);
    assert_eq!(
        findings(&swapped),
        [StatementFinding::Missing { line: 4, first: 4, last: 4 }, StatementFinding::Misplaced { line: 5, no: 4 }]
    );
}

#[test]
fn a_file_that_ends_early_or_goes_on_is_not_signed() {
    let mut cut = lines();
    cut.pop();
    assert_eq!(findings(&cut), [StatementFinding::Unsigned]);
    let mut more = lines();
    more.push(more[3].clone());
    let found = findings(&more);
    assert!(found.contains(&StatementFinding::Unsigned), "{found:?}");
    assert!(found.contains(&StatementFinding::Changed { line: 14, restored: None }), "{found:?}");
    assert!(found.contains(&StatementFinding::Misplaced { line: 15, no: 4 }), "{found:?}");
}

#[test]
fn what_was_written_anew_without_the_key_contradicts_the_signature() {
    let forged = String::from_utf8(statement().sign("notary", |message| Notary("forger").sign(message))).unwrap();
    let forged: Vec<String> = forged.lines().map(str::to_owned).collect();
    assert_eq!(findings(&forged), [StatementFinding::Signature]);
    // A forger's lines above the signature of another statement.
    let mut sections = statement().sections().to_vec();
    sections[1].fund = "apac-2028".parse().unwrap();
    let of = |sections| {
        let statement = statement();
        let (partner, entity) = (statement.partner().clone(), statement.entity().clone());
        entente_core::mdf::statement::Statement::new(partner, entity, statement.period().clone(), sections).unwrap()
    };
    let other = String::from_utf8(of(sections.clone()).sign("notary", |message| NOTARY.sign(message))).unwrap();
    let mut mixed: Vec<String> = other.lines().map(str::to_owned).collect();
    mixed[13] = lines()[13].clone();
    assert_eq!(findings(&mixed), [StatementFinding::Rewritten]);
    // The same with fewer and with more lines than were signed.
    let shorter = String::from_utf8(of(sections[..1].to_vec()).sign("notary", |message| NOTARY.sign(message))).unwrap();
    let mut shorter: Vec<String> = shorter.lines().map(str::to_owned).collect();
    let signed_shorter = std::mem::replace(&mut shorter[9], lines()[13].clone());
    assert_eq!(findings(&shorter), [StatementFinding::Missing { line: 10, first: 10, last: 13 }]);
    let mut longer = lines();
    longer[13] = signed_shorter;
    assert_eq!(findings(&longer), [StatementFinding::Rewritten]);
}

#[test]
fn a_signature_of_another_key_does_not_count_when_one_was_named() {
    let file = (lines().join("\n") + "\n").into_bytes();
    let report = verify(&file, &Notary("ours")).unwrap();
    assert_eq!(report.findings, [StatementFinding::Signature]);
    assert_eq!((report.key.as_deref(), report.statement), (Some("notary"), None));
}

#[test]
fn marks_and_line_ends_of_mail_programs_are_no_changes() {
    let file = lines().join("\r\n");
    for sent in [file.clone(), file.clone() + "\r\n", format!("\u{feff}{file}")] {
        assert_eq!(verify(sent.as_bytes(), &NOTARY).unwrap().statement, Some(statement()));
    }
}

#[test]
fn a_file_that_is_no_statement_is_not_judged() {
    for other in ["", "\n", "hello", "{}", "{\"entry\":\"row\"}\n{\"entry\":\"row\"}", "[[[[[[["] {
        assert_eq!(verify(other.as_bytes(), &NOTARY), Err(UnreadableStatement::NotAStatement), "{other}");
    }
    assert_eq!(verify(b"\xff", &NOTARY), Err(UnreadableStatement::NotText));
    assert_eq!(verify(&vec![b' '; 16 * 1024 * 1024 + 1], &NOTARY), Err(UnreadableStatement::TooLarge));
    let deep = "[".repeat(1_000_000);
    assert_eq!(verify(deep.as_bytes(), &NOTARY), Err(UnreadableStatement::NotAStatement));
}

proptest! {
    #[test]
    fn whatever_verifies_is_what_was_signed(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let mut file = (lines().join("\n") + "\n").into_bytes();
        let at = at.index(file.len());
        file[at] = byte;
        match verify(&file, &NOTARY) {
            Ok(report) if report.findings.is_empty() => prop_assert_eq!(report.statement, Some(statement())),
            Ok(report) => prop_assert_eq!(report.statement, None),
            Err(_) => {}
        }
    }

    #[test]
    fn no_bytes_make_the_verification_panic(bytes in any::<Vec<u8>>(), line in 0..14_usize) {
        let _ = verify(&bytes, &NOTARY);
        let mut file = lines();
        file[line] = String::from_utf8_lossy(&bytes).into_owned();
        let _ = verify(file.join("\n").as_bytes(), &NOTARY);
    }
}
