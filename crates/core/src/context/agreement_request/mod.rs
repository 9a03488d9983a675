//! What requests about an agreement have in common, whatever they ask for: what is known of them, and what became of them.
//!
//! A workflow of this kind names its [`Ask`]: the part that people approve and that is sent.

mod apply;
mod ask;
mod data;
mod face;
mod requests;
mod schema;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use ask::{Ask, Figures, InvoiceFigures, Objection, TermFigures};
pub(crate) use ask::{filled, refuse};
pub use data::Revise;
pub use face::RequestContext;
pub use requests::AWAIT;

use super::private_offer::{Refusal, Withdrawal};
use crate::ids::PersonId;

/// Everything that the run of such a request knows. Guards and requests are functions of this and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "A: Ask")]
pub struct Request<A> {
    /// The run's readable name.
    pub label: String,
    /// What is asked for.
    pub ask: A,
    /// SHA-256 of what is asked for: approvals bind to it.
    pub revision: String,
    /// Who asked for it last; may not approve it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<PersonId>,
    /// Everybody who asked for it or changed it, in their own name or for somebody; none may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
    /// What the marketplace and our own records said about it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// The marketplace's own request, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// When the marketplace had done what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    /// Why the last attempt did not get through: the figures, a marketplace, a buyer or an approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// That somebody no longer wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
}

/// The request as the marketplace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The marketplace's id of it.
    pub id: String,
    /// Our own key on it, as the connector's shell returned it: by it the request's twins are searched for.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub key: Value,
}

impl<A: Ask> Request<A> {
    /// The first context of a run.
    pub fn new(ask: A, label: &str) -> Request<A> {
        Request {
            label: label.to_owned(),
            revision: ask.revision(),
            ask,
            requester: None,
            authors: BTreeSet::new(),
            figures: None,
            change: None,
            applied_at: None,
            refusal: None,
            withdrawal: None,
        }
    }

    /// The figures, where they are about what is asked for now.
    pub fn current_figures(&self) -> Option<&Figures> {
        self.figures.as_ref().filter(|figures| figures.revision == self.revision)
    }
}
