//! What people let a connection do: its mode, its caps, and one switch that stops every write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use entente_core::money::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::StepKey;

/// What a connection may do. A new one observes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Reads only.
    #[default]
    Observe,
    /// Reads, and says what it would write.
    Shadow,
    /// Writes, within its caps.
    Live,
}

/// Limits of a live connection. What is absent is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// The most offers created in a day (UTC).
    pub offers_per_day: Option<u32>,
    /// The most value in a day (UTC), in minor units by currency: offered, given back and asked for, all together. Other
    /// currencies are refused once this is set.
    pub value_per_day: BTreeMap<Currency, i64>,
    /// The most that is given back in a day (UTC), in minor units by currency; other currencies are refused once this is set.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds_per_day: BTreeMap<Currency, i64>,
    /// The only buyer accounts that may be offered to, and whose agreements may be changed; empty allows all.
    pub buyers: BTreeSet<String>,
}

impl Caps {
    /// Whether a day's value, in any form, is limited.
    pub fn limit_value(&self) -> bool {
        !self.value_per_day.is_empty() || !self.refunds_per_day.is_empty()
    }
}

/// What people have granted to one connection, and what it has used of it today.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The mode.
    pub mode: Mode,
    /// The caps of a live connection.
    #[serde(default)]
    pub caps: Caps,
    /// All writes are stopped, whatever the mode.
    #[serde(default)]
    pub stopped: bool,
}

/// What a connection has used of its caps on the current UTC day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Offers created.
    pub offers: u32,
    /// Value offered, given back and asked for, all together, in minor units by currency.
    pub value: BTreeMap<Currency, i64>,
    /// The part of the value that was given back, in minor units by currency.
    #[serde(default)]
    pub refunded: BTreeMap<Currency, i64>,
}

impl Used {
    /// Counts one more use.
    pub fn add(&mut self, used: Use) {
        let count = |sums: &mut BTreeMap<Currency, i64>, value: Money| {
            let sum = sums.entry(value.currency).or_default();
            *sum = sum.saturating_add(value.minor);
        };
        count(&mut self.value, used.value());
        match used {
            Use::Offer(_) => self.offers = self.offers.saturating_add(1),
            Use::Refund(value) => count(&mut self.refunded, value),
            Use::Charge(_) => {}
        }
    }
}

/// What one write uses of a connection's caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "use", content = "value", rename_all = "snake_case")]
pub enum Use {
    /// One offer of this value.
    Offer(Money),
    /// Money given back.
    Refund(Money),
    /// Money asked for.
    Charge(Money),
}

impl Use {
    /// Its value.
    pub fn value(self) -> Money {
        match self {
            Use::Offer(value) | Use::Refund(value) | Use::Charge(value) => value,
        }
    }
}

/// Where a guarded connection learns what it may do; answered by the shell from its database, at each write.
#[async_trait]
pub trait Allowance: Send + Sync {
    /// The grants in force now. An error withholds the write: what cannot be read is not granted.
    async fn grants(&self) -> std::result::Result<Grants, String>;

    /// What was admitted on the current UTC day, the step `except` itself not counted: sending it again is no second use.
    async fn used_today(&self, except: &StepKey) -> std::result::Result<Used, String>;

    /// Counts a step's use against today's caps, durably, before it is sent. Counting the same step again changes nothing. False,
    /// and nothing is counted, when what others have used is no longer what was `seen`: two writes that are judged at once,
    /// perhaps by two processes, could each fit under a cap that both together exceed.
    async fn admit(&self, key: &StepKey, used: Use, seen: &Used) -> std::result::Result<bool, String>;
}
