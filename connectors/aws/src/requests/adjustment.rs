//! Giving money back on an invoice. AWS calls it a billing adjustment; the buyer is not asked.
//!
//! Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_BatchCreateBillingAdjustmentRequest.html>

use aws_sdk_marketplaceagreement::{
    operation::batch_create_billing_adjustment_request::{
        BatchCreateBillingAdjustmentRequestError, BatchCreateBillingAdjustmentRequestOutput,
    },
    types::{
        BatchCreateBillingAdjustmentError as EntryError, BatchCreateBillingAdjustmentRequestEntry as Entry,
        BillingAdjustmentErrorCode as ErrorCode, BillingAdjustmentReasonCode as ReasonCode,
    },
};
use aws_smithy_types::DateTime;
use entente_core::money::Money;
use entente_port::{AdjustmentReason, Error, Result, StepKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Kind, Listed, Request, RequestId, Seen, fields::field_of_reason, mark, refused, send};
use crate::{
    client::{Client, Operation},
    failure::{MARKETPLACE, Purpose, fault, redact},
    paging,
    status::adjustment_state,
};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 500;

/// A request to give money back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adjustment {
    pub(super) agreement_id: String,
    invoice_id: String,
    amount: Money,
    reason: ReasonCode,
    pub(super) description: Option<String>,
}

fn word(reason: AdjustmentReason) -> ReasonCode {
    match reason {
        AdjustmentReason::IncorrectTerms => ReasonCode::IncorrectTermsAccepted,
        AdjustmentReason::IncorrectMetering => ReasonCode::IncorrectMetering,
        AdjustmentReason::Test => ReasonCode::TestEnvironmentCharges,
        AdjustmentReason::BoughtElsewhere => ReasonCode::AlternativeProcurementChannel,
        AdjustmentReason::UnintendedRenewal => ReasonCode::UnintendedRenewal,
        AdjustmentReason::BuyerDissatisfied => ReasonCode::BuyerDissatisfaction,
        AdjustmentReason::Other => ReasonCode::Other,
    }
}

impl Adjustment {
    pub(super) fn new(
        key: &StepKey,
        agreement_id: &str,
        invoice_id: &str,
        amount: Money,
        reason: AdjustmentReason,
        description: Option<&str>,
    ) -> Result<Adjustment> {
        if amount.minor <= 0 {
            return Err(refused("/amount", format!("{amount} gives nothing back; write more than zero")));
        }
        Ok(Adjustment {
            agreement_id: agreement_id.to_owned(),
            invoice_id: invoice_id.to_owned(),
            amount,
            reason: word(reason),
            description: Some(mark::marked(key, description, DESCRIPTION_MAX)?),
        })
    }

    pub(super) fn body(&self, token: &str) -> Value {
        json!({ "billingAdjustmentRequestEntries": [{
            "agreementId": self.agreement_id,
            "originalInvoiceId": self.invoice_id,
            "adjustmentAmount": self.amount.decimal().to_string(),
            "currencyCode": self.amount.currency.code(),
            "adjustmentReasonCode": self.reason.as_str(),
            "description": self.description,
            "clientToken": token,
        }] })
    }

    /// Sends it as a batch of one: entries of a batch stand or fall alone, and so does an intent.
    pub(super) async fn send(&self, client: &Client, token: &str) -> Result<String> {
        let object = format!("agreement `{}`", self.agreement_id);
        let entry = Entry::builder()
            .agreement_id(&self.agreement_id)
            .original_invoice_id(&self.invoice_id)
            .adjustment_amount(self.amount.decimal().to_string())
            .currency_code(self.amount.currency.code())
            .adjustment_reason_code(self.reason.clone())
            .set_description(self.description.clone())
            .client_token(token)
            .build()
            .map_err(|error| refused("/", error.to_string()))?;
        let answer = client
            .call(Operation::BatchCreateBillingAdjustmentRequest, |sdk| {
                let request = sdk
                    .agreement
                    .batch_create_billing_adjustment_request()
                    .billing_adjustment_request_entries(entry.clone());
                let object = &object;
                async move { request.send().await.map_err(|error| send::refusal(&error, object, validation)) }
            })
            .await?;
        self.begun(&answer, token)
    }

