//! Idempotency keys: one effect and one answer, whenever and however often something is asked.

use crate::installation::Installation;

#[test]
fn the_same_key_creates_one_offer_and_gives_the_same_answer() {
    let installation = Installation::served();
    installation.offer("offer.yaml", &[]);
    let create = ["offer", "create", "offer.yaml", "--submit", "--key", "order-7"];
    let first = installation.act("mia", &create).ok();
    let again = installation.act("mia", &create).ok();
    assert_eq!(first.data, again.data);
    assert_eq!(installation.run(&["offer", "list", "--ended"]).ok().data.lines().count(), 1);
}

#[test]
fn the_same_key_with_another_body_is_refused_and_changes_nothing() {
    let installation = Installation::served();
    installation.offer("offer.yaml", &[]);
    let label =
        installation.act("mia", &["offer", "create", "offer.yaml", "--key", "order-7"]).ok().data.trim().to_owned();
    let before = installation.run(&["offer", "history", &label, "--ndjson"]).ok().data;
    installation.offer("other.yaml", &[("quantity: 200", "quantity: 201")]);
    // The key of the submission has not been used; it must not get in without the creation that it belongs to.
    let said = installation.act("mia", &["offer", "create", "other.yaml", "--submit", "--key", "order-7"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert!(said.words.contains("order-7"), "{said:?}");
    assert_eq!(installation.run(&["offer", "history", &label, "--ndjson"]).ok().data, before);
}

#[test]
fn a_request_made_while_nothing_runs_is_kept_and_answered_later_under_its_key() {
    let mut installation = Installation::new();
    installation.offer("offer.yaml", &[]);
    let create = ["--actor", "mia", "offer", "create", "offer.yaml", "--key", "night-1", "--wait", "50ms"];
    for _ in 0..2 {
        let said = installation.run(&create);
        assert_eq!(said.code, 6, "{said:?}");
        assert!(said.words.contains("no server is running") && said.words.contains("--key night-1"), "{said:?}");
    }
    assert_eq!(installation.run(&["offer", "list"]).ok().data, "");
    installation.serve();
    let label =
        installation.act("mia", &["offer", "create", "offer.yaml", "--key", "night-1"]).ok().data.trim().to_owned();
    assert_eq!(installation.run(&["offer", "list", "--json"]).ok().json()[0]["label"], label.as_str());
}

#[test]
fn facts_that_have_changed_since_do_not_make_a_repetition_another_request() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "one.yaml", &[]);
    installation.act("mia", &["offer", "withdraw", &label, "--reason", "start again"]).ok();
    let label = installation.submitted("mia", "two.yaml", &[("ACME-1", "ACME-2")]);
    let revision = installation.revision(&label);
    installation.act("dan", &["send-back", &label, "--revision", &revision[..8], "--reason", "look again"]).ok();
    installation.until(&label, "draft");
    let submit = ["offer", "submit", &label, "--key", "again-1"];
    installation.act("mia", &submit).ok();
    // Another offer to the same buyer raises the cumulative value, which is one of the facts.
    installation.submitted("mia", "three.yaml", &[("ACME-1", "ACME-3")]);
    installation.act("mia", &submit).ok();
}
