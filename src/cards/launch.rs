//! Starting a card and telling it more: its label, its home, its messages.

use entente_core::{
    commitment::card::Owner,
    context::commitment_card::{CardPaper, Opening, Statement, Subject, Told},
    event::Body,
};
use entente_store::{Message, Start, Store};
use serde::Deserialize;
use serde_json::json;

use super::{CHART, Side, statements};
use crate::{
    decision::CARDS,
    offers::{
        DeskError,
        launch::{Sender, label},
    },
};

/// Where a message keeps what was told.
#[derive(Deserialize)]
struct Facts {
    facts: Vec<Told>,
}

/// A sender whose key is its side's own: a key that the other side has used is another key.
pub fn apart(sender: Sender, side: &Side) -> Sender {
    let own = format!("{}/", side.party);
    match sender.key.starts_with(&own) {
        true => sender,
        false => Sender { key: format!("{own}{}", sender.key), ..sender },
    }
}

/// What the labels of a side's cards begin with. Each side counts for itself: a number tells nothing about the others.
fn series(side: &Side) -> String {
    match side.owner {
        Owner::Seller => CARDS.to_owned(),
        Owner::Buyer => format!("{CARDS}-{}", side.party.as_str().to_ascii_uppercase()),
    }
}

/// Puts what was said aside. A repeated key finds what it has put aside before.
async fn told(store: &dyn Store, sender: &Sender, side: &Side, said: &[Statement]) -> Result<Vec<Told>, DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| match message.event.body {
        Body::Started { input } => Facts::deserialize(json!({ "facts": input.get("facts") })).ok(),
        Body::Named { data, .. } => Facts::deserialize(data).ok(),
        _ => None,
    });
    let earlier = earlier.map(|facts| facts.facts).unwrap_or_default();
    let by = (sender.actor.person.as_str(), sender.at);
    let mut told = Vec::new();
    for (at, statement) in said.iter().enumerate() {
        let before = earlier.get(at).map(|told| told.fact.as_str());
        let hash = statements::put(store, &side.party, statement, before, by).await?;
        told.push(statement.told(hash));
    }
    Ok(told)
}

/// The message that starts a side's card. A repeated key keeps the label that it was given first.
///
/// # Errors
/// When the database cannot be read or written, or has no number to give.
pub async fn start(store: &dyn Store, sender: &Sender, side: &Side, paper: &CardPaper) -> Result<Message, DeskError> {
    let earlier = sender.earlier(store).await?.and_then(|message| message.start);
    let label = match earlier {
        Some(start) => start.label,
        None => label(store, &series(side), sender.at).await?,
    };
    let subject = Subject {
        buyer: paper.buyer.clone(),
        commitment: paper.commitment.clone(),
        legal_entity: paper.legal_entity.clone(),
        side: side.owner,
    };
    let home = side.home(&paper.legal_entity);
    let opening = Opening { subject, facts: told(store, sender, side, &paper.facts).await? };
    let start = Start { chart: CHART.into(), version: None, label, home, parent: None };
    Ok(Message { start: Some(start), ..sender.message(sender.run(), Body::Started { input: json!(opening) }) })
}

/// The data of `say`.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn saying(
    store: &dyn Store,
    sender: &Sender,
    side: &Side,
    said: &[Statement],
) -> Result<serde_json::Value, DeskError> {
    Ok(json!({ "facts": told(store, sender, side, said).await? }))
}
