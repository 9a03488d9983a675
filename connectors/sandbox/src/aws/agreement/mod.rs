//! The Marketplace Agreement API (version 2020-03-01) and the agreements behind it.

pub(crate) mod acceptance;
pub(crate) mod cancellation;
mod charges;
mod charges_of;
pub(crate) mod lifecycle;
mod money;
mod notice;
mod read;
pub(crate) mod request;
mod search;
mod terms;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::offer::PricingModel;
use super::paging::{Page, PageError, Paging};
use super::refusal::Refusal;
use super::service::{Context, Reply};
use super::term::{Renewal, Term};
use super::text;
use super::token::{self, Known};

/// Where an agreement is in its life (Agreement API: `AgreementStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum AgreementStatus {
    Active,
    Cancelled,
    Expired,
    Renewed,
    Replaced,
}

impl AgreementStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Renewed => "RENEWED",
            Self::Replaced => "REPLACED",
        }
    }
}

/// Why an agreement came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Intent {
    New,
    Amend,
    Replace,
    Renew,
}

impl Intent {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Amend => "AMEND",
            Self::Replace => "REPLACE",
            Self::Renew => "RENEW",
        }
    }
}

/// How many of a dimension the buyer took, and which agreement length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub(crate) selector: String,
    pub(crate) quantities: Vec<(String, u64)>,
}

/// An amount that becomes due. It is invoiced when its time comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) amount: Decimal,
    pub(crate) purchase_order: Option<String>,
    pub(crate) revision: u64,
    pub(crate) invoice_id: Option<String>,
}

/// An invoice to the buyer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) amount: Decimal,
    pub(crate) issued_at: Timestamp,
    pub(crate) period: Date,
    pub(crate) due_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
}

/// One agreement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Agreement {
    pub(crate) id: String,
    pub(crate) offer_id: String,
    pub(crate) offer_set_id: Option<String>,
    pub(crate) product_id: String,
    pub(crate) proposer: String,
    pub(crate) acceptor: String,
    pub(crate) status: AgreementStatus,
    pub(crate) intent: Intent,
    pub(crate) initial_id: String,
    pub(crate) previous_id: Option<String>,
    pub(crate) accepted_at: Timestamp,
    pub(crate) start: Timestamp,
    /// Open-ended for usage without a duration.
    pub(crate) end: Option<Timestamp>,
    pub(crate) updated_at: Timestamp,
    pub(crate) pricing_model: PricingModel,
    pub(crate) terms: Vec<Term>,
    pub(crate) configuration: Option<Configuration>,
    pub(crate) currency: String,
    pub(crate) value: Decimal,
    pub(crate) charges: Vec<Charge>,
    pub(crate) invoices: Vec<Invoice>,
    /// Set when the offer has a renewal term.
    pub(crate) auto_renew: Option<bool>,
    pub(crate) renewals: u32,
    /// Days before the end of which the proposer was told.
    pub(crate) notices: Vec<i64>,
}

impl Agreement {
    pub(crate) fn is_contract(&self) -> bool {
        self.pricing_model == PricingModel::Contract
    }

    pub(crate) fn is_party(&self, account: &str) -> bool {
        self.proposer == account || self.acceptor == account
    }

    pub(crate) fn renewal(&self) -> Option<&Renewal> {
        self.terms.iter().find_map(|term| if let Term::RenewalTerm(term) = term { Some(term) } else { None })
    }

    /// Whether the number of renewals is used up.
    pub(crate) fn is_renewal_exhausted(&self) -> bool {
        self.renewal().and_then(|term| term.max_renewals).is_some_and(|most| self.renewals >= most)
    }

    pub(crate) fn will_renew(&self) -> bool {
        self.auto_renew == Some(true) && !self.is_renewal_exhausted()
    }

