//! The events of agreements.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Agreement;
use super::adjustment::BillingAdjustment;
use super::cancellation::{CancellationRequest, RequestStatus};
use super::milestone::{self, Milestone};
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

/// Whose product was sold.
fn manufacturer(aws: &Aws, agreement: &Agreement) -> Option<String> {
    aws.products.get(&agreement.product_id).map(|product| product.owner.clone())
}

/// Sends one event to the proposer and, where the service has variants for them, to the acceptor and to the
/// manufacturer whose product somebody else sold.
fn send(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, id: &str, what: &str, to_all: bool, detail: &Value) {
    let Some(agreement) = aws.agreements.get(id).cloned() else { return };
    let maker = manufacturer(aws, &agreement).filter(|maker| to_all && *maker != agreement.proposer);
    let mut parties = vec![(agreement.proposer, "Proposer")];
    parties.extend(maker.map(|maker| (maker, "Manufacturer")));
    if to_all {
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

/// The authorization that the agreement's offer resells under; none for a direct sale.
fn with_authorization(aws: &Aws, agreement: &Agreement, mut detail: Value) -> Value {
    let resale = aws.offers.get(&agreement.offer_id).and_then(|offer| offer.resale.as_ref());
    if let Value::Object(map) = &mut detail {
        let id = resale.map(|resale| resale.authorization_id.clone());
        map.insert("resaleAuthorization".to_owned(), json!({ "id": id }));
    }
    detail
}

/// What events say of the renewal to come, for agreements that have a renewal term.
fn with_renewal(agreement: &Agreement, mut detail: Value) -> Value {
    if let (Value::Object(map), Some(on)) = (&mut detail, agreement.auto_renew) {
        let disabled_by = if on { Value::Null } else { "Acceptor".into() };
        let mut summary = json!({ "disabledBy": disabled_by });
        if let (Value::Object(summary), Some(at)) = (&mut summary, milestone::lockout_start(agreement)) {
            summary.insert("lockoutStartTime".to_owned(), catalog_time(at).into());
        }
        map.insert("renewalSummary".to_owned(), summary);
    }
    detail
}

fn with_intent(aws: &Aws, id: &str, intent: &str) -> Option<Value> {
    let agreement = aws.agreements.get(id)?;
    let mut shown = timed(agreement);
    shown.insert("intent".to_owned(), intent.into());
    shown.insert("acceptanceTime".to_owned(), catalog_time(agreement.accepted_at).into());
    shown.extend(agreement.previous_id.clone().map(|previous| ("previousAgreementId".to_owned(), previous.into())));
    shown.extend(agreement.auto_renew.map(|on| ("autoRenewalEnabled".to_owned(), on.into())));
    Some(with_authorization(aws, agreement, detail(aws, agreement, Value::Object(shown))))
}

/// Purchase Agreement Created.
pub(super) fn created(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(intent) = aws.agreements.get(id).map(|agreement| agreement.intent.name()) else { return };
    let Some(detail) = with_intent(aws, id, intent) else { return };
    send(aws, ids, at, id, "Created", true, &detail);
    if aws.agreements.get(id).is_some_and(|agreement| agreement.start <= at) {
        license(aws, ids, id, at, "Updated");
    }
}

/// Purchase Agreement Amended.
pub(super) fn amended(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(detail) = with_intent(aws, id, "AMEND") else { return };
    let Some(agreement) = aws.agreements.get(id) else { return };
    let detail = with_renewal(agreement, detail);
    send(aws, ids, at, id, "Amended", true, &detail);
}

/// Purchase Agreement Ended: the status says how.
pub(super) fn ended(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let shown = json!({ "id": agreement.id, "status": agreement.status.name() });
    let started = agreement.start <= at;
    let detail = with_authorization(aws, agreement, detail(aws, agreement, shown));
    send(aws, ids, at, id, "Ended", true, &detail);
    if started {
        license(aws, ids, id, at, "Deprovisioned");
    }
}

/// Purchase Agreement Ending, so many days before its end.
pub(super) fn ending(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp, days: i64) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let mut shown = timed(agreement);
    shown.insert("daysBeforeEndTime".to_owned(), days.into());
    shown.insert("autoRenewalEnabled".to_owned(), agreement.auto_renew.unwrap_or(false).into());
    let detail = with_renewal(agreement, detail(aws, agreement, Value::Object(shown)));
    send(aws, ids, at, id, "Ending", false, &detail);
}

/// Purchase Agreement Renewal Terms Finalized, or Renewal Upcoming.
pub(super) fn renewal(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp, what: Milestone) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let finalized = what == Milestone::TermsFinalized;
    let lockout = milestone::lockout_start(agreement);
    let mut summary = Map::new();
    let mut put = |key: &str, value: Value| summary.insert(key.to_owned(), value);
    put("currency", agreement.currency.clone().into());
    put("lockoutReached", lockout.is_some_and(|start| start <= at).into());
    if let Some(value) = super::renewal::value(aws, agreement) {
        put("tcv", value.to_string().into());
    }
    if let Some(at) = milestone::terms_finalized(agreement).filter(|_| finalized) {
        put("termsFinalizedTime", catalog_time(at).into());
    }
    if let Some(at) = lockout.filter(|_| finalized) {
        put("lockoutStartTime", catalog_time(at).into());
    }
    let mut shown = timed(agreement);
    shown.remove("status");
    let mut detail = detail(aws, agreement, Value::Object(shown));
    if let Value::Object(map) = &mut detail {
        map.insert("renewalSummary".to_owned(), Value::Object(summary));
    }
    let title = if finalized { "Renewal Terms Finalized" } else { "Renewal Upcoming" };
    send(aws, ids, at, id, title, false, &detail);
}

