//! One charge, judged: how much of it counts, on which day, and why.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    line::{ChargeKind, Line},
    rule::{Effect, Rule, RuleName, Rules, and},
};
use crate::commitment::{
    band::Weight,
    basis::{Dated, Reduction, Refunds, Treatment},
    model::Commitment,
    sums::SCOPE,
};

/// What is decided about a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// How much of it counts.
    pub weight: Weight,
    /// The day it counts on, or would.
    pub day: Date,
    /// The rule that decided.
    pub reason: RuleName,
    /// Why, in a line.
    pub because: String,
    /// What each rule about it said, the highest precedence first.
    pub said: Vec<Said>,
}

/// What a rule said about a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its name.
    pub rule: RuleName,
    /// Its title.
    pub title: String,
    /// Where it was read, with the contract's clause.
    pub source: String,
    /// The day it was read.
    pub read: Date,
    /// Whether the charge is one that it is about.
    pub answer: Answer,
    /// What it says about such charges.
    pub effect: Effect,
}

/// Whether a charge is one that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is.
    Concerned,
    /// It is not.
    NotConcerned,
    /// A fact that decides is unknown.
    Undecided,
    /// The rule does not hold on the date that it tests.
    NotInForce,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} counts on {}: {} ({})", self.weight, self.day, self.because, self.reason)
    }
}

/// Judges a charge by the rules that were known on a day.
pub fn judge(commitment: &Commitment, rules: &Rules, known_on: Date, line: &Line) -> Verdict {
    let day = counted_on(commitment, line);
    let settled = |reason: &str, because: &str| Verdict {
        weight: Weight::NONE,
        day,
        reason: RuleName::fixed(reason),
        because: because.to_owned(),
        said: Vec::new(),
    };
    if !commitment.accounts.contain(&line.account) {
        return settled(SCOPE, "the account is not in the commitment's scope");
    }
    if let Some((reason, because)) = left_out(commitment, line) {
        return settled(reason, because);
    }
    let default = unless_ruled(commitment, line, known_on);
    let (ranked, said) = ask(commitment, rules, known_on, line, default.weight);
    let decision = decide(ranked.into_values().rev(), &default);
    Verdict { weight: decision.weight, day, reason: decision.reason, because: decision.because, said }
}

/// The day on which a charge counts: by the date that the contract names; a refund or a credit as the contract says, on the day
/// of what it gives back or on its own. A date that is unknown is that of the charge.
fn counted_on(commitment: &Commitment, line: &Line) -> Date {
    let basis = &commitment.basis;
    let named = line.dates.get(basis.dated_by);
    let day = match (line.kind, basis.refunds) {
        (ChargeKind::Refund, Refunds::OriginalPeriod) => line.dates.original.or(named),
        (ChargeKind::Credit, _) if basis.credits == Reduction::OriginalPeriod => line.dates.original.or(named),
        // Its purchase and its activation are those of what it gives back.
        (ChargeKind::Refund, Refunds::RefundPeriod) if basis.dated_by != Dated::Invoice => Some(line.dates.charge),
        _ => named,
    };
    day.unwrap_or(line.dates.charge)
}

/// The day whose terms say which share of a charge counts; of what gives back a charge, those of that one.
pub(super) fn agreed_on(commitment: &Commitment, line: &Line) -> Date {
    line.gives_back().unwrap_or_else(|| counted_on(commitment, line))
}

/// What the contract's basis leaves out, with the reason's name.
fn left_out(commitment: &Commitment, line: &Line) -> Option<(&'static str, &'static str)> {
    let basis = &commitment.basis;
    let (out, reason, because) = match line.kind {
        ChargeKind::Tax => (basis.tax == Treatment::Excluded, "K7", "the amount before tax counts"),
        ChargeKind::Support => (basis.support == Treatment::Excluded, "support", "fees for support are left out"),
        ChargeKind::SavingsPlanFee => {
            (basis.savings_plan_fees == Treatment::Excluded, "savings-plan", "fees of savings plans are left out")
        }
        ChargeKind::ReservationFee => {
            (basis.reservation_fees == Treatment::Excluded, "reservation", "fees of reservations are left out")
        }
        ChargeKind::Credit => (basis.credits == Reduction::Ignored, "K9", "credits do not reduce what counts"),
        ChargeKind::Refund => (basis.refunds == Refunds::Ignored, "K9", "refunds do not reduce what counts"),
        ChargeKind::Usage | ChargeKind::Purchase | ChargeKind::Adjustment => return None,
    };
    out.then_some((reason, because))
}

/// Whether a reason says that the contract's basis leaves such charges out, or that the account is none of it: it tells nothing of a
/// product.
pub(super) fn is_left_out(reason: &RuleName) -> bool {
    [SCOPE, "K7", "K9", "support", "savings-plan", "reservation"].contains(&reason.as_str())
}

