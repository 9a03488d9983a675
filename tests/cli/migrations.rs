//! Moving runs to another version of their chart, as an operator does it.

use std::{fs, path::Path};

use entente_core::chart::model::{Chart, State};
use serde_json::{Value, json};

use crate::installation::{Installation, Said};

/// The newest shipped chart of private offers: its version and its text.
fn newest() -> (u32, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows/private_offer");
    let text = |version: u32| fs::read_to_string(folder.join(format!("v{version}.yaml"))).ok();
    let versions = (1..).map_while(|version| Some((version, text(version)?)));
    versions.last().unwrap()
}

/// The next version, which is like the newest.
fn next() -> (u32, String) {
    let (version, text) = newest();
    let raised = text.replacen(&format!("version: {version}"), &format!("version: {}", version + 1), 1);
    assert_ne!(raised, text);
    (version + 1, raised)
}

/// A migration to the next version in which every state keeps its name.
fn migration() -> String {
    let (version, text) = newest();
    let chart = Chart::parse("newest.yaml", &text).unwrap();
    let rests = |state: &&State| {
        let active = || std::iter::once(*state).chain(chart.parent(&state.path));
        let invokes = active().filter_map(|state| state.invoke.as_ref()).any(|invoke| invoke.src != "approvals");
        let moves_on = active().flat_map(|state| &state.always).any(|transition| transition.guard.is_none());
        !state.is_final && state.initial.is_none() && !invokes && !moves_on
    };
    let states = chart.states.iter().filter(rests).map(|state| format!("  {0}: {0}\n", state.path));
    format!("chart: private_offer\nfrom: {version}\nto: {}\nstates:\n{}", version + 1, states.collect::<String>())
}

/// A workflow's folder with both charts and this migration.
fn folder(installation: &Installation, migration: &str) -> String {
    let (from, to) = (newest(), next());
    fs::create_dir_all(installation.folder().join("workflows/private_offer")).unwrap();
    let write = |name: String, text: &str| installation.write(&format!("workflows/private_offer/{name}"), text);
    write(format!("v{}.yaml", from.0), &from.1);
    write(format!("v{}.yaml", to.0), &to.1);
    write(file(), migration);
    format!("workflows/private_offer/{}", file())
}

fn file() -> String {
    let to = next().0;
    format!("v{}-to-v{to}.yaml", to - 1)
}

#[test]
fn a_bad_migration_is_told_by_file_line_cause_and_remedy() {
    let installation = Installation::new();
    let path = folder(&installation, &migration());
    let said = installation.run(&["chart", "check", "workflows"]).ok();
    assert!(said.words.contains(&format!("{path}: `private_offer` from version")), "{said:?}");

    let good = migration();
    let (from, to) = (newest().0, next().0);
    let cases: [(&str, &str, &str, &str); 9] = [
        ("  draft: draft\n", "", "1:1: `states` does not say where state `draft` goes; add `draft:", "C070"),
        ("draft: draft", "draft: drafft", "5:10: version", "C071"),
        ("draft: draft", "draft: active\n  drat: draft", "6:3: version", "C071"),
        ("draft: draft", "draft: approvals", "5:10: a run in `draft` waits for events, one in `approvals`", "C074"),
        ("draft: draft", "draft: creating", "5:10: version", "C071"),
        ("states:", "context: nosuch\nstates:", "4:10: context `private_offer` has no migration `nosuch`;", "C073"),
        ("states:", "state:", "unknown key `state`", "C004"),
        (&format!("to: {to}"), &format!("to: {}", to + 1), "1:1: it leads from version", "C072"),
        (&format!("from: {from}"), "from: one", "2:7: `from` is text", "C006"),
    ];
    for (old, new, words, code) in cases {
        assert!(good.contains(old), "{old}");
        installation.write(&path, good.replacen(old, new, 1));
        let said = installation.run(&["chart", "check", "workflows"]);
        assert_eq!(said.code, 2, "{said:?}");
        let told = said.data.lines().find(|line| line.contains(words) && line.ends_with(&format!("({code})")));
        assert!(told.is_some_and(|line| line.starts_with(&format!("{path}:"))), "{words}: {said:?}");
        assert!(told.is_some_and(|line| line.contains("; ")), "it says what to do: {said:?}");
    }
    installation.write(&path, &good);
    fs::remove_file(installation.folder().join(format!("workflows/private_offer/v{to}.yaml"))).unwrap();
    let said = installation.run(&["chart", "check", &path]);
    assert_eq!(said.code, 2);
    assert!(said.data.contains(&format!("{path}:1:1: there is no `workflows/private_offer/v{to}.yaml`")), "{said:?}");
}

/// A served installation with an offer in approval and a draft, and the next version of their chart released.
fn selling() -> (Installation, String, String) {
    let installation = Installation::served();
    let asked = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&asked, "approvals");
    installation.offer("draft.yaml", &[("reference: ACME-1", "reference: ACME-2")]);
    let draft = installation.act("mia", &["offer", "create", "draft.yaml"]).ok().data.trim().to_owned();
    installation.write("next.yaml", next().1);
    installation.run(&["--actor", "ann", "chart", "release", "next.yaml"]).ok();
    (installation, asked, draft)
}

fn migrate(installation: &Installation, person: Option<&str>, options: &[&str]) -> Said {
    let (from, to) = (format!("v{}", newest().0), format!("v{}", next().0));
    let actor = person.map(|person| ["--actor", person]);
    let mut args: Vec<&str> = actor.as_ref().map(|actor| actor.to_vec()).unwrap_or_default();
    args.extend(["chart", "migrate", "private_offer", "--from", &from, "--to", &to, "--wait", "60s"]);
    args.extend(options);
    installation.run(&args)
}

