//! One table: every rule with cases that satisfy it and cases that do not, out of `tests/mdf/<rule>.yaml`.

use entente_core::mdf::{Outcome, RuleId, Verdict, rules};
use serde_json::{Map, Value, json};

use super::{case, data, judged, line, pack};

/// The pack of a fixture's case: the rule with its parameters, and what it needs of others.
fn rules_for(rule: RuleId, fixture: &Value, one: &Value) -> Value {
    let mut enabled: Map<String, Value> = Map::new();
    for also in [&fixture["also"], &one["also"]] {
        enabled.extend(also.as_object().cloned().unwrap_or_default());
    }
    let terms = if one["terms"].is_null() { &fixture["terms"] } else { &one["terms"] };
    enabled.insert(rule.to_string(), if terms.is_null() { json!({}) } else { terms.clone() });
    Value::Object(enabled)
}

pub(super) fn verdict(rule: RuleId, fixture: &Value, one: &Value) -> Verdict {
    let pack = pack(&rules_for(rule, fixture, one));
    let judgement = judged(&case(&one["with"]), &pack);
    judgement.verdict(rule).cloned().unwrap_or_else(|| panic!("{rule} gave no verdict"))
}

pub(super) fn list<'a>(rule: RuleId, fixture: &'a Value, name: &str) -> &'a [Value] {
    let list = fixture[name].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(!list.is_empty(), "{rule} has no case under `{name}`");
    list
}

#[test]
fn every_rule_is_satisfied_and_is_not_as_its_fixture_says() {
    let mut wrong = Vec::new();
    let (mut passing, mut failing) = (0, 0);
    for rule in rules() {
        let path = format!("tests/mdf/{}.yaml", rule.id);
        let fixture = data(&path);
        assert_eq!(fixture["rule"], rule.id.to_string(), "{path} is about another rule");
        let cases = list(rule.id, &fixture, "pass").iter().map(|one| (one, true));
        for (one, passes) in cases.chain(list(rule.id, &fixture, "fail").iter().map(|one| (one, false))) {
            let verdict = verdict(rule.id, &fixture, one);
            let expected = if passes { "satisfied" } else { one["is"].as_str().unwrap_or_default() };
            let says = one["says"].as_str().unwrap_or("the fixture has no `says`");
            if line(&verdict.outcome) != expected || !verdict.to_string().contains(says) {
                wrong.push(format!(
                    "{path}: expected `{expected}` with `{says}`\n    {} | {verdict}",
                    line(&verdict.outcome)
                ));
            }
            if matches!(verdict.outcome, Outcome::Found(_)) && verdict.told.inputs.is_empty() {
                wrong.push(format!("{path}: the verdict names no input: {verdict}"));
            }
            if let Outcome::Found(effect) = &verdict.outcome
                && !rule.kinds.contains(&effect.kind())
            {
                wrong.push(format!("{path}: {} is none of the kinds of {}", line(&verdict.outcome), rule.id));
            }
            *(if passes { &mut passing } else { &mut failing }) += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), passing + failing, wrong.join("\n"));
    assert!(passing >= 86 && failing >= 86, "{passing} passing and {failing} failing cases");
}

#[test]
fn every_kind_of_a_rule_is_brought_about_by_its_fixture() {
    for rule in rules() {
        let fixture = data(&format!("tests/mdf/{}.yaml", rule.id));
        let mut kinds: Vec<_> = list(rule.id, &fixture, "fail")
            .iter()
            .filter_map(|one| match verdict(rule.id, &fixture, one).outcome {
                Outcome::Found(effect) => Some(effect.kind()),
                _ => None,
            })
            .collect();
        kinds.sort();
        kinds.dedup();
        let mut said = rule.kinds.to_vec();
        said.sort();
        assert_eq!(kinds, said, "{}", rule.id);
    }
}

#[test]
fn the_sound_case_troubles_no_rule_with_its_defaults() {
    // D1 has no proof to ask for, Q4 and Q5 have empty lists, and V7 no country until a pack says so.
    let unset = ["D1", "Q4", "Q5", "Q12", "V7"];
    let names = rules().map(|rule| rule.id.to_string()).filter(|name| !unset.contains(&name.as_str()));
    let all: Map<String, Value> = names.map(|name| (name, json!({}))).collect();
    let judgement = judged(&case(&json!({})), &pack(&Value::Object(all)));
    let heard: Vec<String> =
        judgement.verdicts.iter().filter(|verdict| verdict.outcome.is_heard()).map(ToString::to_string).collect();
    assert!(heard.is_empty(), "{heard:#?}");
    assert_eq!(judgement.verdicts.len(), 81);
    assert_eq!(judgement.payable, judgement.asked);
}
