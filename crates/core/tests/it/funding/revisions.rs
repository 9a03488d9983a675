//! A vote binds to everything that was shown, and to nothing else.

use entente_core::{
    context::ApplyFacts,
    event::{Actor, Body, Event},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{WORKFLOWS, context, tell, values};

fn revision(workflow: &str, paper: &Value) -> String {
    let first = context(workflow).init(paper, "X-1", Timestamp::UNIX_EPOCH).unwrap();
    first["revision"].as_str().unwrap().to_owned()
}

/// Another value of the same kind, where the field has one that its type takes.
fn another(field: &str, value: &Value) -> Option<Value> {
    Some(match (field, value) {
        ("kind", Value::String(_)) | ("treatment" | "format" | "currency" | "pack", _) => return None,
        (_, Value::String(text)) if text.starts_with("20") => json!(text.replacen("20", "21", 1)),
        (_, Value::String(text)) => json!(format!("{text}x")),
        (_, Value::Bool(value)) => json!(!value),
        (_, Value::Number(number)) => json!(number.as_i64()? + 1),
        _ => return None,
    })
}

#[test]
fn every_change_of_a_paper_is_another_revision() {
    for (workflow, name) in
        WORKFLOWS.into_iter().zip(["partner", "fund", "request", "claim", "payout", "accrual", "order"])
    {
        let paper = values(workflow)[name].clone();
        let before = revision(workflow, &paper);
        assert_eq!(before, revision(workflow, &paper), "{workflow}");
        let mut tried = 0;
        for (field, value) in paper.as_object().unwrap() {
            let Some(other) = another(field, value) else { continue };
            let mut changed = paper.clone();
            changed[field] = other;
            let Ok(first) = context(workflow).init(&changed, "X-1", Timestamp::UNIX_EPOCH) else { continue };
            assert_ne!(first["revision"], before.as_str(), "{workflow}: `{field}`");
            tried += 1;
        }
        assert!(tried >= 2, "{workflow}: {tried}");
    }
}

#[test]
fn an_amount_that_the_rules_grant_and_what_is_claimed_back_are_shown() {
    let good = tell("mdf_claim", "another_amount.yaml");
    let revisions: Vec<String> = good
        .records
        .iter()
        .filter(|record| record.to == "approvals" && record.from != "approvals")
        .map(|record| record.event.name().to_owned())
        .collect();
    assert_eq!(revisions, ["result", "result"], "people were asked twice, for two amounts");
    let paid = tell("mdf_claim", "paid.yaml").snapshot.context;
    let asked = tell("mdf_claim", "returned_while_asked.yaml").snapshot.context;
    assert_eq!(asked["revision"], paid["revision"], "what was asked for and declined is shown no longer");
}

#[test]
fn nothing_that_is_not_shown_changes_a_revision() {
    let event = |name: &str, data: Value| Event {
        source: "test".into(),
        id: name.into(),
        actor: Some(Actor { person: "zoe".parse().unwrap(), roles: Vec::new(), on_behalf_of: None }),
        body: Body::Named { name: name.into(), data },
    };
    let facts = ApplyFacts { now: Timestamp::UNIX_EPOCH, activity: None, seq: 9 };
    let eur = json!({ "minor": 5, "currency": "EUR" });
    for (workflow, story, name, data) in [
        ("mdf_claim", "paid.yaml", "note", json!({ "text": "x" })),
        ("mdf_claim", "unscheduled.yaml", "schedule", json!({ "payout": "PAY-7", "payee": "nordlicht" })),
        ("mdf_claim", "unscheduled.yaml", "submit", Value::Null),
        (
            "mdf_claim",
            "unscheduled.yaml",
            "settle",
            json!({ "payout": "PAY-2", "payee": "nordlicht", "amount": eur, "on": "2027-05-05" }),
        ),
        ("mdf_request", "completed.yaml", "claimed", json!({ "claim": "CLM-7", "amount": eur, "closing": true })),
        ("fund_period", "closed.yaml", "close", json!({ "reason": "x" })),
        ("partner_onboarding", "active.yaml", "change_bank", json!({ "sha256": "aa09", "shown": "x" })),
    ] {
        let before = tell(workflow, story).snapshot.context;
        let after = context(workflow).apply(&before, &event(name, data), &facts);
        assert_eq!(after["revision"], before["revision"], "{workflow}: {name}");
    }
}
