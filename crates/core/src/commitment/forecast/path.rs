//! The way from what is reached to what will be: month by month, with the fan and what is planned.

use jiff::{ToSpan, civil::Date};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;

use super::{
    ForecastError, Model, Month, amount,
    fan::{Fans, Width},
};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        drawdown::{Figures, Side, Standing},
        model::{TrueUp, days},
        sums::Part,
    },
    money::{Currency, MoneyError},
};

/// What a forecast runs from and to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// The day from whose end it runs: the last one that spend was taken in for.
    pub as_of: Date,
    /// The first day whose spend stands against the amount.
    pub from: Date,
    /// The last day.
    pub through: Date,
    /// What stands against the amount by the end of that day.
    pub done: Amount,
    /// Since which day the amount due is reached, where it is.
    pub reached: Option<Date>,
    /// The amount due.
    pub due: Amount,
    /// The room for purchases; `None` where there is no cap.
    pub headroom: Option<Amount>,
    /// What a shortfall costs.
    pub true_up: TrueUp,
    /// Whether the next period takes over what lacks, so that nothing is owed for it.
    pub handed_on: bool,
    /// The currency of every amount.
    pub currency: Currency,
    /// What will count beside what the past tells: the question of what happens if.
    pub planned: Vec<Planned>,
}

impl Ahead {
    /// To the end of the current period, at one end of what is known.
    pub fn to_period_end(figures: &Figures, side: Side) -> Ahead {
        let period = &figures.period;
        let handed_on = period.hands_on_shortfall;
        let reached = period.reached;
        Ahead { handed_on, ..Ahead::to(figures, side, (period.through, period.amount, period.true_up), reached) }
    }

    /// To the next amount due, a milestone or the period's end, at one end of what is known.
    pub fn to_next_due(figures: &Figures, side: Side) -> Ahead {
        let next = &figures.period.next;
        let handed_on = next.milestone.is_none() && figures.period.hands_on_shortfall;
        Ahead { handed_on, ..Ahead::to(figures, side, (next.through, next.amount, next.true_up), next.reached) }
    }

    fn to(
        figures: &Figures,
        side: Side,
        (through, due, true_up): (Date, Amount, TrueUp),
        reached: (Option<Date>, Option<Date>),
    ) -> Ahead {
        let period = &figures.period;
        let (done, headroom, standing, reached) = match side {
            Side::Least => (period.seen_ends.0, period.seen_room.0, figures.standing.0, reached.0),
            Side::Most => (period.seen_ends.1, period.seen_room.1, figures.standing.1, reached.1),
        };
        Ahead {
            // Days without data are ahead, too.
            as_of: figures.complete_through.map_or(figures.as_of, |seen| seen.min(figures.as_of)),
            from: period.from,
            through,
            done,
            reached: reached.filter(|_| standing == Standing::Running),
            // Of what waits for its former, or was replaced, nothing is due.
            due: if standing == Standing::Running { due } else { Amount::ZERO },
            headroom,
            true_up,
            handed_on: false,
            currency: figures.currency,
            planned: Vec::new(),
        }
    }
}

/// An amount that will count from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// The day.
    pub day: Date,
    /// How much.
    pub amount: Amount,
    /// Whether the cap concerns it.
    pub part: Part,
}

/// An amount in the middle and at the ends of both fans. Of a shortfall the low end is the small one, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// The low end of the wide fan.
    pub low_80: Amount,
    /// The low end of the narrow fan.
    pub low_50: Amount,
    /// The middle.
    pub mid: Amount,
    /// The high end of the narrow fan.
    pub high_50: Amount,
    /// The high end of the wide fan.
    pub high_80: Amount,
}

impl Ending {
    /// The same everywhere.
    pub fn exactly(amount: Amount) -> Ending {
        Ending { low_80: amount, low_50: amount, mid: amount, high_50: amount, high_80: amount }
    }

    pub(super) fn lacking(self, due: Amount) -> Result<Ending, AmountError> {
        let lacks = |reached: Amount| due.minus(reached).map(Amount::floor);
        Ok(Ending {
            low_80: lacks(self.high_80)?,
            low_50: lacks(self.high_50)?,
            mid: lacks(self.mid)?,
            high_50: lacks(self.low_50)?,
            high_80: lacks(self.low_80)?,
        })
    }

    pub(super) fn rounded(self, currency: Currency) -> Result<Ending, MoneyError> {
        let round = |amount: Amount| amount.money(currency).map(|money| super::amount(money.decimal()));
        Ok(Ending {
            low_80: round(self.low_80)?,
            low_50: round(self.low_50)?,
            mid: round(self.mid)?,
            high_50: round(self.high_50)?,
            high_80: round(self.high_80)?,
        })
    }
}

/// What will be reached by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The day.
    pub day: Date,
    /// What is reached by its end.
    pub reached: Ending,
}

impl Point {
    pub(super) fn rounded(self, currency: Currency) -> Result<Point, MoneyError> {
        Ok(Point { reached: self.reached.rounded(currency)?, ..self })
    }
}

