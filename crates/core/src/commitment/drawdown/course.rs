//! The course of a commitment to a day, at one end of what is known: period by period, with caps, milestones and what
//! one period hands on to the next.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::{Agreed, Counted, Gap, Share, Split, Standing};
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
    eligibility::RuleName,
    marketplace::CapOf,
    model::{Buys, Period},
};

/// An end of what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// As little counts as may be.
    Least,
    /// As much counts as may be.
    Most,
}

impl Side {
    /// That end of a band.
    pub fn of(self, band: Band) -> Amount {
        match self {
            Side::Least => band.least,
            Side::Most => band.most,
        }
    }
}

/// The course to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Course {
    /// The periods that have begun, the current one last.
    pub periods: Vec<PeriodCourse>,
    /// What is still to be spent over the whole term.
    pub remaining: Amount,
    /// Spend on days outside the term.
    pub outside: Amount,
    /// Spend that counts for another commitment of the sequence.
    pub elsewhere: Amount,
    /// Whether anything is due on that day.
    pub standing: Standing,
}

/// A period to a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PeriodCourse {
    /// Its place, from 0.
    pub place: usize,
    /// What is to be spent.
    pub amount: Amount,
    /// What the period before handed on, or what was paid for: above zero it counts here, below zero it is added.
    pub carried_in: Amount,
    /// All spend.
    pub spent: Amount,
    /// What counts of the cloud's own services.
    pub cloud: Amount,
    /// What would count of the marketplace without a cap.
    pub marketplace: Amount,
    /// The cap; `None` where there is none.
    pub cap: Option<Amount>,
    /// What was paid for milestones that were missed; it counts like spend.
    pub paid: Amount,
    /// Milestones that have passed, each with what counted by then and what lacked.
    pub milestones: Vec<(Amount, Amount)>,
    /// What does not count, by rule.
    pub left_out: BTreeMap<RuleName, Amount>,
    /// Whether it may be met whatever is known of it, as there are days of which nothing is.
    pub unknown: bool,
    /// Since which day each amount due is reached: those of the milestones, and the period's own last.
    pub reached: Vec<Option<Date>>,
}

impl PeriodCourse {
    /// What is beyond the cap.
    pub fn over_cap(&self) -> Result<Amount, AmountError> {
        self.cap.map_or(Ok(Amount::ZERO), |cap| Ok(self.marketplace.minus(cap)?.floor()))
    }

    /// What counts.
    pub fn eligible(&self) -> Result<Amount, AmountError> {
        self.cloud.plus(self.marketplace)?.minus(self.over_cap()?)
    }

    /// What counts, with payments, beyond an amount due in this period; below zero, what lacks.
    pub fn beyond(&self, amount: Amount) -> Result<Amount, AmountError> {
        self.eligible()?.plus(self.paid)?.plus(self.carried_in)?.minus(amount)
    }

    /// An amount due in this period, less what was handed on to it.
    pub fn target(&self, amount: Amount) -> Result<Amount, AmountError> {
        Ok(amount.minus(self.carried_in)?.floor())
    }

    /// What lacks of an amount due in this period, for all that is known.
    pub fn lacks(&self, amount: Amount) -> Result<Amount, AmountError> {
        match self.unknown {
            true => Ok(Amount::ZERO),
            false => Ok(Amount::ZERO.minus(self.beyond(amount)?)?.floor()),
        }
    }

    /// Notes on a day which amounts due are reached.
    fn note(&mut self, period: &Period, day: Date) -> Result<(), AmountError> {
        let due = period.milestones.iter().map(|due| due.amount).chain([period.amount]);
        let is_reached = |amount| self.beyond(amount).map(|beyond| beyond >= Amount::ZERO);
        let reached = due.map(is_reached).collect::<Result<Vec<bool>, AmountError>>()?;
        self.reached.resize(reached.len(), None);
        for (since, reached) in self.reached.iter_mut().zip(reached) {
            *since = reached.then(|| since.unwrap_or(day));
        }
        Ok(())
    }

    fn add(&mut self, counted: &Counted, side: Side) -> Result<(), AmountError> {
        self.spent = self.spent.plus(counted.spent)?;
        self.cloud = self.cloud.plus(side.of(counted.cloud))?;
        self.marketplace = self.marketplace.plus(side.of(counted.marketplace))?;
        for (reason, band) in &counted.left_out {
            let sum = self.left_out.entry(reason.clone()).or_default();
            *sum = sum.plus(side.of(*band))?;
        }
        Ok(())
    }
}

