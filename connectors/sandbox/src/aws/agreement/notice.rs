//! The events of agreements.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Agreement;
use super::cancellation::CancellationRequest;
use crate::aws::event::{self, Event};
use crate::aws::{Aws, catalog_time};
use crate::ids::IdSource;

const SOURCE: &str = "aws.agreement-marketplace";

fn arn(id: &str) -> String {
    format!("arn:aws:aws-marketplace::aws:agreement:{id}")
}

/// The members that all purchase agreement events share.
fn detail(aws: &Aws, agreement: &Agreement, shown: Value) -> Value {
    let title = aws.products.get(&agreement.product_id).map(|product| product.title.clone()).unwrap_or_default();
    json!({
        "catalog": "AWSMarketplace",
        "agreement": shown,
        "acceptor": { "accountId": agreement.acceptor },
        "proposer": { "accountId": agreement.proposer },
        "offer": { "id": agreement.offer_id },
        "product": { "id": agreement.product_id, "title": title },
    })
}

fn timed(agreement: &Agreement) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), agreement.id.clone().into());
    shown.insert("status".to_owned(), agreement.status.name().into());
    shown.insert("startTime".to_owned(), catalog_time(agreement.start).into());
    shown.extend(agreement.end.map(|end| ("endTime".to_owned(), catalog_time(end).into())));
    shown
}

/// Sends one event to the proposer and, where the service has a variant for him, the acceptor.
fn send(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, id: &str, what: &str, to_acceptor: bool, detail: &Value) {
    let Some(agreement) = aws.agreements.get(id).cloned() else { return };
    let mut parties = vec![(agreement.proposer, "Proposer")];
    if to_acceptor {
        parties.push((agreement.acceptor, "Acceptor"));
    }
    for (account, party) in parties {
        let event = Event {
            account: &account,
            source: SOURCE,
            detail_type: format!("Purchase Agreement {what} - {party}"),
            resources: vec![arn(id)],
            detail: detail.clone(),
        };
        event::emit(aws, ids, at, event);
    }
}

fn with_intent(aws: &Aws, id: &str, intent: &str) -> Option<Value> {
    let agreement = aws.agreements.get(id)?;
    let mut shown = timed(agreement);
    shown.insert("intent".to_owned(), intent.into());
    shown.insert("acceptanceTime".to_owned(), catalog_time(agreement.accepted_at).into());
    shown.extend(agreement.previous_id.clone().map(|previous| ("previousAgreementId".to_owned(), previous.into())));
    shown.extend(agreement.auto_renew.map(|on| ("autoRenewalEnabled".to_owned(), on.into())));
    Some(detail(aws, agreement, Value::Object(shown)))
}

/// Purchase Agreement Created.
pub(super) fn created(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(intent) = aws.agreements.get(id).map(|agreement| agreement.intent.name()) else { return };
    let Some(detail) = with_intent(aws, id, intent) else { return };
    send(aws, ids, at, id, "Created", true, &detail);
}

/// Purchase Agreement Amended.
pub(super) fn amended(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(detail) = with_intent(aws, id, "AMEND") else { return };
    send(aws, ids, at, id, "Amended", true, &detail);
}

/// Purchase Agreement Ended: the status says how.
pub(super) fn ended(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let shown = json!({ "id": agreement.id, "status": agreement.status.name() });
    let detail = detail(aws, agreement, shown);
    send(aws, ids, at, id, "Ended", true, &detail);
}

/// Purchase Agreement Ending, so many days before its end.
pub(super) fn ending(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp, days: i64) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let mut shown = timed(agreement);
    shown.insert("daysBeforeEndTime".to_owned(), days.into());
    shown.insert("autoRenewalEnabled".to_owned(), agreement.auto_renew.unwrap_or(false).into());
    let detail = detail(aws, agreement, Value::Object(shown));
    send(aws, ids, at, id, "Ending", false, &detail);
}

/// Agreement Cancellation Request, in one of its states.
pub(super) fn cancellation(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, request: &CancellationRequest) {
    let Some(agreement) = aws.agreements.get(&request.agreement_id) else { return };
    let detail = json!({
        "catalog": "AWSMarketplace",
        "agreement": {
            "id": agreement.id,
            "acceptorId": agreement.acceptor,
            "productId": agreement.product_id,
            "offerId": agreement.offer_id,
        },
        "agreementCancellationRequest": {
            "id": request.id,
            "reasonCode": request.reason_code,
            "reasonMessage": request.description.clone().unwrap_or_default(),
            "statusCode": request.status.name(),
            "statusMessage": request.status_message.clone().unwrap_or_default(),
            "createdAt": catalog_time(request.created_at),
            "updatedAt": catalog_time(request.updated_at),
        },
    });
    let proposer = agreement.proposer.clone();
    let event = Event {
        account: &proposer,
        source: SOURCE,
        detail_type: format!("Agreement Cancellation Request {} - Proposer", request.status.title()),
        resources: Vec::new(),
        detail,
    };
    event::emit(aws, ids, at, event);
}
