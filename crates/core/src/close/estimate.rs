//! Breakage: the part of what partners are entitled to that they will never claim, as an estimate that two people made.

use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, mdf::BasisPoints};

/// A text is no percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no percentage; write a number from 0 to 100 with at most two decimals, such as `12.5`")]
pub struct NotAPercentage(String);

/// A percentage from 0 to 100 with at most two decimals, such as `12.5`.
///
/// # Errors
/// When the text is none.
pub fn percentage(text: &str) -> Result<BasisPoints, NotAPercentage> {
    let points =
        Decimal::from_str_exact(text.trim()).ok().and_then(|percent| percent.checked_mul(Decimal::ONE_HUNDRED));
    let whole = points.filter(|points| points.fract().is_zero()).and_then(|points| points.to_u32());
    let part = whole.map(BasisPoints).filter(|part| *part <= BasisPoints::WHOLE);
    part.ok_or_else(|| NotAPercentage(text.chars().take(40).collect()))
}

/// An approved estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The id under which it was proposed.
    pub id: String,
    /// The part that will never be claimed.
    pub percent: BasisPoints,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// Who approved it: somebody else.
    pub approved_by: PersonId,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// What it rests on.
    pub evidence: String,
}
