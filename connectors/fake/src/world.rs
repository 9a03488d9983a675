//! What the marketplace knows.

use std::{collections::BTreeMap, time::Duration};

use entente_core::offer::Offer;
use entente_port::{Agreement, Capability, Invoice, PaymentTerm, StepKey, Write};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{after_sale, fault::FaultPlan};

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
    /// The offer that it created or changed, or the agreement that it is about.
    #[serde(alias = "offer_id")]
    pub object_id: String,
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
    #[serde(default)]
    pub invoices: BTreeMap<String, Invoice>,
    /// By agreement.
    #[serde(default)]
    pub payment_terms: BTreeMap<String, Vec<PaymentTerm>>,
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
    /// The offer that it creates or changes; none for a write about an agreement.
    pub offer_id: Option<String>,
    pub began_at: Timestamp,
    pub visible_at: Timestamp,
    pub end: End,
}

/// How a change ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub(crate) enum End {
    /// It is applied at this instant.
    Applied { at: Timestamp },
    /// The buyer is asked, and counts as having agreed at `answer_by`.
    Asked { answer_by: Option<Timestamp> },
    /// The buyer said no.
    Declined { reason: Option<String>, at: Timestamp },
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

    /// Lets silence count as consent where its time has come.
    pub(crate) fn pass_time(&mut self) {
        let now = self.now();
        let due = |end: &End| match end {
            End::Asked { answer_by: Some(at) } if *at <= now => Some(*at),
            _ => None,
        };
        let due: Vec<_> = self.changes.iter().filter_map(|(id, row)| Some((due(&row.end)?, id.clone()))).collect();
        for (at, change) in due {
            after_sale::approve(self, &change, at);
        }
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
