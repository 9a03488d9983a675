//! The fixtures of every rule once more, on the two branches of an advance: as money is asked for, and as it is proven.

use std::collections::BTreeSet;

use entente_core::mdf::{RuleId, Verdict, rules};
use serde_json::{Value, json};

use super::{
    data,
    fixtures::{list, verdict},
    line,
};

/// The rules that look at what was done: they wait for the proof.
const WAIT: [&str; 7] = ["C4", "D1", "D3", "D5", "D6", "D7", "D8"];

/// The rule on the time of a claim, which is another one for an advance.
const ITS_TIME: &str = "C5";

/// The rule on what is left of an advance, whose fixture says itself what was paid.
const ITS_REST: &str = "Y8";

/// A case of a fixture, and what it is to come to.
struct Told {
    rule: RuleId,
    fixture: Value,
    one: Value,
    expected: String,
}

/// Every case of every fixture that is about a regular claim.
fn told() -> Vec<Told> {
    let mut all = Vec::new();
    for rule in rules() {
        let fixture = data(&format!("tests/mdf/{}.yaml", rule.id));
        for (name, passes) in [("pass", true), ("fail", false)] {
            for one in list(rule.id, &fixture, name) {
                let own = ["/claim", "/claim/kind", "/claim/advance"];
                if own.iter().any(|field| one["with"].get(field).is_some()) {
                    continue;
                }
                let expected = if passes { "satisfied" } else { one["is"].as_str().unwrap() };
                let (fixture, one, expected) = (fixture.clone(), one.clone(), expected.to_owned());
                all.push(Told { rule: rule.id, fixture, one, expected });
            }
        }
    }
    all
}

impl Told {
    /// The verdict on the case with another change.
    fn with(&self, field: &str, value: Value) -> Verdict {
        let mut one = self.one.clone();
        if one["with"].is_null() {
            one["with"] = json!({});
        }
        one["with"][field] = value;
        verdict(self.rule, &self.fixture, &one)
    }

    fn is_as_told(&self, verdict: &Verdict) -> bool {
        let says = self.one["says"].as_str().unwrap();
        line(&verdict.outcome) == self.expected && verdict.to_string().contains(says)
    }
}

#[test]
fn an_advance_is_judged_as_any_claim_by_every_rule_that_does_not_look_at_what_was_done() {
    let (mut waiting, mut judged) = (BTreeSet::new(), BTreeSet::new());
    for told in told() {
        let name = told.rule.to_string();
        let verdict = told.with("/claim/kind", json!("advance"));
        if line(&verdict.outcome) == "silent" && verdict.because.contains("proven after the activity") {
            waiting.insert(name);
        } else if name != ITS_TIME {
            assert!(told.is_as_told(&verdict), "{name}: expected `{}`, found {verdict}", told.expected);
            judged.insert((name, told.expected == "satisfied"));
        }
    }
    assert_eq!(waiting, BTreeSet::from(WAIT.map(str::to_owned)));
    let both = |name: &String| [true, false].iter().all(|passes| judged.contains(&(name.clone(), *passes)));
    let (own, waits) = ([ITS_TIME, ITS_REST, "Y13"], |name: &String| waiting.contains(name));
    let left: Vec<String> = rules()
        .map(|rule| rule.id.to_string())
        .filter(|name| !own.contains(&name.as_str()) && !waits(name) && !both(name))
        .collect();
    assert!(left.is_empty(), "no case that passes and one that fails as an advance: {left:?}");
}

#[test]
fn the_proof_of_an_advance_passes_and_fails_every_rule_as_a_claim_that_nobody_was_paid_for() {
    let advance =
        json!({ "paid": "USD 1000.00", "proven": "USD 1000.00", "misused": "USD 0.00", "returned": "USD 0.00" });
    let mut judged = BTreeSet::new();
    for told in told() {
        let verdict = told.with("/claim/advance", advance.clone());
        assert!(told.is_as_told(&verdict), "{}: expected `{}`, found {verdict}", told.rule, told.expected);
        judged.insert((told.rule.to_string(), told.expected == "satisfied"));
    }
    // What is judged at the proof alone is found wanting there.
    for name in WAIT {
        assert!(judged.contains(&(name.to_owned(), true)) && judged.contains(&(name.to_owned(), false)), "{name}");
    }
    assert!(judged.len() >= 2 * 84, "{} kinds of cases", judged.len());
}
