//! Judged charges as daily sums, and what changes when rules do.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use super::{
    judge::{agreed_on, judge},
    line::Line,
    rule::{Rule, Rules},
};
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
    model::Commitment,
    sums::{Part, SumKey},
};

/// Amounts by what tells them apart.
pub type Sums = BTreeMap<SumKey, Amount>;

/// Adds up judged charges.
///
/// # Errors
/// When 28 digits do not hold a sum.
pub fn daily_sums<'l>(
    commitment: &Commitment,
    rules: &Rules,
    known_on: Date,
    lines: impl IntoIterator<Item = &'l Line>,
) -> Result<Sums, AmountError> {
    let mut sums = Sums::new();
    for line in lines {
        let (key, amount) = judged(commitment, rules, known_on, line);
        let sum = sums.entry(key).or_default();
        *sum = sum.plus(amount)?;
    }
    Ok(sums)
}

fn judged(commitment: &Commitment, rules: &Rules, known_on: Date, line: &Line) -> (SumKey, Amount) {
    let verdict = judge(commitment, rules, known_on, line);
    let part = if line.channel.is_marketplace() { Part::Marketplace } else { Part::Cloud };
    let key = SumKey {
        day: verdict.day,
        account: line.account.clone(),
        product: line.product.clone(),
        part,
        reason: verdict.reason,
        weight: verdict.weight,
    };
    (key, line.amount)
}

/// What verdicts are made of: a contract and rules, as they were known on a day.
#[derive(Debug, Clone, Copy)]
pub struct State<'s> {
    /// The contract.
    pub commitment: &'s Commitment,
    /// The rules.
    pub rules: &'s Rules,
    /// The day.
    pub known_on: Date,
}

impl State<'_> {
    /// Whether the contract says something else about a charge than in another state.
    fn differs(&self, other: &State<'_>, line: &Line) -> bool {
        let of = |state: &State<'_>| {
            let terms = state.commitment.terms(agreed_on(state.commitment, line), state.known_on);
            let counts = terms.map(|terms| terms.marketplace.counts).filter(|_| line.channel.is_marketplace());
            (state.commitment.accounts.contain(&line.account), counts)
        };
        of(self) != of(other)
    }

    /// Whether it says something else about every charge.
    fn differs_wholly(&self, other: &State<'_>) -> bool {
        let (one, two) = (self.commitment, other.commitment);
        one.basis != two.basis || one.cloud != two.cloud || one.starts(self.known_on) != two.starts(other.known_on)
    }

    fn sums<'l>(&self, lines: impl IntoIterator<Item = &'l Line>) -> Result<Sums, AmountError> {
        daily_sums(self.commitment, self.rules, self.known_on, lines)
    }
}

/// What another contract or other rules make of the same charges. Both versions are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// The first day on which they differ; `None` where they agree.
    pub from: Option<Date>,
    /// How many charges had to be judged again.
    pub judged: usize,
    /// From that day on, as before.
    #[serde(skip)]
    pub before: Sums,
    /// From that day on, as after: what takes their place.
    #[serde(skip)]
    pub after: Sums,
    /// By product, what counted and what counts, before any cap.
    pub products: BTreeMap<String, (Band, Band)>,
}

/// Compares two states of the contract and the rules over the same charges. Only charges that a difference can reach are
/// judged again.
///
/// # Errors
/// When 28 digits do not hold a sum.
pub fn recompute(lines: &[Line], before: State<'_>, after: State<'_>) -> Result<Recomputed, AmountError> {
    let (differences, wholly) = (Difference::between(before, after), before.differs_wholly(&after));
    let ruled = |line: &Line| differences.iter().any(|difference| difference.reaches(line));
    let reached: Vec<&Line> =
        lines.iter().filter(|line| wholly || before.differs(&after, line) || ruled(line)).collect();
    let verdict = |line: &Line, state: State<'_>| judged(state.commitment, state.rules, state.known_on, line).0;
    let from = reached
        .iter()
        .map(|line| (verdict(line, before), verdict(line, after)))
        .filter(|(old, new)| old != new)
        .map(|(old, new)| old.day.min(new.day))
        .min();
    let mut recomputed =
        Recomputed { from, judged: reached.len(), before: Sums::new(), after: Sums::new(), products: BTreeMap::new() };
    let Some(from) = from else { return Ok(recomputed) };
    let since = |state: State<'_>| -> Result<Sums, AmountError> {
        let mut sums = state.sums(lines.iter().filter(|line| latest(line) >= from))?;
        sums.retain(|key, _| key.day >= from);
        Ok(sums)
    };
    (recomputed.before, recomputed.after) = (since(before)?, since(after)?);
    let mut products: BTreeMap<String, (Band, Band)> = BTreeMap::new();
    for (key, amount) in &recomputed.before {
        let (counted, _) = products.entry(key.product.clone()).or_default();
        *counted = counted.plus(key.weight.of(*amount)?)?;
    }
    for (key, amount) in &recomputed.after {
        let (_, counts) = products.entry(key.product.clone()).or_default();
        *counts = counts.plus(key.weight.of(*amount)?)?;
    }
    products.retain(|_, (counted, counts)| counted != counts);
    recomputed.products = products;
    Ok(recomputed)
}

/// The last of a charge's dates: it counts on no later day.
fn latest(line: &Line) -> Date {
    let dates = &line.dates;
    let others = [dates.purchase, dates.activation, dates.invoice, dates.original];
    others.into_iter().flatten().fold(dates.charge, Date::max)
}

/// A rule that is in one state of the rules alone, and the first tested day that this can matter for.
struct Difference<'r> {
    rule: &'r Rule,
    from: Option<Date>,
}

impl<'r> Difference<'r> {
    fn between(before: State<'r>, after: State<'r>) -> Vec<Difference<'r>> {
        let known = |state: State<'r>| -> Vec<&'r Rule> {
            state.rules.iter().filter(|rule| rule.known_on(state.known_on)).collect()
        };
        let (old, new) = (known(before), known(after));
        let gone = old.iter().filter(|rule| !new.contains(rule));
        let come = new.iter().filter(|rule| !old.contains(rule));
        let partner = |rule: &Rule, others: &[&Rule]| {
            let same = |other: &&&Rule| says_the_same_until(rule, other);
            others.iter().find(same).and_then(|other| match (rule.valid_through, other.valid_through) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            })
        };
        let day_after = |day: Date| day.checked_add(1.day()).unwrap_or(Date::MAX);
        let mut differences = Vec::new();
        for (rule, others) in gone.map(|rule| (*rule, &new)).chain(come.map(|rule| (*rule, &old))) {
            let from = partner(rule, others).map(day_after).or(rule.valid_from);
            differences.push(Difference { rule, from });
        }
        differences
    }

    fn reaches(&self, line: &Line) -> bool {
        match (line.tested(self.rule.tests), self.from) {
            (Some(tested), Some(from)) => tested >= from,
            _ => true,
        }
    }
}

/// Whether two rules differ in their last day alone, and in when that became known.
fn says_the_same_until(one: &Rule, other: &Rule) -> bool {
    let mut like = other.clone();
    like.valid_through = one.valid_through;
    like.known_from = one.known_from;
    like.withdrawn_from = one.withdrawn_from;
    like.source = one.source.clone();
    like == *one && one.valid_through != other.valid_through
}
