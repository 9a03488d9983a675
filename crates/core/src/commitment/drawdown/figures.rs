//! The figures of a commitment on a day, each between the least and the most that it may be.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Course, Drawdown, DrawdownError, PeriodCourse, Settled, Share, Side, glide, settled};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        band::Band,
        basis::Basis,
        eligibility::RuleName,
        model::{Commitment, CommitmentId, Period, Terms, TrueUp, days},
    },
    money::Currency,
};

/// What is known of a commitment on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Whose.
    pub commitment: CommitmentId,
    /// The day, at its end.
    pub as_of: Date,
    /// As it was known on this day.
    pub known_on: Date,
    /// The last day that spend was taken in for.
    pub complete_through: Option<Date>,
    /// On which basis.
    pub basis: Basis,
    /// The currency of every amount.
    pub currency: Currency,
    /// Everything that is committed.
    pub committed: Amount,
    /// All spend to date, whether it counts or not.
    pub spent: Amount,
    /// What counts to date.
    pub eligible: Band,
    /// What does not count, by cause. The least stands beside the least that is eligible, the most beside the most: spend is
    /// the sum at either end.
    pub ineligible: Vec<(Cause, Band)>,
    /// What is still to be spent over the whole term.
    pub remaining: Band,
    /// What was to be expected over the whole term.
    pub expected: Amount,
    /// The current period, and the one that ends on this day.
    pub period: PeriodFigures,
    /// Periods and milestones that have passed.
    pub settled: Vec<Settled>,
}

/// Why spend does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A rule says so, or leaves it open.
    Rule(RuleName),
    /// The cap on the marketplace's share is reached.
    OverCap,
    /// It lies outside the term.
    OutsideTerm,
    /// It counts for another commitment of the sequence.
    OtherCommitment,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Rule(rule) => rule.fmt(f),
            Cause::OverCap => f.write_str("over the cap"),
            Cause::OutsideTerm => f.write_str("outside the term"),
            Cause::OtherCommitment => f.write_str("counts for another commitment"),
        }
    }
}

/// What is known of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodFigures {
    /// Its place, from 1.
    pub number: usize,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// What is to be spent.
    pub amount: Amount,
    /// What the period before handed on; below zero, what it added.
    pub carried_in: Band,
    /// What counts to date.
    pub eligible: Band,
    /// The same with what was handed on and with payments for milestones: what stands against the amount.
    pub towards: Band,
    /// What is still to be spent.
    pub remaining: Band,
    /// What was to be expected by the glide path.
    pub expected: Band,
    /// What counts, with payments for milestones, over what was to be expected; `None` before anything was.
    pub pace: Option<(Decimal, Decimal)>,
    /// The days that are left after this one.
    pub days_left: i64,
    /// What has to be spent on each day that is left; `None` when none is.
    pub per_day: Option<Band>,
    /// When what lacks at its end is to be paid, and what the payment buys.
    pub true_up: TrueUp,
    /// Room for purchases under the cap.
    pub headroom: Headroom,
    /// The next amount due.
    pub next: Checkpoint,
}

/// Room for purchases under a cap. An end without a cap has no bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headroom {
    /// The cap at the least and at the most.
    pub cap: (Option<Amount>, Option<Amount>),
    /// What purchases have used of it.
    pub used: Band,
    /// What is left, at the least and at the most.
    pub left: (Option<Amount>, Option<Amount>),
}

/// The next amount due: a milestone, or a period's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// The milestone's name; `None` of a period's end.
    pub milestone: Option<String>,
    /// Its last day.
    pub through: Date,
    /// What is due by then, counted from the period's first day.
    pub amount: Amount,
    /// When what lacks is to be paid, and what the payment buys.
    pub true_up: TrueUp,
    /// What is due by then, counted from the period's first day, less what was handed on.
    pub target: Band,
    /// What is still to be spent.
    pub remaining: Band,
    /// The days that are left after this one.
    pub days_left: i64,
    /// What has to be spent on each day that is left.
    pub per_day: Option<Band>,
}

impl Drawdown {
    /// The figures at the end of a day, by the terms that were in force then as known on `known_on`.
    ///
    /// # Errors
    /// When nothing was known about the day, or a sum is no longer exact.
    pub fn figures(&self, commitment: &Commitment, as_of: Date, known_on: Date) -> Result<Figures, DrawdownError> {
        self.figures_within(commitment, as_of, known_on, (Share::default(), Share::default()))
    }