/// The day on which everything due will be spent; `None` where that is not before the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fulfilment {
    /// Along the high end of the wide fan.
    pub early: Option<Date>,
    /// In the middle.
    pub mid: Option<Date>,
    /// Along the low end of the wide fan.
    pub late: Option<Date>,
}

/// How many months lie ahead, the current one included where it is not over.
pub(super) fn months_ahead(ahead: &Ahead) -> usize {
    steps(ahead).len()
}

/// The last days of the months ahead, each with its days that stand against the amount and all of its days.
fn steps(ahead: &Ahead) -> Vec<(Date, i64, i64)> {
    let mut steps = Vec::new();
    let mut from = ahead.as_of.tomorrow().unwrap_or(Date::MAX);
    while from <= ahead.through {
        let end = from.last_of_month().min(ahead.through);
        steps.push((end, days(from.max(ahead.from), end), i64::from(from.days_in_month())));
        let Ok(next) = end.tomorrow() else { break };
        from = next;
    }
    steps
}

pub(super) fn path(
    history: &[Month],
    ahead: &Ahead,
    model: Model,
    fans: &Fans<'_>,
) -> Result<(Vec<Point>, bool), ForecastError> {
    let steps = steps(ahead);
    let part = |of: fn(&Month) -> Amount| {
        let months: Vec<Decimal> = history.iter().map(|month| of(month).decimal()).collect();
        // A part of the spend may be too young for the model that suits the whole.
        let told = model.ahead(&months, steps.len()).or_else(|| Model::RunRate.ahead(&months, steps.len()));
        told.unwrap_or_else(|| vec![Decimal::ZERO; steps.len()])
    };
    let (cloud, marketplace) = (part(|month| month.cloud), part(|month| month.marketplace));
    let room = ahead.headroom.map(Amount::decimal);
    let (mut own, mut bought, mut thin) = (Decimal::ZERO, Decimal::ZERO, false);
    let mut points = Vec::new();
    for (at, (((day, asked, whole), cloud), marketplace)) in steps.iter().zip(&cloud).zip(&marketplace).enumerate() {
        own += share(*cloud, *asked, *whole)?;
        bought += share(*marketplace, *asked, *whole)?;
        let width = fans.width(at + 1);
        // Around nothing a fan of relative errors has no width, which says nothing about the doubt.
        thin |= width.thin || (*asked > 0 && (own + bought).is_zero());
        let planned = |part| -> Decimal {
            let ahead_of_us = ahead.planned.iter().filter(|planned| planned.part == part && planned.day > ahead.as_of);
            let until = ahead_of_us.filter(|planned| (ahead.from..=*day).contains(&planned.day));
            until.map(|planned| planned.amount.decimal()).sum()
        };
        let (planned_own, planned_bought) = (planned(Part::Cloud), planned(Part::Marketplace));
        let within = |bought: Decimal| room.map_or(bought, |room| bought.min(room));
        let fan = |factor: Decimal| {
            // The cap holds whatever comes: it is no part of the doubt. Planned purchases find what room the others leave.
            let factor = factor.max(Decimal::ZERO);
            amount(ahead.done.decimal() + own * factor + planned_own + within(bought * factor + planned_bought))
        };
        points.push(Point { day: *day, reached: fanned(width, fan) });
    }
    Ok((points, thin))
}

fn fanned(width: Width, at: impl Fn(Decimal) -> Amount) -> Ending {
    let Width { narrow, wide, .. } = width;
    Ending {
        low_80: at(Decimal::ONE - wide),
        low_50: at(Decimal::ONE - narrow),
        mid: at(Decimal::ONE),
        high_50: at(Decimal::ONE + narrow),
        high_80: at(Decimal::ONE + wide),
    }
}

fn share(month: Decimal, asked: i64, whole: i64) -> Result<Decimal, AmountError> {
    let product = month.checked_mul(Decimal::from(asked)).ok_or(AmountError::Inexact)?;
    product.checked_div(Decimal::from(whole)).ok_or(AmountError::Inexact)
}

pub(super) fn fulfilment(path: &[Point], ahead: &Ahead) -> Fulfilment {
    let along = |pick: fn(&Ending) -> Amount| {
        let before = ahead.from.yesterday().unwrap_or(ahead.as_of);
        let (mut day, mut reached) = (ahead.as_of.max(before), ahead.done);
        if reached >= ahead.due {
            return Some(ahead.reached.unwrap_or(day));
        }
        for point in path {
            let next = pick(&point.reached);
            if next >= ahead.due {
                let (lacks, step) = (ahead.due.decimal() - reached.decimal(), next.decimal() - reached.decimal());
                let length = Decimal::from(days(day, point.day) - 1);
                let after = (lacks * length).checked_div(step)?.ceil().to_i64()?;
                return day.checked_add(after.days()).ok();
            }
            (day, reached) = (day.max(point.day), next);
        }
        None
    };
    Fulfilment { early: along(|end| end.high_80), mid: along(|end| end.mid), late: along(|end| end.low_80) }
}
