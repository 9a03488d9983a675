//! Opening requests for what was granted before. Each is an ordinary request: rules and people decide on it.

use entente_core::{
    event::Actor,
    ids::{RunId, derived},
    scope::Scope,
};
use entente_store::{ImportRow, Message, Store};
use jiff::Timestamp;
use serde_json::Value;

use super::content::{Content, named};
use crate::{
    decision,
    funding::launch,
    offers::{DeskError, launch::Sender},
};

/// The source of the messages; no other channel writes in its name.
const SOURCE: &str = "import";

/// Requests that are opened in one transaction.
const AT_ONCE: u32 = 50;

/// What came of opening requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Requests that were opened now.
    pub requests: u64,
    /// The row of the list up to which they are open.
    pub through: u64,
}

/// The request of a row.
pub(super) fn run(import: &str, row: u64) -> RunId {
    RunId(derived(&["start", SOURCE, &key(import, row)]))
}

fn key(import: &str, row: u64) -> String {
    format!("{import}/{row}")
}

/// Opens the requests of an import that counts, those that are not open yet. `actor` says who asks for a request of a legal
/// entity.
///
/// # Errors
/// When somebody may not ask, or the database cannot be written.
pub async fn open<E: From<DeskError>>(
    store: &dyn Store,
    import: &ImportRow,
    at: Timestamp,
    actor: impl Fn(&entente_core::scope::Home) -> Result<Actor, E>,
) -> Result<Opened, E> {
    let mut opened = Opened { requests: 0, through: import.opened_to };
    loop {
        let lines = store.granted_lines(&import.new.id, opened.through, AT_ONCE).await.map_err(DeskError::from)?;
        let Some(last) = lines.last().map(|line| line.line) else { return Ok(opened) };
        let mut messages = Vec::new();
        for line in &lines {
            let Content::Granted(granted) = Content::read(line)? else {
                return Err(DeskError::Unreadable { what: named(line), why: "it is no request".into() }.into());
            };
            let request = &granted.request;
            let actor = actor(&launch::home(request.as_ref())?)?;
            let sender = Sender { source: SOURCE, key: key(&line.import, line.line), actor, at };
            let start = launch::start(store, &sender, decision::FUND_REQUESTS, request.as_ref()).await?;
            messages.push(sender.also("submit").named(start.run, "submit", Value::Null));
            messages.push(start);
        }
        messages.reverse();
        opened.requests += send(store, messages).await?;
        opened.through = last;
        store.note_opened(&import.new.id, last).await.map_err(DeskError::from)?;
    }
}

/// Appends what is not there yet; what was sent already stays as it was. Says how many runs it has started.
async fn send(store: &dyn Store, messages: Vec<Message>) -> Result<u64, DeskError> {
    let mut new = Vec::new();
    for message in messages {
        let (source, id) = (&message.event.source, &message.event.id);
        if store.message(&Scope::vendor(), source, id).await?.is_none() {
            new.push(message);
        }
    }
    let starts = new.iter().filter(|message| message.start.is_some()).count() as u64;
    store.append(&Scope::vendor(), new).await?;
    Ok(starts)
}
