//! What an offer costs, line by line, and how far that lies below list: what people look at before they decide.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    Amount, Offer, Period,
    discount::{DimensionDiscount, DiscountError, Discounts},
    document::{Contract, ContractDimension, RampStep},
    purchase::purchases,
    totals::{totals, unit_months},
};
use crate::money::{Money, MoneyError};

/// The decimals to which a price after free months is shown; comparisons are made before this rounding.
const SHOWN_DECIMALS: u32 = 6;

/// The figures of an offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The total contract value.
    pub total: Money,
    /// The total brought to twelve months.
    pub annualised: Money,
    /// The sum of the instalments, or the total where everything is due upfront.
    pub scheduled: Money,
    /// Months at the start that cost nothing.
    pub free_months: u32,
    /// The contract at list, ramps followed and free months counted; absent where a list price is not known.
    pub list_value: Option<Money>,
    /// The discount of the contract as a whole, in basis points.
    pub blended_bp: Option<i64>,
    /// The discount that policies test: the blended one, or a larger one of a metered dimension.
    pub policy_bp: Option<i64>,
    /// Why there is no discount, where a list price is missing.
    pub unlisted_because: Option<String>,
    /// What is priced, contract first with its durations to choose from.
    pub lines: Vec<PricedLine>,
}

/// One price of an offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PricedLine {
    /// The unit price as a JSON pointer.
    pub field: String,
    /// The dimension's key.
    pub key: String,
    /// The duration that the price pays for; absent for a metered unit.
    pub duration: Option<Period>,
    /// How many units, at the start; absent for a metered unit.
    pub quantity: Option<u64>,
    /// Later changes of the quantity.
    pub ramp: Vec<RampStep>,
    /// The price of one unit.
    pub unit_price: Amount,
    /// The same with the free months spread over it, to six decimals.
    pub effective_price: Decimal,
    /// The list price of one unit.
    pub list_price: Option<Decimal>,
    /// The discount in basis points, free months and ramp included; negative above list.
    pub discount_bp: Option<i64>,
    /// Whether the price lies below the floor.
    pub below_floor: bool,
    /// Which row of the price book lists it, and why that one.
    pub listed_because: Option<String>,
}

/// Computes the figures. `discounts` is the offer against its price book, where it names one.
///
/// # Errors
/// When an amount is out of range.
pub fn figures(offer: &Offer, discounts: Option<&Result<Discounts, DiscountError>>) -> Result<Figures, MoneyError> {
    let totals = totals(offer)?;
    let contract = offer.pricing.contract.as_ref();
    let known = discounts.and_then(|discounts| discounts.as_ref().ok());
    let unlisted = match discounts {
        Some(Ok(_)) => None,
        Some(Err(error)) => Some(error.to_string()),
        None => Some("no price book lists it".to_owned()),
    };
    Ok(Figures {
        total: totals.total,
        annualised: totals.annualised,
        scheduled: totals.scheduled,
        free_months: contract.map_or(0, |contract| contract.free_months),
        list_value: known.map(|known| known.list_value),
        blended_bp: known.and_then(|known| known.blended_bp),
        policy_bp: known.map(|known| known.policy_bp),
        unlisted_because: unlisted,
        lines: lines(offer, known)?,
    })
}

fn lines(offer: &Offer, known: Option<&Discounts>) -> Result<Vec<PricedLine>, MoneyError> {
    let mut lines = Vec::new();
    if let Some(contract) = &offer.pricing.contract {
        for purchase in purchases(contract) {
            for line in purchase.lines {
                lines.push(PricedLine {
                    duration: Some(purchase.duration),
                    quantity: Some(line.dimension.quantity),
                    ramp: line.dimension.ramp.clone(),
                    effective_price: effective(contract, line.dimension, line.unit_price)?,
                    ..priced(line.field, &line.dimension.key, line.unit_price, known)
                });
            }
        }
    }
    let metered = offer.pricing.usage.iter().flat_map(|usage| usage.dimensions.iter().enumerate());
    lines.extend(metered.map(|(at, dimension)| {
        let field = format!("/pricing/usage/dimensions/{at}/unit_price");
        priced(field, &dimension.key, dimension.unit_price, known)
    }));
    Ok(lines)
}

fn priced(field: String, key: &str, unit_price: Amount, known: Option<&Discounts>) -> PricedLine {
    let dimensions = known.map(|known| known.dimensions.as_slice()).unwrap_or_default();
    let found: Option<&DimensionDiscount> = dimensions.iter().find(|dimension| dimension.field == field);
    PricedLine {
        field,
        key: key.to_owned(),
        duration: None,
        quantity: None,
        ramp: Vec::new(),
        unit_price,
        effective_price: unit_price.decimal(),
        list_price: found.map(|found| found.listed.list.normalize()),
        discount_bp: found.and_then(|found| found.bp),
        below_floor: found.is_some_and(|found| found.below_floor),
        listed_because: found.map(|found| found.listed.because.clone()),
    }
}

/// The price of one unit where the free months are spread over all of them.
fn effective(contract: &Contract, dimension: &ContractDimension, price: Amount) -> Result<Decimal, MoneyError> {
    let units = unit_months(contract, dimension);
    if units.all == 0 {
        return Ok(price.decimal());
    }
    let paid = price.decimal().checked_mul(Decimal::from(units.charged)).ok_or(MoneyError::Overflow)?;
    let spread = paid.checked_div(Decimal::from(units.all)).ok_or(MoneyError::Overflow)?;
    Ok(spread.round_dp(SHOWN_DECIMALS).normalize())
}
