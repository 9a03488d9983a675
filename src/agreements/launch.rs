//! Starting a request: its label and its first message.

use entente_core::{context::agreement_request::Ask, event::Body, scope::Home};
use entente_store::{Message, Start, Store};

use crate::offers::{
    DeskError,
    launch::{Sender, label},
};

/// The message that starts a request. A repeated key keeps the label that it was given first.
///
/// # Errors
/// When the database cannot be read, or has no number to give.
pub async fn start<A: Ask>(
    store: &dyn Store,
    sender: &Sender,
    series: &str,
    home: &Home,
    ask: &A,
) -> Result<Message, DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| message.start);
    let label = match earlier {
        Some(start) => start.label,
        None => label(store, series, sender.at).await?,
    };
    let input = serde_json::to_value(ask)
        .map_err(|error| DeskError::Unreadable { what: ask.title(), why: error.to_string() })?;
    let start = Start { chart: A::NAME.into(), version: None, label, home: home.clone(), parent: None };
    Ok(Message { start: Some(start), ..sender.message(sender.run(), Body::Started { input }) })
}
