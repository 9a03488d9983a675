//! Judging a change set: all its changes written into copies of their offers, then each change
//! checked against the outcome of the whole, so that the order of the request does not matter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::check::Scene;
use super::types::{self, AfterRelease, Step};
use super::{Change, ChangeSet, ErrorDetail};
use crate::aws::Aws;
use crate::aws::offer::{Offer, OfferState};

/// What the set makes of its offers, ready to be stored.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) offers: Vec<Offer>,
    pub(crate) released: Vec<String>,
}

/// Errors by the index of their change.
pub(crate) type Errors = Vec<(usize, ErrorDetail)>;

/// Judges a set at a moment, without changing anything.
pub(crate) fn evaluate(aws: &Aws, set: &ChangeSet, now: Timestamp) -> Result<Outcome, Errors> {
    let ordered = in_order(&set.changes);
    let mut drafts: BTreeMap<&str, Offer> = BTreeMap::new();
    let mut errors: Errors = Vec::new();
    for (index, change, row) in &ordered {
        if row.step == Step::Create {
            drafts.insert(&change.entity_id, Offer::draft(change.entity_id.clone(), &set.account, "", now));
        }
        let before = aws.offers.get(&change.entity_id);
        let released = before.is_some_and(|offer| offer.state == OfferState::Released);
        if let (true, AfterRelease::Refused(code)) = (released, row.after_release) {
            let message = format!("{} is not possible after the offer is released.", row.name);
            errors.push((*index, ErrorDetail::new(code, message)));
            continue;
        }
        let draft = match (drafts.contains_key(change.entity_id.as_str()), before) {
            (false, Some(before)) => drafts.entry(&change.entity_id).or_insert_with(|| before.clone()),
            _ => drafts
                .entry(&change.entity_id)
                .or_insert_with(|| Offer::draft(change.entity_id.clone(), &set.account, "", now)),
        };
        if let Err(message) = (row.apply)(draft, &change.details, aws) {
            errors.push((*index, ErrorDetail::new("INVALID_UPDATE_REQUEST", message)));
        }
    }
    for (index, change, row) in &ordered {
        let Some(offer) = drafts.get(change.entity_id.as_str()) else { continue };
        if errors.iter().any(|(failed, _)| failed == index) {
            continue;
        }
        let scene = Scene { aws, now, offer, before: aws.offers.get(&change.entity_id), details: &change.details };
        let mut found = Vec::new();
        (row.check)(&scene, &mut found);
        errors.extend(found.into_iter().map(|error| (*index, error)));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let released: Vec<String> = ordered
        .iter()
        .filter(|(_, _, row)| row.step == Step::Release)
        .map(|(_, change, _)| change.entity_id.clone())
        .collect();
    let mut offers: Vec<Offer> = drafts.into_values().collect();
    for offer in &mut offers {
        if released.contains(&offer.id) {
            offer.state = OfferState::Released;
            offer.released_at = Some(now);
        }
        offer.record_revision(now, &set.id);
    }
    Ok(Outcome { offers, released })
}

/// Creations first, then updates, then releases.
fn in_order(changes: &[Change]) -> Vec<(usize, &Change, &'static types::ChangeType)> {
    let mut ordered: Vec<_> = changes
        .iter()
        .enumerate()
        .filter_map(|(index, change)| {
            Some((index, change, types::find(entity_kind(&change.entity_type), &change.change_type)?))
        })
        .collect();
    ordered.sort_by_key(|(index, _, row)| (row.step, *index));
    ordered
}

/// `Offer@1.0` → `Offer`
pub(crate) fn entity_kind(entity_type: &str) -> &str {
    entity_type.split_once('@').map_or(entity_type, |(kind, _)| kind)
}
