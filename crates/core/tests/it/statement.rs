//! Statements: what makes one, what is refused, and what is found in a file that was changed.

mod changed;
mod refused;

use entente_core::{
    audit::{Verifier, merkle_root},
    ledger::PostingAction,
    mdf::statement::{Applied, Line, Period, Section, Statement, StatementReport, owed_after, verify},
    money::Money,
};

/// Stands in for a signature: the key's name and the hash of the message.
struct Notary(&'static str);

impl Notary {
    fn sign(&self, message: &[u8]) -> String {
        merkle_root([self.0.as_bytes(), message]).to_string()
    }
}

impl Verifier for Notary {
    fn verifies(&self, key: &str, message: &[u8], signature: &str) -> bool {
        key == self.0 && signature == self.sign(message)
    }
}

const NOTARY: Notary = Notary("notary");

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

fn yen(minor: i64) -> Money {
    Money { minor, currency: "JPY".parse().unwrap() }
}

fn line(movement: PostingAction, amount: Money, at: &str, journal: &str) -> Line {
    let rule = |rule: &str, why: &str| Applied { rule: rule.parse().unwrap(), why: why.into(), pack: None };
    Line {
        at: at.parse().unwrap(),
        movement,
        about: "claim/CLM-2027-00007".into(),
        amount,
        rules: vec![
            rule("V1", "what was approved is the lowest of six bounds"),
            rule("Y9", "at most 25 % of a statement is netted"),
        ],
        journal: journal.into(),
    }
}

fn period() -> Period {
    Period::new("2027-03", "Europe/Berlin").unwrap()
}

/// Claims owed and paid, one returned by the bank, money claimed back and netted: EUR 100.00 becomes EUR 1,250.00.
fn euro_section() -> Section {
    use PostingAction::{ClawBack, Owe, Pay, Recover, Reopen, Reserve};
    Section {
        fund: "emea-2027".parse().unwrap(),
        opening: euros(10_000),
        lines: vec![
            line(Reserve, euros(900_000), "2027-03-01T08:00:00Z", "J-1"),
            line(Owe, euros(150_000), "2027-03-02T08:00:00Z", "J-2"),
            line(ClawBack, euros(35_000), "2027-03-03T08:00:00Z", "J-3"),
            line(Recover, euros(35_000), "2027-03-14T08:00:00Z", "J-4"),
            line(Pay, euros(160_000), "2027-03-14T08:00:00Z", "J-5"),
            line(Reopen, euros(125_000), "2027-03-20T08:00:00Z", "J-6"),
        ],
        closing: euros(125_000),
    }
}

/// Nothing was owed and everything was paid.
fn yen_section() -> Section {
    Section {
        fund: "apac-2027".parse().unwrap(),
        opening: yen(0),
        lines: vec![
            line(PostingAction::Owe, yen(7), "2027-03-05T08:00:00Z", "J-7"),
            line(PostingAction::Pay, yen(7), "2027-03-06T08:00:00Z", "J-8"),
        ],
        closing: yen(0),
    }
}

fn statement() -> Statement {
    let sections = vec![euro_section(), yen_section()];
    Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period(), sections).unwrap()
}

/// Its file, line by line.
fn lines() -> Vec<String> {
    let file = statement().sign("notary", |message| NOTARY.sign(message));
    String::from_utf8(file).unwrap().lines().map(str::to_owned).collect()
}

fn verified(lines: &[String]) -> StatementReport {
    verify((lines.join("\n") + "\n").as_bytes(), &NOTARY).unwrap()
}

#[test]
fn y12_a_statement_is_read_back_as_it_was_signed() {
    let report = verified(&lines());
    assert_eq!((report.findings.as_slice(), report.lines, report.key.as_deref()), (&[][..], 14, Some("notary")));
    assert_eq!(report.statement, Some(statement()));
}

#[test]
fn a_statement_of_a_month_that_is_not_over_says_so_under_its_signature() {
    let at = |text: &str| text.parse().unwrap();
    let file = |statement: &Statement| String::from_utf8(statement.sign("notary", |said| NOTARY.sign(said))).unwrap();
    let early = statement().as_of(at("2027-03-31T21:59:59Z"));
    let told = early.preliminary().unwrap();
    assert_eq!(told.as_of, at("2027-03-31T21:59:59Z"));
    assert_eq!(told.says, "preliminary: 2027-03 (Europe/Berlin) is not over, and what is owed may still change");
    let early_file = file(&early);
    assert_eq!(verify(early_file.as_bytes(), &NOTARY).unwrap().statement, Some(early));
    // Nobody takes the word out.
    let stripped: String = early_file.replace("\"preliminary\":{", "\"final\":{");
    assert_eq!(verify(stripped.as_bytes(), &NOTARY).unwrap().findings.len(), 1);
    // From the end of the month on it is one for good, and reads as files always have.
    let whole = statement().as_of(at("2027-03-31T22:00:00Z"));
    assert_eq!((whole.preliminary(), file(&whole)), (None, file(&statement())));
}

#[test]
fn a_rule_may_name_the_pack_that_has_its_values() {
    let mut section = yen_section();
    section.lines[0].rules[0].pack = Some("starter@1".into());
    section.lines[1].rules.clear();
    assert_eq!(section.lines_without_rule(), 1);
    let made = Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period(), vec![section.clone()]);
    let file = made.clone().unwrap().sign("notary", |message| NOTARY.sign(message));
    assert_eq!(verify(&file, &NOTARY).unwrap().statement, Some(made.unwrap()));
    section.lines[0].rules[0].pack = Some("two\nlines".into());
    assert!(Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period(), vec![section]).is_err());
}

#[test]
fn the_format_of_the_file_does_not_change() {
    let file = statement().sign("notary", |message| NOTARY.sign(message));
    assert_eq!(String::from_utf8(file).unwrap(), include_str!("statement/globex-2027-03.jsonl"));
}

#[test]
fn what_is_owed_follows_from_what_is_payable_and_what_was_claimed_back() {
    for movement in PostingAction::ALL {
        let expected = match movement {
            PostingAction::Owe | PostingAction::Reopen | PostingAction::Recover | PostingAction::Waive => 15,
            PostingAction::OweAdvance | PostingAction::ReopenAdvance | PostingAction::OweSurplus => 15,
            PostingAction::Withhold | PostingAction::Pay | PostingAction::ClawBack => 5,
            PostingAction::PayAdvance | PostingAction::CallIn | PostingAction::PaySurplus => 5,
            _ => 10,
        };
        assert_eq!(owed_after(10, movement, 5), Some(expected), "{movement}");
    }
    assert_eq!(owed_after(i64::MAX, PostingAction::Owe, 1), None);
    assert_eq!(owed_after(i64::MIN, PostingAction::Pay, 1), None);
}

#[test]
fn a_month_begins_and_ends_on_the_clocks_of_its_zone() {
    let contains = |at: &str| period().contains(at.parse().unwrap());
    assert!(!contains("2027-02-28T22:59:59Z") && contains("2027-02-28T23:00:00Z"), "midnight in winter");
    assert!(contains("2027-03-31T21:59:59Z") && !contains("2027-03-31T22:00:00Z"), "midnight in summer");
    for (month, zone) in
        [("2027-13", "UTC"), ("2027-3", "UTC"), ("2027-03-01", "UTC"), ("", "UTC"), ("2027-03", "Mars")]
    {
        assert!(Period::new(month, zone).is_err(), "{month} {zone}");
    }
}
