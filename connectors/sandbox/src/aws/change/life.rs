//! Moving change sets through their life as time passes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::evaluate::{Outcome, evaluate};
use super::{ChangeSet, ErrorDetail, FailureCode, Fate, Status};
use crate::aws::event::{self, Event};
use crate::aws::{Aws, catalog_arn, catalog_time};
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
    if judge(aws, &mut set, at).is_some() {
        set.status = Status::Applying;
        store(aws, index, set);
    } else {
        fail(aws, index, set, at, ids);
    }
}

fn apply(aws: &mut Aws, index: usize, mut set: ChangeSet, at: Timestamp, ids: &mut IdSource) {
    let Some(outcome) = judge(aws, &mut set, at) else { return fail(aws, index, set, at, ids) };
    set.end(Status::Succeeded, at);
    let hidden_until = set.visible_from;
    store(aws, index, set.clone());
    for mut offer in outcome.offers {
        if offer.revision == 1 {
            offer.visible_from = hidden_until;
        }
        aws.offers.insert(offer.id.clone(), offer);
    }
    for id in outcome.released {
        announce_release(aws, ids, at, &id);
    }
    announce(aws, ids, at, &set, "Change Set Succeeded");
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
    announce(aws, ids, at, &set, "Change Set Failed");
}

/// Cancels a set that is still being prepared.
pub(crate) fn cancel(aws: &mut Aws, index: usize, at: Timestamp, ids: &mut IdSource) {
    let Some(set) = aws.change_sets.get_mut(index) else { return };
    set.end(Status::Cancelled, at);
    let set = set.clone();
    announce(aws, ids, at, &set, "Change Set Cancelled");
}

fn store(aws: &mut Aws, index: usize, set: ChangeSet) {
    if let Some(slot) = aws.change_sets.get_mut(index) {
        *slot = set;
    }
}

fn announce(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, set: &ChangeSet, detail_type: &str) {
    let mut detail = Map::new();
    let mut put = |key: &str, value: String| detail.insert(key.to_owned(), Value::String(value));
    put("Catalog", "AWSMarketplace".to_owned());
    put("ChangeSetId", set.id.clone());
    put("ChangeSetName", set.name.clone());
    put("StartTime", catalog_time(set.started_at));
    put("EndTime", catalog_time(set.ended_at.unwrap_or(at)));
    if let Some(code) = set.failure_code {
        put("FailureCode", code.name().to_owned());
    }
    let event = Event {
        account: &set.account,
        source: "aws.marketplacecatalog",
        detail_type: detail_type.to_owned(),
        resources: vec![set.arn()],
        detail: Value::Object(detail),
    };
    event::emit(aws, ids, at, event);
}

fn announce_release(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, offer_id: &str) {
    let Some(offer) = aws.offers.get(offer_id).cloned() else { return };
    let name_of = |aws: &Aws, account: &str| {
        aws.accounts
            .iter()
            .find(|known| known.account_id == account)
            .map(|known| known.name.clone())
            .unwrap_or_default()
    };
    let (title, kind, manufacturer) = aws
        .product_of(&offer)
        .map(|product| (product.title.clone(), product.kind.name(), product.owner.clone()))
        .unwrap_or_default();
    let mut shown = json!({
        "id": offer.id,
        "arn": format!("arn:aws:catalog:us-east-1:{}:Offer/{}", offer.owner, offer.id),
        "name": offer.name.clone().unwrap_or_default(),
    });
    if let (Value::Object(map), Some(end)) = (&mut shown, offer.available_until()) {
        map.insert("expirationDate".to_owned(), catalog_time(end).into());
    }
    let detail = json!({
        "catalog": "AWSMarketplace",
        "offer": shown,
        "product": { "id": offer.product_id, "arn": catalog_arn(&manufacturer, kind, &offer.product_id), "title": title },
        "manufacturer": { "accountId": manufacturer, "name": name_of(aws, &manufacturer) },
        "sellerOfRecord": { "accountId": offer.owner, "name": name_of(aws, &offer.owner) },
        "targetedBuyerAccountIds": offer.buyer_accounts(),
    });
    let event = Event {
        account: &offer.owner,
        source: "aws.marketplacecatalog",
        detail_type: "Offer Released".to_owned(),
        resources: vec![catalog_arn(&offer.owner, "Offer", &offer.id)],
        detail,
    };
    event::emit(aws, ids, at, event);
}