    /// What happens at the end: `EndTimeBehaviorType` and its reason code.
    pub(crate) fn end_behaviour(&self) -> (&'static str, Option<&'static str>) {
        match self.auto_renew {
            _ if self.will_renew() => ("RENEW", None),
            Some(true) => ("EXPIRE", Some("RENEWAL_LIMIT_EXHAUSTED")),
            Some(false) => ("EXPIRE", Some("ACCEPTOR_RENEW_OPTED_OUT")),
            None => ("EXPIRE", Some("NO_RENEWAL_TERM")),
        }
    }
}

/// Handles one operation.
pub(crate) fn handle(context: Context<'_>) -> Reply {
    match context.call.operation.as_str() {
        "SearchAgreements" => search::search(&context),
        "DescribeAgreement" => read::describe(&context),
        "GetAgreementTerms" => read::terms(&context),
        "GetAgreementEntitlements" => read::entitlements(&context),
        "ListAgreementInvoiceLineItems" => charges::invoice_line_items(&context),
        "ListAgreementCharges" => charges::list(&context),
        "UpdatePurchaseOrders" => charges::update_purchase_orders(context),
        "CancelAgreement" => read::cancel(context),
        "SendAgreementCancellationRequest" => cancellation::send(context),
        "GetAgreementCancellationRequest" => cancellation::get(&context),
        "ListAgreementCancellationRequests" => cancellation::list(&context),
        "AcceptAgreementCancellationRequest" => cancellation::accept(context),
        "RejectAgreementCancellationRequest" => cancellation::reject(context),
        "CancelAgreementCancellationRequest" => cancellation::withdraw(context),
        "CreateAgreementRequest" => request::create(context),
        "AcceptAgreementRequest" => request::accept(context),
        other => Err(Refusal::unknown_operation(other)),
    }
}

/// The agreement that a request names, when the caller is a party to it.
fn of_party<'a>(context: &'a Context<'_>) -> Result<&'a Agreement, Refusal> {
    let id = text(&context.call.input, "agreementId");
    if id.is_empty() {
        return Err(Refusal::agreement_validation("MISSING_AGREEMENT_ID", "agreementId", "`agreementId` is required"));
    }
    let agreement =
        context.world.aws.agreements.get(id).ok_or_else(|| Refusal::agreement_not_found("Agreement", id))?;
    if agreement.is_party(&context.account.account_id) {
        Ok(agreement)
    } else {
        Err(Refusal::agreement_access(format!("the account is no party to the agreement `{id}`")))
    }
}

/// Cuts a page under the Agreement API's errors.
fn page<T>(context: &Context<'_>, items: Vec<T>) -> Result<Page<T>, Refusal> {
    let input = &context.call.input;
    let stale = || {
        Refusal::agreement_validation(
            "INVALID_NEXT_TOKEN",
            "nextToken",
            "the `nextToken` is not valid for this request",
        )
    };
    if context.plan.expire_page_tokens && input.get("nextToken").is_some() {
        return Err(stale());
    }
    Paging::AGREEMENT.cut(&context.call.operation, input, items).map_err(|error| match error {
        PageError::Size => {
            Refusal::agreement_validation("INVALID_MAX_RESULTS", "maxResults", "`maxResults` must be from 1 to 50")
        }
        PageError::Token => stale(),
    })
}

/// A list answer with its page token.
fn listed(key: &str, page: Page<Value>) -> Value {
    let mut answer = serde_json::Map::new();
    answer.insert(key.to_owned(), Value::Array(page.items));
    answer.extend(page.next_token.map(|token| ("nextToken".to_owned(), Value::String(token))));
    Value::Object(answer)
}

/// The object that the same client token made before.
fn replayed(context: &Context<'_>) -> Result<Option<String>, Refusal> {
    match token::look_up(context) {
        Known::New => Ok(None),
        Known::Replay(id) => Ok(Some(id)),
        Known::Reused(token) => {
            let message = format!("the client token `{token}` was used with another request");
            Err(Refusal::agreement_validation("INVALID_CLIENT_TOKEN", "clientToken", message))
        }
    }
}
