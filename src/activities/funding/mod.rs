//! What the runs of funds, requests, claims and payouts have done for them. All of it happens in this installation: it reads
//! records, and puts messages into the inboxes of other runs.

mod assess;
mod fund;
mod payout;
mod tell_request;

use std::sync::Arc;

pub use assess::Assess;
use entente_core::event::{Failure, FailureClass};
use entente_store::Store;
pub use fund::{CheckFund, LookAtFund};
pub use payout::{FILE, Gather, Release, Tell, WriteFile};
use serde_json::Value;
pub use tell_request::TellRequest;
use tokio::sync::watch;

use super::Attempt;
use crate::{offers::DeskError, world::World};

/// What these activities work on. Without it (where only names matter) each of them fails.
#[derive(Clone)]
pub struct Books {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Policies and calendars.
    pub world: watch::Receiver<Arc<World>>,
}

/// The records, or why there are none.
fn records(books: Option<&Books>) -> Result<&Books, Attempt> {
    books.ok_or_else(|| Attempt::Failed(rejected("this process has no records to look at", None)))
}

/// A refusal for what the paper says.
fn rejected(message: impl Into<String>, field: Option<&str>) -> Failure {
    let field = field.map(str::to_owned);
    Failure { class: FailureClass::Rejected, message: message.into(), field, code: None, evidence: Value::Null }
}

/// What could not be read says nothing about the paper, unless it is that something does not exist.
fn unread(error: DeskError) -> Attempt {
    match error {
        DeskError::Store(entente_store::Error::NotFound { kind, id }) => {
            Attempt::Failed(rejected(format!("there is no {kind} `{id}`; correct the name, or add it first"), None))
        }
        DeskError::Store(error) => {
            let why = rejected(format!("the records could not be read: {error}"), None);
            Attempt::Retry { after: None, why: Failure { class: FailureClass::Transient, ..why } }
        }
        error => Attempt::Failed(rejected(error.to_string(), None)),
    }
}

/// Reads an activity's request.
fn read<T: serde::de::DeserializeOwned>(request: &Value) -> Result<T, Attempt> {
    T::deserialize(request)
        .map_err(|error| Attempt::Failed(rejected(format!("the request cannot be read: {error}"), None)))
}

/// Either way of ending.
fn settled(result: Result<Value, Attempt>) -> Attempt {
    match result {
        Ok(output) => Attempt::Done(output),
        Err(attempt) => attempt,
    }
}