/// What rules of one precedence say.
#[derive(Default)]
struct Rank {
    /// Of those that concern the charge.
    surely: Vec<(Weight, RuleName, String)>,
    /// Of those that may.
    perhaps: Vec<(Weight, RuleName, String)>,
}

fn ask(
    commitment: &Commitment,
    rules: &Rules,
    known_on: Date,
    line: &Line,
    full: Weight,
) -> (BTreeMap<u16, Rank>, Vec<Said>) {
    let starts = commitment.starts(known_on);
    let about = |rule: &&Rule| rule.cloud.as_ref().is_none_or(|cloud| *cloud == commitment.cloud);
    let mut known: Vec<&Rule> = rules.iter().filter(|rule| rule.known_on(known_on)).filter(about).collect();
    known.sort_by_key(|rule| std::cmp::Reverse(rule.precedence));
    let mut ranks: BTreeMap<u16, Rank> = BTreeMap::new();
    let mut said = Vec::new();
    for rule in known {
        let Some(weight) = rule.effect.weight(full) else { continue };
        let answer = answer(rule, line, starts);
        let rank = ranks.entry(rule.precedence).or_default();
        let words = (weight, rule.rule.clone(), rule.title.clone());
        match answer {
            Answer::Concerned => rank.surely.push(words),
            Answer::Undecided => rank.perhaps.push(words),
            Answer::NotConcerned | Answer::NotInForce => {}
        }
        said.push(told(rule, answer));
    }
    (ranks, said)
}

fn answer(rule: &Rule, line: &Line, starts: Option<Date>) -> Answer {
    let tested = line.tested(rule.tests);
    let in_force = match (rule.valid_from, rule.valid_through) {
        (None, None) => Some(true),
        (from, through) => {
            tested.map(|day| from.is_none_or(|from| from <= day) && through.is_none_or(|end| day <= end))
        }
    };
    if in_force == Some(false) {
        return Answer::NotInForce;
    }
    match and(in_force, rule.when.holds(line, tested, starts)) {
        Some(true) => Answer::Concerned,
        Some(false) => Answer::NotConcerned,
        None => Answer::Undecided,
    }
}

fn told(rule: &Rule, answer: Answer) -> Said {
    let source = match &rule.clause {
        Some(clause) => format!("{}, {clause}", rule.source.at),
        None => rule.source.at.clone(),
    };
    let (rule, title, read, effect) = (rule.rule.clone(), rule.title.clone(), rule.source.read, rule.effect);
    Said { rule, title, source, read, answer, effect }
}

#[derive(Clone)]
struct Decision {
    weight: Weight,
    reason: RuleName,
    because: String,
}

/// What counts where no rule is about the charge: the cloud's own services wholly, purchases as the contract says.
fn unless_ruled(commitment: &Commitment, line: &Line, known_on: Date) -> Decision {
    let named = |weight, reason, because: &str| Decision {
        weight,
        reason: RuleName::fixed(reason),
        because: because.to_owned(),
    };
    if !line.channel.is_marketplace() {
        return named(Weight::ALL, "cloud", "the cloud's own services count");
    }
    match commitment.terms(agreed_on(commitment, line), known_on) {
        Some(terms) => {
            let counts = terms.marketplace.counts.weight();
            named(counts, "K1", &format!("{counts} of a marketplace purchase counts, up to the cap"))
        }
        None => named(Weight::UNKNOWN, "K1", "no terms are known that say how much of a marketplace purchase counts"),
    }
}

/// The highest rank that surely concerns the charge decides; ranks above it that may concern it widen the band.
fn decide(mut ranks: impl Iterator<Item = Rank>, default: &Decision) -> Decision {
    let Some(rank) = ranks.find(|rank| !rank.surely.is_empty() || !rank.perhaps.is_empty()) else {
        return default.clone();
    };
    let below = if rank.surely.is_empty() { Some(decide(ranks, default)) } else { None };
    let heard = rank.surely.iter().chain(&rank.perhaps);
    let weights = heard.clone().map(|(weight, ..)| *weight).chain(below.as_ref().map(|decision| decision.weight));
    let weight = weights.reduce(Weight::hull).unwrap_or(default.weight);
    // A rule that may concern the charge and changes nothing is not the reason.
    if let Some(below) = below.filter(|decision| decision.weight == weight) {
        return below;
    }
    let Some((first, reason, title)) = heard.clone().next() else { return default.clone() };
    let because = match (rank.surely.is_empty(), heard.clone().all(|(other, ..)| other == first)) {
        (false, true) => title.clone(),
        (false, false) => format!("sources of the same precedence contradict each other: {title}"),
        (true, _) => format!("it is unknown whether this applies: {title}"),
    };
    Decision { weight, reason: reason.clone(), because }
}
