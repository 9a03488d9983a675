//! The contexts of version 1: how they are stored, and what they refuse.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{WORKFLOWS, context, tell, values};

/// What runs stored under version 1 look like; runs of years ago still must be read.
const GOLDEN: [(&str, &str, &str); 7] = [
    ("partner_onboarding", "suspended.yaml", include_str!("partner.v1.json")),
    ("fund_period", "changed.yaml", include_str!("fund.v1.json")),
    ("mdf_request", "completed.yaml", include_str!("request.v1.json")),
    ("mdf_claim", "returned_after_recovery.yaml", include_str!("claim.v1.json")),
    ("payout_run", "returned.yaml", include_str!("payout.v1.json")),
    ("accrual_run", "disputed.yaml", include_str!("accrual.v1.json")),
    ("supplier_order", "differs.yaml", include_str!("order.v1.json")),
];

/// What programs wrote that booked nothing of what came twice: it is read as it is, and what was shown is shown.
const BEFORE: [(&str, &str); 1] = [("mdf_claim", include_str!("claim.v1.twice.json"))];

const FILES: [&str; 7] = [
    "partner.v1.json",
    "fund.v1.json",
    "request.v1.json",
    "claim.v1.json",
    "payout.v1.json",
    "accrual.v1.json",
    "order.v1.json",
];

#[test]
fn the_stories_still_end_in_the_stored_form() {
    for ((workflow, story, golden), file) in GOLDEN.into_iter().zip(FILES) {
        let told = tell(workflow, story);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let path = format!("{}/tests/it/funding/{file}", env!("CARGO_MANIFEST_DIR"));
            let written = serde_json::to_string_pretty(&told.snapshot.context).unwrap() + "\n";
            std::fs::write(path, written).unwrap();
            continue;
        }
        assert_eq!(serde_json::from_str::<Value>(golden).unwrap(), told.snapshot.context, "{workflow}");
    }
}

#[test]
fn contexts_of_version_1_are_understood_and_fit_their_schema() {
    let all = GOLDEN.into_iter().map(|(workflow, _, golden)| (workflow, golden)).chain(BEFORE);
    for (workflow, golden) in all {
        let stored: Value = serde_json::from_str(golden).unwrap();
        let context = context(workflow);
        assert!(context.subject(&stored).is_ok(), "{workflow}");
        assert_eq!(context.schema().fits(&stored), Ok(()), "{workflow}: conditions find what they look at");
        assert_eq!(context.version(), 1, "a new version needs an upcaster and a golden file of its own");
        assert!(context.upcast(2, json!({})).unwrap_err().message.contains("no version 2"));
    }
}

#[test]
fn nobody_writes_into_a_paper_or_an_event_what_only_the_run_knows() {
    let paper = |workflow: &str| match workflow {
        "partner_onboarding" => "partner",
        "fund_period" => "fund",
        "mdf_request" => "request",
        "mdf_claim" => "claim",
        "payout_run" => "payout",
        "supplier_order" => "order",
        _ => "accrual",
    };
    for workflow in WORKFLOWS {
        let good = values(workflow)[paper(workflow)].clone();
        let context = context(workflow);
        assert!(context.init(&good, "X-1", Timestamp::UNIX_EPOCH).is_ok(), "{workflow}");
        for field in ["status", "approved", "course", "revision", "authors"] {
            let mut bad = good.clone();
            bad[field] = json!("approved");
            assert!(context.init(&bad, "X-1", Timestamp::UNIX_EPOCH).is_err(), "{workflow} takes `{field}`");
            assert!(context.check("revise", &json!({ "paper": bad })).is_err(), "{workflow} takes `{field}`");
        }
        assert!(context.check("withdraw", &json!({ "reason": " " })).is_err());
        assert!(context.check("submit", &json!({ "approved": true })).is_err());
        assert!(context.check("pay_all", &json!({})).is_err());
    }
}

#[test]
fn an_event_of_a_claim_names_the_field_that_is_wrong() {
    let claim = context("mdf_claim");
    let eur = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    for (event, data, field) in [
        ("schedule", json!({ "payout": "", "payee": "nordlicht" }), "/payout"),
        ("settle", json!({ "payout": "P", "payee": "nordlicht", "amount": eur(0), "on": "2027-05-05" }), "/amount"),
        (
            "came_back",
            json!({ "payout": "P", "payee": "nordlicht", "outcome": "returned", "amount": eur(-1) }),
            "/amount",
        ),
        ("dispute", json!({ "payee": "nordlicht", "amount": eur(5), "reason": "" }), "/reason"),
        ("resolve_dispute", json!({ "payee": "nordlicht", "granted": eur(-5), "reason": "x" }), "/granted"),
        ("settle_dispute", json!({ "payee": "nordlicht", "granted": eur(5), "reason": " " }), "/reason"),
        ("put_off", json!({ "until": "2027-05-31", "prove_by": "2027-06-30T00:00:00Z", "reason": "x" }), "/prove_by"),
        ("put_off", json!({ "until": "2027-05-31", "prove_by": "2027-05-31T22:00:00Z", "reason": "" }), "/reason"),
        ("claw_back", json!({ "payee": "nordlicht", "amount": eur(0), "reason": "x" }), "/amount"),
        ("waive", json!({ "payee": "nordlicht", "amount": eur(0), "reason": "x" }), "/amount"),
        ("recovered", json!({ "amount": eur(0), "how": "paid" }), "/amount"),
    ] {
        assert_eq!(claim.check(event, &data).unwrap_err().field, field, "{event}");
    }
    let forged = json!({ "payee": "nordlicht", "amount": eur(5), "reason": "x", "recovered": eur(5) });
    assert!(claim.check("claw_back", &forged).is_err(), "what has come is not said by whoever claims back");
}
