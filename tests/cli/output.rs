//! What is printed: stable, safe to show, and without secrets.

use serde_json::Value;

use crate::installation::Installation;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_json_of_lists_and_offers_keeps_its_fields() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    let list = installation.run(&["offer", "list", "--json"]).ok().json();
    let row = [
        "buyer",
        "ended",
        "expiry_in_zones",
        "external_refs",
        "label",
        "last_day",
        "last_moment",
        "marketplace",
        "offer_id",
        "parked",
        "reference",
        "state",
        "tags",
        "value",
        "waiting_on",
    ];
    assert_eq!(keys(&list[0]), row);
    let offer = installation.until(&label, "approvals");
    let fields = [
        "accounts",
        "agreements",
        "amendment",
        "approvals",
        "authors",
        "buyer",
        "checklist",
        "drift",
        "ended",
        "expiry_in_zones",
        "external_refs",
        "facts",
        "findings",
        "incident",
        "label",
        "last_day",
        "last_moment",
        "marketplace",
        "product",
        "readiness",
        "reference",
        "refusal",
        "remote",
        "requester",
        "revision",
        "seconds_by_party",
        "seq",
        "state",
        "tags",
        "timeline",
        "value",
        "waiting_on",
        "waiting_since",
        "waits",
        "withdrawal",
    ];
    assert_eq!(keys(&offer), fields);
    let step = [
        "at",
        "external_refs",
        "from",
        "notices",
        "on_behalf_of",
        "remote",
        "sent",
        "seq",
        "source",
        "state",
        "what",
        "who",
    ];
    assert_eq!(keys(&offer["timeline"][0]), step);
    let task = installation.run(&["inbox", "--json"]).ok().json();
    let fields = [
        "assignee",
        "authors",
        "detail",
        "due",
        "external_refs",
        "key",
        "kind",
        "label",
        "opened_at",
        "requester",
        "revision",
        "role",
        "row",
        "title",
    ];
    assert_eq!(keys(&task[0]), fields);
    assert_eq!(offer["value"], serde_json::json!({ "minor": 18_000_000, "currency": "USD" }));
}

#[test]
fn piped_tables_are_tab_separated_rows_without_heading_or_colour() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    let data = installation.run(&["offer", "list", "--color", "always"]).ok().data;
    let cells: Vec<&str> = data.trim_end().split('\t').collect();
    let last = installation.show(&label)["expiry_in_zones"]["seller"].as_str().unwrap().to_owned();
    assert!(last.ends_with(" America/New_York"), "{last}");
    assert_eq!(cells, [label.as_str(), "approvals", "approvers", "Globex", "USD 180,000.00", &last, "ACME-1", "-"]);
}

#[test]
fn row_79_what_people_and_documents_bring_along_never_acts_on_a_terminal() {
    let installation = Installation::served();
    let acts = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}');
    // A document is refused: who approves it reads what it says.
    let name = "name: \"Globex \\e[2J\\e]0;owned\\a  \\u202e gpj\"";
    let file = installation.offer("evil.yaml", &[("name: Globex", name)]);
    let said = installation.act("mia", &["offer", "create", file.to_str().unwrap()]);
    assert!(said.code == 2 && said.words.contains("`/buyer/name`") && !acts(&said.words), "{said:?}");
    // What people write besides is kept as it is, and shown so that it does nothing.
    let label = installation.submitted("mia", "offer.yaml", &[]);
    let evil = "call \u{1b}[2J\u{1b}]0;owned\u{7}  \u{202e} gpj";
    installation.act("mia", &["offer", "readiness", &label, "--next-step", evil]).ok();
    installation.act("mia", &["offer", "note", &label, "line\u{1b}[1A\rover \u{9b}31m"]).ok();
    for args in [
        &["offer", "list"][..],
        &["offer", "list", "--json"],
        &["offer", "show", &label],
        &["offer", "show", &label, "--json"],
        &["offer", "history", &label],
        &["offer", "history", &label, "--ndjson"],
        &["offer", "waiting"],
        &["inbox", "--json"],
    ] {
        let said = installation.run(args).ok();
        assert!(!acts(&said.data) && !acts(&said.words), "{args:?}: {said:?}");
    }
    assert_eq!(installation.show(&label)["readiness"]["next_step"], evil, "the meaning stays");
}

#[test]
fn a_reader_that_has_gone_away_makes_no_command_complain() {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Command, Stdio},
    };
    for args in [&["help"][..], &["help", "exit-codes"], &["--help"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The pipe is closed before most of it was written: what is written then goes nowhere.
        drop(child.stdout.take());
        let words: Vec<String> = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap).collect();
        assert_eq!((child.wait().unwrap().code(), words), (Some(0), Vec::new()), "{args:?}");
    }
}
