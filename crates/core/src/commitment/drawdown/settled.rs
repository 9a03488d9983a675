//! Periods and milestones that have passed: what lacked, what that cost, and what the payment bought.

use jiff::civil::Date;
use serde::Serialize;

use super::{Course, Gap, PeriodCourse, Share};
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
    model::{Buys, Terms, TrueUp},
};

/// A period or a milestone that has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// The period's place, from 1.
    pub period: usize,
    /// The milestone's name; `None` of a period's end.
    pub milestone: Option<String>,
    /// Its last day.
    pub through: Date,
    /// What was due.
    pub amount: Amount,
    /// What counted by then, of this period.
    pub eligible: Band,
    /// Whether nothing may have lacked whatever is known, as there are days of which nothing is.
    pub unknown: bool,
    /// What lacked; nothing where the next period takes it over.
    pub shortfall: Band,
    /// What was spent beyond, whether or not it counts later.
    pub excess: Band,
    /// What the shortfall costs.
    pub cost: ShortfallCost,
}

/// What a shortfall costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortfallCost {
    /// The day on which the payment is due.
    pub due: Date,
    /// The payment.
    pub cash: Band,
    /// What comes back as credit, or may be spent later.
    pub credit: Band,
    /// The payment less the credit.
    pub net: Band,
    /// The last day on which the credit may be used.
    pub credit_through: Option<Date>,
}

/// What a shortfall costs under the terms of its payment.
///
/// # Errors
/// When 28 digits do not hold a sum.
pub fn shortfall_cost(shortfall: Band, true_up: TrueUp) -> Result<ShortfallCost, AmountError> {
    let credit = match true_up.buys {
        Buys::Nothing => Band::ZERO,
        Buys::Credit | Buys::CarryOver => {
            Band { least: shortfall.least.share(true_up.credit)?, most: shortfall.most.share(true_up.credit)? }
        }
    };
    let net = Band { least: shortfall.least.minus(credit.least)?, most: shortfall.most.minus(credit.most)? };
    Ok(ShortfallCost { due: true_up.due, cash: shortfall, credit, net, credit_through: true_up.credit_through })
}

/// What passed before a day. What was due while the commitment waited for its former, or after another replaced it, was never
/// owed.
pub(super) fn settled(
    terms: &Terms,
    (least, most): (&Course, &Course),
    shares: (Share, Share),
    (as_of, gaps): (Date, &[Gap]),
) -> Result<Vec<Settled>, AmountError> {
    let owes = |through: Date| (shares.0.owes(through), shares.1.owes(through));
    let owed = |owes: bool, amount: Amount| if owes { amount } else { Amount::ZERO };
    let mut all = Vec::new();
    for (one, other) in least.periods.iter().zip(&most.periods) {
        let Some(period) = terms.periods.get(one.place) else { continue };
        let passed = one.milestones.iter().zip(&other.milestones);
        for (due, ((eligible, lacks), (more, less))) in period.milestones.iter().zip(passed) {
            if owes(due.through) == (false, false) {
                continue;
            }
            let shortfall = Band::between(*lacks, *less);
            all.push(Settled {
                period: one.place + 1,
                milestone: Some(due.name.clone()),
                through: due.through,
                amount: due.amount,
                eligible: Band::between(*eligible, *more),
                unknown: gaps.iter().any(|gap| gap.within(period.from, due.through)),
                shortfall,
                excess: Band::ZERO,
                cost: shortfall_cost(shortfall, due.true_up)?,
            });
        }
        let owes = owes(period.through);
        if period.through < as_of && owes != (false, false) {
            let last = terms.periods.len() == one.place + 1;
            let handed_on = period.carry_over.hands_on_shortfall() && !last;
            let (under, over) = (one.beyond(period.amount)?, other.beyond(period.amount)?);
            let (under_owed, over_owed) =
                (owed(owes.0, one.lacks(period.amount)?), owed(owes.1, other.lacks(period.amount)?));
            let shortfall = if handed_on { Band::ZERO } else { Band::between(under_owed, over_owed) };
            all.push(Settled {
                period: one.place + 1,
                milestone: None,
                through: period.through,
                amount: period.amount,
                eligible: eligible(one, other)?,
                unknown: other.unknown,
                shortfall,
                excess: Band::between(under.floor(), over.floor()),
                cost: shortfall_cost(shortfall, period.true_up)?,
            });
        }
    }
    Ok(all)
}

fn eligible(one: &PeriodCourse, other: &PeriodCourse) -> Result<Band, AmountError> {
    Ok(Band::between(one.eligible()?, other.eligible()?))
}
