//! What a connector can do, and how each write behaves when its outcome is unknown.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// One ability. What is not declared answers [`crate::Error::Unsupported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Create an offer and release it to its buyer.
    CreateOffer,
    /// Withdraw a released offer before it is accepted.
    WithdrawOffer,
    /// Extend the time in which a released offer can be accepted.
    ExtendOffer,
    /// Change a released offer's name or description.
    AmendOffer,
    /// Find an earlier write by our own key.
    FindByKey,
    /// Read an offer.
    ReadOffer,
    /// Read a product's facts.
    ReadProduct,
    /// List agreements changed since an instant.
    ListAgreements,
    /// Accept the marketplace's events.
    AcceptEvents,
    /// Ask the buyer to end an agreement early.
    CancelAgreement,
    /// Give money back on an invoice.
    AdjustBilling,
    /// Ask the buyer for a payment under a term that allows varying amounts, and read such terms.
    RequestPayment,
    /// Take a request for a payment back before the buyer has answered it.
    WithdrawPayment,
    /// List invoices and credit memos.
    ListInvoices,
    /// Read what the marketplace funds, applications for it, and what was granted.
    ReadFunding,
    /// Write an application for funding.
    ApplyForFunding,
    /// Hand an application for funding in, change it, take it back or give it up.
    ChangeFunding,
}

impl Capability {
    /// Every ability.
    pub const ALL: [Capability; 17] = [
        Capability::CreateOffer,
        Capability::WithdrawOffer,
        Capability::ExtendOffer,
        Capability::AmendOffer,
        Capability::FindByKey,
        Capability::ReadOffer,
        Capability::ReadProduct,
        Capability::ListAgreements,
        Capability::AcceptEvents,
        Capability::CancelAgreement,
        Capability::AdjustBilling,
        Capability::RequestPayment,
        Capability::WithdrawPayment,
        Capability::ListInvoices,
        Capability::ReadFunding,
        Capability::ApplyForFunding,
        Capability::ChangeFunding,
    ];
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Capability::CreateOffer => "create and release an offer",
            Capability::WithdrawOffer => "withdraw an offer",
            Capability::ExtendOffer => "extend an offer",
            Capability::AmendOffer => "amend a released offer",
            Capability::FindByKey => "find an earlier write",
            Capability::ReadOffer => "read an offer",
            Capability::ReadProduct => "read a product",
            Capability::ListAgreements => "list agreements",
            Capability::AcceptEvents => "accept events",
            Capability::CancelAgreement => "ask to end an agreement early",
            Capability::AdjustBilling => "give money back on an invoice",
            Capability::RequestPayment => "ask for a payment",
            Capability::WithdrawPayment => "take a request for a payment back",
            Capability::ListInvoices => "list invoices",
            Capability::ReadFunding => "read what the marketplace funds",
            Capability::ApplyForFunding => "apply for funding",
            Capability::ChangeFunding => "change an application for funding",
        })
    }
}

/// How an unknown outcome of a write is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    /// The marketplace takes an idempotency token: resend inside the window, afterwards as natural key.
    TokenDedup,
    /// Our id can be searched for.
    NaturalKey,
    /// The state can be read and compared.
    ReadBack,
    /// Never resent; a person decides.
    Manual,
}

/// How one write behaves. Every figure names its source in the connector that declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// How an unknown outcome is settled.
    pub class: RecoveryClass,
    /// How long the marketplace is documented to honour a token; zero where it is not documented.
    pub token_window: Duration,
    /// After how long an applied write is sure to be found by our key; `None` where it is not documented, and absence proves nothing.
    pub visibility: Option<Duration>,
    /// The write publishes something or moves money: absence is never proof enough to resend.
    pub irreversible: bool,
}
