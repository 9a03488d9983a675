//! What was counted on a day, or over several.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Side;
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
    eligibility::RuleName,
    sums::{Part, SumKey},
};

/// Spend, what counts of it before any cap, and what does not, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Everything.
    pub spent: Amount,
    /// What counts of the cloud's own services.
    pub cloud: Band,
    /// What counts of the marketplace before any cap.
    pub marketplace: Band,
    /// What does not count by the rule that decided: `spent = counted + Σ left out` at either end.
    pub left_out: BTreeMap<RuleName, Band>,
}

impl Counted {
    pub(super) fn of<'s>(sums: impl Iterator<Item = (&'s SumKey, Amount)>) -> Result<Counted, AmountError> {
        let mut counted = Counted::default();
        for (key, amount) in sums {
            let counts = key.weight.of(amount)?;
            counted.spent = counted.spent.plus(amount)?;
            for (side, amount) in [(Side::Least, counts.least), (Side::Most, counts.most)] {
                let part = match key.part_at(side) {
                    Part::Cloud => &mut counted.cloud,
                    Part::Marketplace => &mut counted.marketplace,
                };
                let end = match side {
                    Side::Least => &mut part.least,
                    Side::Most => &mut part.most,
                };
                *end = end.plus(amount)?;
            }
            // The least that counts goes with the most that is left out.
            let left_out = Band { least: amount.minus(counts.least)?, most: amount.minus(counts.most)? };
            if left_out != Band::ZERO {
                let sum = counted.left_out.entry(key.reason.clone()).or_default();
                *sum = sum.plus(left_out)?;
            }
        }
        Ok(counted)
    }
}