/// License Updated or Deprovisioned, to the manufacturer of the product, whoever sold it.
pub(super) fn license(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp, what: &str) {
    let Some(agreement) = aws.agreements.get(id) else { return };
    let Some(maker) = manufacturer(aws, agreement) else { return };
    let code = agreement.product_id.trim_start_matches("prod-");
    let detail = json!({
        "catalog": "AWSMarketplace",
        "agreement": { "id": agreement.id },
        "acceptor": { "accountId": agreement.acceptor },
        "proposer": { "accountId": agreement.proposer },
        "offer": { "id": agreement.offer_id },
        "product": { "code": code, "id": agreement.product_id },
        "license": { "arn": super::read::license_arn(agreement) },
    });
    let event = Event {
        account: &maker,
        source: SOURCE,
        detail_type: format!("License {what} - Manufacturer"),
        resources: vec![arn(id)],
        detail,
    };
    event::emit(aws, ids, at, event);
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
    let mut parties = vec![(agreement.proposer.clone(), "Proposer")];
    // Only the proposer hears of a request that never reached the acceptor.
    if request.status != RequestStatus::ValidationFailed {
        parties.push((agreement.acceptor.clone(), "Acceptor"));
    }
    for (account, party) in parties {
        let event = Event {
            account: &account,
            source: SOURCE,
            detail_type: format!("Agreement Cancellation Request {} - {party}", request.status.title()),
            resources: Vec::new(),
            detail: detail.clone(),
        };
        event::emit(aws, ids, at, event);
    }
}

/// Purchase Agreement Billing Adjustment, completed or failed. The acceptor hears of completed ones.
pub(super) fn adjustment(
    aws: &mut Aws,
    ids: &mut IdSource,
    at: Timestamp,
    request: &BillingAdjustment,
    completed: bool,
) {
    let Some(agreement) = aws.agreements.get(&request.agreement_id) else { return };
    let detail = json!({
        "catalog": "AWSMarketplace",
        "agreement": { "id": agreement.id },
        "billingAdjustmentRequest": {
            "id": request.id,
            "adjustmentAmount": format!("-{}", request.amount),
            "currencyCode": request.currency,
            "adjustmentReasonCode": request.reason_code,
        },
        "invoice": { "originalInvoiceId": request.invoice_id },
    });
    let what = if completed { "Completed" } else { "Failed" };
    let acceptor = completed.then(|| (agreement.acceptor.clone(), "Acceptor"));
    let parties: Vec<(String, &str)> = [(agreement.proposer.clone(), "Proposer")].into_iter().chain(acceptor).collect();
    for (account, party) in parties {
        let event = Event {
            account: &account,
            source: SOURCE,
            detail_type: format!("Purchase Agreement Billing Adjustment {what} - {party}"),
            resources: Vec::new(),
            detail: detail.clone(),
        };
        event::emit(aws, ids, at, event);
    }
}
