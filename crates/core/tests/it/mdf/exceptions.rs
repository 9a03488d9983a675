//! An exception lifts a block or a hold when it is dated, reasoned, approved by somebody else and reported; some rules
//! have none.

use entente_core::{
    context::funding::Assessment,
    mdf::{Decision, rules},
};
use serde_json::{Value, json};

use super::{case, judged, line, pack};

/// An exception from what a rule finds in a case.
fn exception(rule: &str, found: &Value) -> Value {
    let judgement = judged(&case(found), &pack(&json!({ rule: {} })));
    let verdict = judgement.verdict(rule.parse().unwrap()).unwrap();
    json!({
        "rule": rule, "field": verdict.field, "because": verdict.because, "reason": "moved by the flood",
        "approved_by": "dora", "until": "2027-05-31T00:00:00Z", "reported_at": "2027-05-09T10:00:00Z",
    })
}

/// Two sets of changes as one.
fn both(one: &Value, other: &Value) -> Value {
    one.as_object().into_iter().chain(other.as_object()).flatten().map(|(at, to)| (at.clone(), to.clone())).collect()
}

fn outcome(rule: &str, changes: Value) -> (String, Decision) {
    let judgement = judged(&case(&changes), &pack(&json!({ rule: {} })));
    (line(&judgement.verdict(rule.parse().unwrap()).unwrap().outcome), judgement.decision)
}

#[test]
fn an_exception_lifts_a_block_until_its_date() {
    let found = json!({ "/claim/submitted_at": "2027-05-14T08:00:00Z" });
    let late = |exception: Value| both(&found, &json!({ "/exceptions": [exception] }));
    assert_eq!(outcome("C2", late(exception("C2", &found))), ("excepted from block".into(), Decision::Clear));
    for (field, value) in [
        ("until", json!("2027-05-10T09:59:59Z")),
        ("reported_at", json!(null)),
        ("reported_at", json!("2027-05-11T10:00:00Z")),
        ("reason", json!(" ")),
        ("approved_by", json!("pia")),
        ("rule", json!("C1")),
    ] {
        let mut weak = exception("C2", &found);
        weak[field] = value;
        assert_eq!(outcome("C2", late(weak)), ("block".into(), Decision::Refused), "{field}");
    }
}

#[test]
fn an_exception_in_force_when_the_request_was_granted_holds_for_what_was_granted() {
    // It was granted on 2027-02-10 at 09:00, and is judged in May.
    let found = json!({ "/claim/submitted_at": "2027-05-14T08:00:00Z" });
    let late = |exception: Value| both(&found, &json!({ "/exceptions": [exception] }));
    for (told, until, expected) in [
        ("2027-02-10T09:00:00Z", "2027-02-10T09:00:00Z", "excepted from block"),
        ("2027-02-10T09:00:01Z", "2027-02-28T00:00:00Z", "block"),
        ("2027-02-01T00:00:00Z", "2027-02-10T08:59:59Z", "block"),
    ] {
        let mut then = exception("C2", &found);
        then["reported_at"] = json!(told);
        then["until"] = json!(until);
        assert_eq!(outcome("C2", late(then)).0, expected, "{told} to {until}");
    }
}

#[test]
fn duties_sanctions_and_the_ledger_have_no_exception() {
    let table = [
        ("Y1", json!({ "/payout/duties/payer": "pia" }), "block"),
        ("E9", json!({ "/partner/screening/outcome": "listed" }), "hold"),
        ("Y2", json!({ "/payout/paid_hash": "other" }), "block"),
        ("G8", json!({ "/fund/movements/0/kind": "edit" }), "block"),
    ];
    for (rule, changes, expected) in table {
        let lifted = both(&changes, &json!({ "/exceptions": [exception(rule, &changes)] }));
        assert_eq!(outcome(rule, lifted).0, expected, "{rule}");
        let found = rules().find(|one| one.id.to_string() == rule).unwrap();
        assert!(!found.exceptable, "{rule}");
    }
}

