//! The proposer asks to end an agreement early; the acceptor answers, or time does after seven days.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    AgreementStatus, as_proposer, bounded, lifecycle, list_filters, listed, notice, of_party, of_proposer, page,
    replayed,
};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{Aws, text, token};
use crate::ids::IdSource;

/// A request that nobody answers is approved (user guide, EventBridge notifications).
const AUTO_APPROVAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest description and answer, in characters.
const TEXT_MAX: usize = 2000;

const REASONS: [&str; 8] = [
    "INCORRECT_TERMS_ACCEPTED",
    "REPLACING_AGREEMENT",
    "TEST_AGREEMENT",
    "ALTERNATIVE_PROCUREMENT_CHANNEL",
    "PRODUCT_DISCONTINUED",
    "UNINTENDED_RENEWAL",
    "BUYER_DISSATISFACTION",
    "OTHER",
];

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RequestStatus {
    PendingApproval,
    Approved,
    Rejected,
    Cancelled,
    ValidationFailed,
}

impl RequestStatus {
    const ALL: [Self; 5] =
        [Self::PendingApproval, Self::Approved, Self::Rejected, Self::Cancelled, Self::ValidationFailed];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PendingApproval => "PENDING_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
            Self::ValidationFailed => "VALIDATION_FAILED",
        }
    }

    /// As event titles write it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::PendingApproval => "Pending Approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Cancelled => "Cancelled",
            Self::ValidationFailed => "Validation Failed",
        }
    }
}

/// A request to cancel an agreement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CancellationRequest {
    pub(crate) id: String,
    pub(crate) agreement_id: String,
    pub(crate) status: RequestStatus,
    pub(crate) reason_code: String,
    pub(crate) description: Option<String>,
    pub(crate) status_message: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When its validation fails, and why.
    #[serde(default)]
    pub(crate) failure: Option<(Timestamp, String)>,
    #[serde(default)]
    pub(crate) visible_from: Timestamp,
}

impl CancellationRequest {
    /// When it ends by itself.
    fn due(&self) -> Option<Timestamp> {
        let approval = self.created_at.saturating_add(AUTO_APPROVAL).ok();
        let due = self.failure.as_ref().map(|(at, _)| *at).or(approval)?;
        (self.status == RequestStatus::PendingApproval).then_some(due)
    }

    fn shown(&self) -> Value {
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("agreementId", self.agreement_id.clone().into());
        put("agreementCancellationRequestId", self.id.clone().into());
        put("status", self.status.name().into());
        put("reasonCode", self.reason_code.clone().into());
        put("createdAt", timestamp(self.created_at));
        put("updatedAt", timestamp(self.updated_at));
        if let Some(description) = &self.description {
            put("description", description.clone().into());
        }
        if let Some(message) = &self.status_message {
            put("statusMessage", message.clone().into());
        }
        Value::Object(shown)
    }
}

/// When the next request ends by itself.
pub(super) fn next_due(aws: &Aws) -> Option<Timestamp> {
    aws.cancellations.values().filter_map(CancellationRequest::due).min()
}

/// Ends the requests whose time has come: approved, for nobody objected, or failed.
pub(super) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    let due = aws.cancellations.values().filter(|request| request.due().is_some_and(|due| due <= at));
    let due: Vec<(String, Option<String>)> =
        due.map(|request| (request.id.clone(), request.failure.clone().map(|(_, message)| message))).collect();
    for (id, failure) in due {
        let status = if failure.is_some() { RequestStatus::ValidationFailed } else { RequestStatus::Approved };
        conclude(aws, ids, &id, at, status, failure);
    }
}

