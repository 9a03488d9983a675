//! What a look at a commitment finds.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::commitment::{Alert, Band, Spell};

/// What a look has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The day of the figures.
    pub day: Date,
    /// Where the commitment stands.
    pub outlook: Outlook,
    /// Whether it is behind, by its pace or by its forecast. Derived: it is no state.
    pub at_risk: bool,
    /// What remains over the whole term.
    pub remaining: Band,
    /// The pace, at the least and at the most.
    pub pace: (Option<Decimal>, Option<Decimal>),
    /// The day by which everything that fell due is paid, once nothing more is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_on: Option<Date>,
}

/// Where a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// It has not begun.
    Planned,
    /// Something is to be spent.
    Active,
    /// Everything is spent, surely.
    Fulfilled,
    /// It is over, and something lacks.
    Shortfall,
    /// Another commitment has taken its place.
    Superseded,
}

/// What the activity returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Looked {
    pub(super) look: Look,
    #[serde(default)]
    pub(super) alerts: Vec<Alert>,
    #[serde(default)]
    pub(super) spells: Vec<Spell>,
}

impl Look {
    /// What the activity returns: what it has found, what is to be told, and what is to be remembered.
    pub fn output(&self, alerts: &[Alert], spells: &[Spell]) -> serde_json::Value {
        serde_json::json!({ "look": self, "alerts": alerts, "spells": spells })
    }
}
