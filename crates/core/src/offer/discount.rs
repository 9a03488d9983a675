//! How far an offer lies below list, exactly: in total, per dimension, and against the floor.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Offer, Period,
    document::{Contract, UsageDimension},
    price_book::{Listed, NoPrice, PriceBook, Query},
    purchase::{Line, purchases},
    totals::{TOTAL_ROUNDING, months, unit_months},
};
use crate::money::{Money, MoneyError};

/// An offer against its price book.
#[derive(Debug, Clone, PartialEq)]
pub struct Discounts {
    /// Each dimension, contract first with its durations to choose from, in the document's order.
    pub dimensions: Vec<DimensionDiscount>,
    /// The contract's list value, ramps followed and free months counted at list; of the choice that is dearest at list.
    pub list_value: Money,
    /// The contract as a whole, in basis points, for the choice with the largest discount; `None` without a contract or when
    /// its list value is zero.
    pub blended_bp: Option<i64>,
    /// What an approval policy tests: the larger of the blended discount and that of any metered dimension.
    pub policy_bp: i64,
}

/// One dimension against its list price.
#[derive(Debug, Clone, PartialEq)]
pub struct DimensionDiscount {
    /// The unit price as a JSON pointer.
    pub field: String,
    /// The dimension's key.
    pub key: String,
    /// The discount in basis points, free months included; negative above list; `None` when list is zero.
    pub bp: Option<i64>,
    /// The price found.
    pub listed: Listed,
    /// The price of one unit after free months, before rounding.
    pub effective: Decimal,
    /// Whether that lies below the floor.
    pub below_floor: bool,
}

/// Why an offer cannot be compared with list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscountError {
    /// The book lacks a price.
    #[error("{source}")]
    NoPrice {
        /// The dimension's unit price as a JSON pointer.
        field: String,
        /// What is missing.
        source: NoPrice,
    },
    /// An amount is out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Compares an offer with a price book, as valid on `on`.
///
/// The band of a ramped dimension is the one of its first quantity, which never understates the discount.
pub fn discounts(offer: &Offer, book: &PriceBook, on: Date) -> Result<Discounts, DiscountError> {
    let mut dimensions = Vec::new();
    let (mut highest, mut blended_bp) = (Decimal::ZERO, None);
    if let Some(contract) = &offer.pricing.contract {
        for purchase in purchases(contract) {
            let (mut listed_sum, mut offered_sum) = (Decimal::ZERO, Decimal::ZERO);
            for line in purchase.lines {
                let (row, listed, offered) = contract_row(offer, contract, purchase.duration, line, book, on)?;
                listed_sum = listed_sum.checked_add(listed).ok_or(MoneyError::Overflow)?;
                offered_sum = offered_sum.checked_add(offered).ok_or(MoneyError::Overflow)?;
                dimensions.push(row);
            }
            highest = highest.max(listed_sum);
            blended_bp = blended_bp.max(basis_points(listed_sum, offered_sum)?);
        }
    }
    let spread = offer.pricing.contract.as_ref().map_or(1, months);
    let mut policy_bp = blended_bp;
    if let Some(usage) = &offer.pricing.usage {
        for (at, dimension) in usage.dimensions.iter().enumerate() {
            let row = usage_row(offer, dimension, at, book, on)?;
            policy_bp = policy_bp.max(row.bp);
            dimensions.push(row);
        }
    }
    let listed = highest.checked_div(Decimal::from(spread)).ok_or(MoneyError::Overflow)?;
    let list_value = Money::rounded(listed, offer.currency, TOTAL_ROUNDING)?;
    Ok(Discounts { dimensions, list_value, blended_bp, policy_bp: policy_bp.unwrap_or(0) })
}

fn contract_row(
    offer: &Offer,
    contract: &Contract,
    duration: Period,
    Line { field, dimension, unit_price, sku }: Line<'_>,
    book: &PriceBook,
    on: Date,
) -> Result<(DimensionDiscount, Decimal, Decimal), DiscountError> {
    let query = Query { sku, currency: offer.currency, term: Some(duration), quantity: dimension.quantity, on };
    let listed = book.lookup(query).map_err(|source| DiscountError::NoPrice { field: field.clone(), source })?;
    let units = unit_months(contract, dimension);
    let price = unit_price.decimal();
    // Both sides stay multiplied by the contract's months, so that nothing is rounded before the comparison.
    let times = |amount: Decimal, count: u64| amount.checked_mul(Decimal::from(count)).ok_or(MoneyError::Overflow);
    let (list, paid) = (times(listed.list, units.all)?, times(price, units.charged)?);
    let below_floor = match listed.floor {
        Some(floor) => paid < times(floor, units.all)?,
        None => false,
    };
    let effective = if units.all == 0 { Some(price) } else { paid.checked_div(Decimal::from(units.all)) };
    let row = DimensionDiscount {
        field,
        key: dimension.key.clone(),
        bp: basis_points(list, paid)?,
        effective: effective.ok_or(MoneyError::Overflow)?,
        listed,
        below_floor,
    };
    Ok((row, list, paid))
}

fn usage_row(
    offer: &Offer,
    dimension: &UsageDimension,
    at: usize,
    book: &PriceBook,
    on: Date,
) -> Result<DimensionDiscount, DiscountError> {
    let field = format!("/pricing/usage/dimensions/{at}/unit_price");
    let query = Query { sku: dimension.sku(), currency: offer.currency, term: None, quantity: 1, on };
    let listed = book.lookup(query).map_err(|source| DiscountError::NoPrice { field: field.clone(), source })?;
    let price = dimension.unit_price.decimal();
    Ok(DimensionDiscount {
        field,
        key: dimension.key.clone(),
        bp: basis_points(listed.list, price)?,
        effective: price,
        below_floor: listed.floor.is_some_and(|floor| price < floor),
        listed,
    })
}

/// The discount in basis points, rounded up: a discount of 20.001 % is more than 20 %, and is approved as such.
fn basis_points(list: Decimal, offered: Decimal) -> Result<Option<i64>, MoneyError> {
    if list.is_zero() {
        return Ok(None);
    }
    let off =
        list.checked_sub(offered).and_then(|off| off.checked_mul(Decimal::from(10_000))).ok_or(MoneyError::Overflow)?;
    let whole = off.checked_div(list).ok_or(MoneyError::Overflow)?.floor();
    // The quotient has 28 digits; the remainder is asked exactly.
    let reached = whole.checked_mul(list).ok_or(MoneyError::Overflow)?;
    let up = if reached < off { whole + Decimal::ONE } else { whole };
    i64::try_from(up.trunc().normalize().mantissa()).map(Some).map_err(|_| MoneyError::Overflow)
}
