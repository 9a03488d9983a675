//! Offer sets: several private offers that one buyer sees together.
//!
//! Rules: AWS Marketplace Catalog API, "Work with offer sets".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalog_time;
use super::entity::{Entity, Revision};
use super::offer::OfferState;

/// The most offers in a set.
pub(crate) const OFFERS_MAX: usize = 7;

/// The fewest offers in a released set.
pub(crate) const OFFERS_MIN: usize = 2;

/// An offer set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfferSet {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) state: OfferState,
    pub(crate) name: String,
    pub(crate) buyer_notes: Option<String>,
    pub(crate) solution_id: Option<String>,
    /// The associated offers, in the order of their association.
    pub(crate) offers: Vec<String>,
    pub(crate) released_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) revision: u32,
    pub(crate) revisions: Vec<Revision>,
    /// Reads do not find it before this moment (injected eventual consistency).
    pub(crate) visible_from: Option<Timestamp>,
}

impl OfferSet {
    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.visible_from.is_none_or(|from| from <= now)
    }

    /// The details document of `DescribeEntity`.
    pub(crate) fn details(&self) -> Value {
        let offers: Vec<Value> = self.offers.iter().map(|id| json!({ "OfferId": id })).collect();
        let mut details = json!({
            "Id": self.id,
            "Name": self.name,
            "State": self.state.name(),
            "AssociatedOffers": offers,
        });
        let optional = [
            ("BuyerNotes", self.buyer_notes.clone()),
            ("SolutionId", self.solution_id.clone()),
            ("ReleaseDate", self.released_at.map(catalog_time)),
        ];
        if let Value::Object(map) = &mut details {
            map.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
        }
        details
    }
}

impl Entity for OfferSet {
    fn blank(id: String, owner: &str, now: Timestamp) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            state: OfferState::Draft,
            name: String::new(),
            buyer_notes: None,
            solution_id: None,
            offers: Vec::new(),
            released_at: None,
            modified_at: now,
            revision: 0,
            revisions: Vec::new(),
            visible_from: None,
        }
    }

    fn is_released(&self) -> bool {
        self.state == OfferState::Released
    }

    fn record_revision(&mut self, at: Timestamp, by: &str) {
        self.revision += 1;
        self.modified_at = at;
        let details = self.details();
        self.revisions.push(Revision { number: self.revision, at, by: by.to_owned(), details });
    }
}
