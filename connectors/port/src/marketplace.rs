//! The trait that every connector implements.

use std::collections::BTreeMap;

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorId, InvokeId, RunId},
    money::Money,
    offer::{Offer, Period, document::ProductKind},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    bucket::Part,
    capability::{Capability, Profile},
    error::{Error, Result},
    funding::{Allocation, Benefit, FundingApplication, FundingChange, FundingRules, RemoteApplication},
    invoice::{InvoicePage, PaymentTerm},
    mode::Mode,
    observation::{Agreement, Hint, ObservationPage},
    pace::Limits,
    reason::{AdjustmentReason, CancellationReason},
};

/// A marketplace, asked in the words of the business. Every method that talks to it may be called again at any time.
#[async_trait]
pub trait Marketplace: Send + Sync {
    /// The connector's id, such as `aws`.
    fn id(&self) -> ConnectorId;

    /// What it can do.
    fn capabilities(&self) -> &'static [Capability];

    /// How a kind of write behaves when its outcome is unknown.
    fn profile(&self, capability: Capability) -> Profile;

    /// The zone in which the marketplace reads days, by IANA name.
    fn zone(&self) -> &'static str;

    /// How often it may be called, and when it counts as down.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Tells which part of the account's rates this process may use from now on, `None` for nothing yet. A connector that keeps
    /// rates of its own heeds it.
    fn share(&self, part: Option<Part>) {
        let _ = part;
    }

    /// Checks an offer against the marketplace's documented rules. No call leaves the machine.
    fn validate(&self, offer: &Offer, now: Timestamp, product: Option<&ProductFacts>) -> Vec<Finding>;

    /// What an amendment asks of a released offer that the marketplace does not change any more, by the marketplace's documented
    /// rules. No call leaves the machine.
    fn frozen(&self, standing: &Offer, wanted: &Offer) -> Vec<Finding> {
        let _ = (standing, wanted);
        Vec::new()
    }

    /// The exact calls that a write would make. No call leaves the machine.
    fn plan(&self, call: &CallContext, write: &Write) -> Result<Vec<PlannedCall>>;

    /// Calls about the same entity are made one after the other.
    fn entity(&self, write: &Write) -> String;

    /// Begins a write. The same token and write always make the same request.
    async fn submit(&self, call: &CallContext, write: &Write) -> Result<Submitted> {
        let _ = call;
        Err(Error::Unsupported(write.capability()))
    }

    /// Where a begun write stands.
    async fn change(&self, change: &ChangeId) -> Result<ChangeState> {
        let _ = change;
        Err(Error::Unsupported(Capability::CreateOffer))
    }

    /// Every write that carries our key, whatever became of it.
    async fn find(&self, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
        let _ = (key, write);
        Err(Error::Unsupported(Capability::FindByKey))
    }

