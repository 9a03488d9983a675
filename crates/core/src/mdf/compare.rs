//! What a changed pack would have made of claims: shown before it may be activated.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    judge::{Decision, Judgement, judge_unpinned},
    model::Case,
    pack::{Pack, PackPin},
    rule::RuleId,
};
use crate::{
    calendar::Calendar,
    money::{Currency, Money, MoneyError},
};

/// One side of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What follows.
    pub decision: Decision,
    /// What may be granted.
    pub payable: Option<Money>,
    /// The rule that sets the amount.
    pub bound_by: Option<RuleId>,
}

/// A rule that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleChange {
    /// The rule.
    pub rule: RuleId,
    /// What it said; absent where it was inactive.
    pub was: Option<String>,
    /// What it says; absent where it is inactive.
    pub now: Option<String>,
}

/// A case on which the two packs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The case's readable name.
    pub label: String,
    /// Under the old pack.
    pub was: Side,
    /// Under the new pack.
    pub now: Side,
    /// How much more would be granted; negative for less. Absent where nothing is asked for.
    pub difference: Option<Money>,
    /// The rules that say something else.
    pub rules: Vec<RuleChange>,
}

/// Two packs compared over cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// SHA-256 over both packs and every case: the same inputs always give the same id.
    pub id: String,
    /// The old pack.
    pub old: PackPin,
    /// The new pack.
    pub new: PackPin,
    /// How many cases were judged.
    pub cases: usize,
    /// Rules that only the new pack enables.
    pub enabled: Vec<RuleId>,
    /// Rules that only the old pack enables.
    pub disabled: Vec<RuleId>,
    /// The cases that would change.
    pub changes: Vec<Change>,
    /// How much more would be granted in each currency, over all cases; negative for less.
    pub totals: BTreeMap<Currency, Money>,
}

/// Judges every case under both packs, whatever pack it pins: which would change, and by how much.
///
/// # Errors
/// When the sum of the differences is too large to be kept exactly.
pub fn compare<'a>(
    old: &Pack,
    new: &Pack,
    cases: impl IntoIterator<Item = (&'a str, &'a Case)>,
    calendar: &Calendar,
) -> Result<Comparison, MoneyError> {
    let (before, after) = (enabled(old), enabled(new));
    let mut hasher = Sha256::new();
    let mut hash = |part: &[u8]| {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    };
    hash(old.sha256.as_bytes());
    hash(new.sha256.as_bytes());
    let mut comparison = Comparison {
        id: String::new(),
        old: old.pin(),
        new: new.pin(),
        cases: 0,
        enabled: after.difference(&before).copied().collect(),
        disabled: before.difference(&after).copied().collect(),
        changes: Vec::new(),
        totals: BTreeMap::new(),
    };
    for (label, case) in cases {
        hash(label.as_bytes());
        hash(serde_json::to_string(case).unwrap_or_default().as_bytes());
        comparison.cases += 1;
        let (was, now) = (judge_unpinned(case, old, calendar), judge_unpinned(case, new, calendar));
        let difference = difference(&was, &now)?;
        if let Some(by) = difference {
            let total = comparison.totals.entry(by.currency).or_insert_with(|| Money::zero(by.currency));
            *total = total.plus(by)?;
        }
        let rules = rule_changes(&was, &now);
        if side(&was) != side(&now) || !rules.is_empty() {
            let change = Change { label: label.to_owned(), was: side(&was), now: side(&now), difference, rules };
            comparison.changes.push(change);
        }
    }
    comparison.id = hex::encode(hasher.finalize());
    Ok(comparison)
}

fn enabled(pack: &Pack) -> BTreeSet<RuleId> {
    pack.terms.enabled().collect()
}

fn side(judgement: &Judgement) -> Side {
    Side { decision: judgement.decision, payable: judgement.payable, bound_by: judgement.bound_by }
}

fn difference(was: &Judgement, now: &Judgement) -> Result<Option<Money>, MoneyError> {
    match (was.payable, now.payable) {
        (Some(was), Some(now)) => now.minus(was).map(Some),
        _ => Ok(None),
    }
}

/// Rules whose outcome differs. A rule that is satisfied or has nothing to say is as good as inactive.
fn rule_changes(was: &Judgement, now: &Judgement) -> Vec<RuleChange> {
    let said = |judgement: &Judgement| -> BTreeMap<RuleId, String> {
        let heard = judgement.verdicts.iter().filter(|verdict| verdict.outcome.is_heard());
        heard.map(|verdict| (verdict.rule, verdict.to_string())).collect()
    };
    let outcome = |judgement: &Judgement, rule| judgement.verdict(rule).map(|verdict| verdict.outcome.clone());
    let (before, after) = (said(was), said(now));
    let rules: BTreeSet<RuleId> = before.keys().chain(after.keys()).copied().collect();
    let differs = rules.into_iter().filter(|rule| outcome(was, *rule) != outcome(now, *rule));
    differs.map(|rule| RuleChange { rule, was: before.get(&rule).cloned(), now: after.get(&rule).cloned() }).collect()
}
