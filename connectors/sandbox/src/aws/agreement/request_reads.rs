//! `GetAgreementRequest`, `ListAgreementRequests`, `CancelAgreementRequest`: what became of a buyer's requests.

use serde_json::{Map, Value, json};

use super::acceptance::{self, Acceptance};
use super::input::page_of;
use super::request::{AgreementRequest, Purpose};
use super::terms::{self, Configured};
use super::{listed, page};
use crate::aws::paging::Paging;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{Aws, text};

const FIELD: &str = "agreementRequestId";

/// The smallest page of terms (Agreement API model).
const TERMS_PAGE_MIN: u64 = 10;

const STATUSES: [&str; 6] = ["DRAFT", "PENDING_APPROVAL", "APPROVED", "ACCEPTED", "REJECTED", "CANCELLED"];

/// The caller's own request; others do not exist for him.
pub(super) fn find<'a>(context: &'a Context<'_>) -> Result<&'a AgreementRequest, Refusal> {
    let id = text(&context.call.input, FIELD);
    let invalid = |reason, message: String| Err(Refusal::agreement_validation(reason, FIELD, message));
    if id.is_empty() {
        return invalid("MISSING_AGREEMENT_REQUEST_ID", format!("`{FIELD}` is required"));
    }
    if !id.starts_with("ar-") || id.len() > 64 {
        return invalid("INVALID_AGREEMENT_REQUEST_ID", format!("`{id}` is no such id"));
    }
    let known = context.world.aws.agreement_requests.get(id);
    let own = known.filter(|request| request.account == context.account.account_id);
    own.ok_or_else(|| Refusal::agreement_not_found("AgreementRequest", id))
}

/// The offer that a request is about, as summaries name it.
fn proposal(aws: &Aws, request: &AgreementRequest) -> Option<(String, Value)> {
    let offer_id = match &request.purpose {
        Purpose::Accept { offer_id, .. } => offer_id,
        Purpose::SetAutoRenew { agreement_id, .. } => &aws.agreements.get(agreement_id)?.offer_id,
    };
    let offer = aws.offers.get(offer_id)?;
    let kind = aws.products.get(&offer.product_id).map(|product| product.kind.name()).unwrap_or_default();
    let mut shown = json!({ "resources": [{ "id": offer.product_id, "type": kind }], "offerId": offer.id });
    if let (Value::Object(map), Some(set)) = (&mut shown, &offer.offer_set_id) {
        map.insert("offerSetId".to_owned(), set.clone().into());
    }
    Some((offer.owner.clone(), shown))
}

/// What the description and the list share.
fn summary(aws: &Aws, request: &AgreementRequest) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put(FIELD, request.id.clone().into());
    put("agreementType", "PurchaseAgreement".into());
    put("status", request.status().into());
    if let Some(agreement) = &request.accepted {
        put("agreementId", agreement.clone().into());
    }
    if let Some((_, proposal)) = proposal(aws, request) {
        put("proposalSummary", proposal);
    }
    shown
}