    /// Every write that carries a key of ours and began at or after `since`, oldest first, whatever became of it: by this a
    /// restored database learns what it has forgotten.
    async fn ours_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        let _ = since;
        Err(Error::Unsupported(Capability::FindByKey))
    }

    /// An offer as it stands.
    async fn offer(&self, offer_id: &str) -> Result<RemoteOffer> {
        let _ = offer_id;
        Err(Error::Unsupported(Capability::ReadOffer))
    }

    /// What a product allows.
    async fn product(&self, product_id: &str) -> Result<ProductFacts> {
        let _ = product_id;
        Err(Error::Unsupported(Capability::ReadProduct))
    }

    /// What differs between an offer as documented and as it stands; reading differences (formats, zones) are not differences.
    fn differences(&self, offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
        let _ = (offer, remote);
        Vec::new()
    }

    /// Whether a write's effect stands at the marketplace, read back from the offer; `None` where the offer alone cannot tell.
    fn holds(&self, write: &Write, remote: &RemoteOffer, now: Timestamp) -> Option<bool> {
        let _ = (write, remote, now);
        None
    }

    /// Agreements of one offer.
    async fn agreements_of(&self, offer_id: &str) -> Result<ObservationPage> {
        let _ = offer_id;
        Err(Error::Unsupported(Capability::ListAgreements))
    }

    /// Agreements changed at or after `since`, oldest change first.
    async fn agreements_since(&self, since: Timestamp) -> Result<ObservationPage> {
        let _ = since;
        Err(Error::Unsupported(Capability::ListAgreements))
    }

    /// An agreement as it stands, with its value where the marketplace gives one.
    async fn agreement(&self, agreement_id: &str) -> Result<Agreement> {
        let _ = agreement_id;
        Err(Error::Unsupported(Capability::ListAgreements))
    }

    /// The terms of an agreement under which payments of varying amounts may be asked for; none when it has none.
    async fn payment_terms(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        let _ = agreement_id;
        Err(Error::Unsupported(Capability::RequestPayment))
    }

    /// Every invoice and credit memo of one agreement, on one page.
    async fn invoices_of(&self, agreement_id: &str) -> Result<InvoicePage> {
        let _ = agreement_id;
        Err(Error::Unsupported(Capability::ListInvoices))
    }

    /// Invoices and credit memos of all agreements, issued at or after `since`: a page at `cursor`, the first one without.
    /// Pages follow one another in the marketplace's own order, and may repeat what an earlier one told; a cursor that has
    /// expired is refused, and reading begins anew without one.
    async fn invoices_since(&self, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
        let _ = (since, cursor);
        Err(Error::Unsupported(Capability::ListInvoices))
    }

    /// What the marketplace asks of applications for funding; `None` where it gives none.
    fn funding_rules(&self) -> Option<FundingRules> {
        None
    }

    /// What it funds, without what applications have to say.
    async fn benefits(&self) -> Result<Vec<Benefit>> {
        Err(Error::Unsupported(Capability::ReadFunding))
    }

    /// One of them, with what applications have to say.
    async fn benefit(&self, benefit_id: &str) -> Result<Benefit> {
        let _ = benefit_id;
        Err(Error::Unsupported(Capability::ReadFunding))
    }

    /// An application as it stands, with what was granted on it.
    async fn funding(&self, application_id: &str) -> Result<RemoteApplication> {
        let _ = application_id;
        Err(Error::Unsupported(Capability::ReadFunding))
    }

    /// Whether a change of an application has been made, read back from it; `None` where that cannot be told. A marketplace that
    /// keeps what was written in another form compares it in that form.
    fn funding_holds(&self, change: &FundingChange, remote: &RemoteApplication) -> Option<bool> {
        change.is_done(remote)
    }

    /// Everything that was granted, wallets among it.
    async fn allocations(&self) -> Result<Vec<Allocation>> {
        Err(Error::Unsupported(Capability::ReadFunding))
    }

    /// Reads an event as it came over HTTP. It is a hint: what it says is looked up before it is believed.
    fn hint(&self, body: &[u8]) -> Result<Hint> {
        let _ = body;
        Err(Error::Unsupported(Capability::AcceptEvents))
    }

    /// The least grant, in the marketplace's own policy language, that a mode needs.
    fn least_privilege(&self, mode: Mode) -> Value;

    /// Checks the connection, reading only.
    async fn check(&self, mode: Mode) -> Vec<CheckItem>;
}

/// What travels with a write so that it can be recognised later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// The idempotency token: the same for every attempt of one intent.
    pub token: Uuid,
    /// Our key, findable at the marketplace.
    pub key: StepKey,
}

/// The step that a write belongs to, as it is written into the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepKey {
    /// The run.
    pub run: RunId,
    /// The invocation.
    pub invoke: InvokeId,
    /// The run's readable label.
    pub label: String,
}

