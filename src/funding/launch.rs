//! Starting a paper: its label, its home and its first message.

use entente_core::{context::funding::Paper, event::Body, scope::Home};
use entente_store::{Message, Start, Store};

use crate::offers::{
    DeskError, VENDOR,
    launch::{Sender, label},
};

/// Where a paper belongs: on its partner's side, or on the vendor's own.
///
/// # Errors
/// When the vendor's own id is not one that can be kept.
pub fn home<P: Paper>(paper: &P) -> Result<Home, DeskError> {
    let party = match paper.party() {
        Some(party) => party.clone(),
        None => VENDOR.parse()?,
    };
    Ok(Home { legal_entity: paper.legal_entity().clone(), party })
}

/// The message that starts a paper. A repeated key keeps the label that it was given first.
///
/// # Errors
/// When the database cannot be read, or has no number to give.
pub async fn start<P: Paper>(
    store: &dyn Store,
    sender: &Sender,
    series: &str,
    paper: &P,
) -> Result<Message, DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| message.start);
    let label = match earlier {
        Some(start) => start.label,
        None => label(store, series, sender.at).await?,
    };
    let input = serde_json::to_value(paper)
        .map_err(|error| DeskError::Unreadable { what: paper.title(), why: error.to_string() })?;
    let start = Start { chart: P::NAME.into(), version: None, label, home: home(paper)?, parent: None };
    Ok(Message { start: Some(start), ..sender.message(sender.run(), Body::Started { input }) })
}
