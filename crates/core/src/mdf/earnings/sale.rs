//! Sales and returns, and what they come to.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    ids::PartyId,
    mdf::BasisPoints,
    money::{Currency, Money},
};

/// A sale, or a return where the amount is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// Its row in the report, the first one below the heading being 2.
    pub row: u64,
    /// Its number, which never counts twice for a partner and SKU.
    pub reference: String,
    /// Its day.
    pub on: Date,
    /// What was sold.
    pub sku: String,
    /// The product line of that.
    pub line: String,
    /// Who sold it.
    pub partner: PartyId,
    /// The net amount.
    pub net: Money,
}

/// What the sales of a product line earn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarnedLine {
    /// The product line.
    pub line: String,
    /// The part of net sales that is earned, in basis points.
    pub rate: BasisPoints,
    /// How many sales.
    pub sales: u32,
    /// How many returns.
    pub returns: u32,
    /// Sales less returns.
    pub net: Money,
    /// What they earn; negative where returns outweigh sales.
    pub earned: Money,
}

impl EarnedLine {
    pub(super) fn nothing(line: &str, rate: BasisPoints, currency: Currency) -> EarnedLine {
        let zero = Money::zero(currency);
        EarnedLine { line: line.to_owned(), rate, sales: 0, returns: 0, net: zero, earned: zero }
    }
}

/// A row of a report that cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("row {row}, column `{column}`: {message}")]
pub struct BadRow {
    /// The row, the first one below the heading being 2.
    pub row: u64,
    /// The heading of its column.
    pub column: String,
    /// What is wrong, and what to do.
    pub message: String,
}
