//! Starting a commitment: its label, its home and its first message.

use entente_core::{commitment::Commitment, context::commitment::COMMITMENT, event::Body, scope::Home};
use entente_store::{Message, Start, Store};
use serde_json::json;

use crate::{
    decision::COMMITMENTS,
    offers::{
        DeskError,
        launch::{Sender, label},
    },
};

/// Where a commitment belongs: with its buyer, who may see it.
pub fn home(commitment: &Commitment) -> Home {
    Home { legal_entity: commitment.legal_entity.clone(), party: commitment.party.clone() }
}

/// The messages that start a commitment and have it looked at. A repeated key keeps the label that it was given first.
///
/// # Errors
/// When the database cannot be read, or has no number to give.
pub async fn start(
    store: &dyn Store,
    sender: &Sender,
    commitment: &Commitment,
    document: &str,
) -> Result<(String, Vec<Message>), DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| message.start);
    let label = match earlier {
        Some(start) => start.label,
        None => label(store, COMMITMENTS, sender.at).await?,
    };
    let start =
        Start { chart: COMMITMENT.into(), version: None, label: label.clone(), home: home(commitment), parent: None };
    let input = json!({ "document": document });
    let started = Message { start: Some(start), ..sender.message(sender.run(), Body::Started { input }) };
    let look = sender.also("look").named(sender.run(), "look", serde_json::Value::Null);
    Ok((label, vec![started, look]))
}
