//! How much of each daily sum counts for which period: at either end of what is known these add up to what is eligible.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::FocusError;
use crate::commitment::{
    amount::{Amount, AmountError},
    drawdown::{Agreed, Course, Drawdown, Share as Split, Side},
    model::Commitment,
    sums::{Part, Partition, SumKey},
};

/// What of a sum counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allocated {
    /// Where over the whole commitment as little counts as may be.
    pub least: Amount,
    /// Where as much does. Of a single sum it may be less than the least: purchases that count earlier leave less of a cap.
    pub most: Amount,
}

/// A daily sum with what of it counts.
#[derive(Debug, Clone, Copy)]
pub struct Share<'d> {
    /// The partition that it came in.
    pub partition: &'d Partition,
    /// Which sum.
    pub key: &'d SumKey,
    /// The sum.
    pub amount: Amount,
    /// The period that it lies in, by its place from 0.
    pub period: Option<usize>,
    /// What of it counts there.
    pub counts: Allocated,
}

/// Shares out what is eligible at the end of a day over the daily sums to that day: in the order of days, the cap being used up by
/// the purchases that come first.
///
/// # Errors
/// When the sums are of another commitment, nothing was known about the day, or a sum is no longer exact.
pub fn allocate<'d>(
    commitment: &Commitment,
    drawdown: &'d Drawdown,
    as_of: Date,
    known_on: Date,
    shares: (Split, Split),
) -> Result<Vec<Share<'d>>, FocusError> {
    let no_terms = || FocusError::NoTerms { commitment: commitment.id.clone(), day: as_of };
    let agreed = Agreed::on(commitment, as_of, known_on).ok_or_else(no_terms)?;
    let within = |day: Date| agreed.terms.periods.iter().position(|period| period.contains(day));
    let mut out: Vec<Share<'d>> = drawdown
        .partitions()
        .iter()
        .flat_map(|(partition, sums)| sums.iter().map(move |(key, amount)| (partition, key, *amount)))
        .filter(|(_, key, _)| key.day <= as_of)
        .map(|(partition, key, amount)| {
            let (period, counts) = (within(key.day), Allocated::default());
            Share { partition, key, amount, period, counts }
        })
        .collect();
    out.sort_by_key(|share| (share.key, share.partition));
    for (side, split) in [(Side::Least, shares.0), (Side::Most, shares.1)] {
        let course = Course::of(&agreed, drawdown.days(), as_of, side, split, &[])?;
        let counts = at_one_end(&out, drawdown, &course, (side, split))?;
        for (share, counts) in out.iter_mut().zip(counts) {
            match side {
                Side::Least => share.counts.least = counts,
                Side::Most => share.counts.most = counts,
            }
        }
    }
    Ok(out)
}

/// What counts of each, in their order.
fn at_one_end(
    rows: &[Share<'_>],
    drawdown: &Drawdown,
    course: &Course,
    (side, split): (Side, Split),
) -> Result<Vec<Amount>, FocusError> {
    let mut counts = weighed(rows, side)?;
    for day in rows.chunk_by(|a, b| a.key.day == b.key.day).filter_map(|day| day.first()).map(|share| share.key.day) {
        let Some(counted) = drawdown.days().get(&day) else { continue };
        let here = split.of(day, counted, side)?;
        let whole = here.as_deref() == Some(counted);
        let target = |part| match (&here, part) {
            (None, _) => Amount::ZERO,
            (Some(here), Part::Cloud) => side.of(here.cloud),
            (Some(here), Part::Marketplace) => side.of(here.marketplace),
        };
        for part in [Part::Cloud, Part::Marketplace].into_iter().filter(|_| !whole) {
            let of_part = |share: &Share<'_>| share.key.day == day && share.key.part_at(side) == part;
            let places: Vec<usize> = (0..).zip(rows).filter(|(_, row)| of_part(row)).map(|(place, _)| place).collect();
            fill(&mut counts, &places, target(part))?;
        }
    }
    // What a cap leaves, period by period.
    let mut bought: BTreeMap<usize, Amount> = BTreeMap::new();
    for (row, counts) in rows.iter().zip(&mut counts) {
        let period = row.period.and_then(|place| course.periods.get(place));
        let Some(period) = period else {
            *counts = Amount::ZERO;
            continue;
        };
        if let (Part::Marketplace, Some(cap)) = (row.key.part_at(side), period.cap) {
            let before = bought.get(&period.place).copied().unwrap_or_default();
            let after = before.plus(*counts)?;
            bought.insert(period.place, after);
            *counts = after.min(cap).minus(before.min(cap))?;
        }
    }
    Ok(counts)
}

/// What counts of each by its weight. Of a key whose sum over all partitions is below zero the larger share is the lesser amount.
fn weighed(rows: &[Share<'_>], side: Side) -> Result<Vec<Amount>, AmountError> {
    let mut totals: BTreeMap<&SumKey, Amount> = BTreeMap::new();
    for row in rows {
        let total = totals.entry(row.key).or_default();
        *total = total.plus(row.amount)?;
    }
    let share = |row: &Share<'_>| {
        let below = totals.get(row.key).is_some_and(|total| *total < Amount::ZERO);
        let weight = row.key.weight;
        row.amount.share(if (side == Side::Least) == below { weight.most } else { weight.least })
    };
    rows.iter().map(share).collect()
}

/// Brings the sum of some to a target: the first ones count wholly, the last one makes up what lacks.
fn fill(counts: &mut [Amount], places: &[usize], target: Amount) -> Result<(), AmountError> {
    let mut so_far = Amount::ZERO;
    let mut given = Amount::ZERO;
    for (at, place) in places.iter().enumerate() {
        let Some(count) = counts.get_mut(*place) else { continue };
        so_far = so_far.plus(*count)?;
        let until = if at + 1 == places.len() { target } else { so_far.min(target) };
        *count = until.minus(given)?;
        given = until;
    }
    Ok(())
}