fn results(said: &Said) -> Vec<(String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let rows = said.json();
    rows.as_array().unwrap().iter().map(|row| (text(row, "label"), text(row, "result"))).collect()
}

fn versions(installation: &Installation, label: &str) -> usize {
    let history = installation.run(&["offer", "history", label]).ok().data;
    history.matches("chart.migrate (to version").count()
}

#[test]
fn a_dry_run_shows_what_would_change_and_writes_nothing() {
    let (installation, asked, draft) = selling();
    let missing = migrate(&installation, None, &["--dry-run"]);
    assert_eq!(missing.code, 3, "{missing:?}");
    folder(&installation, &migration());
    let exported = || installation.run(&["--actor", "oz", "audit", "export"]).ok().data.lines().count();
    let before: Vec<Value> = [&asked, &draft].map(|label| installation.show(label)).into();
    let said = migrate(&installation, None, &["--dry-run", "--json"]).ok();
    let expected = [&asked, &draft].map(|label| (label.clone(), "movable".to_owned()));
    assert_eq!(results(&said), expected);
    let change = &said.json()[0]["change"];
    assert_eq!((&change["from"], &change["to"]), (&json!("approvals"), &json!("approvals")));
    assert!(change["kept"].as_array().unwrap().iter().any(|kept| kept["deadline"] == "offer.expiry"), "{change:#}");
    assert_eq!((&change["added"], &change["changed"], &change["dropped"]), (&json!([]), &json!([]), &json!([])));
    let told = migrate(&installation, None, &["--dry-run", "--label", &asked]).ok();
    assert!(told.data.contains("can be moved") && told.data.contains("kept: "), "{told:?}");
    assert!(told.words.contains("1 can be moved"), "{told:?}");

    // One that stands still cannot be moved: the exit code says so, and the reason is shown.
    installation.act("oz", &["incident", "park", &draft, "--reason", "wait"]).ok();
    let said = migrate(&installation, None, &["--dry-run", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.json()[1]["reason"].as_str().unwrap().contains("settle its incident first"), "{said:?}");
    assert_eq!(installation.show(&asked)["timeline"], before[0]["timeline"]);
    assert!(exported() > 0);
    assert_eq!(versions(&installation, &asked) + versions(&installation, &draft), 0);
}

#[test]
fn an_operator_moves_runs_each_on_its_own_and_again_without_harm() {
    let (installation, asked, draft) = selling();
    folder(&installation, &migration());
    assert_eq!(migrate(&installation, Some("oz"), &[]).code, 2, "it must be said which");
    assert_eq!(migrate(&installation, None, &["--all"]).code, 2, "somebody must act");
    for person in ["mia", "dan", "ann", "vic", "stranger"] {
        assert_eq!(migrate(&installation, Some(person), &["--all"]).code, 4, "{person}");
    }
    assert_eq!(migrate(&installation, Some("oz"), &["--label", "OFR-1999-00001"]).code, 3);
    assert_eq!(versions(&installation, &asked) + versions(&installation, &draft), 0);

    installation.act("oz", &["incident", "park", &draft, "--reason", "wait"]).ok();
    let said = migrate(&installation, Some("oz"), &["--all", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let moved = |one: &str, two: &str| [(asked.clone(), one.to_owned()), (draft.clone(), two.to_owned())];
    assert_eq!(results(&said), moved("moved", "refused"));
    installation.act("oz", &["incident", "resume", &draft, "--reason", "go on"]).ok();
    let said = migrate(&installation, Some("oz"), &["--all", "--json"]).ok();
    assert_eq!(results(&said), [(draft.clone(), "moved".to_owned())]);
    let said = migrate(&installation, Some("oz"), &["--label", &asked, "--label", &draft, "--json"]).ok();
    assert_eq!(results(&said), moved("already", "already"));
    let said = migrate(&installation, Some("oz"), &["--all"]).ok();
    assert!(said.words.contains("no run is on that version"), "{said:?}");
    assert_eq!([&asked, &draft].map(|label| versions(&installation, label)), [1, 1]);

    // What people were asked before the move is still asked, and their answer counts.
    let revision = installation.revision(&asked);
    installation.act("dan", &["approve", &asked, "--revision", &revision[..12]]).ok();
    installation.until_it(&asked, "past its approval", |offer| offer["state"] != "approvals");
    installation.act("mia", &["offer", "submit", &draft]).ok();
    installation.until(&draft, "approvals");
    let verified = installation.run(&["verify", "--redecide", "--json"]).ok().json();
    assert_eq!(verified["differences"], json!([]));
    let advice = verified["advice"].to_string();
    assert!(!advice.contains("chart") && !advice.contains("migrat"), "{advice}");
    installation.run(&["audit", "verify"]).ok();
}

#[test]
fn a_migration_that_does_not_suit_the_released_charts_moves_nothing() {
    let (installation, asked, _) = selling();
    let path = folder(&installation, &migration().replacen("  approvals: approvals\n", "", 1));
    let said = migrate(&installation, Some("oz"), &["--all"]);
    assert_eq!(said.code, 2, "{said:?}");
    let cause = format!("{path}:1:1: `states` does not say where state `approvals` goes");
    assert!(said.data.contains(&cause), "{said:?}");
    installation.write("other.yaml", migration().replacen("private_offer", "billing_adjustment", 1));
    let other = migrate(&installation, Some("oz"), &["--all", "--file", "other.yaml"]);
    assert_eq!(other.code, 2, "{other:?}");
    assert_eq!(versions(&installation, &asked), 0);
}
