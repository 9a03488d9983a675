//! What a marketplace has billed to buyers, and what may still be charged.

use entente_core::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the marketplace billed to a buyer under one agreement, or gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// The marketplace's id, which the buyer sees on the paper.
    pub id: String,
    /// The agreement that it is for. One paper may bill several agreements: this is the part of this one.
    pub agreement_id: String,
    /// Whether it bills or gives back.
    pub kind: InvoiceKind,
    /// Its amount before tax, never negative: the kind says which way the money goes.
    pub amount: Money,
    /// The most that can still be given back on it, before tax, where the marketplace says so. Zero for a credit memo.
    pub adjustable: Option<Money>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The month that it bills, where the marketplace says so.
    pub period: Option<BillingPeriod>,
    /// Who issued it: the marketplace's own legal entity.
    pub issuer: Option<String>,
}

/// Whether a paper bills or gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// The buyer owes its amount.
    Invoice,
    /// The buyer gets its amount back, or owes that much less.
    CreditMemo,
}

/// A month of billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BillingPeriod {
    /// The year of the Gregorian calendar.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: i8,
}

/// One page of invoices and credit memos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoicePage {
    /// What was understood, oldest first.
    pub invoices: Vec<Invoice>,
    /// What was not: kept, shown to people, never taken for paid or owed.
    pub unrecognised: Vec<UnrecognisedInvoice>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

/// A paper that the connector could not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnrecognisedInvoice {
    /// What was looked at.
    pub object: String,
    /// What about it was not understood, in the marketplace's own word where there is one.
    pub word: String,
}

/// A term of an agreement under which the vendor may ask for payments of varying amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentTerm {
    /// The marketplace's id of the term, which each request names.
    pub id: String,
    /// The most that may be charged under it, all requests together, before tax.
    pub most: Money,
    /// What becomes of a request that the buyer does not answer.
    pub unanswered: Unanswered,
}

/// What becomes of a request that the buyer leaves unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unanswered", rename_all = "snake_case")]
pub enum Unanswered {
    /// It waits.
    Waits,
    /// It counts as approved after a while.
    Approved {
        /// The while, as an ISO 8601 duration such as `P10D`, where the marketplace says it.
        after: Option<String>,
    },
    /// The marketplace's word is not known.
    Unrecognised,
}