/// A write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum Write {
    /// Create an offer and release it to its buyer.
    CreateOffer {
        /// The offer.
        offer: Box<Offer>,
    },
    /// Withdraw a released offer.
    WithdrawOffer {
        /// The marketplace's id of the offer.
        offer_id: String,
    },
    /// Extend the time in which it can be accepted.
    ExtendOffer {
        /// The marketplace's id of the offer.
        offer_id: String,
        /// The new last day, in the marketplace's zone.
        expires_on: Date,
        /// The offer as documented, for the rules that tie other terms to the last day.
        offer: Box<Offer>,
    },
    /// Change what may be changed after release.
    AmendOffer {
        /// The marketplace's id of the offer.
        offer_id: String,
        /// The new name.
        name: Option<String>,
        /// The new description.
        description: Option<String>,
        /// How long the agreement lasts from acceptance, instead of what the offer said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration: Option<Period>,
        /// The new last day on which it can be accepted, in the marketplace's zone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_on: Option<Date>,
    },
    /// Ask the buyer to end an agreement early. What the marketplace has billed stays billed: giving it back is a write of its own.
    CancelAgreement {
        /// The marketplace's id of the agreement.
        agreement_id: String,
        /// Why.
        reason: CancellationReason,
        /// What the buyer is told about it.
        description: Option<String>,
    },
    /// Give money back on an invoice, or reduce what is still owed on it. The buyer is not asked.
    AdjustBilling {
        /// The marketplace's id of the agreement.
        agreement_id: String,
        /// The marketplace's id of the invoice.
        invoice_id: String,
        /// How much, before tax, in the invoice's currency; more than zero.
        amount: Money,
        /// Why.
        reason: AdjustmentReason,
        /// More about it.
        description: Option<String>,
    },
    /// Ask the buyer for a payment under a term that allows varying amounts.
    RequestPayment {
        /// The marketplace's id of the agreement.
        agreement_id: String,
        /// The marketplace's id of the term; see [`Marketplace::payment_terms`].
        term_id: String,
        /// What the buyer reads first.
        name: String,
        /// How much, before tax, in the term's currency; more than zero.
        amount: Money,
        /// More about it.
        description: Option<String>,
    },
    /// Take a request for a payment back, which the buyer has not answered yet. One that was answered stays answered: taking it
    /// back is refused then.
    WithdrawPayment {
        /// The marketplace's id of the agreement.
        agreement_id: String,
        /// The change that the request began.
        request: ChangeId,
    },
    /// Write an application for funding. Nobody reviews it before it is handed in.
    ApplyForFunding {
        /// What it says.
        application: Box<FundingApplication>,
    },
    /// Do something to an application for funding.
    ChangeFunding {
        /// The marketplace's id of the application.
        application_id: String,
        /// What.
        change: FundingChange,
    },
}

impl Write {
    /// The ability it needs.
    pub fn capability(&self) -> Capability {
        match self {
            Write::CreateOffer { .. } => Capability::CreateOffer,
            Write::WithdrawOffer { .. } => Capability::WithdrawOffer,
            Write::ExtendOffer { .. } => Capability::ExtendOffer,
            Write::AmendOffer { .. } => Capability::AmendOffer,
            Write::CancelAgreement { .. } => Capability::CancelAgreement,
            Write::AdjustBilling { .. } => Capability::AdjustBilling,
            Write::RequestPayment { .. } => Capability::RequestPayment,
            Write::WithdrawPayment { .. } => Capability::WithdrawPayment,
            Write::ApplyForFunding { .. } => Capability::ApplyForFunding,
            Write::ChangeFunding { .. } => Capability::ChangeFunding,
        }
    }

    /// The marketplace's id of the agreement that it is about; `None` for a write about anything else.
    pub fn agreement_id(&self) -> Option<&str> {
        match self {
            Write::CancelAgreement { agreement_id, .. }
            | Write::AdjustBilling { agreement_id, .. }
            | Write::RequestPayment { agreement_id, .. }
            | Write::WithdrawPayment { agreement_id, .. } => Some(agreement_id),
            Write::CreateOffer { .. }
            | Write::WithdrawOffer { .. }
            | Write::ExtendOffer { .. }
            | Write::AmendOffer { .. }
            | Write::ApplyForFunding { .. }
            | Write::ChangeFunding { .. } => None,
        }
    }

