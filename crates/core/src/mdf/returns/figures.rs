//! The return on what was paid, in each currency.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Ratio, Stage};
use crate::money::{Currency, Money, MoneyError};

/// Pipeline, won revenue and cost in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// What was credited of deals that are open or won.
    pub pipeline: Money,
    /// What was credited of deals that are won.
    pub won: Money,
    /// What was paid, less what was claimed back.
    pub cost: Money,
    /// Pipeline per unit of cost; nothing where nothing was paid.
    pub pipeline_per_unit: Option<Ratio>,
    /// Won revenue per unit of cost; nothing where nothing was paid.
    pub won_per_unit: Option<Ratio>,
}

/// Sums up what was credited and what was paid, currency by currency. Nothing is converted.
///
/// # Errors
/// When a sum is too large to be kept exactly.
pub fn figures(
    credited: impl IntoIterator<Item = (Stage, Money)>,
    paid: impl IntoIterator<Item = Money>,
) -> Result<BTreeMap<Currency, Figures>, MoneyError> {
    let mut sums: BTreeMap<Currency, [Money; 3]> = BTreeMap::new();
    let mut add = |column: usize, amount: Money| -> Result<(), MoneyError> {
        let sums = sums.entry(amount.currency).or_insert([Money::zero(amount.currency); 3]);
        if let Some(sum) = sums.get_mut(column) {
            *sum = sum.plus(amount)?;
        }
        Ok(())
    };
    for (stage, amount) in credited {
        if stage != Stage::Lost {
            add(0, amount)?;
        }
        if stage == Stage::Won {
            add(1, amount)?;
        }
    }
    for amount in paid {
        add(2, amount)?;
    }
    let each = sums.into_iter().map(|(currency, [pipeline, won, cost])| {
        let (pipeline_per_unit, won_per_unit) = (Ratio::of(pipeline, cost), Ratio::of(won, cost));
        (currency, Figures { pipeline, won, cost, pipeline_per_unit, won_per_unit })
    });
    Ok(each.collect())
}
