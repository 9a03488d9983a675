//! What a side sees of its card on a day.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        CommitmentId,
        card::{Ask, Card, Consent, Owner, Shown, Topic},
    },
    context::commitment_card::{CommitmentCard, Statement, Unknown},
    ids::{LegalEntityId, PartyId},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{Side, statements, stored};
use crate::offers::DeskError;

/// What a side sees of its card on a day.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// The run's readable name.
    pub label: String,
    /// Its state.
    pub state: String,
    /// Whose view it is.
    pub side: Owner,
    /// The buyer.
    pub buyer: PartyId,
    /// The commitment.
    pub commitment: CommitmentId,
    /// The vendor's legal entity that deals with the buyer.
    pub legal_entity: LegalEntityId,
    /// The day.
    pub on: Date,
    /// What is relied on.
    pub shown: Vec<Shown>,
    /// What is to be asked again.
    pub ask: Vec<Ask>,
    /// What nobody knows better.
    pub nobody_knows: BTreeMap<Topic, Unknown>,
    /// The facts that may be used, by the first characters of their hash: by them consent is withdrawn.
    pub facts: Vec<Usable>,
    /// Whether daily sums are there to be counted.
    pub daily_sums: bool,
}

/// A fact that may be used.
#[derive(Debug, Clone, Serialize)]
pub struct Usable {
    /// The hash of its statement.
    pub fact: String,
    /// What it is about.
    pub topic: Topic,
    /// Who told it.
    pub told_by: String,
    /// The day that it is about.
    pub as_of: Date,
}

/// The day of business time on which expiries count.
pub fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// What a side sees of a card that is its own.
///
/// # Errors
/// When the database cannot be read, or an amount is too large to be widened exactly.
pub async fn seen(
    store: &dyn Store,
    side: &Side,
    found: &stored::StoredCard,
    now: Timestamp,
) -> Result<Seen, DeskError> {
    let card = &found.card;
    let mut said = BTreeMap::new();
    for told in card.facts.iter().filter(|told| told.consent != Consent::Withdrawn) {
        if let Some(statement) = statements::get(store, &side.party, &told.fact).await? {
            said.insert(told.fact.clone(), statement);
        }
    }
    let subject = &card.subject;
    let shares = match side.owner {
        Owner::Seller => {
            let told = stored::sharing(store, &subject.buyer, &subject.commitment, &subject.legal_entity).await?;
            told.unwrap_or(false)
        }
        Owner::Buyer => card.shares_daily_sums,
    };
    let on = day_of(now);
    let whole = card.card(|fact| said.get(fact).cloned(), shares);
    let snapshot = &found.row.snapshot;
    drawn(card, &whole, &said, (&snapshot.label, &snapshot.state), on)
}

fn drawn(
    card: &CommitmentCard,
    whole: &Card,
    said: &BTreeMap<String, Statement>,
    (label, state): (&str, &str),
    on: Date,
) -> Result<Seen, DeskError> {
    let subject = &card.subject;
    let view = whole
        .view(subject.side, on)
        .map_err(|error| DeskError::Unreadable { what: format!("an amount of `{label}`"), why: error.to_string() })?;
    let usable = card.facts.iter().filter_map(|told| {
        let statement = said.get(&told.fact)?;
        let (fact, topic) = (told.fact.clone(), told.topic);
        Some(Usable { fact, topic, told_by: statement.told_by.clone(), as_of: statement.as_of })
    });
    Ok(Seen {
        label: label.to_owned(),
        state: state.to_owned(),
        side: subject.side,
        buyer: subject.buyer.clone(),
        commitment: subject.commitment.clone(),
        legal_entity: subject.legal_entity.clone(),
        on,
        shown: view.shown,
        ask: view.ask.into_iter().filter(|ask| !card.unknown.contains_key(&ask.about.topic())).collect(),
        nobody_knows: card.unknown.clone(),
        facts: usable.collect(),
        daily_sums: view.daily_sums,
    })
}
