//! The proposer gives money back on invoices. The acceptor is not asked; the service checks each request later and issues a
//! credit memo, or refuses.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Agreement, Invoice, InvoiceType, invoices, is_client_token, list_filters, listed, money, notice, of_proposer, page,
    positive_amount,
};
use crate::aws::cbor::timestamp;
use crate::aws::journal::Effect;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::token::{self, Known};
use crate::aws::{Aws, text};
use crate::ids::IdSource;
use crate::period;

/// How many entries one batch may have. AWS publishes no number.
const BATCH_MAX: usize = 100;

const REASONS: [&str; 7] = [
    "INCORRECT_TERMS_ACCEPTED",
    "INCORRECT_METERING",
    "TEST_ENVIRONMENT_CHARGES",
    "ALTERNATIVE_PROCUREMENT_CHANNEL",
    "UNINTENDED_RENEWAL",
    "BUYER_DISSATISFACTION",
    "OTHER",
];

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AdjustmentStatus {
    Pending,
    ValidationFailed,
    Completed,
}

impl AdjustmentStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::Completed => "COMPLETED",
        }
    }
}

/// A request to give money back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BillingAdjustment {
    pub(crate) id: String,
    pub(crate) agreement_id: String,
    pub(crate) invoice_id: String,
    pub(crate) amount: Decimal,
    pub(crate) currency: String,
    pub(crate) reason_code: String,
    pub(crate) description: Option<String>,
    pub(crate) status: AdjustmentStatus,
    pub(crate) status_message: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When the service works it off.
    pub(crate) due: Timestamp,
    /// Why that will fail.
    pub(crate) failure: Option<String>,
    pub(crate) visible_from: Timestamp,
}

impl BillingAdjustment {
    fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("billingAdjustmentRequestId", self.id.clone().into());
        put("agreementId", self.agreement_id.clone().into());
        put("originalInvoiceId", self.invoice_id.clone().into());
        put("adjustmentAmount", self.amount.to_string().into());
        put("currencyCode", self.currency.clone().into());
        put("status", self.status.name().into());
        put("createdAt", timestamp(self.created_at));
        put("updatedAt", timestamp(self.updated_at));
        shown
    }
}

/// When the next request is worked off.
pub(super) fn next_due(aws: &Aws) -> Option<Timestamp> {
    let pending = aws.adjustments.values().filter(|request| request.status == AdjustmentStatus::Pending);
    pending.map(|request| request.due).min()
}

/// Works off the requests whose time has come, in the order in which they were made.
pub(super) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    let due = aws.adjustments.values().filter(|it| it.status == AdjustmentStatus::Pending && it.due <= at);
    let mut due: Vec<(Timestamp, String)> = due.map(|request| (request.created_at, request.id.clone())).collect();
    due.sort();
    for (_, id) in due {
        work_off(aws, ids, &id, at);
    }
}

fn work_off(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(request) = aws.adjustments.get_mut(id) else { return };
    let agreement = aws.agreements.get_mut(&request.agreement_id);
    let invoice = agreement.and_then(|it| it.invoices.iter_mut().find(|invoice| invoice.id == request.invoice_id));
    let failure = request.failure.clone().or_else(|| match &invoice {
        Some(invoice) if invoice.adjustable() >= request.amount => None,
        _ => Some("The adjustment amount exceeds the maximum adjustable amount of the invoice.".to_owned()),
    });
    request.updated_at = at;
    if let Some(message) = failure {
        request.status = AdjustmentStatus::ValidationFailed;
        request.status_message = Some(message);
    } else {
        request.status = AdjustmentStatus::Completed;
        if let Some(invoice) = invoice {
            invoice.adjusted += request.amount;
        }
        let memo = Invoice {
            id: ids.next_invoice(),
            kind: InvoiceType::CreditMemo,
            adjusted: Decimal::ZERO,
            amount: money::rounded(-request.amount),
            issued_at: at,
            period: period::day_of(at),
            due_at: at,
            paid_at: Some(at),
        };
        if let Some(agreement) = aws.agreements.get_mut(&request.agreement_id) {
            agreement.invoices.push(memo);
        }
    }
    let request = request.clone();
    notice::adjustment(aws, ids, at, &request, request.status == AdjustmentStatus::Completed);
}

fn invalid(reason: &str, field: &str, message: impl Into<String>) -> Refusal {
    Refusal::agreement_validation(reason, field, message)
}

