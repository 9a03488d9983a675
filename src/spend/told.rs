//! Telling a commitment that spend was taken in, so that it is looked at.

use entente_core::{event::Actor, ids::RunId, scope::Scope};
use entente_store::Store;
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use crate::offers::launch::Sender;

/// Tells a commitment's run of a published reading. The same reading is told once, however often this is asked: a process that
/// ended between publishing and telling is made up for when the file comes again.
///
/// # Errors
/// When the database cannot be written.
pub async fn tell(
    store: &dyn Store,
    run: RunId,
    reading: (&str, (Date, Date)),
    actor: &Actor,
    at: Timestamp,
) -> Result<(), entente_store::Error> {
    let (id, (from, through)) = reading;
    let sender = Sender { source: "cli", key: format!("spend/{id}"), actor: actor.clone(), at };
    let data = json!({ "reading": id, "from": from, "through": through });
    store.append(&Scope::vendor(), vec![sender.named(run, "spend_imported", data)]).await.map(drop)
}
