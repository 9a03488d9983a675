//! The agreement that an offer follows, and how its own agreement goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Amount;

/// The agreement that an offer renews or replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// The marketplace's id of the agreement.
    pub of: String,
    /// Why the agreement gets a successor.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<RenewalPurpose>,
}

/// Why an agreement gets a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenewalPurpose {
    /// Its time is over, and the buyer goes on.
    Renewal,
    /// Its terms change while it runs: for the same buyer, from acceptance on, to a stated day.
    Amendment,
}

/// How an agreement renews by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoRenewal {
    /// The rise of the price at each renewal, in percent; where it can be adjusted, the rise unless somebody does.
    pub price_increase_percent: Amount,
    /// Days before the end after which neither side can stop it.
    pub lockout_days: u16,
    /// The most renewals; absent means without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewals_max: Option<u16>,
    /// Within what bounds the seller may still change the rise; absent means that it is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjustable: Option<Adjustment>,
    /// When a renewed agreement is charged; absent means upfront.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<RenewalInstalment>,
}

/// Within what bounds the rise of the price at a renewal may still be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// The least rise, in percent.
    pub min_percent: Amount,
    /// The greatest rise, in percent.
    pub max_percent: Amount,
    /// Days before the end of the agreement until which it may be changed; the buyer must have time before the lockout.
    pub until_days: u16,
}

/// One charge of a renewed agreement, as a share of its price. All of them count from the renewal, all in months or all in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalInstalment {
    /// Whole months after the renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_months: Option<u16>,
    /// Days after the renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_days: Option<u16>,
    /// The share of the renewed agreement's price, in percent.
    pub percent: Amount,
    /// The day of the month on which it is charged, with `after_months` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 31))]
    pub day_of_month: Option<u8>,
}
