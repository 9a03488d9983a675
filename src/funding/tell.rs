//! Messages from one run to another that is not its child: put into its inbox once, however often they are sent.

use std::collections::BTreeMap;

use entente_core::{
    event::{Body, Event},
    ids::RunId,
    scope::Scope,
};
use entente_store::{Message, Store, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{activities::letters::Letters, offers::DeskError};

/// One message.
#[derive(Debug, Clone)]
pub struct Told {
    /// For whom.
    pub to: RunId,
    /// The sender's own id of it: sent again under it, it is the same message.
    pub id: String,
    /// The event.
    pub event: &'static str,
    /// Its data.
    pub data: Value,
    /// The id of a message of the same sender that rests on what was decided on this one: once it is sent, this one is never
    /// sent again.
    pub until: Option<String>,
}

/// How long a refusal counts as the answer: whoever asks later is not answered by it.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// The messages under the ids by which they are sent now. What was not obeyed is sent again under a new id once a minute has passed, for
/// its cause may be gone: a claim that was parked is not parked for ever. What was obeyed stays the same message, and so does
/// what another message rests on already.
///
/// # Errors
/// When the database cannot be read.
pub async fn renewed(store: &dyn Store, from: RunId, told: &[Told], now: Timestamp) -> Result<Vec<Told>, DeskError> {
    let source = source(from);
    let mut sent = Vec::new();
    for one in told {
        let (mut id, mut times) = (one.id.clone(), 1);
        while let Some(before) = store.message(&Scope::vendor(), &source, &id).await? {
            let not_obeyed = matches!(before.verdict, Some(Verdict::Refused { .. } | Verdict::Noted { .. }));
            if !not_obeyed || now.duration_since(before.message.at) < AGAIN_AFTER {
                break;
            }
            times += 1;
            let next = format!("{}~{times}", one.id);
            if is_relied_on(store, &source, one).await? && !is_sent(store, &source, &next).await? {
                break;
            }
            id = next;
        }
        sent.push(Told { id, ..one.clone() });
    }
    Ok(sent)
}

/// Whether the message that rests on this one is sent.
async fn is_relied_on(store: &dyn Store, source: &str, one: &Told) -> Result<bool, DeskError> {
    match &one.until {
        Some(until) => is_sent(store, source, until).await,
        None => Ok(false),
    }
}

async fn is_sent(store: &dyn Store, source: &str, id: &str) -> Result<bool, DeskError> {
    Ok(store.message(&Scope::vendor(), source, id).await?.is_some())
}

/// Sends messages in the name of a run.
///
/// # Errors
/// When the database cannot be written, or a message of the same id had another content.
pub async fn send(
    store: &dyn Store,
    letters: &Letters,
    from: RunId,
    told: &[Told],
    at: Timestamp,
) -> Result<(), DeskError> {
    let source = source(from);
    // What was sent already stays as it was: its time is that of the first send.
    let known = verdicts(store, from, told).await?;
    let new = told.iter().filter(|one| !known.contains_key(&one.id)).map(|one| Message {
        run: one.to,
        event: Event {
            source: source.clone(),
            id: one.id.clone(),
            actor: None,
            body: Body::Named { name: one.event.to_owned(), data: one.data.clone() },
        },
        start: None,
        expect_seq: None,
        expect_revision: None,
        at,
    });
    let new: Vec<Message> = new.collect();
    if !new.is_empty() {
        letters.append(store, new).await?;
    }
    Ok(())
}

/// What was decided on messages that were sent, by their ids; `None` while nothing was.
///
/// # Errors
/// When the database cannot be read.
pub async fn verdicts(
    store: &dyn Store,
    from: RunId,
    told: &[Told],
) -> Result<BTreeMap<String, Option<Verdict>>, DeskError> {
    let source = source(from);
    let mut found = BTreeMap::new();
    for one in told {
        if let Some(message) = store.message(&Scope::vendor(), &source, &one.id).await? {
            found.insert(one.id.clone(), message.verdict);
        }
    }
    Ok(found)
}

fn source(from: RunId) -> String {
    format!("run/{from}")
}
