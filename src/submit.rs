//! Handing messages to a run through its inbox, and waiting for the verdict: the same for the command line and the HTTP interface.

use std::time::Duration;

use entente_core::scope::Scope;
use entente_store::{Appended, Error, Message, PendingMessage, Store, Verdict};
use tokio::time::Instant;

/// How often the verdict is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// The most characters of a reason or a note.
const SAID_MOST: usize = 4000;

/// A reason or a note: histories keep it for ever, so it says something, and not too much.
///
/// # Errors
/// When it says nothing, or too much.
pub fn said(text: &str) -> Result<String, String> {
    match text.trim().chars().count() {
        0 => Err("it is empty; say it in a few words".into()),
        1..=SAID_MOST => Ok(text.to_owned()),
        count => Err(format!("it has {count} characters; at most {SAID_MOST} are kept")),
    }
}

/// Why a request came to nothing, or nobody knows yet what it came to.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The database could not be read or written, or the key was used for another request.
    #[error(transparent)]
    Store(#[from] Error),
    /// The run has refused it.
    #[error("{reason} ({code})")]
    Refused {
        /// The stable code.
        code: String,
        /// Why.
        reason: String,
    },
    /// It was kept, and without effect.
    #[error("kept, and without effect: {0}")]
    WithoutEffect(String),
    /// It is stored, and has no verdict yet.
    #[error("the request is stored under key `{key}` and has no verdict yet")]
    Undecided {
        /// The key under which it can be asked for again.
        key: String,
        /// The label of the run that it starts, where it starts one.
        started: Option<String>,
    },
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Its key.
    pub key: String,
    /// The label of the run that it started, where it started one: of several requests under one key that of the first.
    pub started: Option<String>,
    /// The verdict on the last of its messages.
    pub verdict: Verdict,
}

/// Appends messages, all of one run and one request, hands what is new over to whoever decides in this process, and waits for the
/// verdict of each.
///
/// # Errors
/// When one is refused, or no verdict came in time.
pub async fn send(
    store: &dyn Store,
    messages: Vec<Message>,
    wait: Duration,
    hand_over: impl FnOnce(Vec<PendingMessage>),
) -> Result<Option<Done>, NotDone> {
    let keys: Vec<(String, String)> =
        messages.iter().map(|message| (message.event.source.clone(), message.event.id.clone())).collect();
    let key = keys.first().map(|(_, id)| id.clone()).unwrap_or_default();
    refuse_reused_keys(store, &messages).await?;
    let appended = store.append(&Scope::vendor(), messages).await?;
    for (outcome, (source_name, id)) in appended.iter().zip(&keys) {
        if *outcome == Appended::KeyReused {
            return Err(Error::KeyReused { source_name: source_name.clone(), id: id.clone() }.into());
        }
    }
    let new = appended.into_iter().filter_map(|appended| match appended {
        Appended::New(pending) => Some(pending),
        Appended::Again { .. } | Appended::KeyReused => None,
    });
    hand_over(new.collect());
    let started = match keys.first() {
        Some((source, id)) => store.message(&Scope::vendor(), source, id).await?.and_then(|first| first.message.start),
        None => None,
    };
    let started = started.map(|start| start.label);
    let until = Instant::now() + wait;
    let mut last = None;
    for (source, id) in &keys {
        match verdict(store, source, id, until).await? {
            None => return Err(NotDone::Undecided { key, started }),
            Some(Verdict::Refused { code, reason }) => return Err(NotDone::Refused { code, reason }),
            Some(verdict) => last = Some(verdict),
        }
    }
    match last {
        Some(Verdict::Noted { reason }) => {
            Err(NotDone::WithoutEffect(reason.strip_prefix("noted: ").unwrap_or(&reason).to_owned()))
        }
        last => Ok(last.map(|verdict| Done { key, started, verdict })),
    }
}

/// Messages of one request go in together or not at all: a key used for another request stops all of them.
///
/// # Errors
/// `KeyReused`, or when the database cannot be read.
pub async fn refuse_reused_keys(store: &dyn Store, messages: &[Message]) -> Result<(), Error> {
    for message in messages {
        let (source_name, id) = (&message.event.source, &message.event.id);
        let earlier = store.message(&Scope::vendor(), source_name, id).await?;
        if earlier.is_some_and(|earlier| earlier.message.fingerprint() != message.fingerprint()) {
            return Err(Error::KeyReused { source_name: source_name.clone(), id: id.clone() });
        }
    }
    Ok(())
}

/// The verdict on a message, as soon as there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn verdict(store: &dyn Store, source: &str, id: &str, until: Instant) -> Result<Option<Verdict>, Error> {
    loop {
        let message = store.message(&Scope::vendor(), source, id).await?;
        if let Some(verdict) = message.and_then(|message| message.verdict) {
            return Ok(Some(verdict));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
