//! US-01: from a template to an active agreement, with everything that people want to know on the way.

use serde_json::{Value, json};

use crate::sandbox::{answered, pass, world};

#[test]
fn six_answers_a_submission_and_an_approval_make_an_active_agreement() {
    let (sandbox, installation) = world();
    let buyer = sandbox.account("buyer")["account_id"].as_str().unwrap().to_owned();

    let before = installation.server_ticks();
    // Six answers, one submission, one vote: eight inputs by people.
    let label = answered(&sandbox, &installation, "900.00");
    installation.until(&label, "approvals");
    let task = &installation.run(&["inbox", "--actor", "dan", "--json"]).ok().json()[0];
    let revision = task["revision"].as_str().unwrap()[..12].to_owned();
    installation.act("dan", &["approve", &label, "--revision", &revision]).ok();

    let offer = pass(&sandbox, &installation, &label, "published");
    if let (Some(before), Some(after)) = (before, installation.server_ticks()) {
        assert!(after - before <= 100, "from draft to published: {} hundredths of a second", after - before);
    }
    let id = offer["remote"]["offer_id"].as_str().unwrap().to_owned();
    assert_eq!(offer["waiting_on"], "buyer");
    let private = sandbox.get("/aws/offers");
    let ours = private["offers"].as_array().unwrap().iter().filter(|offer| offer["public"] == false);
    assert_eq!(ours.map(|offer| offer["offer_id"].as_str().unwrap()).collect::<Vec<_>>(), [id.as_str()], "exactly one");
    let checks: Vec<&str> =
        offer["checklist"].as_array().unwrap().iter().map(|check| check["what"].as_str().unwrap()).collect();
    assert_eq!(checks, ["account", "region", "permission", "purchase order", "legal"]);
    assert_eq!(offer["expiry_in_zones"]["seller"], "2027-03-17 19:59:59 -04:00 America/New_York");

    sandbox.post(&format!("/aws/buyers/{buyer}/accept"), &json!({ "offer_id": id }));
    let offer = pass(&sandbox, &installation, &label, "active");
    assert_eq!(offer["agreements"].as_object().unwrap().len(), 1);
    timeline(&offer, &id);
    attribution(&offer);
    let verified = installation.run(&["verify", "--json"]).ok().json();
    assert_eq!(verified["differences"], json!([]));
}

/// Each state with actor, time and the marketplace's id.
fn timeline(offer: &Value, id: &str) {
    let entries = offer["timeline"].as_array().unwrap();
    let states: Vec<&str> = entries.iter().map(|entry| entry["state"].as_str().unwrap()).collect();
    for state in ["draft", "review", "approvals", "creating", "published", "active"] {
        assert!(states.contains(&state), "{state}: {states:?}");
    }
    let by = |what: &str| entries.iter().find(|entry| entry["what"].as_str().unwrap().starts_with(what)).unwrap();
    assert_eq!(by("submit")["who"], "mia");
    assert_eq!(by("approval.vote")["who"], "dan");
    assert!(entries.iter().all(|entry| entry["at"].as_str().unwrap().ends_with('Z')));
    assert!(
        entries.iter().any(|entry| entry["remote"].as_array().unwrap().iter().any(|remote| remote == id)),
        "{entries:#?}"
    );
    let sent: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry["sent"].as_array().unwrap())
        .map(|sent| sent["activity"].as_str().unwrap())
        .collect();
    assert_eq!(sent.iter().filter(|activity| **activity == "marketplace.create_offer").count(), 1);
}

/// Every moment between draft and acceptance belongs to a named party, without a gap.
fn attribution(offer: &Value) {
    let waits = offer["waits"].as_array().unwrap();
    for (one, next) in waits.iter().zip(waits.iter().skip(1)) {
        assert_eq!(one["to"], next["from"], "no gap");
    }
    let parties = offer["seconds_by_party"].as_object().unwrap();
    assert!(!parties.contains_key("unknown"), "{parties:?}");
    for party in ["approvers", "marketplace", "buyer"] {
        assert!(parties.contains_key(party), "{party}: {parties:?}");
    }
}

#[test]
fn the_buyer_is_reminded_a_week_and_two_days_before_and_the_seller_may_extend() {
    let (sandbox, installation) = world();
    let label = answered(&sandbox, &installation, "900.00");
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("dan", &["approve", &label, "--revision", &revision]).ok();
    pass(&sandbox, &installation, &label, "published");

    let dry =
        installation.run(&["offer", "extend", &label, "--until", "2027-03-24", "--dry-run", "--json"]).ok().json();
    assert_eq!(dry[0]["operation"], "StartChangeSet");
    assert!(dry.to_string().contains("2027-03-24"), "{dry}");
    let before = sandbox.get("/aws/requests")["counters"]["StartChangeSet"].clone();
    assert_eq!(before, 1, "a dry run sends nothing");

    let reminders = |offer: &Value| {
        let notices =
            offer["timeline"].as_array().unwrap().iter().flat_map(|entry| entry["notices"].as_array().unwrap());
        notices.filter(|notice| *notice == "expiry_reminder").count()
    };
    sandbox.advance("P9DT10H");
    installation.until_it(&label, "the first reminder", |offer| reminders(offer) == 1);
    sandbox.advance("P5D");
    installation.until_it(&label, "the second reminder", |offer| reminders(offer) == 2);

    installation.act("mia", &["offer", "extend", &label, "--until", "2027-03-24"]).ok();
    let offer = pass(&sandbox, &installation, &label, "published");
    assert_eq!(offer["last_day"], "2027-03-24");
    installation.act("mia", &["offer", "withdraw", &label, "--reason", "the buyer was bought"]).ok();
    let offer = pass(&sandbox, &installation, &label, "withdrawn");
    assert_eq!((&offer["ended"], &offer["withdrawal"]["reason"]), (&true.into(), &"the buyer was bought".into()));
}

#[test]
fn a_server_killed_while_it_publishes_leaves_one_offer_and_the_next_one_goes_on() {
    let (sandbox, mut installation) = world();
    let label = answered(&sandbox, &installation, "900.00");
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("dan", &["approve", &label, "--revision", &revision]).ok();
    installation.kill();
    installation.serve();
    let offer = pass(&sandbox, &installation, &label, "published");
    let all = sandbox.get("/aws/offers");
    let ours = all["offers"].as_array().unwrap().iter().filter(|offer| offer["public"] == false);
    assert_eq!(ours.map(|offer| &offer["offer_id"]).collect::<Vec<_>>(), [&offer["remote"]["offer_id"]]);
}
