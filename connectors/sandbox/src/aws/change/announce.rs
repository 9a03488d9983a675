//! The events of the catalogue: ended change sets, released offers and offer sets.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ChangeSet;
use crate::aws::event::{self, Event};
use crate::aws::offer::Offer;
use crate::aws::{Aws, catalog_arn, catalog_time};
use crate::ids::IdSource;

const SOURCE: &str = "aws.marketplacecatalog";

/// Change Set Succeeded, Failed or Cancelled.
pub(super) fn ended(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, set: &ChangeSet, detail_type: &str) {
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
        source: SOURCE,
        detail_type: detail_type.to_owned(),
        resources: vec![set.arn()],
        detail: Value::Object(detail),
    };
    event::emit(aws, ids, at, event);
}

fn party(aws: &Aws, account: &str) -> Value {
    json!({ "accountId": account, "name": aws.name_of(account) })
}

/// An offer or offer set as events show it.
fn shown(owner: &str, kind: &str, id: &str, name: &str, end: Option<Timestamp>) -> Value {
    let arn = format!("arn:aws:catalog:us-east-1:{owner}:{kind}/{id}");
    let mut shown = json!({ "id": id, "arn": arn, "name": name });
    if let (Value::Object(map), Some(end)) = (&mut shown, end) {
        map.insert("expirationDate".to_owned(), catalog_time(end).into());
    }
    shown
}

/// The product of an offer as events show it, and its manufacturer.
fn product_of(aws: &Aws, offer: &Offer) -> (Value, String) {
    let (title, kind, manufacturer) = aws
        .product_of(offer)
        .map(|product| (product.title.clone(), product.kind.name(), product.owner.clone()))
        .unwrap_or_default();
    let arn = catalog_arn(&manufacturer, kind, &offer.product_id);
    (json!({ "id": offer.product_id, "arn": arn, "title": title }), manufacturer)
}

/// Offer Released: to the seller of record, and to the manufacturer whose product is resold.
pub(super) fn offer_released(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, offer_id: &str) {
    let Some(offer) = aws.offers.get(offer_id).cloned() else { return };
    let (product, manufacturer) = product_of(aws, &offer);
    let name = offer.name.clone().unwrap_or_default();
    let detail = json!({
        "catalog": "AWSMarketplace",
        "offer": shown(&offer.owner, "Offer", &offer.id, &name, offer.available_until()),
        "product": product,
        "manufacturer": party(aws, &manufacturer),
        "sellerOfRecord": party(aws, &offer.owner),
        "targetedBuyerAccountIds": offer.buyer_accounts(),
    });
    let mut hearers = vec![offer.owner.clone()];
    hearers.extend(Some(manufacturer).filter(|account| !account.is_empty() && *account != offer.owner));
    for account in hearers {
        let event = Event {
            account: &account,
            source: SOURCE,
            detail_type: "Offer Released".to_owned(),
            resources: vec![catalog_arn(&offer.owner, "Offer", &offer.id)],
            detail: detail.clone(),
        };
        event::emit(aws, ids, at, event);
    }
}

/// OfferSet Released.
pub(super) fn offer_set_released(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, set_id: &str) {
    let Some(set) = aws.offer_sets.get(set_id).cloned() else { return };
    let offers = set.offers.iter().filter_map(|id| aws.offers.get(id));
    let associated: Vec<Value> = offers
        .map(|offer| {
            let name = offer.name.clone().unwrap_or_default();
            json!({ "offer": shown(&offer.owner, "Offer", &offer.id, &name, None) })
        })
        .collect();
    let detail = json!({
        "catalog": "AWSMarketplace",
        "offerSet": shown(&set.owner, "OfferSet", &set.id, &set.name, None),
        "associatedOffers": associated,
    });
    let event = Event {
        account: &set.owner,
        source: SOURCE,
        detail_type: "OfferSet Released".to_owned(),
        resources: Vec::new(),
        detail,
    };
    event::emit(aws, ids, at, event);
}