/// Moves a pending request to its end; an approved one ends the agreement.
pub(super) fn conclude(
    aws: &mut Aws,
    ids: &mut IdSource,
    id: &str,
    at: Timestamp,
    status: RequestStatus,
    message: Option<String>,
) {
    let Some(request) = aws.cancellations.get_mut(id) else { return };
    request.status = status;
    request.status_message = message;
    request.updated_at = at;
    let request = request.clone();
    notice::cancellation(aws, ids, at, &request);
    let active = aws.agreements.get(&request.agreement_id).is_some_and(|held| held.status == AgreementStatus::Active);
    if status == RequestStatus::Approved && active {
        lifecycle::end(aws, ids, &request.agreement_id, at, AgreementStatus::Cancelled);
    }
}

/// Requests that are pending when their agreement ends are over.
pub(super) fn close(aws: &mut Aws, ids: &mut IdSource, agreement_id: &str, at: Timestamp) {
    let pending = aws
        .cancellations
        .values()
        .filter(|request| request.agreement_id == agreement_id && request.status == RequestStatus::PendingApproval);
    let pending: Vec<String> = pending.map(|request| request.id.clone()).collect();
    for id in pending {
        conclude(aws, ids, &id, at, RequestStatus::Cancelled, Some("The agreement has ended.".to_owned()));
    }
}

pub(super) fn send(mut context: Context<'_>) -> Reply {
    let agreement = of_proposer(&context, "request the cancellation of an agreement")?;
    let (agreement_id, status) = (agreement.id.clone(), agreement.status);
    if let Some(known) = replayed(&context)? {
        return Ok(context.world.aws.cancellations.get(&known).map(CancellationRequest::shown).unwrap_or_default());
    }
    let input = &context.call.input;
    let reason = text(input, "reasonCode").to_owned();
    if !REASONS.contains(&reason.as_str()) {
        let code = if reason.is_empty() { "MISSING_REASON_CODE" } else { "INVALID_REASON_CODE" };
        let message = format!("`reasonCode` must be one of {}", REASONS.join(", "));
        return Err(Refusal::agreement_validation(code, "reasonCode", message));
    }
    if status != AgreementStatus::Active {
        let message = format!("the agreement `{agreement_id}` is {}", status.name());
        return Err(Refusal::agreement_validation("INACTIVE_AGREEMENT", "agreementId", message));
    }
    let pending = context
        .world
        .aws
        .cancellations
        .values()
        .find(|request| request.agreement_id == agreement_id && request.status == RequestStatus::PendingApproval);
    if let Some(pending) = pending {
        let message = format!("the agreement `{agreement_id}` has the pending cancellation request `{}`", pending.id);
        return Err(Refusal::conflict("AgreementCancellationRequest", &pending.id, message));
    }
    let description = bounded(input, "description", TEXT_MAX, "INVALID_DESCRIPTION")?.map(str::to_owned);
    let now = context.world.clock.now();
    let (plan, processing) = (context.plan, context.settings.processing);
    let takes = processing.preparing + processing.applying + plan.extra_preparing + plan.extra_applying;
    let fails_at = now.saturating_add(takes).unwrap_or(Timestamp::MAX);
    let request = CancellationRequest {
        id: context.world.ids.next("acr-", 25),
        agreement_id: agreement_id.clone(),
        status: RequestStatus::PendingApproval,
        reason_code: reason,
        description,
        status_message: None,
        created_at: now,
        updated_at: now,
        failure: plan.fail.as_ref().map(|(_, message, _)| (fails_at, message.clone())),
        visible_from: now.saturating_add(plan.hide.unwrap_or_default()).unwrap_or(now),
    };
    let world = &mut *context.world;
    world.aws.cancellations.insert(request.id.clone(), request.clone());
    notice::cancellation(&mut world.aws, &mut world.ids, now, &request);
    token::remember(&mut context, &request.id);
    context.record_effect(None, vec![agreement_id, request.id.clone()]);
    Ok(request.shown())
}

