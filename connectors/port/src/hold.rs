//! What holds a write back, and what it would have sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::PlannedCall;

/// What holds a write back. Nothing of it has left this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// What holds it.
    pub by: HeldBy,
    /// What that is set to, such as the mode's name or a cap's amounts.
    pub value: Value,
    /// The same in words, with the figures.
    pub reason: String,
    /// The calls that it would have made.
    pub plan: Vec<PlannedCall>,
}

/// What can hold a write back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// The connection's mode.
    Mode,
    /// The switch that stops every write.
    Stop,
    /// The cap on offers in a day.
    OffersPerDay,
    /// The cap on value in a day.
    ValuePerDay,
    /// The cap on what is given back in a day.
    RefundsPerDay,
    /// The cap on buyer accounts.
    Buyers,
    /// Its own amount, which no cap can count.
    Amount,
    /// The connection's grants, or what was used of them, could not be read or written.
    Unreadable,
}

impl Hold {
    pub(crate) fn new(by: HeldBy, value: impl Into<Value>, reason: impl Into<String>) -> Hold {
        Hold { by, value: value.into(), reason: reason.into(), plan: Vec::new() }
    }

    pub(crate) fn unreadable(what: &str, reason: String) -> Hold {
        Hold::new(HeldBy::Unreadable, Value::Null, format!("{what} ({reason})"))
    }
}
