//! What an offer costs.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IsoDate;
use crate::{
    money::Currency,
    offer::{Amount, Period},
};

/// What the offer costs: a contract, usage, or both; with or without a free trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// Quantities bought for a duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
    /// Prices of metered units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// A time without charge before the first payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_trial: Option<FreeTrial>,
}

/// How a buyer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PricingModel {
    /// Quantities for a duration.
    Contract,
    /// Metered units.
    Usage,
    /// A contract, and metered units beyond it.
    ContractWithUsage,
}

/// Quantities bought for a duration.
///
/// A contract may leave the buyer a choice: of one dimension among several (tiers), of one duration among several, or both.
/// Then its value is that of the dearest choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The duration that the unit prices pay for.
    pub duration: Period,
    /// What is bought.
    #[schemars(length(min = 1))]
    pub dimensions: Vec<ContractDimension>,
    /// How many of the dimensions the buyer takes.
    #[serde(default, skip_serializing_if = "Choice::is_all")]
    pub choose: Choice,
    /// Other durations that the buyer may choose instead, with their own prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// When the total is charged; absent means upfront on acceptance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// Months at the start of the duration that cost nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub free_months: u32,
    /// The total contract value, stated again as a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Amount>,
    /// The currency, stated again where the section is copied from a quote; must be the offer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// How many dimensions of a contract the buyer takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// All of them, in the quantities stated.
    #[default]
    All,
    /// One of them, one unit of it: the dimensions are tiers.
    One,
}

/// Another duration of a contract, with its own prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The duration that the unit prices pay for.
    pub duration: Period,
    /// The price of each dimension of the contract.
    #[schemars(length(min = 1))]
    pub dimensions: Vec<AlternativePrice>,
}

/// What one dimension of a contract costs for another duration. The quantity is the contract's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlternativePrice {
    /// The key of the contract's dimension.
    pub key: String,
    /// The price of one unit for the whole duration.
    pub unit_price: Amount,
    /// The row of the price book; absent means that of the contract's dimension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}

/// One dimension of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractDimension {
    /// The dimension's key.
    pub key: String,
    /// How many units; with a ramp, at the start.
    #[schemars(range(min = 1))]
    pub quantity: u64,
    /// The price of one unit for the whole duration.
    pub unit_price: Amount,
    /// The row of the price book; absent means the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Later changes of the quantity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ramp: Vec<RampStep>,
}

/// A change of quantity during the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampStep {
    /// Whole months after the start.
    #[schemars(range(min = 1))]
    pub after_months: u32,
    /// Units from then on.
    #[schemars(range(min = 1))]
    pub quantity: u64,
}

/// One charge of a payment schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// The day of the charge.
    #[schemars(with = "IsoDate")]
    pub date: Date,
    /// The charge.
    pub amount: Amount,
}

/// Prices of metered units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// What is metered.
    #[schemars(length(min = 1))]
    pub dimensions: Vec<UsageDimension>,
    /// The currency, stated again where the section is copied from a quote; must be the offer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// One metered dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageDimension {
    /// The dimension's key.
    pub key: String,
    /// The price of one metered unit.
    pub unit_price: Amount,
    /// The row of the price book; absent means the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}

/// A time without charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeTrial {
    /// How long.
    pub duration: Period,
    /// What may be used meanwhile; empty means without limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
}

/// Units granted during a free trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The dimension's key.
    pub key: String,
    /// How many units.
    #[schemars(range(min = 1))]
    pub quantity: u64,
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Pricing {
    /// How the buyer pays; `None` for a document without any price, which the loader refuses.
    pub fn model(&self) -> Option<PricingModel> {
        match (&self.contract, &self.usage) {
            (Some(_), Some(_)) => Some(PricingModel::ContractWithUsage),
            (Some(_), None) => Some(PricingModel::Contract),
            (None, Some(_)) => Some(PricingModel::Usage),
            (None, None) => None,
        }
    }
}

impl Choice {
    fn is_all(&self) -> bool {
        *self == Choice::All
    }
}

impl Contract {
    /// Whether the buyer has a choice of tiers or of durations.
    pub fn leaves_a_choice(&self) -> bool {
        self.choose == Choice::One || !self.alternatives.is_empty()
    }

    /// Every duration that the buyer can take, the contract's own first.
    pub fn durations(&self) -> impl Iterator<Item = Period> {
        std::iter::once(self.duration).chain(self.alternatives.iter().map(|alternative| alternative.duration))
    }
}

impl ContractDimension {
    /// The row of the price book that lists it.
    pub fn sku(&self) -> &str {
        self.sku.as_deref().unwrap_or(&self.key)
    }
}

impl UsageDimension {
    /// The row of the price book that lists it.
    pub fn sku(&self) -> &str {
        self.sku.as_deref().unwrap_or(&self.key)
    }
}
