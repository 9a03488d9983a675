//! Who hears of what: approvals when they are asked, and everything that stands still.

use serde_json::Value;

use crate::installation::{Installation, a_moment};

const CONFIG: &str = "
listen: 127.0.0.1:0
zone: America/New_York
notices: { file: notices.jsonl }
connectors:
  fake/acme-us: { kind: fake, legal_entity: acme-us }
";

/// A notice about an offer, once it has been handed over.
fn notice(installation: &Installation, label: &str, name: &str) -> Value {
    loop {
        let text = std::fs::read_to_string(installation.folder().join("notices.jsonl")).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let mut notices = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        if let Some(found) = notices.find(|notice| notice["name"] == name && notice["data"]["label"] == label) {
            return found;
        }
        a_moment();
    }
}

#[test]
fn approvers_hear_at_once_and_operators_find_what_stands_still_in_their_inbox() {
    let mut installation = Installation::with_config(CONFIG);
    for person in ["ann", "abe"] {
        installation.run(&["--actor", person, "connector", "mode", "fake/acme-us", "live"]).ok();
    }
    installation.serve();
    let label = installation.submitted("mia", "offer.yaml", &[("price_book: acme@1\n", "")]);
    let offer = installation.until(&label, "approvals");
    let asked = notice(&installation, &label, "approval.asked");
    assert_eq!(asked["data"]["revision"], offer["revision"], "{asked:#}");
    assert_eq!(asked["data"]["requester"], "mia", "{asked:#}");
    assert_eq!(asked["data"]["legal_entity"], "acme-us", "{asked:#}");

    assert_eq!(installation.run(&["--actor", "oz", "inbox"]).ok().data, "");
    installation.act("oz", &["incident", "park", &label, "--reason", "a closer look"]).ok();
    let parked = notice(&installation, &label, "incident");
    assert_eq!(parked["data"]["code"], "by_hand", "{parked:#}");
    let waiting = installation.run(&["--actor", "oz", "inbox", "--json"]).ok().json();
    assert_eq!(waiting[0]["label"], label.as_str(), "{waiting:#}");
    assert_eq!(waiting[0]["kind"], "incident", "{waiting:#}");
    assert!(waiting[0]["title"].as_str().unwrap().contains("a closer look"), "{waiting:#}");
    let others = installation.run(&["--actor", "mia", "inbox", "--kind", "incident", "--json"]).ok().json();
    assert_eq!(others, Value::Array(Vec::new()));

    // What is offered is what settles this incident.
    let shown = installation.run(&["incident", "show", &label]).ok();
    assert!(shown.words.contains("entente incident resume"), "{shown:?}");
    assert!(!shown.words.contains("retry"), "{shown:?}");
    installation.act("oz", &["incident", "resume", &label, "--reason", "all is well"]).ok();
    assert_eq!(installation.run(&["--actor", "oz", "inbox"]).ok().data, "");
}
