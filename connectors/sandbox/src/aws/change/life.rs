//! Moving change sets through their life as time passes.

use jiff::Timestamp;

use super::evaluate::{Drafts, Outcome, evaluate};
use super::{ChangeSet, ErrorDetail, FailureCode, Fate, Intent, Status, announce};
use crate::aws::Aws;
use crate::aws::entity::{Entity, EntityKind};
use crate::ids::IdSource;

/// When the next running change set moves on.
pub(crate) fn next_due(aws: &Aws) -> Option<Timestamp> {
    aws.change_sets.iter().filter_map(ChangeSet::due).min()
}

/// Moves on the change sets that are due at `at`.
pub(crate) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    for index in 0..aws.change_sets.len() {
        let Some(set) = aws.change_sets.get(index).filter(|set| set.due() == Some(at)).cloned() else { continue };
        match set.status {
            Status::Preparing => prepare(aws, index, set, at, ids),
            _ => apply(aws, index, set, at, ids),
        }
    }
}

fn prepare(aws: &mut Aws, index: usize, mut set: ChangeSet, at: Timestamp, ids: &mut IdSource) {
    if let Some(free_at) = held_until(aws, index, &set) {
        set.postpone(free_at);
        return store(aws, index, set);
    }
    if judge(aws, &mut set, at).is_some() {
        set.status = Status::Applying;
        store(aws, index, set);
    } else {
        fail(aws, index, set, at, ids);
    }
}

/// When the entities are free, if another set is being applied to one of them. Only kinds that may be
/// prepared by several sets come this far.
fn held_until(aws: &Aws, index: usize, set: &ChangeSet) -> Option<Timestamp> {
    let others = aws.change_sets.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
    let applying = others.filter(|other| other.status == Status::Applying && other.shares_entity_with(set));
    applying.map(|other| other.applied_at).max()
}

fn apply(aws: &mut Aws, index: usize, mut set: ChangeSet, at: Timestamp, ids: &mut IdSource) {
    let Some(outcome) = judge(aws, &mut set, at) else { return fail(aws, index, set, at, ids) };
    set.end(Status::Succeeded, at);
    store(aws, index, set.clone());
    if set.intent == Intent::Apply {
        keep(aws, &set, outcome.drafts);
        for (kind, id) in outcome.released {
            match kind {
                EntityKind::Offer => announce::offer_released(aws, ids, at, &id),
                EntityKind::OfferSet => announce::offer_set_released(aws, ids, at, &id),
                _ => {}
            }
        }
    }
    announce::ended(aws, ids, at, &set, "Change Set Succeeded");
}

/// Puts what the set made into the catalogue.
fn keep(aws: &mut Aws, set: &ChangeSet, drafts: Drafts) {
    let hidden_until = set.visible_from;
    for (id, mut offer) in drafts.offers {
        if offer.revision == 1 {
            offer.visible_from = hidden_until;
            let used = offer.resale.as_ref().and_then(|resale| aws.authorizations.get_mut(&resale.authorization_id));
            if let Some(authorization) = used {
                authorization.offers_created += 1;
            }
        }
        aws.offers.insert(id, offer);
    }
    for (id, mut offer_set) in drafts.offer_sets {
        if offer_set.revision == 1 {
            offer_set.visible_from = hidden_until;
        }
        // Agreements name the offer set of their offer, also when the offer did not ask for one.
        for offer in offer_set.offers.iter().filter(|_| offer_set.is_released()) {
            if let Some(offer) = aws.offers.get_mut(offer) {
                offer.offer_set_id.get_or_insert_with(|| id.clone());
            }
        }
        aws.offer_sets.insert(id, offer_set);
    }
    for (id, mut authorization) in drafts.authorizations {
        if authorization.revision == 1 {
            authorization.visible_from = hidden_until;
        }
        aws.authorizations.insert(id, authorization);
    }
    aws.products.extend(drafts.products);
    for (arn, tags) in &set.entity_tags {
        aws.tags.entry(arn.clone()).or_default().extend(tags.clone());
    }
}

/// The outcome of the set, or `None` with the errors written into it.
fn judge(aws: &Aws, set: &mut ChangeSet, at: Timestamp) -> Option<Outcome> {
    match set.fate.clone() {
        Fate::Open => {}
        Fate::ServerFault => {
            set.failure_code = Some(FailureCode::ServerFault);
            set.failure_description = Some("An unexpected error occurred. Submit the request again.".to_owned());
            return None;
        }
        Fate::Fail { code, message, change_type } => {
            set.failure_code = Some(FailureCode::ClientError);
            let named = set.changes.iter().position(|change| Some(&change.change_type) == change_type.as_ref());
            if let Some(change) = set.changes.get_mut(named.unwrap_or_default()) {
                change.errors.push(ErrorDetail::new(&code, message));
            }
            return None;
        }
    }
    match evaluate(aws, set, at) {
        Ok(outcome) => Some(outcome),
        Err(errors) => {
            set.failure_code = Some(FailureCode::ClientError);
            for (index, error) in errors {
                if let Some(change) = set.changes.get_mut(index) {
                    change.errors.push(error);
                }
            }
            None
        }
    }
}

fn fail(aws: &mut Aws, index: usize, mut set: ChangeSet, at: Timestamp, ids: &mut IdSource) {
    set.end(Status::Failed, at);
    store(aws, index, set.clone());
    announce::ended(aws, ids, at, &set, "Change Set Failed");
}

/// Cancels a set that is still being prepared.
pub(crate) fn cancel(aws: &mut Aws, index: usize, at: Timestamp, ids: &mut IdSource) {
    let Some(set) = aws.change_sets.get_mut(index) else { return };
    set.end(Status::Cancelled, at);
    let set = set.clone();
    announce::ended(aws, ids, at, &set, "Change Set Cancelled");
}

fn store(aws: &mut Aws, index: usize, set: ChangeSet) {
    if let Some(slot) = aws.change_sets.get_mut(index) {
        *slot = set;
    }
}
