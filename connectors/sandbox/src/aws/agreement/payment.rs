//! The proposer asks for a payment under a variable payment term; the acceptor answers, or time does where the acceptor has
//! said so when accepting the term.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    AgreementStatus, Charge, as_proposer, bounded, lifecycle, list_filters, listed, of_party, of_proposer, page,
    positive_amount, replayed,
};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{Aws, text, token};
use crate::ids::IdSource;
use crate::period::Period;

/// The accepted variable payment term of an agreement, with the acceptor's configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VariablePayment {
    pub(crate) id: String,
    pub(crate) max_total: Decimal,
    /// After how long a request that nobody answers is approved; never, without one.
    pub(crate) auto_approval: Option<Period>,
}

impl VariablePayment {
    /// The term as `GetAgreementTerms` shows it.
    pub(super) fn shown(&self, currency: &str) -> Value {
        let mut configuration = Map::new();
        let strategy = if self.auto_approval.is_some() { "AUTO_APPROVE_ON_EXPIRATION" } else { "WAIT_FOR_APPROVAL" };
        configuration.insert("paymentRequestApprovalStrategy".to_owned(), strategy.into());
        if let Some(after) = &self.auto_approval {
            configuration.insert("expirationDuration".to_owned(), after.as_str().into());
        }
        json!({ "variablePaymentTerm": {
            "type": "VariablePaymentTerm",
            "id": self.id,
            "currencyCode": currency,
            "maxTotalChargeAmount": self.max_total.to_string(),
            "configuration": configuration,
        } })
    }
}

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PaymentStatus {
    Validating,
    ValidationFailed,
    PendingApproval,
    Approved,
    Rejected,
    Cancelled,
}

impl PaymentStatus {
    const ALL: [Self; 6] = [
        Self::Validating,
        Self::ValidationFailed,
        Self::PendingApproval,
        Self::Approved,
        Self::Rejected,
        Self::Cancelled,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Validating => "VALIDATING",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::PendingApproval => "PENDING_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Whether it takes part in the term's total.
    fn counts(self) -> bool {
        matches!(self, Self::Validating | Self::PendingApproval | Self::Approved)
    }
}

/// A request for a payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentRequest {
    pub(crate) id: String,
    pub(crate) agreement_id: String,
    pub(crate) status: PaymentStatus,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) amount: Decimal,
    pub(crate) currency: String,
    pub(crate) charge_id: Option<String>,
    pub(crate) status_message: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When it moves on by itself: out of validation, or to approval.
    pub(crate) due: Option<Timestamp>,
    /// Why its validation will fail.
    pub(crate) failure: Option<String>,
    pub(crate) visible_from: Timestamp,
}

impl PaymentRequest {
    /// What all answers and the list share.
    fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("paymentRequestId", self.id.clone().into());
        put("agreementId", self.agreement_id.clone().into());
        put("status", self.status.name().into());
        put("name", self.name.clone().into());
        put("chargeAmount", self.amount.to_string().into());
        put("currencyCode", self.currency.clone().into());
        put("createdAt", timestamp(self.created_at));
        shown
    }

    /// An answer; `members` names what this operation adds.
    fn answered(&self, members: &[&str]) -> Value {
        let mut shown = self.shown();
        let added = [
            ("description", self.description.clone().map(Value::from)),
            ("updatedAt", Some(timestamp(self.updated_at))),
            ("statusMessage", self.status_message.clone().map(Value::from)),
            ("chargeId", self.charge_id.clone().map(Value::from)),
        ];
        let wanted = added.into_iter().filter(|(key, _)| members.contains(key));
        shown.extend(wanted.filter_map(|(key, value)| Some((key.to_owned(), value?))));
        Value::Object(shown)
    }
}

/// When the next request moves on by itself.
pub(super) fn next_due(aws: &Aws) -> Option<Timestamp> {
    aws.payment_requests.values().filter_map(|request| request.due).min()
}

/// Moves the requests whose time has come.
pub(super) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    let due = aws.payment_requests.values().filter(|request| request.due.is_some_and(|due| due <= at));
    let due: Vec<String> = due.map(|request| request.id.clone()).collect();
    for id in due {
        let Some(request) = aws.payment_requests.get(&id) else { continue };
        match (request.status, request.failure.clone()) {
            (PaymentStatus::Validating, Some(message)) => {
                conclude(aws, ids, &id, at, PaymentStatus::ValidationFailed, Some(message));
            }
            (PaymentStatus::Validating, None) => open(aws, &id, at),
            (PaymentStatus::PendingApproval, _) => conclude(aws, ids, &id, at, PaymentStatus::Approved, None),
            _ => {}
        }
    }
}

/// The request reaches the acceptor.
fn open(aws: &mut Aws, id: &str, at: Timestamp) {
    let Some(request) = aws.payment_requests.get_mut(id) else { return };
    let term = aws.agreements.get(&request.agreement_id).and_then(|agreement| agreement.variable_payment.as_ref());
    request.status = PaymentStatus::PendingApproval;
    request.updated_at = at;
    request.due = term.and_then(|term| term.auto_approval.as_ref()).map(|after| after.after(at));
}

