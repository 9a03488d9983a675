//! Whose data a call may touch. Every store call takes a [`Scope`]; every row carries its [`Home`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{LegalEntityId, PartyId};

/// Where an object belongs: the legal entity that does the business, and the party on whose side it lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    /// The vendor's legal entity.
    pub legal_entity: LegalEntityId,
    /// The party that owns the object; the vendor's own party for an offer.
    pub party: PartyId,
}

/// The legal entities that a scope reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entities {
    /// Every legal entity of the vendor organisation.
    All,
    /// Only these.
    Only(BTreeSet<LegalEntityId>),
}

/// The parties that a scope reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parties {
    /// Every party: the vendor's own people.
    All,
    /// One party: a partner sees its own data and nothing else.
    Only(PartyId),
}

/// What a caller may see and change: legal entities and party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The legal entities in reach.
    pub entities: Entities,
    /// The parties in reach.
    pub parties: Parties,
}

impl Scope {
    /// The whole vendor organisation: the runner, the operator, the vendor's own people.
    pub fn vendor() -> Scope {
        Scope { entities: Entities::All, parties: Parties::All }
    }

    /// One party within the whole organisation.
    pub fn party(party: PartyId) -> Scope {
        Scope { entities: Entities::All, parties: Parties::Only(party) }
    }

    /// Whether an object with this home lies within the scope.
    pub fn reaches(&self, home: &Home) -> bool {
        let entity = match &self.entities {
            Entities::All => true,
            Entities::Only(set) => set.contains(&home.legal_entity),
        };
        let party = match &self.parties {
            Parties::All => true,
            Parties::Only(party) => *party == home.party,
        };
        entity && party
    }
}
