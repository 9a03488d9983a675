//! What an offer is worth: exact until the one named rounding at the end.

use rust_decimal::Decimal;

use super::{
    Offer, Period,
    document::{Contract, ContractDimension},
    purchase::{Purchase, purchases},
};
use crate::money::{Money, MoneyError, Rounding};

/// How a contract's total is brought to minor units: once, over the sum of all dimensions.
pub const TOTAL_ROUNDING: Rounding = Rounding::HalfEven;

/// The worth of an offer. Usage is not known beforehand and counts for nothing here. Where the buyer has a choice of tiers or
/// durations, each figure is that of the choice for which it is highest: nobody approves less than what may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Total contract value.
    pub total: Money,
    /// The total brought to twelve months (a year of 365 days where the duration counts days).
    pub annualised: Money,
    /// The sum of the instalments, or the total where everything is due upfront.
    pub scheduled: Money,
}

/// Quantity × months of one dimension, over the contract's [`months`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitMonths {
    /// Those that are paid for.
    pub charged: u64,
    /// All, free months included.
    pub all: u64,
}

/// The total contract value, for the dearest choice; zero without a contract.
pub fn contract_total(offer: &Offer) -> Result<Money, MoneyError> {
    let worth = choices(offer)?;
    Ok(worth.into_iter().map(|(_, total)| total).max_by_key(|total| total.minor).unwrap_or(Money::zero(offer.currency)))
}

/// What each choice is worth, with its duration.
fn choices(offer: &Offer) -> Result<Vec<(Period, Money)>, MoneyError> {
    let Some(contract) = &offer.pricing.contract else { return Ok(Vec::new()) };
    let worth = |purchase: &Purchase<'_>| Ok((purchase.duration, purchase_total(offer, contract, purchase)?));
    purchases(contract).iter().map(worth).collect()
}

fn purchase_total(offer: &Offer, contract: &Contract, purchase: &Purchase<'_>) -> Result<Money, MoneyError> {
    let mut weighted = Decimal::ZERO;
    for line in &purchase.lines {
        let charged = Decimal::from(unit_months(contract, line.dimension).charged);
        let value = line.unit_price.decimal().checked_mul(charged).ok_or(MoneyError::Overflow)?;
        weighted = weighted.checked_add(value).ok_or(MoneyError::Overflow)?;
    }
    let sum = weighted.checked_div(Decimal::from(months(contract))).ok_or(MoneyError::Overflow)?;
    Money::rounded(sum, offer.currency, TOTAL_ROUNDING)
}

/// The worth of the offer.
pub fn totals(offer: &Offer) -> Result<Totals, MoneyError> {
    let total = contract_total(offer)?;
    let Some(contract) = &offer.pricing.contract else {
        return Ok(Totals { total, annualised: total, scheduled: total });
    };
    let amounts =
        contract.instalments.iter().map(|due| Money::rounded(due.amount.decimal(), offer.currency, TOTAL_ROUNDING));
    let scheduled = match contract.instalments.is_empty() {
        true => total,
        false => Money::sum(offer.currency, amounts.collect::<Result<Vec<_>, _>>()?)?,
    };
    let mut yearly = Money::zero(offer.currency);
    for (duration, total) in choices(offer)? {
        yearly = Money { minor: yearly.minor.max(annualised(total, duration)?.minor), ..yearly };
    }
    Ok(Totals { total, annualised: yearly, scheduled })
}

fn annualised(total: Money, duration: Period) -> Result<Money, MoneyError> {
    let (numerator, denominator) = match duration.whole_months() {
        Some(months) => (12, months),
        None => (365, duration.years * 365 + duration.months * 30 + duration.days),
    };
    let scaled = total.decimal().checked_mul(Decimal::from(numerator)).ok_or(MoneyError::Overflow)?;
    let yearly = scaled.checked_div(Decimal::from(denominator)).ok_or(MoneyError::Overflow)?;
    Money::rounded(yearly, total.currency, TOTAL_ROUNDING)
}

/// The months over which prices are spread: the common denominator of all [`UnitMonths`] of a contract.
/// 1 where nothing changes over time, and so for every duration that counts days.
pub fn months(contract: &Contract) -> u32 {
    let changes = contract.free_months > 0 || contract.dimensions.iter().any(|dimension| !dimension.ramp.is_empty());
    contract.duration.whole_months().filter(|_| changes).unwrap_or(1)
}

/// Quantity × months of one dimension: its ramp followed, its free months told apart.
pub fn unit_months(contract: &Contract, dimension: &ContractDimension) -> UnitMonths {
    let months = months(contract);
    let mut units = UnitMonths { charged: 0, all: 0 };
    let mut from = 0;
    let mut quantity = dimension.quantity;
    let changes = dimension.ramp.iter().map(|step| (step.after_months, step.quantity));
    for (until, next) in changes.chain([(months, 0)]) {
        let until = until.min(months);
        let all = u64::from(until.saturating_sub(from));
        let charged = u64::from(until.saturating_sub(from.max(contract.free_months)));
        units.all = units.all.saturating_add(quantity.saturating_mul(all));
        units.charged = units.charged.saturating_add(quantity.saturating_mul(charged));
        (from, quantity) = (until.max(from), next);
    }
    units
}
