//! The figures of the current period, and of the next amount due in it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Agreed, Course, PeriodCourse, Share, glide};
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
    model::{Period, TrueUp, days},
};

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
    /// The same where over the whole term as little counts as may be, and where as much does: of a cap of the term the latter
    /// may have used up more before, and leave less to this period.
    pub towards_ends: (Amount, Amount),
    /// The same of the days up to the last one that spend was taken in for: what a forecast begins from. What is known of later
    /// days alone is ahead, as the days that lack are.
    #[serde(skip)]
    pub seen_ends: (Amount, Amount),
    /// The room for purchases that those days leave, at the same ends.
    #[serde(skip)]
    pub seen_room: (Option<Amount>, Option<Amount>),
    /// What is still to be spent.
    pub remaining: Band,
    /// Whether nothing may remain whatever is known, as there are days of which nothing is.
    pub unknown: bool,
    /// Since which day the amount is reached, at the least and at the most.
    pub reached: (Option<Date>, Option<Date>),
    /// What was to be expected by the glide path.
    pub expected: Band,
    /// What counts, with payments for milestones, over what was to be expected, at the least and at the most; as of the last
    /// day that spend was taken in for. `None` within the first month, and where nothing is due or was to be expected.
    pub pace: (Option<Decimal>, Option<Decimal>),
    /// The days that are left after this one.
    pub days_left: i64,
    /// What has to be spent on each day that is left; `None` when none is.
    pub per_day: Option<Band>,
    /// When what lacks at its end is to be paid, and what the payment buys.
    pub true_up: TrueUp,
    /// Whether the next period takes over what lacks at its end, so that nothing is paid for it.
    pub hands_on_shortfall: bool,
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
    /// What is left where as little counts as may be, and where as much does: the more counts, the less is left.
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
    /// Since which day it is reached, at the least and at the most.
    pub reached: (Option<Date>, Option<Date>),
    /// The days that are left after this one.
    pub days_left: i64,
    /// What has to be spent on each day that is left.
    pub per_day: Option<Band>,
}

/// A commitment at the end of a day, at either end of what is known.
pub(super) struct Now<'a> {
    pub(super) agreed: &'a Agreed<'a>,
    pub(super) least: &'a Course,
    pub(super) most: &'a Course,
    pub(super) shares: (Share, Share),
    pub(super) as_of: Date,
}

impl Now<'_> {
    /// The figures of the current period, but for its pace.
    pub(super) fn period(&self) -> Result<Option<PeriodFigures>, AmountError> {
        let Some((least, most)) = self.least.current().zip(self.most.current()) else { return Ok(None) };
        let Some(period) = self.agreed.terms.periods.get(least.place) else { return Ok(None) };
        let ends = (least.beyond(Amount::ZERO)?, most.beyond(Amount::ZERO)?);
        let headroom = headroom(least, most)?;
        let path =
            |course, share: Share| glide::in_period(self.agreed.terms, period, course, share.begins(), self.as_of);
        Ok(Some(PeriodFigures {
            number: least.place + 1,
            from: period.from,
            through: period.through,
            amount: period.amount,
            carried_in: Band::between(least.carried_in, most.carried_in),
            eligible: Band::between(least.eligible()?, most.eligible()?),
            towards: Band::between(ends.0, ends.1),
            towards_ends: ends,
            seen_ends: ends,
            seen_room: headroom.left,
            remaining: self.remaining(period.amount)?,
            unknown: most.unknown,
            reached: reached(least, most, period.milestones.len()),
            expected: Band::between(path(least, self.shares.0)?, path(most, self.shares.1)?),
            pace: (None, None),
            days_left: (days(self.as_of, period.through) - 1).max(0),
            per_day: self.per_day(period, period.through, period.amount)?,
            true_up: period.true_up,
            hands_on_shortfall: period.carry_over.hands_on_shortfall() && !self.agreed.is_last(least.place),
            headroom,
            next: self.next(period, (least, most))?,
        }))
    }

    fn next(&self, period: &Period, (least, most): (&PeriodCourse, &PeriodCourse)) -> Result<Checkpoint, AmountError> {
        let place = period.milestones.iter().position(|due| due.through >= self.as_of);
        let due = place.and_then(|place| period.milestones.get(place));
        let end = (period.through, period.amount, period.true_up);
        let (through, amount, true_up) = due.map_or(end, |due| (due.through, due.amount, due.true_up));
        Ok(Checkpoint {
            milestone: due.map(|due| due.name.clone()),
            through,
            amount,
            true_up,
            target: Band::between(least.target(amount)?, most.target(amount)?),
            remaining: self.remaining(amount)?,
            reached: reached(least, most, place.unwrap_or(period.milestones.len())),
            days_left: (days(self.as_of, through) - 1).max(0),
            per_day: self.per_day(period, through, amount)?,
        })
    }

    fn remaining(&self, amount: Amount) -> Result<Band, AmountError> {
        Ok(Band::between(self.least.lacks(amount)?, self.most.lacks(amount)?))
    }

    /// What has to be spent on each day of the period that is left until a day.
    fn per_day(&self, period: &Period, through: Date, amount: Amount) -> Result<Option<Band>, AmountError> {
        let before = period.from.yesterday().map_or(self.as_of, |before| before.max(self.as_of));
        let (remaining, days_left) = (self.remaining(amount)?, days(before, through) - 1);
        if days_left <= 0 {
            return Ok(None);
        }
        Ok(Some(Band { least: remaining.least.part(1, days_left)?, most: remaining.most.part(1, days_left)? }))
    }
}

/// Since which day the amount due at a place is reached.
fn reached(least: &PeriodCourse, most: &PeriodCourse, place: usize) -> (Option<Date>, Option<Date>) {
    let since = |course: &PeriodCourse| course.reached.get(place).copied().flatten();
    (since(least), since(most))
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
