//! Daily sums: what a commitment's drawdown is made of.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    band::Weight,
    basis::Basis,
    drawdown::Side,
    eligibility::{RuleName, Sums},
    model::CommitmentId,
};
use crate::money::Currency;

/// What tells one daily sum from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumKey {
    /// The day that it counts on, in the zone in which the contract's months are cut off.
    pub day: Date,
    /// The account.
    pub account: String,
    /// The product.
    pub product: String,
    /// Whether a cap on the marketplace's share concerns it.
    pub part: Part,
    /// The rule that decided whether it counts.
    pub reason: RuleName,
    /// How much of it counts.
    pub weight: Weight,
}

/// Where spend comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The cloud's own services.
    Cloud,
    /// The marketplace.
    Marketplace,
}

/// The reason of a sum of which it is not told who sold it.
const SELLER: &str = "seller";
/// The reason of what an account has spent that is not in the commitment's scope.
pub(super) const SCOPE: &str = "scope";

impl SumKey {
    /// The reason of sums of which it is not told who sold it: they may be the cloud's own or from the marketplace.
    pub fn seller_unknown() -> RuleName {
        RuleName::fixed(SELLER)
    }

    /// The same of an account that is not in the commitment's scope: nothing of it counts.
    pub fn out_of_scope(self) -> SumKey {
        SumKey { reason: RuleName::fixed(SCOPE), weight: Weight::NONE, ..self }
    }

    /// What it is part of at one end of what is known. Where it is not told who sold it, the least is as if it were bought, which a
    /// cap may keep from counting, and the most as if it were the cloud's own.
    pub(super) fn part_at(&self, side: Side) -> Part {
        match side {
            Side::Least if self.reason.as_str() == SELLER => Part::Marketplace,
            _ => self.part,
        }
    }
}

/// What is restated as a whole, by its name: the file of an account and a month, say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(pub String);

/// In place of what sums come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replaces {
    /// Of everything in their partition, on whatever days it counts.
    Partition,
    /// Of the days that they cover, within their partition.
    Days,
}

/// Daily sums with what they were made for. What does not fit the commitment is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailySums {
    /// The commitment.
    pub commitment: CommitmentId,
    /// On which basis the charges were read.
    pub basis: Basis,
    /// The currency of every amount.
    pub currency: Currency,
    /// The partition that they are of; others stay as they are.
    pub partition: Partition,
    /// In place of what they come.
    pub replaces: Replaces,
    /// The first day that they are complete for.
    pub from: Date,
    /// The last day that they are complete for. A refund of a charge of earlier days may count before them.
    pub through: Date,
    /// The sums; a key that had a sum among what they replace and has none here is gone.
    pub sums: Sums,
}

impl DailySums {
    /// Whether they come in place of what was there on a day.
    pub(super) fn replace(&self, day: Date) -> bool {
        self.replaces == Replaces::Partition || (self.from..=self.through).contains(&day)
    }
}