/// Ends a request; an approved one becomes a charge, invoiced at once.
pub(super) fn conclude(
    aws: &mut Aws,
    ids: &mut IdSource,
    id: &str,
    at: Timestamp,
    status: PaymentStatus,
    message: Option<String>,
) {
    let Some(request) = aws.payment_requests.get_mut(id) else { return };
    request.status = status;
    request.status_message = message;
    request.updated_at = at;
    request.due = None;
    if status != PaymentStatus::Approved {
        return;
    }
    let charge = Charge {
        id: ids.next("ch-", 20),
        at,
        amount: request.amount,
        purchase_order: None,
        revision: 1,
        invoice_id: None,
    };
    request.charge_id = Some(charge.id.clone());
    let agreement_id = request.agreement_id.clone();
    if let Some(agreement) = aws.agreements.get_mut(&agreement_id) {
        agreement.charges.push(charge);
    }
    lifecycle::issue_due_invoices(aws, ids, &agreement_id, at);
}

/// Requests that are open when their agreement ends are over.
pub(super) fn close(aws: &mut Aws, ids: &mut IdSource, agreement_id: &str, at: Timestamp) {
    let open = aws.payment_requests.values().filter(|request| {
        request.agreement_id == agreement_id
            && matches!(request.status, PaymentStatus::Validating | PaymentStatus::PendingApproval)
    });
    let open: Vec<String> = open.map(|request| request.id.clone()).collect();
    for id in open {
        conclude(aws, ids, &id, at, PaymentStatus::Cancelled, Some("The agreement has ended.".to_owned()));
    }
}

fn invalid(reason: &str, field: &str, message: impl Into<String>) -> Refusal {
    Refusal::agreement_validation(reason, field, message)
}

pub(super) fn send(mut context: Context<'_>) -> Reply {
    let agreement = of_proposer(&context, "request payments")?;
    let (agreement_id, currency) = (agreement.id.clone(), agreement.currency.clone());
    let (status, term) = (agreement.status, agreement.variable_payment.clone());
    if let Some(known) = replayed(&context)? {
        let known = context.world.aws.payment_requests.get(&known);
        return Ok(known.map(|request| request.answered(&["description"])).unwrap_or_default());
    }
    let input = &context.call.input;
    if status != AgreementStatus::Active {
        let message = format!("the agreement `{agreement_id}` is {}", status.name());
        return Err(invalid("INACTIVE_AGREEMENT", "agreementId", message));
    }
    let term_id = text(input, "termId");
    if term_id.is_empty() {
        return Err(invalid("MISSING_TERM_ID", "termId", "`termId` is required"));
    }
    if term.is_none_or(|term| term.id != term_id) {
        let message = format!("the agreement has no variable payment term `{term_id}`");
        return Err(invalid("INVALID_TERM_ID", "termId", message));
    }
    let name = text(input, "name").to_owned();
    if name.is_empty() {
        return Err(invalid("MISSING_NAME", "name", "`name` is required"));
    }
    if !(5..=64).contains(&name.chars().count()) || name.contains('\n') {
        return Err(invalid("INVALID_NAME", "name", "`name` is a line of 5 to 64 characters"));
    }
    let description = bounded(input, "description", 2000, "INVALID_DESCRIPTION")?.map(str::to_owned);
    let amount = affordable(&context, &agreement_id, &currency)?;
    let now = context.world.clock.now();
    let plan = context.plan;
    let validation = plan.extra_preparing + plan.extra_applying;
    let failure = plan.fail.as_ref().map(|(_, message, _)| message.clone());
    let validates = failure.is_some() || validation > SignedDuration::ZERO;
    let request = PaymentRequest {
        id: context.world.ids.next("pr-", 25),
        agreement_id: agreement_id.clone(),
        status: PaymentStatus::Validating,
        name,
        description,
        amount,
        currency,
        charge_id: None,
        status_message: None,
        created_at: now,
        updated_at: now,
        due: Some(now.saturating_add(validation).unwrap_or(Timestamp::MAX)),
        failure,
        visible_from: now.saturating_add(plan.hide.unwrap_or_default()).unwrap_or(now),
    };
    let id = request.id.clone();
    let aws = &mut context.world.aws;
    aws.payment_requests.insert(id.clone(), request);
    if !validates {
        open(aws, &id, now);
    }
    let shown = aws.payment_requests.get(&id).map(|request| request.answered(&["description"])).unwrap_or_default();
    token::remember(&mut context, &id);
    context.record_effect(None, vec![agreement_id, id]);
    Ok(shown)
}