/// Walks through the days in their order.
pub(super) struct Walk<'t> {
    agreed: &'t Agreed<'t>,
    side: Side,
    share: Share,
    /// Days of which nothing is known.
    gaps: &'t [Gap],
    done: Vec<PeriodCourse>,
    now: PeriodCourse,
    outside: Amount,
}

impl<'t> Walk<'t> {
    /// Begins on the first day of the term.
    pub(super) fn new(agreed: &'t Agreed<'t>, side: Side, share: Share) -> Result<Walk<'t>, AmountError> {
        let now = PeriodCourse::default();
        let mut walk = Walk { agreed, side, share, gaps: &[], done: Vec::new(), now, outside: Amount::ZERO };
        if let Some(first) = walk.period() {
            walk.now.amount = first.amount;
            walk.now.cap = walk.cap(first)?;
        }
        Ok(walk)
    }

    /// The same, where of some days nothing is known: if as much counts as may be, they may have met what was due by then.
    fn but_for(self, gaps: &'t [Gap]) -> Walk<'t> {
        Walk { gaps, ..self }
    }

    /// Whether the current period may be met by a day whatever is known of it.
    fn is_unknown(&self, through: Date) -> bool {
        let Some(period) = self.period().filter(|_| self.side == Side::Most) else { return false };
        let from = self.share.begins().map_or(period.from, |begins| begins.max(period.from));
        let through = self.share.through.map_or(through, |last| last.min(through)).min(period.through);
        self.now.unknown || self.gaps.iter().any(|gap| gap.within(from, through))
    }

    fn period(&self) -> Option<&'t Period> {
        self.agreed.terms.periods.get(self.now.place)
    }

    fn cap(&self, period: &Period) -> Result<Option<Amount>, AmountError> {
        let marketplace = self.agreed.marketplace(self.now.place);
        let (least, most) = marketplace.cap.ends();
        let Some(share) = (match self.side {
            Side::Least => least,
            Side::Most => most,
        }) else {
            return Ok(None);
        };
        match marketplace.cap_of {
            CapOf::Period => period.amount.share(share).map(Some),
            CapOf::Term => {
                let used = |before: &PeriodCourse| before.marketplace.minus(before.over_cap()?);
                let used = self.done.iter().map(used).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(self.agreed.terms.committed()?.share(share)?.minus(Amount::sum(used)?)?.floor()))
            }
        }
    }

    /// Goes on to a day: settles the milestones and periods that have passed before it. What was due while it waited for the
    /// former, or after another replaced it, is not owed: nothing is paid for it and nothing handed on.
    pub(super) fn to(&mut self, day: Date) -> Result<(), AmountError> {
        while let Some(period) = self.period() {
            let due = period.milestones.get(self.now.milestones.len()).filter(|due| due.through < day);
            if let Some(due) = due {
                self.now.unknown = self.is_unknown(due.through);
                let owes = self.share.owes(due.through);
                let lacks = if owes { self.now.lacks(due.amount)? } else { Amount::ZERO };
                self.now.milestones.push((self.now.eligible()?, lacks));
                self.now.paid = self.now.paid.plus(lacks)?;
                self.now.note(period, due.through)?;
                continue;
            }
            let place = self.now.place + 1;
            let next = self.agreed.terms.periods.get(place);
            let Some(next) = next.filter(|_| period.through < day) else { return Ok(()) };
            let owes = self.share.owes(period.through);
            self.now.unknown = self.is_unknown(period.through);
            let beyond = self.now.beyond(period.amount)?;
            let beyond = if self.now.unknown { beyond.floor() } else { beyond };
            let carried_in = if owes { handed_on(period, beyond)? } else { Amount::ZERO };
            // How much is handed on is not known then either.
            let unknown = owes && self.now.unknown && period.carry_over.hands_on_excess();
            let fresh = PeriodCourse { place, amount: next.amount, carried_in, unknown, ..PeriodCourse::default() };
            self.done.push(std::mem::replace(&mut self.now, fresh));
            self.now.cap = self.cap(next)?;
            self.now.note(next, next.from)?;
        }
        Ok(())
    }

    /// Adds what was counted on a day; days come in their order.
    pub(super) fn add(&mut self, day: Date, counted: &Counted) -> Result<(), AmountError> {
        self.to(day)?;
        match self.period().is_some_and(|period| period.contains(day)) {
            true => {
                self.now.add(counted, self.side)?;
                self.period().map_or(Ok(()), |period| self.now.note(period, day))
            }
            false => {
                self.outside = self.outside.plus(counted.spent)?;
                Ok(())
            }
        }
    }

    /// The same; where that uses everything up, how much of the day it took.
    pub(super) fn use_up(&mut self, day: Date, counted: &Counted) -> Result<Option<Split>, AmountError> {
        self.to(day)?;
        let before = self.now.eligible()?;
        let room = match self.now.cap {
            Some(cap) => Some(cap.minus(self.now.marketplace)?.floor()),
            None => None,
        };
        self.add(day, counted)?;
        let (left, beyond) = self.remaining()?;
        if !left.is_zero() {
            return Ok(None);
        }
        let needed = self.now.eligible()?.minus(before)?.minus(beyond)?;
        let parts = (self.side.of(counted.cloud), self.side.of(counted.marketplace));
        Split::of(day, needed, parts, room).map(Some)
    }

    /// What is still to be spent over the whole term, and what was spent beyond all of it. What one period has too much
    /// covers the next as far as it hands that on, and what is still too much then goes on by that one's own word.
    pub(super) fn remaining(&self) -> Result<(Amount, Amount), AmountError> {
        let Some(period) = self.period() else { return Ok((Amount::ZERO, Amount::ZERO)) };
        let beyond = self.now.beyond(period.amount)?;
        let mut left = self.now.lacks(period.amount)?;
        let (mut extra, mut carry_over, mut unknown) = (beyond.floor(), period.carry_over, self.now.unknown);
        for next in self.agreed.terms.periods.iter().skip(self.now.place + 1) {
            unknown &= carry_over.hands_on_excess();
            if unknown {
                carry_over = next.carry_over;
                continue;
            }
            let handed_on = if carry_over.hands_on_excess() { extra } else { Amount::ZERO };
            left = left.plus(next.amount.minus(handed_on)?.floor())?;
            (extra, carry_over) = (handed_on.minus(next.amount)?.floor(), next.carry_over);
        }
        Ok((left, extra))
    }
}

