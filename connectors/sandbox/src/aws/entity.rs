//! What all entities of the catalogue have in common: a kind, an owner, revisions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Aws;

/// The kinds of entity that change sets are about, as `Entity.Type` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntityKind {
    Offer,
    OfferSet,
    ResaleAuthorization,
    SaaSProduct,
    AmiProduct,
    ContainerProduct,
}

impl EntityKind {
    const ALL: [Self; 6] = [
        Self::Offer,
        Self::OfferSet,
        Self::ResaleAuthorization,
        Self::SaaSProduct,
        Self::AmiProduct,
        Self::ContainerProduct,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Offer => "Offer",
            Self::OfferSet => "OfferSet",
            Self::ResaleAuthorization => "ResaleAuthorization",
            Self::SaaSProduct => "SaaSProduct",
            Self::AmiProduct => "AmiProduct",
            Self::ContainerProduct => "ContainerProduct",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the identifiers of new entities begin with.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Offer => "offer-",
            Self::OfferSet => "offerset-",
            Self::ResaleAuthorization => "resaleauthz-",
            Self::SaaSProduct | Self::AmiProduct | Self::ContainerProduct => "prod-",
        }
    }

    /// Whether several change sets may be prepared for the same entity (Catalog API, `StartChangeSet`:
    /// AMI and container products).
    pub(crate) fn is_shared_while_preparing(self) -> bool {
        matches!(self, Self::AmiProduct | Self::ContainerProduct)
    }
}

/// One past or present form of an entity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) number: u32,
    pub(crate) at: Timestamp,
    /// The change set's id, or `console`, `catalogue`, `renewal`.
    pub(crate) by: String,
    pub(crate) details: Value,
}

/// An entity that change sets make or change.
pub(crate) trait Entity: Clone {
    /// A new one, before its creating change is written into it.
    fn blank(id: String, owner: &str, now: Timestamp) -> Self;
    /// Whether the release that freezes it has happened.
    fn is_released(&self) -> bool;
    /// Whether everybody may buy by it; only offers can be public.
    fn is_public(&self) -> bool {
        false
    }
    /// Closes a change: the next revision number, its time and its content.
    fn record_revision(&mut self, at: Timestamp, by: &str);
}

impl Aws {
    /// Who owns the entity of an id, when there is one of this kind.
    pub(crate) fn owner_of(&self, kind: EntityKind, id: &str) -> Option<&str> {
        match kind {
            EntityKind::Offer => self.offers.get(id).map(|offer| offer.owner.as_str()),
            EntityKind::OfferSet => self.offer_sets.get(id).map(|set| set.owner.as_str()),
            EntityKind::ResaleAuthorization => self.authorizations.get(id).map(|held| held.owner.as_str()),
            EntityKind::SaaSProduct | EntityKind::AmiProduct | EntityKind::ContainerProduct => {
                let product = self.products.get(id).filter(|product| product.kind.name() == kind.name());
                product.map(|product| product.owner.as_str())
            }
        }
    }
}