#[test]
fn an_exception_is_from_what_was_found_and_from_nothing_that_is_found_later() {
    let (unpaid, later) = (
        json!([{ "number": "INV-7", "due": "2027-05-04", "amount": "USD 1200.00" }]),
        json!([
            { "number": "INV-7", "due": "2027-05-04", "amount": "USD 1200.00" },
            { "number": "INV-8", "due": "2027-05-05", "amount": "USD 90000.00" },
        ]),
    );
    let used = |files: &[&str]| {
        json!([{
            "claim": "CLM-2027-0", "partner": "south-cross", "programme": "apac-co-op", "activity": "ACT-2027-0",
            "ended": "2027-03-01", "amount": "USD 100.00", "files": files,
        }])
    };
    let table = [
        ("E1", json!({ "/partner/tax_verified": false }), json!({ "/partner/status": "suspended" }), "block"),
        ("E1", json!({ "/partner/tax_verified": false }), json!({ "/partner/bank_verified": false }), "block"),
        ("E3", json!({ "/partner/overdue": unpaid }), json!({ "/partner/overdue": later }), "hold"),
        ("F1", json!({ "/earlier": used(&["sha:b"]) }), json!({ "/earlier": used(&["sha:b", "sha:c"]) }), "hold"),
    ];
    for (rule, found, more, expected) in table {
        for granted_by_it in [false, true] {
            let mut lifts = exception(rule, &found);
            if granted_by_it {
                lifts["reported_at"] = json!("2027-02-09T00:00:00Z");
                lifts["until"] = json!("2027-02-28T00:00:00Z");
            }
            let lifted = both(&found, &json!({ "/exceptions": [lifts] }));
            assert_eq!(outcome(rule, lifted.clone()).0, format!("excepted from {expected}"), "{rule}");
            assert_eq!(outcome(rule, both(&lifted, &more)).0, expected, "{rule} with {more}");
        }
    }
}

#[test]
fn what_goes_on_changing_with_the_day_or_with_other_requests_is_still_what_was_found() {
    let table = [
        (
            "C2",
            json!({ "/claim/submitted_at": "2027-05-14T08:00:00Z" }),
            json!({ "/claim/submitted_at": "2027-05-20T08:00:00Z" }),
        ),
        (
            "Q2",
            json!({ "/request/submitted_at": "2027-04-10T08:00:00Z" }),
            json!({ "/request/submitted_at": "2027-04-11T08:00:00Z" }),
        ),
        ("G1", json!({ "/fund/requested": "USD 18000.00" }), json!({ "/fund/requested": "USD 19000.00" })),
    ];
    for (rule, found, moved) in table {
        let lifted = both(&found, &json!({ "/exceptions": [exception(rule, &found)] }));
        assert_eq!(outcome(rule, both(&lifted, &moved)).0, "excepted from block", "{rule}");
    }
    // Something else of the same rule is not: here, that the claims exceed the request.
    let found = json!({ "/fund/requested": "USD 18000.00" });
    let other = json!({ "/request/consumed": "USD 1.00", "/exceptions": [exception("G1", &found)] });
    assert_eq!(outcome("G1", other).0, "block");
}

#[test]
fn nothing_passes_without_people_by_an_exception() {
    let pack = pack(&json!({ "E1": {}, "Q12": { "below": { "USD": "5000.01" }, "plays": ["cloud-launch"] } }));
    let passes = |changes: &Value| {
        let judgement = judged(&case(changes), &pack);
        let assessment = Assessment::of(&judgement, "paper", "record", "2027-05-10T10:00:00Z".parse().unwrap());
        (assessment.decision, assessment.passes)
    };
    assert_eq!(passes(&json!({})), (Decision::Clear, true), "everything is in order");
    let unverified = json!({ "/partner/tax_verified": false });
    assert_eq!(passes(&unverified), (Decision::Refused, false));
    let lifted = both(&unverified, &json!({ "/exceptions": [exception("E1", &unverified)] }));
    assert_eq!(passes(&lifted), (Decision::Clear, false), "whoever lifted the rule has not agreed to the money");
}
