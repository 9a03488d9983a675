//! What the marketplace knows.

use std::{collections::BTreeMap, time::Duration};

use entente_core::offer::Offer;
use entente_port::{Agreement, Capability, StepKey, Write};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::FaultPlan;

/// A write that had its effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// When.
    pub at: Timestamp,
    /// Its kind.
    pub capability: Capability,
    /// The token that came with it.
    pub token: Uuid,
    /// The step that it belongs to.
    pub key: StepKey,
    /// The change that it became.
    pub change: String,
    /// The offer that it created or changed.
    pub offer_id: String,
}

/// Everything, as it is kept in the state file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct World {
    pub ahead_seconds: i64,
    pub last_id: u64,
    pub received: u64,
    pub offers: BTreeMap<String, OfferRow>,
    pub changes: BTreeMap<String, ChangeRow>,
    pub agreements: BTreeMap<String, Agreement>,
    pub applied: Vec<Applied>,
    pub faults: Vec<FaultPlan>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfferRow {
    pub document: Offer,
    pub revision: u32,
    pub name: String,
    pub description: String,
    pub expires_on: Date,
    pub withdrawn: bool,
    pub visible_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangeRow {
    pub token: Uuid,
    pub key: StepKey,
    pub write: Write,
    pub offer_id: String,
    pub visible_at: Timestamp,
    pub end: End,
}

/// How a change ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub(crate) enum End {
    /// It is applied at this instant.
    Applied { at: Timestamp },
    /// It fails.
    Failed { field: Option<String>, code: String },
    /// It never ends.
    Never,
}

impl World {
    pub(crate) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.saturating_add(SignedDuration::from_secs(self.ahead_seconds)).unwrap_or(now)
    }

    pub(crate) fn next_id(&mut self, kind: &str) -> String {
        self.last_id += 1;
        format!("{kind}-fake{:06}", self.last_id)
    }
}

/// `duration` after `at`, at most the end of time.
pub(crate) fn after(at: Timestamp, duration: Duration) -> Timestamp {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    at.saturating_add(duration).unwrap_or(Timestamp::MAX)
}