/// What the whole request is refused for, before any entry is looked at by itself.
fn entries<'a>(context: &'a Context<'_>) -> Result<&'a [Value], Refusal> {
    const FIELD: &str = "billingAdjustmentRequestEntries";
    let entries = match context.call.input.get(FIELD).and_then(Value::as_array) {
        None => return Err(invalid("MISSING_BILLING_ADJUSTMENTS", FIELD, format!("`{FIELD}` is required"))),
        Some(entries) if entries.is_empty() => {
            return Err(invalid("MISSING_BILLING_ADJUSTMENT_REQUEST_ENTRY", FIELD, "there is no entry"));
        }
        Some(entries) if entries.len() > BATCH_MAX => {
            let message = format!("a batch has at most {BATCH_MAX} entries");
            return Err(invalid("BILLING_ADJUSTMENTS_LIMIT_EXCEEDED", FIELD, message));
        }
        Some(entries) => entries,
    };
    let first = entries.first().map(|entry| text(entry, "agreementId")).unwrap_or_default();
    if entries.iter().any(|entry| text(entry, "agreementId") != first) {
        return Err(invalid("MULTIPLE_AGREEMENT_IDS", FIELD, "all entries of a batch are of one agreement"));
    }
    entries.iter().try_for_each(well_formed)?;
    Ok(entries)
}

/// What each entry needs to be one at all.
fn well_formed(entry: &Value) -> Result<(), Refusal> {
    let required = [
        ("agreementId", "MISSING_AGREEMENT_ID"),
        ("originalInvoiceId", "MISSING_INVOICE_ID"),
        ("adjustmentAmount", "MISSING_ADJUSTMENT_AMOUNT"),
        ("currencyCode", "MISSING_CURRENCY_CODE"),
        ("adjustmentReasonCode", "MISSING_REASON_CODE"),
        ("clientToken", "INVALID_CLIENT_TOKEN"),
    ];
    for (field, reason) in required {
        if text(entry, field).is_empty() {
            return Err(invalid(reason, field, format!("`{field}` is required")));
        }
    }
    let reason = text(entry, "adjustmentReasonCode");
    if !REASONS.contains(&reason) {
        let message = format!("`adjustmentReasonCode` must be one of {}", REASONS.join(", "));
        return Err(invalid("INVALID_REASON_CODE", "adjustmentReasonCode", message));
    }
    let description = text(entry, "description").chars().count();
    if reason == "OTHER" && description == 0 {
        return Err(invalid("MISSING_DESCRIPTION", "description", "`OTHER` needs a `description`"));
    }
    if description > 500 {
        return Err(invalid("INVALID_DESCRIPTION", "description", "`description` has at most 500 characters"));
    }
    let amount = positive_amount(text(entry, "adjustmentAmount"));
    if amount.is_none_or(|amount| amount != money::rounded(amount)) {
        let message = "`adjustmentAmount` is a decimal number of more than zero, with no more than two decimals";
        return Err(invalid("INVALID_ADJUSTMENT_AMOUNT", "adjustmentAmount", message));
    }
    if !is_client_token(text(entry, "clientToken")) {
        let message = "`clientToken` has 1 to 64 letters, digits and hyphens";
        return Err(invalid("INVALID_CLIENT_TOKEN", "clientToken", message));
    }
    Ok(())
}

/// What the invoice of an entry allows: an error of the whole request, or of the entry alone.
fn fits(agreement: &Agreement, entry: &Value) -> Result<Result<Decimal, EntryError>, Refusal> {
    let (invoice_id, currency) = (text(entry, "originalInvoiceId"), text(entry, "currencyCode"));
    let Some(invoice) = agreement.invoices.iter().find(|invoice| invoice.id == invoice_id) else {
        let message = format!("Invoice {invoice_id} does not exist.");
        return Ok(Err(("RESOURCE_NOT_FOUND_EXCEPTION", message)));
    };
    if invoice.kind == InvoiceType::CreditMemo {
        return Ok(Err(("VALIDATION_EXCEPTION", format!("{invoice_id} is a credit memo and cannot be adjusted."))));
    }
    if currency != agreement.currency {
        let message = format!("the agreement is in {}", agreement.currency);
        return Err(invalid("INVALID_CURRENCY_CODE", "currencyCode", message));
    }
    let amount = positive_amount(text(entry, "adjustmentAmount")).unwrap_or_default();
    if agreement.currency == "JPY" && !amount.fract().is_zero() {
        return Err(invalid("INVALID_ADJUSTMENT_AMOUNT", "adjustmentAmount", "amounts in JPY are whole"));
    }
    if amount > invoice.adjustable() {
        let message = format!("{amount} exceed the maximum adjustment amount of {}", invoice.adjustable());
        return Err(invalid("EXCEEDED_MAXIMUM_ADJUSTMENT_AMOUNT", "adjustmentAmount", message));
    }
    Ok(Ok(amount))
}

