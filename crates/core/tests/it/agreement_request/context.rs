//! The contexts of version 1: how they are stored, what they refuse, what they say about themselves.

use entente_core::{
    context::{
        ApplyFacts, agreement_cancellation::AgreementCancellation, agreement_payment_request::AgreementPaymentRequest,
        billing_adjustment::BillingAdjustment,
    },
    event::{Actor, Body, Event},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{WORKFLOWS, context, tell, values};

/// What runs stored under version 1 look like; runs of years ago still must be read.
const REFUND: &str = include_str!("refund.v1.json");
const PAYMENT: &str = include_str!("payment.v1.json");
const CANCELLATION: &str = include_str!("cancellation.v1.json");

fn event(name: &str, person: &str, data: Value) -> Event {
    let actor = Actor { person: person.parse().unwrap(), roles: Vec::new(), on_behalf_of: None };
    let body = Body::Named { name: name.into(), data };
    Event { source: "test".into(), id: name.into(), actor: Some(actor), body }
}

fn applied(before: &Value, event: &Event) -> Value {
    let facts = ApplyFacts { now: "2027-01-04T15:00:00Z".parse::<Timestamp>().unwrap(), activity: None, seq: 2 };
    context("billing_adjustment").apply(before, event, &facts)
}

#[test]
fn contexts_of_version_1_are_read_and_written_as_they_were() {
    let stored: Value = serde_json::from_str(REFUND).unwrap();
    let typed: BillingAdjustment = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), stored);
    let stored: Value = serde_json::from_str(PAYMENT).unwrap();
    let typed: AgreementPaymentRequest = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), stored);
    let stored: Value = serde_json::from_str(CANCELLATION).unwrap();
    let typed: AgreementCancellation = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), stored);
    for (workflow, golden) in [("billing_adjustment", REFUND), ("agreement_cancellation", CANCELLATION)] {
        let stored = serde_json::from_str(golden).unwrap();
        assert_eq!(context(workflow).schema().fits(&stored), Ok(()), "conditions find what they look at");
    }
    for workflow in WORKFLOWS {
        assert_eq!(context(workflow).version(), 1, "a new version needs an upcaster and a golden file of its own");
        assert!(context(workflow).upcast(2, json!({})).unwrap_err().message.contains("no version 2"));
    }
}

#[test]
fn the_stories_still_end_in_the_stored_form() {
    for (workflow, story, file, golden) in [
        ("billing_adjustment", "refused.yaml", "refund.v1.json", REFUND),
        ("agreement_payment_request", "charged.yaml", "payment.v1.json", PAYMENT),
        ("agreement_cancellation", "cancelled.yaml", "cancellation.v1.json", CANCELLATION),
    ] {
        let told = tell(workflow, story);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let path = format!("{}/tests/it/agreement_request/{file}", env!("CARGO_MANIFEST_DIR"));
            let written = serde_json::to_string_pretty(&told.snapshot.context).unwrap() + "\n";
            std::fs::write(path, written).unwrap();
        }
        assert_eq!(serde_json::from_str::<Value>(golden).unwrap(), told.snapshot.context);
    }
}

