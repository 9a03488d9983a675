//! Judging a change set: all its changes written into copies of their entities, then each change
//! checked against the outcome of the whole, so that the order of the request does not matter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::types::{self, AnyWork, ChangeType, Site, Step};
use super::{Change, ChangeSet, ErrorDetail};
use crate::aws::Aws;
use crate::aws::entity::{Entity, EntityKind};
use crate::aws::offer::Offer;
use crate::aws::offer_set::OfferSet;
use crate::aws::product::Product;
use crate::aws::resale::ResaleAuthorization;

/// The entities as a change set makes them.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    pub(crate) offers: BTreeMap<String, Offer>,
    pub(crate) offer_sets: BTreeMap<String, OfferSet>,
    pub(crate) authorizations: BTreeMap<String, ResaleAuthorization>,
    pub(crate) products: BTreeMap<String, Product>,
}

impl Drafts {
    /// An offer as it would be after the set.
    pub(crate) fn offer<'a>(&'a self, aws: &'a Aws, id: &str) -> Option<&'a Offer> {
        self.offers.get(id).or_else(|| aws.offers.get(id))
    }

    fn record_revisions(&mut self, now: Timestamp, by: &str) {
        fn record<E: Entity>(entities: &mut BTreeMap<String, E>, now: Timestamp, by: &str) {
            entities.values_mut().for_each(|entity| entity.record_revision(now, by));
        }
        record(&mut self.offers, now, by);
        record(&mut self.offer_sets, now, by);
        record(&mut self.authorizations, now, by);
        record(&mut self.products, now, by);
    }
}

/// What the set makes of its entities, ready to be stored.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) drafts: Drafts,
    /// The entities that the set releases.
    pub(crate) released: Vec<(EntityKind, String)>,
}

/// Errors by the index of their change.
pub(crate) type Errors = Vec<(usize, ErrorDetail)>;

/// Judges a set at a moment, without changing anything.
pub(crate) fn evaluate(aws: &Aws, set: &ChangeSet, now: Timestamp) -> Result<Outcome, Errors> {
    let site = Site { aws, now };
    let ordered = in_order(&set.changes);
    let mut drafts = Drafts::default();
    let mut errors: Errors = Vec::new();
    for (index, change, row) in &ordered {
        if let Err(error) = write(row, &set.account, change, &site, &mut drafts) {
            errors.push((*index, error));
        }
    }
    for (index, change, row) in &ordered {
        if !errors.iter().any(|(failed, _)| failed == index) {
            let reported = reported_for(&change.entity_id, &set.changes, &errors);
            errors.extend(judge(row, change, &site, &drafts, &reported).into_iter().map(|error| (*index, error)));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    drafts.record_revisions(now, &set.id);
    let released = ordered
        .iter()
        .filter(|(_, _, row)| row.step == Step::Release)
        .filter_map(|(_, change, _)| {
            Some((EntityKind::of(entity_kind(&change.entity_type))?, change.entity_id.clone()))
        })
        .collect();
    Ok(Outcome { drafts, released })
}

fn write(
    row: &ChangeType,
    account: &str,
    change: &Change,
    site: &Site<'_>,
    drafts: &mut Drafts,
) -> Result<(), ErrorDetail> {
    let aws = site.aws;
    match &row.work {
        AnyWork::Offer(work) => work.write(row, account, change, site, &aws.offers, &mut drafts.offers),
        AnyWork::OfferSet(work) => work.write(row, account, change, site, &aws.offer_sets, &mut drafts.offer_sets),
        AnyWork::Authorization(work) => {
            work.write(row, account, change, site, &aws.authorizations, &mut drafts.authorizations)
        }
        AnyWork::Product(work) => work.write(row, account, change, site, &aws.products, &mut drafts.products),
    }
}

/// The codes that changes of an entity have given so far.
fn reported_for(entity: &str, changes: &[Change], errors: &Errors) -> Vec<String> {
    let about = |index: &usize| changes.get(*index).is_some_and(|change| change.entity_id == entity);
    errors.iter().filter(|(index, _)| about(index)).map(|(_, error)| error.error_code.clone()).collect()
}

fn judge(row: &ChangeType, change: &Change, site: &Site<'_>, drafts: &Drafts, reported: &[String]) -> Vec<ErrorDetail> {
    let aws = site.aws;
    match &row.work {
        AnyWork::Offer(work) => work.judge(change, site, &aws.offers, &drafts.offers, drafts, reported),
        AnyWork::OfferSet(work) => work.judge(change, site, &aws.offer_sets, &drafts.offer_sets, drafts, reported),
        AnyWork::Authorization(work) => {
            work.judge(change, site, &aws.authorizations, &drafts.authorizations, drafts, reported)
        }
        AnyWork::Product(work) => work.judge(change, site, &aws.products, &drafts.products, drafts, reported),
    }
}

/// Creations first, then updates, then releases.
fn in_order(changes: &[Change]) -> Vec<(usize, &Change, &'static ChangeType)> {
    let mut ordered: Vec<_> = changes
        .iter()
        .enumerate()
        .filter_map(|(index, change)| {
            let kind = EntityKind::of(entity_kind(&change.entity_type))?;
            Some((index, change, types::find(kind, &change.change_type)?))
        })
        .collect();
    ordered.sort_by_key(|(index, _, row)| (row.step, *index));
    ordered
}

/// `Offer@1.0` → `Offer`
pub(crate) fn entity_kind(entity_type: &str) -> &str {
    entity_type.split_once('@').map_or(entity_type, |(kind, _)| kind)
}
