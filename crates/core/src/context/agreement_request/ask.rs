//! What a request asks for, and what is known about the agreement and the invoice that it names.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    context::{FieldError, Key},
    ids::{ConnectorId, LegalEntityId},
    money::Money,
};

/// What a request asks for: the part that people approve, and that is sent.
pub trait Ask: fmt::Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of its workflow, which is that of its context type as well.
    const NAME: &'static str;
    /// The activity that compares it with what the marketplace holds.
    const CHECK: &'static str;
    /// The activity that sends it.
    const WRITE: &'static str;
    /// The activity that takes it back once it was sent, where that can be done.
    const UNDO: Option<&'static str> = None;

    /// The marketplace that it goes to.
    fn marketplace(&self) -> &ConnectorId;

    /// The legal entity that asks.
    fn legal_entity(&self) -> &LegalEntityId;

    /// The marketplace's id of the agreement.
    fn agreement_id(&self) -> &str;

    /// The marketplace's id of the invoice, where one is named.
    fn invoice_id(&self) -> Option<&str> {
        None
    }

    /// The marketplace's id of the payment term, where one is named.
    fn term_id(&self) -> Option<&str> {
        None
    }

    /// Checks what can be told from the request alone.
    ///
    /// # Errors
    /// With the field that is wrong, and what to write instead.
    fn check(&self) -> Result<(), FieldError>;

    /// Why the marketplace would refuse it, judged by what it holds; `None` when nothing speaks against it.
    fn objection(&self, figures: &Figures) -> Option<Objection>;

    /// What is sent, besides where it goes.
    fn sent(&self) -> Map<String, Value>;

    /// The facts that policy rows test, besides marketplace, legal entity and agreement. Figures are there when they are about
    /// this request; a fact that is not known counts against it.
    fn facts(&self, figures: Option<&Figures>) -> Map<String, Value>;

    /// The keys under which the run is found.
    fn keys(&self) -> Vec<Key>;

    /// What approvers are told about it.
    fn justification(&self) -> Option<&str>;

    /// In a few words: `USD 120.00 on invoice INV-1 of agreement agmt-1`.
    fn title(&self) -> String;

    /// SHA-256 of all of it, in hexadecimal. Whatever people are shown is part of it.
    fn revision(&self) -> String {
        hex::encode(Sha256::digest(serde_json::to_vec(self).unwrap_or_default()))
    }
}

/// What a marketplace and our own records say about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The revision that they are about; about another one they count for nothing.
    pub revision: String,
    /// Whether the agreement is in force.
    pub in_force: bool,
    /// The buyer's account.
    pub buyer_account: String,
    /// The buyer's name, where an offer of ours made the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// The label of that offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// What the agreement is worth, where the marketplace or the offer says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// When the agreement ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// The invoice that is named; absent when the agreement has no such invoice, or none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceFigures>,
    /// The payment term that is named; absent when the agreement has no such term, or none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermFigures>,
}

/// What is known about a term under which payments of varying amounts may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermFigures {
    /// The most that may be charged under it, all requests together, before tax.
    pub most: Money,
    /// What other requests of ours have charged under it, or may yet, in minor units of the term's currency.
    pub asked_minor: i64,
}

/// What is known about an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceFigures {
    /// Its amount before tax.
    pub amount: Money,
    /// Whether it gives back instead of billing.
    pub credit_memo: bool,
    /// The most that the marketplace lets go back on it, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjustable: Option<Money>,
    /// What other refunds of ours that were asked for earlier, and have not ended, would give back on it, in minor units of the
    /// invoice's currency.
    pub held_minor: i64,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// Why a request makes no sense by what the marketplace holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The field of the request, as a JSON pointer.
    pub field: &'static str,
    /// What is wrong, and what to write instead.
    pub message: String,
}

pub(crate) fn filled(field: &str, text: &str) -> Result<(), FieldError> {
    if text.trim().is_empty() { refuse(field, "is empty; write at least one character") } else { Ok(()) }
}

pub(crate) fn refuse(field: &str, message: &str) -> Result<(), FieldError> {
    Err(FieldError { field: field.to_owned(), message: message.to_owned() })
}
