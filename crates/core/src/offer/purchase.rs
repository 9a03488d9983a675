//! What a buyer can buy by accepting: one purchase, unless the contract leaves a choice of tiers or durations.

use super::{
    Amount, Period,
    document::{Choice, Contract, ContractDimension},
};

/// One way to accept a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase<'a> {
    /// The duration that is bought.
    pub duration: Period,
    /// What is bought for it.
    pub lines: Vec<Line<'a>>,
}

/// One dimension of a purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// The unit price as a JSON pointer.
    pub field: String,
    /// The contract's dimension, with its quantity.
    pub dimension: &'a ContractDimension,
    /// The price of one unit for the duration.
    pub unit_price: Amount,
    /// The row of the price book that lists it.
    pub sku: &'a str,
}

/// Every purchase that a contract allows, the contract's own duration and first tier first.
pub fn purchases(contract: &Contract) -> Vec<Purchase<'_>> {
    durations(contract)
        .into_iter()
        .flat_map(|Purchase { duration, lines }| match contract.choose {
            Choice::All => vec![Purchase { duration, lines }],
            Choice::One => lines.into_iter().map(|line| Purchase { duration, lines: vec![line] }).collect(),
        })
        .collect()
}

/// Everything that is priced, per duration.
fn durations(contract: &Contract) -> Vec<Purchase<'_>> {
    const DIMENSIONS: &str = "/pricing/contract/dimensions";
    let own = contract.dimensions.iter().enumerate().map(|(at, dimension)| Line {
        field: format!("{DIMENSIONS}/{at}/unit_price"),
        dimension,
        unit_price: dimension.unit_price,
        sku: dimension.sku(),
    });
    let mut all = vec![Purchase { duration: contract.duration, lines: own.collect() }];
    for (nth, alternative) in contract.alternatives.iter().enumerate() {
        let priced = alternative.dimensions.iter().enumerate().filter_map(|(at, price)| {
            let dimension = contract.dimensions.iter().find(|dimension| dimension.key == price.key)?;
            Some(Line {
                field: format!("/pricing/contract/alternatives/{nth}/dimensions/{at}/unit_price"),
                dimension,
                unit_price: price.unit_price,
                sku: price.sku.as_deref().unwrap_or(dimension.sku()),
            })
        });
        all.push(Purchase { duration: alternative.duration, lines: priced.collect() });
    }
    all
}