#[test]
fn bad_input_names_the_field() {
    let refunds = context("billing_adjustment");
    let good = values("billing_adjustment")["small"].clone();
    assert!(refunds.init(&good, "RFD-2027-00001", Timestamp::UNIX_EPOCH).is_ok());
    for (field, value) in [
        ("/amount", json!({ "minor": 0, "currency": "USD" })),
        ("/amount", json!({ "minor": -5, "currency": "USD" })),
        ("/amount/currency", json!({ "minor": 5, "currency": "XXY" })),
        ("/amount/minor", json!({ "minor": 5.5, "currency": "USD" })),
        ("/invoice_id", json!(" ")),
        ("/agreement_id", json!("")),
        ("/reason", json!("")),
    ] {
        let mut bad = good.clone();
        let part = field.split('/').nth(1).unwrap();
        bad[part] = value;
        let error = refunds.init(&bad, "RFD-2027-00001", Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(refunds.check("revise", &json!({ "ask": bad })).unwrap_err().field.starts_with("/ask/"));
    }
    assert!(refunds.check("withdraw", &json!({ "reason": " " })).is_err());
    assert!(refunds.check("submit", &json!({ "amount": 1 })).is_err());
    assert!(refunds.check("refund_all", &json!({})).is_err());
}

#[test]
fn a_revision_keeps_the_agreement_and_makes_its_author_one_who_asks() {
    let refunds = context("billing_adjustment");
    let values = values("billing_adjustment");
    let before = refunds.init(&values["small"], "RFD-2027-00001", Timestamp::UNIX_EPOCH).unwrap();
    let mut elsewhere = values["smaller"].clone();
    elsewhere["agreement_id"] = json!("agmt-2");
    assert_eq!(applied(&before, &event("revise", "ben", json!({ "ask": elsewhere }))), before);
    let after = applied(&before, &event("revise", "ben", json!({ "ask": values["smaller"] })));
    assert_ne!(after["revision"], before["revision"]);
    assert_eq!((&after["requester"], &after["authors"]), (&json!("ben"), &json!(["ben"])));
}

#[test]
fn what_is_sent_is_the_request_without_the_words_for_approvers() {
    let told = tell("billing_adjustment", "refunded.yaml");
    let refunds = context("billing_adjustment");
    let sent = refunds.request("marketplace.adjust_billing", &told.snapshot.context).unwrap();
    assert_eq!(
        sent,
        json!({
            "marketplace": "aws", "legal_entity": "acme-us", "agreement_id": "agmt-1", "invoice_id": "INV-1",
            "amount": { "minor": 12000, "currency": "USD" }, "reason": "incorrect_metering",
            "revision": told.snapshot.context["revision"],
        })
    );
    assert_eq!(told.snapshot.context["applied_at"], "2027-01-04T15:10:00Z");
    assert_eq!(told.snapshot.context["change"]["id"], "ba-1");
}

#[test]
fn a_request_for_a_payment_names_the_field_that_is_wrong() {
    let payments = context("agreement_payment_request");
    let good = values("agreement_payment_request")["small"].clone();
    assert!(payments.init(&good, "PAY-2027-00001", Timestamp::UNIX_EPOCH).is_ok());
    for (field, value) in [
        ("/amount", json!({ "minor": 0, "currency": "USD" })),
        ("/amount", json!({ "minor": -5, "currency": "USD" })),
        ("/name", json!(" ")),
        ("/name", json!("two\nlines")),
        ("/term_id", json!("")),
        ("/agreement_id", json!("")),
    ] {
        let mut bad = good.clone();
        bad[&field[1..]] = value;
        assert_eq!(payments.init(&bad, "PAY-2027-00001", Timestamp::UNIX_EPOCH).unwrap_err().field, field);
        assert!(payments.check("revise", &json!({ "ask": bad })).unwrap_err().field.starts_with("/ask/"));
    }
}

#[test]
fn taking_a_payment_request_back_names_the_marketplaces_request_and_is_forgotten_when_the_buyer_was_first() {
    let payments = context("agreement_payment_request");
    let beaten = tell("agreement_payment_request", "withdrawal_beaten.yaml");
    let stored = &beaten.snapshot.context;
    assert_eq!(
        payments.request("marketplace.withdraw_payment", stored).unwrap(),
        json!({
            "marketplace": "aws", "legal_entity": "acme-us", "agreement_id": "agmt-1", "term_id": "term-1",
            "name": "Onboarding week", "amount": { "minor": 250_000, "currency": "USD" },
            "description": "Five days on site in February.", "change_id": "pr-1",
        })
    );
    assert_eq!((stored.get("withdrawal"), stored.get("refusal")), (None, None));
    assert_eq!(stored["applied_at"], "2027-01-05T15:00:00Z");
    let back = tell("agreement_payment_request", "taken_back.yaml");
    assert_eq!(back.snapshot.context["withdrawal"]["reason"], "billed elsewhere");
    assert_eq!(back.snapshot.context.get("applied_at"), None, "nothing was charged");
}
