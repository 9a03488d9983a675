//! Commitment cards: what each side knows about a buyer's commitment, within that side's reach and nobody else's.
//!
//! Each side's card is a run at home with that side's party. What was said is kept apart from every history.

pub mod launch;
pub mod statements;
pub mod stored;
pub mod view;

use std::collections::BTreeSet;

use entente_core::{
    commitment::card::Owner,
    ids::{LegalEntityId, PartyId, RunId},
    scope::{Entities, Home, Parties, Scope},
};
use entente_store::{NoticeRow, Store};

use crate::offers::{DeskError, VENDOR};

/// The chart of commitment cards.
pub const CHART: &str = "commitment_card";

/// The side of whoever acts: the seller's, or that of a buyer's party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The party at whose home its cards are.
    pub party: PartyId,
    /// Which side it is.
    pub owner: Owner,
}

impl Side {
    /// The side of a person who belongs to this party, or to the vendor where there is none.
    ///
    /// # Errors
    /// When the vendor's own id is not one that can be kept.
    pub fn of(party: Option<&PartyId>) -> Result<Side, DeskError> {
        match party {
            Some(party) => Ok(Side { party: party.clone(), owner: Owner::Buyer }),
            None => Ok(Side { party: VENDOR.parse()?, owner: Owner::Seller }),
        }
    }

    /// Where its cards belong.
    pub fn home(&self, legal_entity: &LegalEntityId) -> Home {
        Home { legal_entity: legal_entity.clone(), party: self.party.clone() }
    }

    /// What it may read: its own cards of these legal entities.
    pub fn scope(&self, entities: Entities) -> Scope {
        Scope { entities, parties: Parties::Only(self.party.clone()) }
    }
}

/// Whether a run is in sight of a person who belongs to this party, or to the vendor where there is none. Of cards each side sees
/// its own; the scope of the vendor's people reaches every other run.
pub fn in_sight(party: Option<&PartyId>, chart: &str, home: &Home) -> bool {
    chart != CHART || party.map_or(VENDOR, PartyId::as_str) == home.party.as_str()
}

/// The notice that something of a card is to be asked again.
const ASKS: &str = "card_asks";

/// Of the runs that notices are about, the cards that are out of sight of a party, or of the vendor.
///
/// # Errors
/// When the database cannot be read.
pub async fn out_of_sight(
    store: &dyn Store,
    party: Option<&PartyId>,
    notices: &[NoticeRow],
) -> entente_store::Result<BTreeSet<RunId>> {
    let asked: Vec<RunId> = notices.iter().filter(|row| row.name == ASKS).filter_map(|row| row.run).collect();
    if asked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known = store.runs_of(&Scope::vendor(), &asked).await?.into_iter().map(|row| row.snapshot);
    Ok(known.filter(|card| !in_sight(party, &card.chart.name, &card.home)).map(|card| card.run).collect())
}
