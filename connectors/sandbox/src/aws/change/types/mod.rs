//! The change types that this sandbox carries, one row each.

mod authorizations;
mod offer_sets;
mod offers;
mod products;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::check::View;
use super::evaluate::Drafts;
use super::{Change, ErrorDetail};
use crate::aws::Aws;
use crate::aws::entity::{Entity, EntityKind};
use crate::aws::offer::Offer;
use crate::aws::offer_set::OfferSet;
use crate::aws::product::Product;
use crate::aws::resale::ResaleAuthorization;
use crate::aws::shape::Shape;

/// The order in which the service applies a set: whatever the order of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Create,
    Update,
    Release,
}

/// What happens to a change of an entity that is already released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterRelease {
    /// Judged like any other.
    Checked,
    /// Refused with this code.
    Refused(&'static str),
    /// Refused with this code unless the offer is public.
    RefusedIfPrivate(&'static str),
}

/// Where and when a change is written.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) now: Timestamp,
}

/// How a change type works on its kind of entity.
pub(crate) struct Work<E: 'static> {
    pub(crate) after_release: AfterRelease,
    /// Writes the document into the entity.
    pub(crate) apply: fn(&mut E, &Value, &Site<'_>) -> Result<(), String>,
    /// Judges the entity as it would be after the whole set.
    pub(crate) check: fn(&View<'_, E>, &mut Vec<ErrorDetail>),
}

impl<E: Entity> Work<E> {
    /// Writes a change into a copy of its entity.
    pub(super) fn write(
        &self,
        row: &ChangeType,
        account: &str,
        change: &Change,
        site: &Site<'_>,
        stored: &BTreeMap<String, E>,
        drafts: &mut BTreeMap<String, E>,
    ) -> Result<(), ErrorDetail> {
        let before = stored.get(&change.entity_id);
        let refused = match (self.after_release, before.filter(|entity| entity.is_released())) {
            (AfterRelease::Refused(code), Some(_)) => Some(code),
            (AfterRelease::RefusedIfPrivate(code), Some(entity)) if !entity.is_public() => Some(code),
            _ => None,
        };
        if let Some(code) = refused {
            return Err(ErrorDetail::new(code, format!("{} is not possible after the release.", row.name)));
        }
        let draft = drafts.entry(change.entity_id.clone()).or_insert_with(|| {
            before.cloned().unwrap_or_else(|| E::blank(change.entity_id.clone(), account, site.now))
        });
        (self.apply)(draft, &change.details, site)
            .map_err(|message| ErrorDetail::new("INVALID_UPDATE_REQUEST", message))
    }

    /// Judges a change by the outcome of the whole set.
    pub(super) fn judge(
        &self,
        change: &Change,
        site: &Site<'_>,
        stored: &BTreeMap<String, E>,
        own: &BTreeMap<String, E>,
        drafts: &Drafts,
        reported: &[String],
    ) -> Vec<ErrorDetail> {
        let mut found = Vec::new();
        if let Some(subject) = own.get(&change.entity_id) {
            let before = stored.get(&change.entity_id);
            let view =
                View { aws: site.aws, now: site.now, drafts, subject, before, details: &change.details, reported };
            (self.check)(&view, &mut found);
        }
        let mut seen = Vec::new();
        found.retain(|error| {
            !seen.contains(error) && {
                seen.push(error.clone());
                true
            }
        });
        found
    }

    /// Whether the document has the typed form that `apply` works on.
    fn understands(&self, details: &Value, site: &Site<'_>) -> Result<(), String> {
        (self.apply)(&mut E::blank(String::new(), "", site.now), details, site)
    }
}

/// The work of a change type, by its kind of entity.
pub(crate) enum AnyWork {
    Offer(Work<Offer>),
    OfferSet(Work<OfferSet>),
    Authorization(Work<ResaleAuthorization>),
    Product(Work<Product>),
}

/// One change type.
pub(crate) struct ChangeType {
    /// The kinds of entity that have it.
    pub(crate) kinds: &'static [EntityKind],
    pub(crate) name: &'static str,
    pub(crate) step: Step,
    /// The schema of its details document.
    pub(crate) details: &'static Shape,
    pub(crate) work: AnyWork,
}

impl ChangeType {
    /// Whether a well-formed document can be read; the message says what is wrong.
    pub(crate) fn understands(&self, details: &Value, site: &Site<'_>) -> Result<(), String> {
        match &self.work {
            AnyWork::Offer(work) => work.understands(details, site),
            AnyWork::OfferSet(work) => work.understands(details, site),
            AnyWork::Authorization(work) => work.understands(details, site),
            AnyWork::Product(work) => work.understands(details, site),
        }
    }
}

fn all() -> impl Iterator<Item = &'static ChangeType> {
    offers::ROWS.iter().chain(offer_sets::ROWS).chain(authorizations::ROWS).chain(products::ROWS)
}

/// The row of a change type of a kind of entity.
pub(crate) fn find(kind: EntityKind, name: &str) -> Option<&'static ChangeType> {
    all().find(|row| row.name == name && row.kinds.contains(&kind))
}

/// The names of the change types of a kind of entity.
pub(crate) fn names_of(kind: EntityKind) -> Vec<&'static str> {
    all().filter(|row| row.kinds.contains(&kind)).map(|row| row.name).collect()
}
