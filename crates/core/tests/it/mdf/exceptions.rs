//! An exception lifts a block or a hold when it is dated, reasoned, approved by somebody else and reported; some rules
//! have none.

use entente_core::mdf::{Decision, rules};
use serde_json::{Value, json};

use super::{case, judged, line, pack};

fn exception(rule: &str) -> Value {
    json!({
        "rule": rule, "reason": "moved by the flood", "approved_by": "dora", "until": "2027-05-31T00:00:00Z",
        "reported_at": "2027-05-09T10:00:00Z",
    })
}

fn outcome(rule: &str, changes: Value) -> (String, Decision) {
    let judgement = judged(&case(&changes), &pack(&json!({ rule: {} })));
    (line(&judgement.verdict(rule.parse().unwrap()).unwrap().outcome), judgement.decision)
}

#[test]
fn an_exception_lifts_a_block_until_its_date() {
    let late = |exception: Value| json!({ "/claim/submitted_at": "2027-05-14T08:00:00Z", "/exceptions": [exception] });
    assert_eq!(outcome("C2", late(exception("C2"))), ("excepted from block".into(), Decision::Clear));
    for (field, value) in [
        ("until", json!("2027-05-10T09:59:59Z")),
        ("reported_at", json!(null)),
        ("reported_at", json!("2027-05-11T10:00:00Z")),
        ("reason", json!(" ")),
        ("approved_by", json!("pia")),
        ("rule", json!("C1")),
    ] {
        let mut weak = exception("C2");
        weak[field] = value;
        assert_eq!(outcome("C2", late(weak)), ("block".into(), Decision::Refused), "{field}");
    }
}

#[test]
fn an_exception_in_force_when_the_request_was_granted_holds_for_what_was_granted() {
    // It was granted on 2027-02-10 at 09:00, and is judged in May.
    let late = |exception: Value| json!({ "/claim/submitted_at": "2027-05-14T08:00:00Z", "/exceptions": [exception] });
    for (told, until, expected) in [
        ("2027-02-10T09:00:00Z", "2027-02-10T09:00:00Z", "excepted from block"),
        ("2027-02-10T09:00:01Z", "2027-02-28T00:00:00Z", "block"),
        ("2027-02-01T00:00:00Z", "2027-02-10T08:59:59Z", "block"),
    ] {
        let mut then = exception("C2");
        then["reported_at"] = json!(told);
        then["until"] = json!(until);
        assert_eq!(outcome("C2", late(then)).0, expected, "{told} to {until}");
    }
}

#[test]
fn duties_sanctions_and_the_ledger_have_no_exception() {
    let table = [
        ("Y1", json!({ "/payout/duties/payer": "pia", "/exceptions": [exception("Y1")] }), "block"),
        ("E9", json!({ "/partner/screening/outcome": "listed", "/exceptions": [exception("E9")] }), "hold"),
        ("Y2", json!({ "/payout/paid_hash": "other", "/exceptions": [exception("Y2")] }), "block"),
        ("G8", json!({ "/fund/movements/0/kind": "edit", "/exceptions": [exception("G8")] }), "block"),
    ];
    for (rule, changes, expected) in table {
        assert_eq!(outcome(rule, changes).0, expected, "{rule}");
        let found = rules().find(|one| one.id.to_string() == rule).unwrap();
        assert!(!found.exceptable, "{rule}");
    }
}
