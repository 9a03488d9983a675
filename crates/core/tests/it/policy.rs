//! Policies: which rows apply, what they explain, whether people can satisfy them.

use std::collections::BTreeMap;

use entente_core::{
    calendar::Calendars,
    policy::{
        Policy, Simulation,
        approvals::{Projection, Subject},
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    journey::home,
    people::{PEOPLE, people},
};

pub fn now() -> Timestamp {
    "2027-05-03T09:00:00Z".parse().unwrap()
}

pub fn policy(text: &str) -> Policy {
    Policy::from_yaml("policy.yaml", text).unwrap()
}

pub fn subject(facts: Value) -> Subject {
    let hashes =
        [Projection::Commercial, Projection::Legal, Projection::Administrative].map(|p| (p, format!("{p:?}-1")));
    Subject {
        revision: "rev-1".into(),
        projections: BTreeMap::from(hashes),
        requester: "ada".parse().unwrap(),
        authors: Default::default(),
        hands: Default::default(),
        facts,
    }
}

const MATRIX: &str = r#"
policy: offers
version: 3
rows:
  - id: discount
    when: [{ fact: discount_bp, op: gt, value: 1500 }]
    role: desk
    projection: commercial
  - id: value
    when: [{ fact: value_minor, op: ge, value: { USD: 10000000, EUR: 9000000 } }]
    role: finance
    quorum: 2
    projection: commercial
    remind: 4 working hours
    escalate_after: 2 working days
    escalate_to: cfo
  - id: eula
    when: [{ fact: eula_approved, op: ne, value: true }]
    role: legal
    projection: legal
  - id: region
    when: [{ fact: marketplace, op: eq, value: aws }, { fact: region, op: not_in, value: [emea, noam] }]
    role: regional
    projection: administrative
default: { id: everyday, role: desk, projection: commercial }
limits:
  desk: { USD: 5000000 }
requested_by: [alliance]
"#;

fn plain(change: &[(&str, Value)]) -> Value {
    let mut facts = json!({
        "discount_bp": 1000, "value_minor": 1_000_000, "currency": "USD", "eula_approved": true, "marketplace": "aws", "region": "emea",
    });
    for (fact, value) in change {
        facts[*fact] = value.clone();
    }
    facts
}

#[test]
fn rows_apply_by_facts_and_every_verdict_explains_itself() {
    let cases = [
        (plain(&[]), vec![("everyday", "no other row applies")]),
        (plain(&[("discount_bp", json!(1501))]), vec![("discount", "`discount_bp` is 1501, above 1500")]),
        (
            plain(&[("value_minor", json!(10_000_000))]),
            vec![("value", "`value_minor` is 10000000, at least 10000000 USD minor units")],
        ),
        (
            plain(&[("value_minor", json!(9_500_000)), ("currency", json!("EUR"))]),
            vec![("value", "`value_minor` is 9500000, at least 9000000 EUR minor units")],
        ),
        (plain(&[("currency", json!("JPY"))]), vec![("value", "`value_minor` has no limit for JPY")]),
        (plain(&[("eula_approved", json!(false))]), vec![("eula", "`eula_approved` is false, other than true")]),
        (plain(&[("eula_approved", Value::Null)]), vec![("eula", "`eula_approved` is not known")]),
        (
            plain(&[("discount_bp", json!("much"))]),
            vec![("discount", "`discount_bp` is `much`, which is not a number")],
        ),
        (
            plain(&[("region", json!("apac"))]),
            vec![("region", "`marketplace` is `aws`, equal to `aws` and `region` is `apac`, none of `emea`, `noam`")],
        ),
        (
            plain(&[("region", json!("apac")), ("marketplace", json!("fake"))]),
            vec![("everyday", "no other row applies")],
        ),
    ];
    let policy = policy(MATRIX);
    for (facts, expected) in cases {
        let asked = policy.evaluate(&subject(facts.clone()), &Calendars::default(), &home(), now()).unwrap();
        let asked: Vec<_> = asked.iter().map(|r| (r.row.as_str(), r.because.as_str())).collect();
        assert_eq!(asked, expected, "{facts}");
    }
    let facts = subject(plain(&[]));
    let verdicts = policy.explain(&facts);
    assert_eq!(verdicts[0].because, "`discount_bp` is 1000, not above 1500", "rows that do not apply say why as well");
}

#[test]
fn deadlines_count_in_the_roles_working_time() {
    let calendars = Calendars::from_yaml(
        "calendars.yaml",
        "default: eu\ncalendars: { eu: { zone: Europe/Berlin, hours: { open: '09:00', close: '17:00' } } }",
    )
    .unwrap();
    let friday_noon: Timestamp = "2027-05-07T10:00:00Z".parse().unwrap();
    let facts = plain(&[("value_minor", json!(10_000_000))]);
    let asked = policy(MATRIX).evaluate(&subject(facts), &calendars, &home(), friday_noon).unwrap();
    assert_eq!(asked[0].remind_at.unwrap().to_string(), "2027-05-07T14:00:00Z");
    assert_eq!(asked[0].escalate_at.unwrap().to_string(), "2027-05-11T10:00:00Z");
}

#[test]
fn a_wrong_policy_is_refused_with_its_place() {
    let said =
        |from: &str, to: &str| Policy::from_yaml("policy.yaml", &MATRIX.replacen(from, to, 1)).unwrap_err().to_string();
    let cases = [
        ("op: gt, value: 1500", "op: gt, value: much", "policy.yaml:6:20: an ordered comparison takes a whole number"),
        (
            "op: not_in, value: [emea, noam]",
            "op: not_in, value: emea",
            "policy.yaml:22:63: `in` and `not_in` take a list",
        ),
        ("quorum: 2", "quorum: 0", "policy.yaml:12:13: a quorum is a number from 1 to 20 (field `rows[1].quorum`)"),
        ("remind: 4 working hours", "remind: soon", "policy.yaml:14:13: `soon` is not working time"),
        ("    escalate_to: cfo\n", "", "policy.yaml:9:9: `escalate_after` and `escalate_to` go together"),
        ("id: eula", "id: value", "policy.yaml:17:9: another row is called `value` as well"),
        ("id: eula", "id: E/ULA", "policy.yaml:17:9: a row's id has"),
        ("desk: { USD: 5000000 }", "desk: { USD: -1 }", "policy.yaml:27:16: a limit is zero or more"),
        ("quorum: 2", "quota: 2", "policy.yaml:12:5: unknown field"),
        ("role: finance", "role: fin ance", "policy.yaml:11:11:"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(from, to, start)| (said(from, to), start))
        .filter(|(said, start)| !said.starts_with(**start))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_simulation_says_what_a_changed_policy_would_have_asked() {
    let old = policy(MATRIX);
    let new = policy(&MATRIX.replace("value: 1500", "value: 2000").replace("quorum: 2", "quorum: 3"));
    let past = [
        ("OFR-1", subject(plain(&[]))),
        ("OFR-2", subject(plain(&[("discount_bp", json!(1800))]))),
        ("OFR-3", subject(plain(&[("value_minor", json!(20_000_000))]))),
    ];
    let run = |new: &Policy, count: usize| {
        Simulation::run(&old, new, past[..count].iter().map(|(label, subject)| (*label, subject)))
    };
    let simulation = run(&new, 3);
    let rows = |asked: &[entente_core::policy::Asked]| {
        asked.iter().map(|a| format!("{}x{}", a.row, a.quorum)).collect::<Vec<_>>()
    };
    let differences: Vec<_> =
        simulation.differences.iter().map(|d| (d.label.as_str(), rows(&d.no_longer), rows(&d.newly))).collect();
    assert_eq!(
        differences,
        [
            ("OFR-2", vec!["discountx1".to_owned()], vec!["everydayx1".to_owned()]),
            ("OFR-3", vec!["valuex2".to_owned()], vec!["valuex3".to_owned()]),
        ]
    );
    assert_eq!(simulation.id, run(&new, 3).id, "the same inputs, the same id");
    assert_ne!(simulation.id, run(&new, 2).id);
    assert_ne!(simulation.id, run(&old, 3).id);
}

#[test]
fn a_policy_that_nobody_could_satisfy_is_found() {
    let check = |people_text: &str, policy_text: &str| {
        let found = policy(policy_text).check(&people(people_text), &"acme-us".parse().unwrap());
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(check(PEOPLE, MATRIX), Vec::<String>::new());
    let without_bob = PEOPLE.replace("roles: [desk], limits: { desk: { USD: 100 } }", "roles: []").replace(
        "delegations:\n  - { from: ada, to: bob, role: desk, since: 2027-05-01T00:00:00Z, until: 2027-06-01T00:00:00Z }",
        "delegations: []",
    );
    let reason = "it needs 1 holders of `desk` and has 0 when `ada` asks; give the role to more people";
    assert_eq!(
        check(&without_bob, MATRIX),
        [
            format!("row `discount` can never be approved: {reason}"),
            format!("row `everyday` can never be approved: {reason}")
        ]
    );
    assert_eq!(check(PEOPLE, &MATRIX.replace("quorum: 2", "quorum: 3")).len(), 1);
    let short = MATRIX
        .replace("    escalate_to: cfo\n", "")
        .replace("    escalate_after: 2 working days\n", "")
        .replace("desk: { USD: 5000000 }", "finance: { USD: 5000000, EUR: 99000000 }");
    assert_eq!(
        check(PEOPLE, &short),
        [
            "row `value` can never be approved: it is about 10000000 minor units of USD and more, and `finance` may decide on 5000000 at most; raise the limit or name another role"
        ]
    );
}
