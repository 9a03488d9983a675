//! Writes that a connection holds back: they stand still where they are, are told of once, and leave once they may.

use entente_fake::{Fake, Settings};
use serde_json::{Value, json};

use crate::installation::{Installation, a_moment};

/// The marketplace keeps its world in a file, which says what arrived.
pub const CONFIG: &str = "
listen: 127.0.0.1:0
zone: America/New_York
notices: { file: notices.jsonl }
connectors:
  fake/acme-us: { kind: fake, legal_entity: acme-us, state: world.json }
";

const ACCOUNT: &str = "fake/acme-us";

/// The marketplace as its file tells it.
pub fn marketplace(installation: &Installation) -> Fake {
    let state = Some(installation.folder().join("world.json"));
    Fake::open(Settings { state, ..Settings::default() }).unwrap()
}

/// Two people, who give the same command.
pub fn grant(installation: &Installation, command: &[&str]) {
    let command: Vec<&str> = [&["connector", command[0], ACCOUNT][..], &command[1..]].concat();
    for person in ["ann", "abe"] {
        installation.run(&[&["--actor", person][..], &command[..]].concat()).ok();
    }
}

/// An offer that is approved, and whose next step is to create it.
pub fn approved(installation: &Installation, reference: &str) -> String {
    let label = installation.submitted("mia", "offer.yaml", &[("ACME-1", reference)]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("sue", &["approve", &label, "--revision", &revision]).ok();
    label
}

/// Waits until it is held back; its incident.
#[track_caller]
pub fn held(installation: &Installation, label: &str) -> Value {
    let offer = installation.until_it(label, "held back", |offer| !offer["incident"].is_null());
    assert_eq!((&offer["state"], &offer["incident"]["code"]), (&json!("creating"), &json!("withheld")), "{offer:#}");
    offer["incident"].clone()
}

/// The row of `connector withheld`.
pub fn listed(installation: &Installation, label: &str) -> Option<Value> {
    let rows = installation.run(&["connector", "withheld", "--json"]).ok().json();
    rows.as_array().unwrap().iter().find(|row| row["label"] == label).cloned()
}

fn applied(installation: &Installation, label: &str) -> usize {
    marketplace(installation).applied().iter().filter(|applied| applied.key.label == label).count()
}

/// The notices about an offer by the name of incidents, once the one is there that comes after them.
fn told(installation: &Installation, label: &str) -> usize {
    loop {
        let text = std::fs::read_to_string(installation.folder().join("notices.jsonl")).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let notices = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let names: Vec<Value> =
            notices.filter(|notice| notice["data"]["label"] == label).map(|notice| notice["name"].clone()).collect();
        if names.contains(&json!("published")) {
            return names.iter().filter(|name| **name == "incident").count();
        }
        a_moment();
    }
}

/// How often a run was parked.
fn parked(installation: &Installation, label: &str) -> usize {
    let history = installation.run(&["offer", "history", label, "--ndjson"]).ok().data;
    history.lines().filter(|line| line.contains(r#""via":["parked"]"#)).count()
}

#[test]
fn what_the_mode_a_cap_or_the_switch_holds_back_leaves_by_itself_once_it_may() {
    let installation = Installation::served_with(CONFIG);
    let free = ["mode", "live", "--offers-per-day", "100"];
    let table: [(&str, &[&str], Value); 6] = [
        ("mode", &["mode", "observe"], json!("observe")),
        ("mode", &["mode", "shadow"], json!("shadow")),
        ("stop", &["stop"], json!(true)),
        ("offers_per_day", &["mode", "live", "--offers-per-day", "0"], json!(0)),
        ("value_per_day", &["mode", "live", "--value-per-day", "USD=1"], json!({ "USD": 100 })),
        ("buyers", &["mode", "live", "--buyer", "999988887777"], json!(["999988887777"])),
    ];
    for (number, (by, hold, value)) in table.into_iter().enumerate() {
        grant(&installation, hold);
        let label = approved(&installation, &format!("ACME-{by}-{number}"));
        let incident = held(&installation, &label);
        let evidence = &incident["evidence"]["evidence"];
        assert_eq!((&evidence["connection"], &evidence["by"]), (&json!(ACCOUNT), &json!(by)), "{incident:#}");
        assert_eq!(evidence["value"], value, "{incident:#}");
        assert!(evidence["plan"][0]["body"].to_string().contains("Globex"), "{incident:#}");
        let row = listed(&installation, &label).unwrap();
        assert_eq!((&row["held_by"], &row["calls"]), (&json!(by), &evidence["plan"]), "{row:#}");
        assert_eq!(row["operation"], "marketplace.create_offer");
        let shown = installation.run(&["incident", "list"]).ok().data;
        assert!(shown.contains(&label) && shown.contains("withheld"), "{shown}");
        assert_eq!((applied(&installation, &label), marketplace(&installation).received()), (0, number as u64));

        if by == "stop" {
            grant(&installation, &["resume"]);
        } else {
            grant(&installation, &free);
        }
        let offer = installation.until(&label, "published");
        assert_eq!(offer["incident"], Value::Null);
        assert_eq!((applied(&installation, &label), told(&installation, &label)), (1, 1), "{by}");
        assert_eq!((parked(&installation, &label), listed(&installation, &label)), (1, None), "{by}");
        assert_eq!(marketplace(&installation).received(), number as u64 + 1, "sent once");
    }
    let said = installation.run(&["connector", "withheld"]).ok();
    assert!(said.data.is_empty() && said.words.contains("nothing is held back"), "{said:?}");
    installation.run(&["verify"]).ok();
}

#[test]
fn a_retry_by_hand_that_comes_too_early_sends_nothing_and_is_no_news() {
    let installation = Installation::served_with(CONFIG);
    let label = approved(&installation, "ACME-1");
    let since = held(&installation, &label)["since"].clone();
    installation.act("oz", &["incident", "retry", &label, "--reason", "impatient"]).ok();
    installation.until_it(&label, "held back again", |offer| {
        !offer["incident"].is_null() && offer["incident"]["since"] != since
    });
    assert_eq!((parked(&installation, &label), marketplace(&installation).received()), (2, 0));
    assert_eq!(listed(&installation, &label).unwrap()["since"], since, "it counts from when it was held back first");

    // Once it may leave it does, and who is first does not matter.
    grant(&installation, &["mode", "live"]);
    let retry = installation.act("oz", &["incident", "retry", &label, "--reason", "it may now"]);
    assert!([0, 5].contains(&retry.code), "{retry:?}");
    installation.until(&label, "published");
    assert_eq!((applied(&installation, &label), told(&installation, &label)), (1, 1));
}

#[test]
fn what_was_held_back_outlives_the_process_and_leaves_once() {
    let mut installation = Installation::served_with(CONFIG);
    let label = approved(&installation, "ACME-1");
    held(&installation, &label);
    installation.kill();
    grant(&installation, &["mode", "live"]);
    assert!(listed(&installation, &label).is_some(), "nobody serves, and it is not forgotten");
    installation.serve();
    installation.until(&label, "published");
    assert_eq!((applied(&installation, &label), marketplace(&installation).received()), (1, 1));
    assert_eq!(told(&installation, &label), 1);
}

#[test]
fn as_many_leave_as_the_cap_has_room_for_the_longest_held_first() {
    let installation = Installation::served_with(CONFIG);
    let labels: Vec<String> = (1..=3).map(|n| approved(&installation, &format!("ACME-{n}"))).collect();
    labels.iter().for_each(|label| drop(held(&installation, label)));
    grant(&installation, &["mode", "live", "--offers-per-day", "2"]);
    for label in &labels[..2] {
        installation.until(label, "published");
        assert_eq!(applied(&installation, label), 1);
    }
    // Looking again and again moves nothing that has no room.
    for _ in 0..3 {
        let ran = installation.run(&["--actor", "oz", "schedule", "run", "withheld", "--wait", "60s"]);
        assert!(ran.words.contains("1 held back, 0 of them let go") || ran.code == 5, "{ran:?}");
    }
    assert_eq!((parked(&installation, &labels[2]), applied(&installation, &labels[2])), (1, 0));
    assert!(listed(&installation, &labels[2]).unwrap()["reason"].as_str().unwrap().contains("observe"));
    grant(&installation, &["mode", "live", "--offers-per-day", "3"]);
    installation.until(&labels[2], "published");
    assert_eq!(marketplace(&installation).received(), 3);
}

#[test]
fn a_person_may_give_up_a_write_that_is_held_back() {
    let installation = Installation::served_with(CONFIG);
    let label = approved(&installation, "ACME-1");
    held(&installation, &label);
    let give_up = ["incident", "resolve", &label, "--did-not-happen", "rejected", "--reason", "we sell elsewhere"];
    installation.act("oz", &give_up).ok();
    let refused = installation.until(&label, "refused");
    assert_eq!(refused["refusal"]["message"], "we sell elsewhere");
    grant(&installation, &["mode", "live"]);
    installation.act("mia", &["offer", "withdraw", &label, "--reason", "enough"]).ok();
    installation.until(&label, "cancelled");
    assert_eq!(marketplace(&installation).received(), 0);
}