/// What a period hands on: what is too much, or below zero what lacks, as its own word says; or what was paid for what lacks,
/// where that buys the right to spend it later.
fn handed_on(period: &Period, beyond: Amount) -> Result<Amount, AmountError> {
    let (excess, shortfall) = (period.carry_over.hands_on_excess(), period.carry_over.hands_on_shortfall());
    match (beyond < Amount::ZERO, period.true_up.buys) {
        (true, _) if shortfall => Ok(beyond),
        (true, Buys::CarryOver) => Amount::ZERO.minus(beyond)?.share(period.true_up.credit),
        (false, _) if excess => Ok(beyond),
        _ => Ok(Amount::ZERO),
    }
}

impl Course {
    /// The course to a day. Of the days of gaps nothing is known: if as much counts as may be, whatever was due by then was met.
    ///
    /// # Errors
    /// When 28 digits do not hold a sum.
    pub fn of(
        agreed: &Agreed<'_>,
        days: &BTreeMap<Date, Counted>,
        as_of: Date,
        side: Side,
        share: Share,
        gaps: &[Gap],
    ) -> Result<Course, AmountError> {
        let mut walk = Walk::new(agreed, side, share)?.but_for(gaps);
        let mut elsewhere = Amount::ZERO;
        for (day, counted) in days.range(..=as_of) {
            elsewhere = elsewhere.plus(counted.spent)?;
            if let Some(counts) = share.of(*day, counted, side)? {
                elsewhere = elsewhere.minus(counts.spent)?;
                walk.add(*day, &counts)?;
            }
        }
        walk.to(as_of)?;
        walk.now.unknown = walk.is_unknown(as_of);
        let standing = share.standing(as_of);
        let remaining = if standing == Standing::Replaced { Amount::ZERO } else { walk.remaining()?.0 };
        let Walk { mut done, now, outside, .. } = walk;
        done.push(now);
        Ok(Course { periods: done, remaining, outside, elsewhere, standing })
    }

    /// What counts, over all periods that have begun.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn eligible(&self) -> Result<Amount, AmountError> {
        self.periods.iter().try_fold(Amount::ZERO, |sum, period| sum.plus(period.eligible()?))
    }

    /// The current period; before the first day, the first one.
    pub fn current(&self) -> Option<&PeriodCourse> {
        self.periods.last()
    }

    /// What lacks of an amount that is due in the current period; nothing where another has replaced it.
    pub(super) fn lacks(&self, amount: Amount) -> Result<Amount, AmountError> {
        match self.current().filter(|_| self.standing != Standing::Replaced) {
            Some(now) => now.lacks(amount),
            None => Ok(Amount::ZERO),
        }
    }
}