pub(super) fn get(context: &Context<'_>) -> Reply {
    let request = find(context)?;
    let aws = &context.world.aws;
    let mut shown = summary(aws, request);
    for key in ["approvalRequirement", "createdAt", "chargeSummary"] {
        shown.extend(request.shown.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let intent = match &request.purpose {
        Purpose::SetAutoRenew { .. } => "AMEND",
        Purpose::Accept { offer_id, .. } => {
            let replaces = aws.offers.get(offer_id).is_some_and(|offer| offer.replaces().is_some());
            if replaces { "REPLACE" } else { "NEW" }
        }
    };
    shown.insert("intent".to_owned(), intent.into());
    if let Some((proposer, _)) = proposal(aws, request) {
        shown.insert("proposer".to_owned(), json!({ "accountId": proposer }));
    }
    Ok(Value::Object(shown))
}

/// `GetAgreementRequestTerms`: the terms as the agreement would have them.
pub(super) fn terms(context: &Context<'_>) -> Reply {
    let request = find(context)?;
    let aws = &context.world.aws;
    if context.call.input.get("maxResults").and_then(Value::as_u64).is_some_and(|size| size < TERMS_PAGE_MIN) {
        let message = format!("`maxResults` must be from {TERMS_PAGE_MIN} to 50");
        return Err(Refusal::agreement_validation("INVALID_MAX_RESULTS", "maxResults", message));
    }
    let rows = match &request.purpose {
        Purpose::Accept { offer_id, auto_renew, quantities, duration } => {
            let offer = aws.offers.get(offer_id);
            let offer = offer.ok_or_else(|| Refusal::agreement_not_found("AgreementRequest", &request.id))?;
            let wish = Acceptance {
                offer_id: offer_id.clone(),
                auto_renew: *auto_renew,
                quantities: quantities.clone(),
                duration: duration.clone(),
            };
            let choice = acceptance::choose(offer, &wish).ok().flatten();
            let configured = Configured { choice: choice.as_ref(), auto_renew: auto_renew.unwrap_or(true) };
            terms::shown(&offer.id, &offer.terms, &configured)
        }
        Purpose::SetAutoRenew { agreement_id, on } => {
            let agreement = aws.agreements.get(agreement_id);
            let agreement = agreement.ok_or_else(|| Refusal::agreement_not_found("AgreementRequest", &request.id))?;
            let configured = Configured { choice: agreement.configuration.as_ref(), auto_renew: *on };
            terms::shown(&agreement.offer_id, &agreement.terms, &configured)
        }
    };
    Ok(listed("terms", page(context, rows)?))
}

/// `ListAgreementApprovals`: no buyer of the sandbox asks his own organisation, so there are none.
pub(super) fn approvals(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    let invalid =
        |reason, field: &str, message: &str| Err(Refusal::agreement_validation(reason, field, message.to_owned()));
    if !matches!(text(input, "catalog"), "" | "AWSMarketplace") {
        return invalid("INVALID_CATALOG", "catalog", "`catalog` must be `AWSMarketplace`");
    }
    match text(input, "partyType") {
        "REQUESTER" | "AWS_ORGANIZATION_ADMIN" => {}
        "" => return invalid("MISSING_PARTY_TYPE", "partyType", "`partyType` is required"),
        _ => return invalid("INVALID_PARTY_TYPE", "partyType", "it is `REQUESTER` or `AWS_ORGANIZATION_ADMIN`"),
    }
    if !matches!(text(input, "approvalType"), "" | "BUYER_AGREEMENT_APPROVAL") {
        return invalid("INVALID_APPROVAL_TYPE", "approvalType", "it must be `BUYER_AGREEMENT_APPROVAL`");
    }
    if !matches!(text(input, "status"), "" | "PENDING_APPROVAL" | "APPROVED" | "REJECTED" | "EXPIRED" | "CANCELLED") {
        return invalid("INVALID_STATUS", "status", "`status` is none of the model's");
    }
    Ok(listed("items", page(context, Vec::new())?))
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    let invalid =
        |reason, field: &str, message: &str| Err(Refusal::agreement_validation(reason, field, message.to_owned()));
    if !matches!(text(input, "catalog"), "" | "AWSMarketplace") {
        return invalid("INVALID_CATALOG", "catalog", "`catalog` must be `AWSMarketplace`");
    }
    let (status, resource) = (text(input, "status"), text(input, "resourceId"));
    if !status.is_empty() && !STATUSES.contains(&status) {
        return invalid("INVALID_STATUS", "status", "`status` is none of the model's");
    }
    let aws = &context.world.aws;
    let mine = aws.agreement_requests.values().filter(|request| request.account == context.account.account_id);
    let rows =
        mine.filter(|request| status.is_empty() || request.status() == status).map(|request| summary(aws, request));
    let about = |row: &Map<String, Value>| {
        let id = row.get("proposalSummary").and_then(|proposal| proposal.pointer("/resources/0/id")?.as_str());
        resource.is_empty() || id == Some(resource)
    };
    let rows = rows.filter(about).map(Value::Object).collect();
    Ok(listed("items", page_of(context, &Paging::AGREEMENT_REQUESTS, rows)?))
}

pub(super) fn cancel(mut context: Context<'_>) -> Reply {
    let request = find(&context)?;
    let id = request.id.clone();
    if request.status() != "DRAFT" {
        let message = format!("the agreement request `{id}` is {}", request.status());
        return Err(Refusal::conflict("AgreementRequest", &id, message));
    }
    if let Some(stored) = context.world.aws.agreement_requests.get_mut(&id) {
        stored.cancelled = true;
    }
    context.record_effect(None, vec![id]);
    Ok(json!({}))
}