/// The amount asked for, when the term has that much left.
fn affordable(context: &Context<'_>, agreement_id: &str, currency: &str) -> Result<Decimal, Refusal> {
    let wanted = text(&context.call.input, "chargeAmount");
    if wanted.is_empty() {
        return Err(invalid("MISSING_CHARGE_AMOUNT", "chargeAmount", "`chargeAmount` is required"));
    }
    let amount = positive_amount(wanted).ok_or_else(|| {
        invalid("INVALID_CHARGE_AMOUNT", "chargeAmount", "`chargeAmount` is a decimal number of more than zero")
    })?;
    let aws = &context.world.aws;
    let term = aws.agreements.get(agreement_id).and_then(|agreement| agreement.variable_payment.as_ref());
    let most = term.map(|term| term.max_total).unwrap_or_default();
    let requests = aws.payment_requests.values().filter(|request| request.agreement_id == agreement_id);
    let taken: Decimal = requests.filter(|request| request.status.counts()).map(|request| request.amount).sum();
    if taken + amount > most {
        let message = format!("{amount} {currency} exceed the available balance of {} {currency}", most - taken);
        return Err(invalid("INVALID_CHARGE_AMOUNT", "chargeAmount", message));
    }
    Ok(amount)
}

fn find<'a>(context: &'a Context<'_>) -> Result<&'a PaymentRequest, Refusal> {
    let agreement = of_party(context)?;
    let id = text(&context.call.input, "paymentRequestId");
    if id.is_empty() {
        return Err(invalid("MISSING_PAYMENT_REQUEST_ID", "paymentRequestId", "`paymentRequestId` is required"));
    }
    if !id.starts_with("pr-") || id.len() > 64 {
        return Err(invalid("INVALID_PAYMENT_REQUEST_ID", "paymentRequestId", format!("`{id}` is no such id")));
    }
    let request = context.world.aws.payment_requests.get(id).filter(|request| request.agreement_id == agreement.id);
    request.ok_or_else(|| Refusal::agreement_not_found("PaymentRequest", id))
}

pub(super) fn get(context: &Context<'_>) -> Reply {
    find(context).map(|request| request.answered(&["description", "updatedAt", "statusMessage", "chargeId"]))
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let as_proposer = as_proposer(context)?;
    let (wanted, status) = list_filters(context, &PaymentStatus::ALL.map(PaymentStatus::name))?;
    let caller = &context.account.account_id;
    let now = context.world.clock.now();
    let aws = &context.world.aws;
    let mine = |request: &&PaymentRequest| {
        let agreement = aws.agreements.get(&request.agreement_id);
        agreement.is_some_and(|held| if as_proposer { held.proposer == *caller } else { held.acceptor == *caller })
    };
    let rows = aws.payment_requests.values().filter(mine).filter(|request| request.visible_from <= now);
    let rows = rows
        .filter(|request| wanted.is_empty() || request.agreement_id == wanted)
        .filter(|request| status.is_empty() || request.status.name() == status);
    let rows = rows.map(|request| request.answered(&["updatedAt", "chargeId"])).collect();
    Ok(listed("items", page(context, rows)?))
}

/// One party answers a request that is pending.
fn answer(
    mut context: Context<'_>,
    by_proposer: bool,
    status: PaymentStatus,
    message: Option<String>,
    members: &[&str],
) -> Reply {
    let request = find(&context)?.clone();
    let agreement = of_party(&context)?;
    let entitled = if by_proposer { &agreement.proposer } else { &agreement.acceptor };
    if *entitled != context.account.account_id {
        let party = if by_proposer { "proposer" } else { "acceptor" };
        return Err(Refusal::agreement_access(format!("only the {party} can do this to the request `{}`", request.id)));
    }
    if request.status != PaymentStatus::PendingApproval {
        let message = format!("the request `{}` is {}", request.id, request.status.name());
        return Err(Refusal::conflict("PaymentRequest", &request.id, message));
    }
    let order = text(&context.call.input, "purchaseOrderReference").to_owned();
    let world = &mut *context.world;
    let now = world.clock.now();
    conclude(&mut world.aws, &mut world.ids, &request.id, now, status, message);
    let after = world.aws.payment_requests.get(&request.id).cloned().unwrap_or(request);
    if let Some(agreement) = world.aws.agreements.get_mut(&after.agreement_id).filter(|_| !order.is_empty()) {
        let charge = agreement.charges.iter_mut().find(|charge| Some(&charge.id) == after.charge_id.as_ref());
        if let Some(charge) = charge {
            charge.purchase_order = Some(order);
        }
    }
    context.record_effect(None, vec![after.agreement_id.clone(), after.id.clone()]);
    Ok(after.answered(members))
}

pub(super) fn accept(context: Context<'_>) -> Reply {
    answer(context, false, PaymentStatus::Approved, None, &["description", "updatedAt"])
}

pub(super) fn reject(context: Context<'_>) -> Reply {
    let reason = bounded(&context.call.input, "rejectionReason", 250, "INVALID_REJECTION_REASON")?.map(str::to_owned);
    answer(context, false, PaymentStatus::Rejected, reason, &["description", "updatedAt", "statusMessage"])
}

pub(super) fn withdraw(context: Context<'_>) -> Reply {
    answer(context, true, PaymentStatus::Cancelled, None, &["description", "updatedAt"])
}
