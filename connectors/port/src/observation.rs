//! What the world did: facts read from a marketplace, in its own order.

use entente_core::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A fact that a connector read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "observation", rename_all = "snake_case")]
pub enum Observation {
    /// An agreement as it stands now.
    Agreement(Agreement),
    /// Something the connector has no word for; kept, shown to people, never taken for success.
    Unrecognised {
        /// What was looked at.
        object: String,
        /// The marketplace's own word.
        word: String,
    },
}

/// An agreement between the vendor and a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The marketplace's id.
    pub id: String,
    /// The offer that was accepted.
    pub offer_id: Option<String>,
    /// The product, where known.
    pub product_id: Option<String>,
    /// The buyer's account.
    pub buyer_account: String,
    /// Where it stands.
    pub status: AgreementStatus,
    /// When the buyer accepted.
    pub accepted_at: Timestamp,
    /// When it takes effect.
    pub starts_at: Option<Timestamp>,
    /// When it ends; absent for one without an end.
    pub ends_at: Option<Timestamp>,
    /// When the marketplace last changed it: the version by which late facts are told from new ones.
    pub updated_at: Timestamp,
    /// The first agreement of its chain of renewals and replacements.
    pub initial_id: Option<String>,
    /// Its estimated value, where the marketplace gives one.
    pub value: Option<Money>,
}

/// Where an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// In force, or accepted and about to be.
    Active,
    /// Ended early by the buyer, or with the buyer's consent.
    Cancelled,
    /// Ended on its last day.
    Expired,
    /// Went on as a new agreement.
    Renewed,
    /// Replaced by another offer's agreement.
    Replaced,
    /// Ended by the marketplace.
    Terminated,
    /// Kept for the record only.
    Archived,
    /// Undone as if it had not been.
    RolledBack,
    /// A word that the connector does not know; never taken for success.
    Unrecognised,
}

/// One page of observations.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationPage {
    /// The facts, oldest change first.
    pub observations: Vec<Observation>,
    /// Up to where the marketplace has been read; the next call begins here, less an overlap that the connector knows to need.
    pub read_to: Timestamp,
    /// More is waiting: call again with `read_to`.
    pub more: bool,
}

/// What an event from a marketplace is worth: a reason to look, never a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The event's own id, for deduplication.
    pub id: String,
    /// The account it is about, where it says so.
    pub account: Option<String>,
    /// Offers to look at.
    pub offers: Vec<String>,
    /// Agreements to look at.
    pub agreements: Vec<String>,
    /// Changes to look at.
    pub changes: Vec<String>,
}
