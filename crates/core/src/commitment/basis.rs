//! On which basis spend is counted. Sums on different bases are refused, never mixed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cost that counts, and how everything beside plain usage is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Which cost.
    pub cost: Cost,
    /// Whether negotiated discounts are taken off first.
    pub discounts: Discounts,
    /// Which date of a charge decides the period it counts in.
    pub dated_by: Dated,
    /// Fees for support.
    pub support: Treatment,
    /// Taxes.
    pub tax: Treatment,
    /// Credits.
    pub credits: Reduction,
    /// Fees of savings plans.
    pub savings_plan_fees: Treatment,
    /// Fees of reservations.
    pub reservation_fees: Treatment,
    /// Refunds.
    pub refunds: Refunds,
    /// The IANA zone in which months are cut off.
    pub zone: String,
}

impl Basis {
    /// Every part in which two bases differ, as `name: mine, not theirs`; empty where they agree.
    pub fn differences(&self, other: &Basis) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |name: &str, mine: String, theirs: String| {
            if mine != theirs {
                found.push(format!("{name}: {mine}, not {theirs}"));
            }
        };
        compare("cost", word(&self.cost), word(&other.cost));
        compare("discounts", word(&self.discounts), word(&other.discounts));
        compare("dated_by", word(&self.dated_by), word(&other.dated_by));
        compare("support", word(&self.support), word(&other.support));
        compare("tax", word(&self.tax), word(&other.tax));
        compare("credits", word(&self.credits), word(&other.credits));
        compare("savings_plan_fees", word(&self.savings_plan_fees), word(&other.savings_plan_fees));
        compare("reservation_fees", word(&self.reservation_fees), word(&other.reservation_fees));
        compare("refunds", word(&self.refunds), word(&other.refunds));
        compare("zone", self.zone.clone(), other.zone.clone());
        found
    }
}

/// A choice as it is written in a file.
pub(super) fn word<T: Serialize>(choice: &T) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Which cost of a charge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cost {
    /// What is invoiced.
    Billed,
    /// With what was paid up front spread over its term.
    Effective,
    /// At negotiated prices.
    Contracted,
    /// At list prices.
    List,
}

/// Whether negotiated discounts are taken off before spend counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Discounts {
    /// What counts is before discounts.
    Before,
    /// What counts is after discounts.
    After,
}

/// A date of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dated {
    /// When the product was bought.
    Purchase,
    /// When it was activated.
    Activation,
    /// When it was used or fell due.
    Charge,
    /// When it was invoiced.
    Invoice,
}

/// Whether a kind of charge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It counts.
    Counts,
    /// It does not.
    Excluded,
}

/// Whether credits reduce what counts, and in which period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// They do, in that of the credit.
    Reduce,
    /// They do, in that of the charge that is credited, where it is known.
    OriginalPeriod,
    /// They do not.
    Ignored,
}

/// In which period refunds reduce what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// In that of the charge that is refunded.
    OriginalPeriod,
    /// In that of the refund.
    RefundPeriod,
    /// In none.
    Ignored,
}
