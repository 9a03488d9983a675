//! The Marketplace Agreement API (version 2020-03-01) and the agreements behind it.

pub(crate) mod acceptance;
pub(crate) mod adjustment;
mod buyer;
pub(crate) mod cancellation;
mod charges;
mod charges_of;
mod input;
mod invoices;
pub(crate) mod lifecycle;
pub(crate) mod milestone;
mod money;
mod notice;
pub(crate) mod payment;
pub(crate) mod proposal;
mod read;
mod renewal;
pub(crate) mod request;
mod request_reads;
mod request_terms;
mod search;
mod terms;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::offer::PricingModel;
use super::refusal::Refusal;
use super::service::{Context, Reply};
use super::term::{Renewal, Term};
use input::{
    as_proposer, bounded, is_client_token, list_filters, listed, of_party, of_proposer, page, positive_amount, replayed,
};

pub(crate) use buyer::answer_for_buyer;

/// Where an agreement is in its life (Agreement API: `AgreementStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AgreementStatus {
    Active,
    Archived,
    Cancelled,
    Expired,
    Renewed,
    Replaced,
    RolledBack,
    Superseded,
    Terminated,
}

impl AgreementStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Renewed => "RENEWED",
            Self::Replaced => "REPLACED",
            Self::RolledBack => "ROLLED_BACK",
            Self::Superseded => "SUPERSEDED",
            Self::Terminated => "TERMINATED",
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

/// Whether a paper bills or gives back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InvoiceType {
    #[default]
    Invoice,
    CreditMemo,
}

impl InvoiceType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invoice => "INVOICE",
            Self::CreditMemo => "CREDIT_MEMO",
        }
    }
}

/// An invoice to the buyer, or a credit memo on one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) kind: InvoiceType,
    /// What was given back on it by completed adjustments.
    #[serde(default)]
    pub(crate) adjusted: Decimal,
    /// Below zero for a credit memo.
    pub(crate) amount: Decimal,
    pub(crate) issued_at: Timestamp,
    pub(crate) period: Date,
    pub(crate) due_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
}

impl Invoice {
    /// The most that can still be given back on it.
    pub(crate) fn adjustable(&self) -> Decimal {
        match self.kind {
            InvoiceType::Invoice => (self.amount - self.adjusted).max(Decimal::ZERO),
            InvoiceType::CreditMemo => Decimal::ZERO,
        }
    }
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
    /// What else was told.
    #[serde(default)]
    pub(crate) milestones: Vec<milestone::Milestone>,
    /// The term under which payments are requested. No change type is published that puts it into an offer; here the
    /// control API does.
    #[serde(default)]
    pub(crate) variable_payment: Option<payment::VariablePayment>,
    /// Whom the acceptor named, when he accepted over the wire.
    #[serde(default)]
    pub(crate) contact: Option<serde_json::Value>,
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

    /// When a free trial ends; none, without one.
    pub(crate) fn trial_end(&self) -> Option<Timestamp> {
        let trial = self.terms.iter().find_map(|term| match term {
            Term::FreeTrialPricingTerm(term) => Some(&term.duration),
            _ => None,
        });
        trial.map(|duration| duration.after(self.start))
    }

    pub(crate) fn will_renew(&self) -> bool {
        self.auto_renew == Some(true) && !self.is_renewal_exhausted()
    }

    /// What happens at the end, `EndTimeBehaviorType` and its reason code: of an active agreement that has an end.
    pub(crate) fn end_behaviour(&self) -> Option<(&'static str, Option<&'static str>)> {
        if self.end.is_none() || self.status != AgreementStatus::Active {
            return None;
        }
        Some(match self.auto_renew {
            _ if self.will_renew() => ("RENEW", None),
            Some(true) => ("EXPIRE", Some("RENEWAL_LIMIT_EXHAUSTED")),
            Some(false) => ("EXPIRE", Some("ACCEPTOR_RENEW_OPTED_OUT")),
            None => ("EXPIRE", Some("NO_RENEWAL_TERM")),
        })
    }
}

/// Handles one operation.
pub(crate) fn handle(context: Context<'_>) -> Reply {
    match context.call.operation.as_str() {
        "SearchAgreements" => search::search(&context),
        "DescribeAgreement" => read::describe(&context),
        "GetAgreementTerms" => read::terms(&context),
        "GetAgreementContacts" => read::contacts(&context),
        "GetAgreementEntitlements" => read::entitlements(&context),
        "ListAgreementInvoiceLineItems" => invoices::line_items(&context),
        "ListAgreementCharges" => charges::list(&context),
        "UpdatePurchaseOrders" => charges::update_purchase_orders(context),
        "CancelAgreement" => read::cancel(context),
        "SendAgreementCancellationRequest" => cancellation::send(context),
        "GetAgreementCancellationRequest" => cancellation::get(&context),
        "ListAgreementCancellationRequests" => cancellation::list(&context),
        "AcceptAgreementCancellationRequest" => cancellation::accept(context),
        "RejectAgreementCancellationRequest" => cancellation::reject(context),
        "CancelAgreementCancellationRequest" => cancellation::withdraw(context),
        "SendAgreementPaymentRequest" => payment::send(context),
        "GetAgreementPaymentRequest" => payment::get(&context),
        "ListAgreementPaymentRequests" => payment::list(&context),
        "AcceptAgreementPaymentRequest" => payment::accept(context),
        "RejectAgreementPaymentRequest" => payment::reject(context),
        "CancelAgreementPaymentRequest" => payment::withdraw(context),
        "BatchCreateBillingAdjustmentRequest" => adjustment::create(context),
        "GetBillingAdjustmentRequest" => adjustment::get(&context),
        "ListBillingAdjustmentRequests" => adjustment::list(&context),
        "CreateAgreementRequest" => request::create(context),
        "AcceptAgreementRequest" => request::accept(context),
        "GetAgreementRequestTerms" => request_reads::terms(&context),
        "ListAgreementApprovals" => request_reads::approvals(&context),
        "GetAgreementRequest" => request_reads::get(&context),
        "ListAgreementRequests" => request_reads::list(&context),
        "CancelAgreementRequest" => request_reads::cancel(context),
        other => Err(Refusal::unknown_operation(other)),
    }
}
