//! Every action names its actor, and whoever is not allowed is denied.

use crate::installation::Installation;

#[test]
fn who_may_not_change_an_offer_is_refused_and_leaves_no_trace() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    let before = installation.run(&["offer", "history", &label, "--ndjson"]).ok().data;
    installation.offer("new.yaml", &[("quantity: 200", "quantity: 201")]);
    let table: [(&str, &[&str]); 8] = [
        ("vic", &["offer", "create", "new.yaml"]),
        ("oz", &["offer", "withdraw", &label, "--reason", "x"]),
        ("ann", &["offer", "revise", &label, "new.yaml"]),
        ("carl", &["offer", "submit", &label]),
        ("vic", &["offer", "readiness", &label, "--legal", "agreed"]),
        ("mia", &["incident", "park", &label, "--reason", "x"]),
        ("vic", &["approve", &label, "--revision", "abcdef"]),
        ("stranger", &["offer", "note", &label, "x"]),
    ];
    for (person, args) in table {
        let said = installation.act(person, args);
        assert!(said.code == 4 || (said.code == 5 && args[0] == "approve"), "{person} {args:?}: {said:?}");
        assert!(said.words.contains(person) || args[0] == "approve", "{person} {args:?}: {said:?}");
    }
    assert_eq!(installation.run(&["offer", "history", &label, "--ndjson"]).ok().data, before);
    assert_eq!(installation.run(&["offer", "list", "--json"]).ok().json().as_array().unwrap().len(), 1);
}

#[test]
fn a_connection_is_raised_by_two_people_and_stopped_by_one() {
    let installation = Installation::new();
    let grants = || installation.run(&["connector", "list", "--json"]).ok().json()[0]["grants"].clone();
    let live = ["connector", "mode", "fake/acme-us", "live", "--offers-per-day", "5"];
    let act = |person: &str, args: &[&str]| installation.run(&[&["--actor", person], args].concat());
    assert_eq!(act("mia", &live).code, 4);
    assert_eq!(act("ann", &live).code, 0);
    assert_eq!(grants()["mode"], "observe");
    assert_eq!(act("ann", &live).code, 4, "one person is not two");
    assert_eq!(
        act("abe", &["connector", "mode", "fake/acme-us", "live"]).code,
        0,
        "another request is another proposal"
    );
    assert_eq!(grants()["mode"], "observe");
    assert_eq!(act("ann", &live).code, 0);
    assert_eq!(act("abe", &live).code, 0);
    assert_eq!((grants()["mode"].clone(), grants()["caps"]["offers_per_day"].clone()), ("live".into(), 5.into()));
    assert_eq!(act("oz", &["connector", "stop", "fake/acme-us"]).code, 0);
    assert_eq!(grants()["stopped"], true);
    assert_eq!(act("ann", &["connector", "resume", "fake/acme-us"]).code, 0);
    assert_eq!(grants()["stopped"], true, "starting again takes two");
    assert_eq!(act("abe", &["connector", "resume", "fake/acme-us"]).code, 0);
    assert_eq!(grants()["stopped"], false);
}

#[test]
fn a_parked_run_is_settled_by_the_operator_with_a_reason() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.act("oz", &["incident", "park", &label, "--reason", "the buyer was bought"]).ok();
    let incidents = installation.run(&["incident", "list", "--json"]).ok().json();
    assert_eq!(incidents[0]["label"], label.as_str());
    assert!(incidents[0]["incident"]["message"].as_str().unwrap().contains("the buyer was bought"), "{incidents}");
    assert_eq!(installation.show(&label)["waiting_on"], "operator");
    installation.act("oz", &["incident", "resume", &label, "--reason", "nothing changes for us"]).ok();
    assert_eq!(installation.run(&["incident", "show", &label]).code, 3);
    assert_eq!(installation.show(&label)["waiting_on"], "approvers");
}