    /// What became of the entry. One that the answer does not speak of may have been made.
    fn begun(&self, answer: &BatchCreateBillingAdjustmentRequestOutput, token: &str) -> Result<String> {
        if let Some(item) = answer.items().iter().find(|item| item.client_token() == token) {
            return send::begun(Some(item.billing_adjustment_request_id()), answer);
        }
        match answer.errors().iter().find(|error| error.client_token() == token) {
            Some(error) => Err(self.failed(error, answer)),
            None => send::begun(None, answer),
        }
    }

    fn failed(&self, error: &EntryError, answer: &BatchCreateBillingAdjustmentRequestOutput) -> Error {
        let reason = redact(error.message());
        match error.code() {
            ErrorCode::ConflictException => {
                Error::Conflict { object: format!("invoice `{}`", self.invoice_id), reason }
            }
            ErrorCode::ResourceNotFoundException => {
                Error::NotFound { object: format!("invoice `{}`", self.invoice_id) }
            }
            ErrorCode::ValidationException => Error::Rejected {
                marketplace: MARKETPLACE,
                // An entry's error has no reason of its own; where its message names one, that is to blame.
                field: reason
                    .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
                    .find_map(field_of_reason)
                    .map(str::to_owned),
                code: Some(error.code().as_str().to_owned()),
                reason,
            },
            // The service failed while it was at work on the entry, or says something that is not known.
            other => Error::OutcomeUnknown {
                reason: format!("AWS Marketplace answered the adjustment with `{}`: {reason}", other.as_str()),
                evidence: redact(&format!("HTTP 200\n{answer:?}")),
            },
        }
    }
}

fn validation(
    error: &BatchCreateBillingAdjustmentRequestError,
) -> Option<&aws_sdk_marketplaceagreement::types::error::ValidationException> {
    match error {
        BatchCreateBillingAdjustmentRequestError::ValidationException(refused) => Some(refused),
        _ => None,
    }
}

pub(super) async fn list(client: &Client, agreement: Option<&str>, since: Option<Timestamp>) -> Result<Vec<Listed>> {
    const WHAT: &str = "the list of billing adjustments";
    // The service lists what was created after an instant, not at it.
    let after = since.map(|since| DateTime::from_secs(since.as_second().saturating_sub(1)));
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListBillingAdjustmentRequests, |sdk| {
                let request = sdk
                    .agreement
                    .list_billing_adjustment_requests()
                    .set_agreement_id(agreement.map(str::to_owned))
                    .set_created_after(after)
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.items, page.next_token))
    })
    .await?;
    let listed = rows.into_iter().map(|row| {
        let began_at = send::part(send::instant(row.created_at()), "a time", WHAT)?;
        let (agreement, request) = (row.agreement_id, row.billing_adjustment_request_id);
        Ok(Listed { id: RequestId { agreement, kind: Kind::Adjustment, request }, began_at })
    });
    listed.collect()
}

pub(super) async fn read(client: &Client, id: &RequestId) -> Result<Seen> {
    let object = format!("billing adjustment `{}`", id.request);
    let row = client
        .call(Operation::GetBillingAdjustmentRequest, |sdk| {
            let request = sdk
                .agreement
                .get_billing_adjustment_request()
                .agreement_id(&id.agreement)
                .billing_adjustment_request_id(&id.request);
            let object = &object;
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
        })
        .await?;
    let began_at = send::part(send::instant(row.created_at()), "the time", &object)?;
    let updated_at = send::instant(row.updated_at()).unwrap_or(began_at);
    let state = adjustment_state(row.status(), updated_at, row.status_message());
    let amount = send::money(row.adjustment_amount(), row.currency_code());
    let request = Request::Adjustment(Adjustment {
        agreement_id: row.agreement_id,
        invoice_id: row.original_invoice_id,
        amount: send::part(amount, "the amount", &object)?,
        reason: row.adjustment_reason_code,
        description: row.description,
    });
    Ok(Seen { request, state, began_at })
}
