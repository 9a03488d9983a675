//! A partner verifies a statement with nothing but the program, the file and the signer's key.

use std::{path::Path, process::Command};

use entente::audit::key::SealKey;
use entente_core::{
    ledger::PostingAction,
    mdf::statement::{Applied, Line, Period, Section, Statement},
    money::Money,
};
use tempfile::TempDir;

use crate::installation::Said;

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

/// EUR 1,500.00 become owed, and EUR 1,499.99 are paid.
fn statement() -> Statement {
    let line = |movement, minor, at: &str, journal: &str| Line {
        at: at.parse().unwrap(),
        movement,
        about: "claim/CLM-2027-00007".into(),
        amount: euros(minor),
        rules: vec![Applied {
            rule: "V1".parse().unwrap(),
            why: "what was approved is the lowest bound".into(),
            pack: None,
        }],
        journal: journal.into(),
    };
    let section = Section {
        fund: "emea-2027".parse().unwrap(),
        opening: euros(0),
        lines: vec![
            line(PostingAction::Owe, 150_000, "2027-03-02T08:00:00Z", "J-1"),
            line(PostingAction::Pay, 149_999, "2027-03-14T08:00:00Z", "J-2"),
        ],
        closing: euros(1),
    };
    let period = Period::new("2027-03", "Europe/Berlin").unwrap();
    Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period, vec![section]).unwrap()
}

/// A folder with a signed statement and the signer's public key, and nothing else.
struct Desk {
    folder: TempDir,
    _signer: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let (folder, signer) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = SealKey::beside(&signer.path().join("entente.db")).unwrap();
        let desk = Desk { folder, _signer: signer };
        desk.write("statement.jsonl", &statement().sign(&key.public(), |message| key.sign(message)));
        desk.write("key.txt", format!("{}\n", key.public()).as_bytes());
        desk
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs the program in the folder, with an environment that names nothing.
    fn run(&self, args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.output().unwrap().into()
    }

    /// Writes the statement with one text replaced.
    fn altered(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("statement.jsonl")).unwrap();
        assert!(text.contains(from), "{text}");
        self.write("altered.jsonl", text.replacen(from, to, 1).as_bytes());
    }
}

fn is_empty_but_for(folder: &Path, expected: &[&str]) {
    let mut found: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn us18_a_statement_verifies_offline_without_an_installation() {
    let desk = Desk::new();
    let said = desk.run(&["statement", "verify", "statement.jsonl", "--key", "key.txt"]);
    assert_eq!((said.code, said.data.as_str()), (0, ""), "{said:?}");
    assert!(said.words.contains("statement of `acme-eu` for `globex`, 2027-03 (Europe/Berlin)"), "{said:?}");
    assert!(said.words.contains("fund `emea-2027`: EUR 0.00 owed before, 2 movements, EUR 0.01 owed now"), "{said:?}");
    assert!(said.words.contains("6 lines, 0 findings") && !said.words.contains("any key"), "{said:?}");
    is_empty_but_for(desk.folder.path(), &["key.txt", "statement.jsonl"]);
    let said = desk.run(&["statement", "verify", "statement.jsonl"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.words.contains("the signature of any key was accepted"), "{said:?}");
}

#[test]
fn us18_one_altered_cent_is_detected_and_located() {
    let desk = Desk::new();
    desk.altered("\"minor\":150000", "\"minor\":150001");
    let verify = ["statement", "verify", "altered.jsonl", "--key", "key.txt"];
    let said = desk.run(&verify);
    assert_eq!(said.code, 7, "{said:?}");
    assert_eq!(said.data, "line 3 was changed: `amount` is EUR 1,500.01, and EUR 1,500.00 was signed\n");
    let told = desk.run(&[&verify[..], &["--json"]].concat()).json();
    assert_eq!(told["located"][0]["finding"], "changed");
    assert_eq!(told["located"][0]["line"], 3);
    assert_eq!(told["located"][0]["restored"]["signed"], serde_json::json!({ "minor": 150_000, "currency": "EUR" }));
    assert_eq!(told["statement"], serde_json::Value::Null);
}

#[test]
fn a_statement_that_somebody_else_signed_is_told_by_who_names_the_key() {
    let (desk, forger) = (Desk::new(), Desk::new());
    let theirs = std::fs::read(forger.path("statement.jsonl")).unwrap();
    desk.write("theirs.jsonl", &theirs);
    assert_eq!(desk.run(&["statement", "verify", "theirs.jsonl"]).code, 0, "everything fits, but for who signed it");
    let said = desk.run(&["statement", "verify", "theirs.jsonl", "--key", "key.txt"]);
    assert_eq!(said.code, 7, "{said:?}");
    assert_eq!(said.data, "the signature is not valid, or not of the key that was named\n");
}

#[test]
fn what_is_no_statement_or_no_key_is_refused_as_such() {
    let desk = Desk::new();
    for (args, expected) in [
        (&["statement", "verify", "key.txt"][..], "neither its first nor its last line is that of a statement"),
        (&["statement", "verify", "nowhere.jsonl"], "cannot be read"),
        (&["statement", "verify", "statement.jsonl", "--key", "statement.jsonl"], "is no public key"),
        (&["statement", "verify", "statement.jsonl", "--key", "nowhere.txt"], "cannot be read"),
    ] {
        let said = desk.run(args);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.words.contains(expected), "{said:?}");
    }
}