    /// The money that it moves by itself, before tax: given back or asked for. An offer moves none until it is accepted.
    pub fn moves(&self) -> Option<Money> {
        match self {
            Write::AdjustBilling { amount, .. } | Write::RequestPayment { amount, .. } => Some(*amount),
            Write::CreateOffer { .. }
            | Write::WithdrawOffer { .. }
            | Write::ExtendOffer { .. }
            | Write::AmendOffer { .. }
            | Write::CancelAgreement { .. }
            | Write::WithdrawPayment { .. }
            | Write::ApplyForFunding { .. }
            | Write::ChangeFunding { .. } => None,
        }
    }
}

/// A begun write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// What to ask about.
    pub change: ChangeId,
}

/// The marketplace's id of a begun write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub String);

/// Where a begun write stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeState {
    /// Under way.
    Pending,
    /// It waits for the buyer, who may take days: nothing is wrong, and nothing is stuck.
    AwaitingBuyer {
        /// When the marketplace decides by itself; absent where it waits for ever, or does not say.
        answer_by: Option<Timestamp>,
    },
    /// Applied.
    Applied {
        /// The offer it created or changed; absent for a write about an agreement.
        offer_id: Option<String>,
        /// When it ended.
        at: Timestamp,
    },
    /// The buyer said no. Nothing was applied, and it never will be.
    Declined {
        /// What the buyer said.
        reason: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Not applied, and it never will be. `Transient` says that the same write may be begun again as a new intent.
    Failed(Error),
}

/// A write found by our key.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Its id.
    pub change: ChangeId,
    /// Where it stands.
    pub state: ChangeState,
    /// Whether it carries the same request; `false` means that somebody used our key for something else.
    pub same_request: bool,
}

/// A write of ours as the marketplace lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnWrite {
    /// The step that it belongs to, as far as the marketplace keeps it: the label may be shortened.
    pub key: StepKey,
    /// Its id.
    pub change: ChangeId,
    /// When it began, by the marketplace's clock.
    pub began_at: Timestamp,
    /// Where it stands.
    pub state: ChangeState,
}

/// An offer as it stands at the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteOffer {
    /// The marketplace's id.
    pub id: String,
    /// Its revision there.
    pub revision: String,
    /// Where it stands.
    pub state: RemoteOfferState,
    /// Its name.
    pub name: Option<String>,
    /// The last day on which it can be accepted, in the marketplace's zone.
    pub expires_on: Option<Date>,
    /// The accounts it is for.
    pub buyers: Vec<String>,
    /// The whole of it in the marketplace's own words, for people and for comparison.
    pub document: Value,
}

/// Where an offer stands at the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteOfferState {
    /// Not visible to anybody but the seller.
    Draft,
    /// The buyer can accept it, until it expires.
    Released,
    /// A word that the connector does not know.
    Unrecognised,
}

/// What a product allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFacts {
    /// The marketplace's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What kind of product it is; absent where the marketplace does not say, or has a kind of its own.
    pub kind: Option<ProductKind>,
    /// Whether buyers can see it.
    pub public: bool,
    /// Its dimensions: key to the uses it allows, `contract` or `usage`.
    pub dimensions: BTreeMap<String, Vec<String>>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field of the offer document, as a JSON pointer.
    pub field: String,
    /// As documented.
    pub ours: String,
    /// As it stands.
    pub theirs: String,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Warning,
    /// The marketplace would refuse it.
    Error,
}

/// A rule that an offer breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's stable id, such as `AWS-007`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The field, as a JSON pointer.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    /// Where the rule is documented.
    pub source: String,
}

/// A call that a write would make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// The marketplace's name of the operation.
    pub operation: String,
    /// The request's body.
    pub body: Value,
}

/// One line of a connection check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// What was checked.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was seen, and what to do.
    pub detail: String,
}