fn find<'a>(context: &'a Context<'_>) -> Result<&'a CancellationRequest, Refusal> {
    let agreement = of_party(context)?;
    const FIELD: &str = "agreementCancellationRequestId";
    let id = text(&context.call.input, FIELD);
    let invalid = |reason, message: String| Err(Refusal::agreement_validation(reason, FIELD, message));
    if id.is_empty() {
        return invalid("MISSING_AGREEMENT_CANCELLATION_REQUEST_ID", format!("`{FIELD}` is required"));
    }
    if !id.starts_with("acr-") || id.len() > 64 {
        return invalid("INVALID_AGREEMENT_CANCELLATION_REQUEST_ID", format!("`{id}` is no such id"));
    }
    let request = context.world.aws.cancellations.get(id).filter(|request| request.agreement_id == agreement.id);
    request.ok_or_else(|| Refusal::agreement_not_found("AgreementCancellationRequest", id))
}

pub(super) fn get(context: &Context<'_>) -> Reply {
    find(context).map(CancellationRequest::shown)
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let as_proposer = as_proposer(context)?;
    let (wanted, status) = list_filters(context, &RequestStatus::ALL.map(RequestStatus::name))?;
    let caller = &context.account.account_id;
    let now = context.world.clock.now();
    let aws = &context.world.aws;
    let mine = |request: &&CancellationRequest| {
        let agreement = aws.agreements.get(&request.agreement_id);
        agreement.is_some_and(|held| if as_proposer { held.proposer == *caller } else { held.acceptor == *caller })
    };
    let rows = aws
        .cancellations
        .values()
        .filter(mine)
        .filter(|request| request.visible_from <= now)
        .filter(|request| wanted.is_empty() || request.agreement_id == wanted)
        .filter(|request| status.is_empty() || request.status.name() == status)
        .map(|request| {
            let mut row = request.shown();
            if let Value::Object(map) = &mut row {
                map.remove("description");
                map.remove("statusMessage");
                map.insert("agreementType".to_owned(), "PurchaseAgreement".into());
                map.insert("catalog".to_owned(), "AWSMarketplace".into());
            }
            row
        })
        .collect();
    Ok(listed("items", page(context, rows)?))
}

/// One party answers a pending request.
fn answer(mut context: Context<'_>, by_proposer: bool, status: RequestStatus, message_key: Option<&str>) -> Reply {
    let request = find(&context)?.clone();
    let agreement = of_party(&context)?;
    let entitled = if by_proposer { &agreement.proposer } else { &agreement.acceptor };
    if *entitled != context.account.account_id {
        let party = if by_proposer { "proposer" } else { "acceptor" };
        return Err(Refusal::agreement_access(format!("only the {party} can do this to the request `{}`", request.id)));
    }
    if request.status != RequestStatus::PendingApproval {
        let message = format!("the request `{}` is {}", request.id, request.status.name());
        return Err(Refusal::conflict("AgreementCancellationRequest", &request.id, message));
    }
    let message = match message_key {
        None => None,
        Some(key) => match text(&context.call.input, key) {
            "" => return Err(Refusal::agreement_validation("MISSING_REASON", key, format!("`{key}` is required"))),
            message => {
                bounded(&context.call.input, key, TEXT_MAX, "INVALID_REASON")?.or(Some(message)).map(str::to_owned)
            }
        },
    };
    let world = &mut *context.world;
    let now = world.clock.now();
    conclude(&mut world.aws, &mut world.ids, &request.id, now, status, message);
    let shown = world.aws.cancellations.get(&request.id).map(CancellationRequest::shown).unwrap_or_else(|| json!({}));
    context.record_effect(None, vec![request.agreement_id, request.id]);
    Ok(shown)
}

pub(super) fn accept(context: Context<'_>) -> Reply {
    answer(context, false, RequestStatus::Approved, None)
}

pub(super) fn reject(context: Context<'_>) -> Reply {
    answer(context, false, RequestStatus::Rejected, Some("rejectionReason"))
}

pub(super) fn withdraw(context: Context<'_>) -> Reply {
    answer(context, true, RequestStatus::Cancelled, Some("cancellationReason"))
}
