//! Before a changed pack is activated: which cases it would judge otherwise, and by how much.

use entente_core::mdf::{Case, Comparison, Decision, Pack, compare};
use serde_json::{Value, json};

use super::{calendar, case, pack, usd};

fn run(old: &Pack, new: &Pack, cases: &[(&str, Case)]) -> Comparison {
    compare(old, new, cases.iter().map(|(label, case)| (*label, case)), &calendar()).unwrap()
}

fn cases() -> Vec<(&'static str, Case)> {
    vec![
        ("CLM-1", case(&json!({}))),
        ("CLM-2", case(&json!({ "/claim/amount": "USD 3000.00" }))),
        ("CLM-3", case(&json!({ "/claim/amount": "USD 4500.00", "/partner/status": "suspended" }))),
    ]
}

#[test]
fn a_lower_share_shows_the_claims_that_lose_and_by_how_much() {
    let (old, new) = (pack(&json!({ "Q6": { "vendor_share": 50 } })), pack(&json!({ "Q6": { "vendor_share": 40 } })));
    let comparison = run(&old, &new, &cases());
    assert_eq!((comparison.cases, comparison.enabled.len(), comparison.disabled.len()), (3, 0, 0));
    let changed: Vec<(&str, Option<_>)> =
        comparison.changes.iter().map(|change| (change.label.as_str(), change.difference)).collect();
    assert_eq!(changed, [("CLM-1", Some(usd("-1000.00"))), ("CLM-3", Some(usd("-500.00")))]);
    assert_eq!(comparison.totals.get(&usd("0").currency), Some(&usd("-1500.00")));
    let rule = &comparison.changes[0].rules[0];
    assert_eq!((rule.rule.to_string().as_str(), &rule.was), ("Q6", &None));
    assert!(rule.now.as_ref().unwrap().contains("40 % of USD 10,000.00"), "{rule:?}");
}

#[test]
fn a_new_rule_shows_the_claims_that_it_refuses() {
    let (old, new) = (pack(&json!({ "Q6": {} })), pack(&json!({ "Q6": {}, "E1": {} })));
    let comparison = run(&old, &new, &cases());
    let enabled: Vec<String> = comparison.enabled.iter().map(ToString::to_string).collect();
    assert_eq!(enabled, ["E1"]);
    let [change] = comparison.changes.as_slice() else { panic!("{:#?}", comparison.changes) };
    assert_eq!(
        (change.label.as_str(), change.was.decision, change.now.decision),
        ("CLM-3", Decision::Clear, Decision::Refused)
    );
    assert_eq!(change.difference, Some(usd("-4500.00")));

    let back = run(&new, &old, &cases());
    assert_eq!(back.disabled, comparison.enabled);
    assert_eq!(back.changes[0].difference, Some(usd("4500.00")));
}

#[test]
fn the_same_pack_changes_nothing_and_the_same_inputs_have_the_same_id() {
    let terms: Value = json!({ "Q6": {}, "E1": {}, "C2": {} });
    let comparison = run(&pack(&terms), &pack(&terms), &cases());
    assert_eq!((comparison.changes.len(), comparison.totals.values().map(|sum| sum.minor).sum::<i64>()), (0, 0));
    assert_eq!(comparison.id, run(&pack(&terms), &pack(&terms), &cases()).id);
    assert_ne!(comparison.id, run(&pack(&terms), &pack(&terms), &cases()[..2]).id);
    assert_ne!(comparison.id, run(&pack(&terms), &pack(&json!({ "Q6": {} })), &cases()).id);
}

#[test]
fn a_pinned_claim_is_compared_all_the_same() {
    let (old, new) = (pack(&json!({ "Q6": {} })), pack(&json!({ "Q6": { "vendor_share": 20 } })));
    let pinned = [("CLM-1", case(&json!({ "/claim/pack": old.pin() })))];
    assert_eq!(run(&old, &new, &pinned).changes[0].difference, Some(usd("-3000.00")));
}