    /// The same for a commitment within a sequence, with its share at either end of what is known.
    ///
    /// # Errors
    /// As [`Drawdown::figures`].
    pub fn figures_within(
        &self,
        commitment: &Commitment,
        as_of: Date,
        known_on: Date,
        shares: (Share, Share),
    ) -> Result<Figures, DrawdownError> {
        let no_terms = || DrawdownError::NoTerms { commitment: commitment.id.clone(), day: as_of, known_on };
        let terms = commitment.terms(as_of, known_on).ok_or_else(no_terms)?;
        let least = Course::of(terms, self.days(), as_of, Side::Least, shares.0)?;
        let most = Course::of(terms, self.days(), as_of, Side::Most, shares.1)?;
        let (now, best) = least.current().zip(most.current()).ok_or_else(no_terms)?;
        let period = terms.periods.get(now.place).ok_or_else(no_terms)?;
        Ok(Figures {
            commitment: commitment.id.clone(),
            as_of,
            known_on,
            complete_through: self.complete_through(),
            basis: commitment.basis.clone(),
            currency: commitment.currency,
            committed: terms.committed()?,
            spent: Amount::sum(self.days().range(..=as_of).map(|(_, counted)| counted.spent))?,
            eligible: Band::between(least.eligible()?, most.eligible()?),
            ineligible: ineligible(&least, &most)?,
            remaining: Band::between(least.remaining, most.remaining),
            expected: glide::in_term(terms, as_of)?,
            period: period_figures(terms, period, (now, best), as_of)?,
            settled: settled::settled(terms, &least, &most, as_of)?,
        })
    }
}

/// By cause, in the order of causes: spend is what counts and all of these, at either end.
fn ineligible(least: &Course, most: &Course) -> Result<Vec<(Cause, Band)>, AmountError> {
    let mut causes: std::collections::BTreeMap<Cause, Band> = std::collections::BTreeMap::new();
    let mut note = |cause: Cause, amount: Amount, side: Side| -> Result<(), AmountError> {
        let band = causes.entry(cause).or_default();
        let end = match side {
            Side::Least => &mut band.least,
            Side::Most => &mut band.most,
        };
        *end = end.plus(amount)?;
        Ok(())
    };
    for (course, side) in [(least, Side::Least), (most, Side::Most)] {
        for period in &course.periods {
            note(Cause::OverCap, period.over_cap()?, side)?;
            for (rule, amount) in &period.left_out {
                note(Cause::Rule(rule.clone()), *amount, side)?;
            }
        }
        note(Cause::OutsideTerm, course.outside, side)?;
        note(Cause::OtherCommitment, course.elsewhere, side)?;
    }
    Ok(causes.into_iter().filter(|(_, band)| *band != Band::ZERO).collect())
}

fn period_figures(
    terms: &Terms,
    period: &Period,
    (least, most): (&PeriodCourse, &PeriodCourse),
    as_of: Date,
) -> Result<PeriodFigures, AmountError> {
    let lacks = |course: &PeriodCourse, amount| Ok(Amount::ZERO.minus(course.beyond(amount)?)?.floor());
    let remaining = |amount| Ok::<_, AmountError>(Band::between(lacks(least, amount)?, lacks(most, amount)?));
    let expected = (glide::in_period(terms, period, least, as_of)?, glide::in_period(terms, period, most, as_of)?);
    let eligible = (least.eligible()?, most.eligible()?);
    let due = period.milestones.iter().find(|due| due.through >= as_of);
    let end = (period.through, period.amount, period.true_up);
    let (through, amount, true_up) = due.map_or(end, |due| (due.through, due.amount, due.true_up));
    let days_left = |through| days(as_of, through) - 1;
    let (whole, part) = (remaining(period.amount)?, remaining(amount)?);
    Ok(PeriodFigures {
        number: least.place + 1,
        from: period.from,
        through: period.through,
        amount: period.amount,
        carried_in: Band::between(least.carried_in, most.carried_in),
        eligible: Band::between(eligible.0, eligible.1),
        towards: Band::between(least.beyond(Amount::ZERO)?, most.beyond(Amount::ZERO)?),
        remaining: whole,
        expected: Band::between(expected.0, expected.1),
        pace: eligible.0.plus(least.paid)?.ratio(expected.0).zip(eligible.1.plus(most.paid)?.ratio(expected.1)),
        days_left: days_left(period.through).max(0),
        per_day: per_day(whole, days_left(period.through))?,
        true_up: period.true_up,
        headroom: headroom(least, most)?,
        next: Checkpoint {
            milestone: due.map(|due| due.name.clone()),
            through,
            amount,
            true_up,
            target: Band::between(least.target(amount)?, most.target(amount)?),
            remaining: part,
            days_left: days_left(through).max(0),
            per_day: per_day(part, days_left(through))?,
        },
    })
}

fn per_day(remaining: Band, days_left: i64) -> Result<Option<Band>, AmountError> {
    if days_left <= 0 {
        return Ok(None);
    }
    Ok(Some(Band { least: remaining.least.part(1, days_left)?, most: remaining.most.part(1, days_left)? }))
}

fn headroom(least: &PeriodCourse, most: &PeriodCourse) -> Result<Headroom, AmountError> {
    let used = |course: &PeriodCourse| course.marketplace.minus(course.over_cap()?);
    let left = |course: &PeriodCourse| match course.cap {
        Some(cap) => cap.minus(course.marketplace).map(|left| Some(left.floor())),
        None => Ok(None),
    };
    Ok(Headroom {
        cap: (least.cap, most.cap),
        used: Band::between(used(least)?, used(most)?),
        left: (left(least)?, left(most)?),
    })
}
