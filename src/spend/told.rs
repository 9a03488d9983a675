//! Telling a commitment that spend was taken in, so that it is looked at.

use entente_core::{
    commitment::Statement,
    event::{Actor, Body, Event},
    ids::RunId,
    scope::Scope,
};
use entente_store::{Message, Store};
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use super::judged::reading_id;
use crate::offers::launch::Sender;

/// A published reading, and the days that it is complete for.
pub type Published = (String, (Date, Date));

/// Tells a commitment's run of published readings: once of all that came together, so that what is looked at is all of them and
/// not the first few. The same readings are told once, however often this is asked: a process that ended between publishing and
/// telling is made up for when the files come again. What reads them by itself has no actor.
///
/// # Errors
/// When the database cannot be written.
pub async fn tell(
    store: &dyn Store,
    run: RunId,
    readings: &[Published],
    actor: Option<&Actor>,
    at: Timestamp,
) -> Result<(), entente_store::Error> {
    let mut ids: Vec<&str> = readings.iter().map(|(id, _)| id.as_str()).collect();
    ids.sort_unstable();
    let from = readings.iter().map(|(_, (from, _))| *from).min();
    let through = readings.iter().map(|(_, (_, through))| *through).max();
    let (key, reading) = match ids.as_slice() {
        [] => return Ok(()),
        [id] => ((*id).to_owned(), Some(*id)),
        several => (reading_id(several), None),
    };
    let mut data = json!({ "from": from, "through": through });
    if let (Some(reading), Some(data)) = (reading, data.as_object_mut()) {
        data.insert("reading".into(), json!(reading));
    }
    let body = Body::Named { name: "spend_imported".into(), data };
    let source = if actor.is_some() { "cli" } else { "job" };
    let event = Event { source: source.into(), id: format!("spend/{key}"), actor: actor.cloned(), body };
    let message = Message { run, event, start: None, expect_seq: None, expect_revision: None, at };
    store.append(&Scope::vendor(), vec![message]).await.map(drop)
}

/// Tells a commitment's run what the cloud has stated in a file; the same file says it once.
///
/// # Errors
/// When the database cannot be written.
pub async fn state(
    store: &dyn Store,
    run: RunId,
    statement: &Statement,
    actor: &Actor,
    at: Timestamp,
) -> Result<(), entente_store::Error> {
    let file = statement.file.as_deref().unwrap_or_default();
    let key = format!("statement/{}", reading_id(&[&run.to_string(), file, &statement.as_of.to_string()]));
    let sender = Sender { source: "cli", key, actor: actor.clone(), at };
    store.append(&Scope::vendor(), vec![sender.named(run, "statement", json!(statement))]).await.map(drop)
}
