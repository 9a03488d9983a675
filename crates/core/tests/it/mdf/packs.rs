//! The packs that come with the product, and what a pack may not be.

use entente_core::mdf::{Decision, Pack, judge};
use serde_json::{Value, json};

use super::{calendar, case, judged, line, read};

const PACKS: [&str; 6] = [
    "starter",
    "classic-50-50-45d",
    "accrual-6m-6m-45d",
    "wallet-14d-lead-30d-claim",
    "10wd-lead-90d-claim-45d-resubmit",
    "event-7d-results",
];

fn named(name: &str) -> Pack {
    let file = format!("programmes/{name}.yaml");
    Pack::from_yaml(&file, &read(&format!("../../{file}"))).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_starter_pack_has_at_most_15_rules() {
    assert_eq!(named("starter").rules().count(), 15);
}

#[test]
fn every_pack_is_named_for_its_file_and_pays_the_sound_claim() {
    for name in PACKS {
        let pack = named(name);
        assert_eq!((pack.name.as_str(), pack.version), (name, 1));
        let judgement = judged(&case(&json!({ "/claim/audited": true })), &pack);
        let heard: Vec<String> =
            judgement.verdicts.iter().filter(|verdict| verdict.outcome.is_heard()).map(ToString::to_string).collect();
        assert!(heard.is_empty(), "{name}: {heard:#?}");
        assert_eq!((judgement.decision, judgement.payable), (Decision::Clear, judgement.asked), "{name}");
        assert_eq!(judgement.verdicts.len(), pack.rules().count(), "{name}");
    }
}

#[test]
fn the_figures_in_a_packs_name_are_those_it_keeps() {
    let table = [
        ("classic-50-50-45d", "/claim/submitted_at", "2027-08-14T23:59:59Z", "C1", "satisfied"),
        ("classic-50-50-45d", "/claim/submitted_at", "2027-08-15T00:00:00Z", "C1", "block"),
        ("classic-50-50-45d", "/claim/amount", "USD 5000.01", "Q6", "reduce to USD 5,000.00"),
        ("accrual-6m-6m-45d", "/claim/submitted_at", "2027-08-15T00:00:00Z", "C1", "block"),
        ("wallet-14d-lead-30d-claim", "/request/submitted_at", "2027-03-29T08:00:00Z", "Q2", "satisfied"),
        ("wallet-14d-lead-30d-claim", "/request/submitted_at", "2027-03-30T08:00:00Z", "Q2", "block"),
        ("wallet-14d-lead-30d-claim", "/claim/submitted_at", "2027-05-13T08:00:00Z", "C2", "satisfied"),
        ("wallet-14d-lead-30d-claim", "/claim/submitted_at", "2027-05-14T08:00:00Z", "C2", "block"),
        ("10wd-lead-90d-claim-45d-resubmit", "/request/submitted_at", "2027-03-29T08:00:00Z", "Q2", "satisfied"),
        ("10wd-lead-90d-claim-45d-resubmit", "/request/submitted_at", "2027-03-30T08:00:00Z", "Q2", "block"),
        ("10wd-lead-90d-claim-45d-resubmit", "/claim/submitted_at", "2027-07-12T08:00:00Z", "C3", "satisfied"),
        (
            "10wd-lead-90d-claim-45d-resubmit",
            "/claim/submitted_at",
            "2027-07-13T08:00:00Z",
            "C3",
            "approve by programme_director",
        ),
        ("10wd-lead-90d-claim-45d-resubmit", "/claim/rejected_at", "2027-03-26T08:00:00Z", "C6", "satisfied"),
        ("event-7d-results", "/claim/results_at", "2027-04-20T08:00:00Z", "C4", "satisfied"),
        ("event-7d-results", "/claim/results_at", "2027-04-21T08:00:00Z", "C4", "block"),
    ];
    for (name, pointer, value, rule, expected) in table {
        let judgement = judged(&case(&json!({ pointer: value })), &named(name));
        let verdict = judgement.verdict(rule.parse().unwrap()).unwrap();
        assert_eq!(line(&verdict.outcome), expected, "{name} {pointer} {value}: {verdict}");
    }
    let split = json!({ "/fund/accrual": { "earned": "USD 10000.00", "from": "2026-07-01" } });
    let judgement = judged(&case(&split), &named("accrual-6m-6m-45d"));
    let verdict = judgement.verdict("E7".parse().unwrap()).unwrap();
    let expected = "act: pay_rebate USD 6,000.00 on 2027-01-01, credit_fund USD 4,000.00 on 2027-01-01";
    assert_eq!(line(&verdict.outcome), expected);
}

#[test]
fn a_rule_is_inactive_until_a_pack_enables_it() {
    let suspended = json!({ "/partner/status": "suspended" });
    let judgement = judged(&case(&suspended), &super::pack(&json!({ "Q1": {} })));
    assert_eq!((judgement.decision, judgement.verdicts.len()), (Decision::Clear, 1));
    let judgement = judged(&case(&suspended), &super::pack(&json!({ "Q1": {}, "E1": {} })));
    assert_eq!(judgement.decision, Decision::Refused);
    assert_eq!(judgement.payable.map(|amount| amount.minor), Some(0));
}

#[test]
fn a_pinned_claim_is_judged_by_no_other_pack() {
    let (pinned, other) = (named("starter"), named("event-7d-results"));
    let claim = case(&json!({ "/claim/pack": pinned.pin() }));
    assert_eq!(judge(&claim, &pinned, &calendar()).map(|judgement| judgement.decision), Ok(Decision::Clear));
    let error = judge(&claim, &other, &calendar()).unwrap_err();
    assert!(error.to_string().starts_with("claim `CLM-2027-1` is pinned to starter version 1 ("), "{error}");

    // One byte more is another pack, even if it says the same.
    let text = format!("{}\n", read("../../programmes/starter.yaml"));
    let touched = Pack::from_yaml("starter.yaml", &text).unwrap();
    assert_ne!(touched.sha256, pinned.sha256);
    assert!(judge(&claim, &touched, &calendar()).is_err());
}

/// A pack with these lines under `rules`.
fn error(rules: &str) -> String {
    let text = format!("pack: p\nversion: 1\ntitle: t\nzone: UTC\nrules:\n{rules}\n");
    Pack::from_yaml("p.yaml", &text).unwrap_err().to_string()
}

#[test]
fn a_pack_that_cannot_be_read_says_where_and_what_to_write() {
    let table = [
        ("  Z9: {}", "p.yaml:6:7: field `/rules/Z9`: `Z9` is not a rule; docs/mdf.md lists them, from `E1` to `Y13`"),
        ("  C1: { day: 45 }", "p.yaml:6:14: field `/rules/C1/day`: is no parameter of rule C1, which has `days`"),
        ("  E1: { day: 45 }", "p.yaml:6:14: field `/rules/E1/day`: is no parameter of rule E1, which has none"),
        ("  C1: { days: 731 }", "p.yaml:6:15: field `/rules/C1/days`: is not a whole number of days from 0 to 730"),
        ("  C1: { days: many }", "p.yaml:6:15: field `/rules/C1/days`: is not a whole number of days from 0 to 730"),
        ("  C1: { days: -1 }", "p.yaml:6:15: field `/rules/C1/days`: is not a whole number of days from 0 to 730"),
        (
            "  Q6: { vendor_share: 12.5 }",
            "p.yaml:6:23: field `/rules/Q6/vendor_share`: is not a percentage from 0 % to 100 %; write `50`, or `\"12.5\"` in quotes",
        ),
        (
            "  Q6: { vendor_share: \"100.01\" }",
            "p.yaml:6:23: field `/rules/Q6/vendor_share`: is not a percentage from 0 % to 100 %; write `50`, or `\"12.5\"` in quotes",
        ),
        (
            "  V10: { minimum: { USD: \"1.001\" } }",
            "p.yaml:6:26: field `/rules/V10/minimum/USD`: `1.001` has more decimals than USD allows (2)",
        ),
        (
            "  V10: { minimum: { USD: \"-1.00\" } }",
            "p.yaml:6:26: field `/rules/V10/minimum/USD`: USD -1.00 is negative; write zero or more",
        ),
        (
            "  V10: { minimum: { usd: \"1.00\" } }",
            "p.yaml:6:26: field `/rules/V10/minimum/usd`: `usd` is not a currency code of ISO 4217; write three capital letters such as `USD`",
        ),
        (
            "  Q4: { activities: { event: { from: 2027-12-31, until: 2027-01-01 } } }",
            "p.yaml:6:30: field `/rules/Q4/activities/event`: ends before it begins; exchange the dates",
        ),
        ("  V6: { rounding: up }", "p.yaml:6:19: field `/rules/V6/rounding`: is none of `half_even`, `half_up`"),
        (
            "  Q8: { route: [{ above: { USD: \"1.00\" } }] }",
            "p.yaml:6:17: field `/rules/Q8/route/0`: names no `role`; say who approves",
        ),
        ("  E1: {}\n  E1: {}", "duplicate key `E1`; keep one of the two"),
        ("  {}", "p.yaml:6:3: field `/rules`: enables no rule; name at least one, such as `E1: {}`"),
        ("  E1: {}\ncolour: red", "unknown field `colour`; the fields here are pack, version, title, zone, rules"),
    ];
    let wrong: Vec<String> = table
        .into_iter()
        .map(|(rules, expected)| (error(rules), expected))
        .filter(|(error, expected)| !error.ends_with(expected))
        .map(|(error, expected)| format!("{error}\n    {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_head_of_a_pack_is_checked_too() {
    let head = |pack: &str, version: &str, title: &str, zone: &str| {
        let text = format!("pack: {pack}\nversion: {version}\ntitle: {title}\nzone: {zone}\nrules: {{ E1: {{}} }}\n");
        Pack::from_yaml("p.yaml", &text).map(|pack| pack.name).map_err(|error| error.to_string())
    };
    assert_eq!(head("p", "1", "t", "UTC"), Ok("p".to_owned()));
    let table = [
        (head("P 1", "1", "t", "UTC"), "p.yaml:1:7: field `/pack`: has 1 to 64 lower-case letters"),
        (head("p", "0", "t", "UTC"), "p.yaml:2:10: field `/version`: begins at 1"),
        (head("p", "1", "' '", "UTC"), "p.yaml:3:8: field `/title`: is empty"),
        (head("p", "1", "t", "Berlin"), "p.yaml:4:7: field `/zone`: `Berlin` is not an IANA zone"),
    ];
    for (result, expected) in table {
        assert!(result.clone().is_err_and(|error| error.starts_with(expected)), "{result:?}: {expected}");
    }
}

#[test]
fn packs_are_written_for_people_and_read_as_data() {
    let terms: Value = json!({ "Q6": { "vendor_share": "12.5" } });
    let judgement = judged(&case(&json!({})), &super::pack(&terms));
    assert_eq!(judgement.payable, Some(super::usd("1250.00")));
    assert_eq!(judgement.bound_by.map(|rule| rule.to_string()), Some("Q6".to_owned()));
}
