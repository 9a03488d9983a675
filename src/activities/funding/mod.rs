//! What the runs of funds, requests, claims and payouts have done for them. All of it happens in this installation: it reads
//! records, and puts messages into the inboxes of other runs.

mod accrual;
mod assess;
mod fund;
mod look_at_request;
mod order;
mod payout;
mod sweep;
mod tell_request;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub use accrual::{CheckAccrual, LookAtAccrual};
pub use assess::Assess;
use entente_core::event::{Failure, FailureClass};
use entente_store::{Store, Verdict};
pub use fund::{CheckFund, LookAtFund};
pub use look_at_request::LookAtRequest;
pub use order::{CheckOrder, MatchOrder, SUPPLIER};
pub use payout::{FILE, Gather, Release, Tell, WriteFile};
use serde_json::Value;
pub use tell_request::TellRequest;
use tokio::sync::watch;

use super::{Attempt, Call, letters::Letters};
use crate::{
    funding::{
        evidence::Room,
        tell::{self, Told},
    },
    offers::DeskError,
    world::World,
};

/// How soon other runs are asked again for what they have decided.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// What these activities work on. Without it (where only names matter) each of them fails.
#[derive(Clone)]
pub struct Books {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The way to the inboxes of other runs.
    pub letters: Letters,
    /// Policies and calendars.
    pub world: watch::Receiver<Arc<World>>,
    /// The files that partners have handed in.
    pub evidence: Room,
}

/// The records, or why there are none.
fn records(books: Option<&Books>) -> Result<&Books, Box<Attempt>> {
    books.ok_or_else(|| failed("this process has no records to look at", None))
}

/// A refusal for what the paper says.
fn rejected(message: impl Into<String>, field: Option<&str>) -> Failure {
    let field = field.map(str::to_owned);
    Failure { class: FailureClass::Rejected, message: message.into(), field, code: None, evidence: Value::Null }
}

/// The end of an attempt whose paper is refused.
fn failed(message: impl Into<String>, field: Option<&str>) -> Box<Attempt> {
    Box::new(Attempt::Failed(rejected(message, field)))
}

/// What could not be read says nothing about the paper, unless it is that something does not exist.
fn unread(error: DeskError) -> Box<Attempt> {
    match error {
        DeskError::Store(entente_store::Error::NotFound { kind, id }) => {
            failed(format!("there is no {kind} `{id}`; correct the name, or add it first"), None)
        }
        DeskError::Store(error) => {
            let why = rejected(format!("the records could not be read: {error}"), None);
            Box::new(Attempt::Retry { after: None, why: Failure { class: FailureClass::Transient, ..why } })
        }
        error => failed(error.to_string(), None),
    }
}

/// Reads an activity's request.
fn read<T: serde::de::DeserializeOwned>(request: &Value) -> Result<T, Box<Attempt>> {
    T::deserialize(request).map_err(|error| failed(format!("the request cannot be read: {error}"), None))
}

/// Either way of ending.
fn settled(result: Result<Value, Box<Attempt>>) -> Attempt {
    match result {
        Ok(output) => Attempt::Done(output),
        Err(attempt) => *attempt,
    }
}

/// Sends messages, and waits until each of them has been decided on; the verdicts, by the messages' own ids. What was not obeyed
/// some time ago is sent again.
async fn decided(books: &Books, call: &Call, told: &[Told]) -> Result<BTreeMap<String, Verdict>, Box<Attempt>> {
    let store = books.store.as_ref();
    let sent = tell::renewed(store, call.run, told, call.now).await.map_err(unread)?;
    tell::send(store, &books.letters, call.run, &sent, call.now).await.map_err(unread)?;
    let mut verdicts = tell::verdicts(store, call.run, &sent).await.map_err(unread)?;
    let own = told.iter().zip(&sent);
    let decided: BTreeMap<String, Verdict> =
        own.filter_map(|(one, sent)| Some((one.id.clone(), verdicts.remove(&sent.id)??))).collect();
    if decided.len() < told.len() {
        let why = format!("{} of {} runs have yet to answer", told.len() - decided.len(), told.len());
        return Err(Box::new(Attempt::Wait { after: ASK_AGAIN, why, notes: Value::Null }));
    }
    Ok(decided)
}

/// Why a run did not do what it was told; `None` where it did.
fn refused(verdict: Option<&Verdict>) -> Option<String> {
    match verdict {
        Some(Verdict::Accepted { .. }) => None,
        Some(Verdict::Refused { reason, .. } | Verdict::Noted { reason }) => Some(reason.clone()),
        None => Some("it has not answered".to_owned()),
    }
}