/// An error of one entry: its code and what it says.
type EntryError = (&'static str, String);

pub(super) fn create(mut context: Context<'_>) -> Reply {
    let entries = entries(&context)?.to_vec();
    let agreement_id = entries.first().map(|entry| text(entry, "agreementId").to_owned()).unwrap_or_default();
    let agreement = context.world.aws.agreements.get(&agreement_id);
    let agreement =
        agreement.ok_or_else(|| invalid("INVALID_AGREEMENT_ID", "agreementId", "there is no such agreement"))?;
    if agreement.proposer != context.account.account_id {
        return Err(Refusal::agreement_access("only the proposer can adjust the bills of an agreement"));
    }
    // The whole request stands or falls first, so that nothing is made of a half that is refused.
    let agreement = agreement.clone();
    let mut judged = Vec::new();
    let mut tokens = BTreeSet::new();
    for entry in &entries {
        let token = text(entry, "clientToken");
        if !tokens.insert(token) {
            judged.push(Err(("VALIDATION_EXCEPTION", format!("The client token {token} is used twice in the batch."))));
            continue;
        }
        judged.push(match token::look_up_for(&context, token, entry) {
            Known::Replay(id) => Ok(Ok(id)),
            Known::Reused(token) => {
                let message = format!("The client token {token} was used for another adjustment.");
                Err(("CONFLICT_EXCEPTION", message))
            }
            Known::New => fits(&agreement, entry)?.map(Err),
        });
    }
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for (entry, judged) in entries.iter().zip(judged) {
        let token = text(entry, "clientToken");
        let made = judged.map(|known| known.unwrap_or_else(|amount| make(&mut context, entry, amount)));
        match made {
            Ok(id) => items.push(json!({ "billingAdjustmentRequestId": id, "clientToken": token })),
            Err((code, message)) => {
                errors.push(json!({ "code": code, "message": message, "clientToken": token }));
            }
        }
    }
    Ok(json!({ "items": items, "errors": errors }))
}

/// Makes the request of one entry; its id.
fn make(context: &mut Context<'_>, entry: &Value, amount: Decimal) -> String {
    let now = context.world.clock.now();
    let plan = context.plan;
    let processing = context.settings.processing;
    let takes = processing.preparing + processing.applying + plan.extra_preparing + plan.extra_applying;
    let request = BillingAdjustment {
        id: context.world.ids.next("ba-", 25),
        agreement_id: text(entry, "agreementId").to_owned(),
        invoice_id: text(entry, "originalInvoiceId").to_owned(),
        amount,
        currency: text(entry, "currencyCode").to_owned(),
        reason_code: text(entry, "adjustmentReasonCode").to_owned(),
        description: entry.get("description").and_then(Value::as_str).map(str::to_owned),
        status: AdjustmentStatus::Pending,
        status_message: None,
        created_at: now,
        updated_at: now,
        due: now.saturating_add(takes).unwrap_or(Timestamp::MAX),
        failure: plan.fail.as_ref().map(|(_, message, _)| message.clone()),
        visible_from: now.saturating_add(plan.hide.unwrap_or_default()).unwrap_or(now),
    };
    let (id, token) = (request.id.clone(), text(entry, "clientToken").to_owned());
    token::remember_for(context, &token, entry, &id);
    context.world.aws.journal.effects.push(Effect {
        at: now,
        account: context.account.account_id.clone(),
        operation: context.call.operation.clone(),
        client_request_token: Some(token),
        change_set_name: None,
        change_set_id: None,
        entities: vec![request.agreement_id.clone(), id.clone()],
        body_sha256: context.call.body_sha256.clone(),
    });
    context.world.aws.adjustments.insert(id.clone(), request);
    id
}

pub(super) fn get(context: &Context<'_>) -> Reply {
    let agreement = of_proposer(context, "read billing adjustments")?;
    let id = text(&context.call.input, "billingAdjustmentRequestId");
    if id.is_empty() {
        let message = "`billingAdjustmentRequestId` is required";
        return Err(invalid("OTHER", "billingAdjustmentRequestId", message));
    }
    let request = context.world.aws.adjustments.get(id).filter(|request| request.agreement_id == agreement.id);
    let request = request.ok_or_else(|| Refusal::agreement_not_found("BillingAdjustmentRequest", id))?;
    let mut shown = request.shown();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("adjustmentReasonCode", request.reason_code.clone().into());
    if let Some(description) = &request.description {
        put("description", description.clone().into());
    }
    if let Some(message) = &request.status_message {
        put("statusMessage", message.clone().into());
    }
    Ok(Value::Object(shown))
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let (wanted, status) = list_filters(context, &["PENDING", "VALIDATION_FAILED", "COMPLETED"])?;
    let input = &context.call.input;
    let millis = |key: &str| input.get(key).and_then(invoices::epoch_millis);
    let (after, before) = (millis("createdAfter"), millis("createdBefore"));
    let caller = &context.account.account_id;
    let now = context.world.clock.now();
    let aws = &context.world.aws;
    let mine = |request: &&BillingAdjustment| {
        aws.agreements.get(&request.agreement_id).is_some_and(|held| held.proposer == *caller)
    };
    let rows = aws.adjustments.values().filter(mine).filter(|request| {
        let created = request.created_at.as_millisecond();
        request.visible_from <= now
            && (wanted.is_empty() || request.agreement_id == wanted)
            && (status.is_empty() || request.status.name() == status)
            && after.is_none_or(|after| created > after)
            && before.is_none_or(|before| created < before)
    });
    let rows = rows.map(|request| {
        let mut shown = request.shown();
        shown.insert("agreementType".to_owned(), "PurchaseAgreement".into());
        shown.insert("catalog".to_owned(), "AWSMarketplace".into());
        Value::Object(shown)
    });
    Ok(listed("items", page(context, rows.collect())?))
}
