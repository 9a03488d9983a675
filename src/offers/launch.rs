//! Starting an offer: its label, its first message, and the submission that may follow at once.

use entente_core::{
    event::{Actor, Body, Event},
    ids::{RunId, derived},
    offer::Offer,
    scope::Scope,
};
use entente_store::{Message, Start, Store};
use jiff::{Timestamp, tz::TimeZone};

use super::{DeskError, home_of, stored::CHART};

/// What the labels of offers begin with.
pub const SERIES: &str = "OFR";

/// Who sends a message, by which channel and under which idempotency key.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The channel: `cli`, `api`, `web`.
    pub source: &'static str,
    /// The idempotency key: the same key with the same body is the same request.
    pub key: String,
    /// Who acts, with the roles held now.
    pub actor: Actor,
    /// Business time.
    pub at: Timestamp,
}

impl Sender {
    /// The run that this key starts; the same key always starts the same run.
    pub fn run(&self) -> RunId {
        RunId(derived(&["start", self.source, &self.key]))
    }

    /// The sender of a second message that belongs to the same request.
    pub fn also(&self, what: &str) -> Sender {
        Sender { key: format!("{}/{what}", self.key), ..self.clone() }
    }

    /// A message to a run.
    pub fn message(&self, run: RunId, body: Body) -> Message {
        let event = Event { source: self.source.into(), id: self.key.clone(), actor: Some(self.actor.clone()), body };
        Message { run, event, start: None, expect_seq: None, expect_revision: None, at: self.at }
    }

    /// A message with an event that the chart names.
    pub fn named(&self, run: RunId, name: &str, data: serde_json::Value) -> Message {
        self.message(run, Body::Named { name: name.into(), data })
    }

    /// The message that was sent under this key before, if there was one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn earlier(&self, store: &dyn Store) -> Result<Option<Message>, DeskError> {
        let found = store.message(&Scope::vendor(), self.source, &self.key).await?;
        Ok(found.map(|found| found.message))
    }
}

/// The message that starts an offer. A repeated key keeps the label that it was given first.
///
/// # Errors
/// When the database cannot be read, or has no number to give.
pub async fn start(store: &dyn Store, sender: &Sender, offer: &Offer) -> Result<Message, DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| message.start);
    let label = match earlier {
        Some(start) => start.label,
        None => label(store, SERIES, sender.at).await?,
    };
    let start = Start { chart: CHART.into(), version: None, label, home: home_of(offer)?, parent: None };
    let message = sender.message(sender.run(), Body::Started { input: offer.to_json() });
    Ok(Message { start: Some(start), ..message })
}

/// The next label of a series, such as `OFR-2026-00042`.
///
/// # Errors
/// When the database has no number to give.
pub async fn label(store: &dyn Store, series: &str, at: Timestamp) -> Result<String, DeskError> {
    let series = format!("{series}-{:04}", at.to_zoned(TimeZone::UTC).year());
    let number = store.next_number(&series).await?;
    Ok(format!("{series}-{number:05}"))
}
