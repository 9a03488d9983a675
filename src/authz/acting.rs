//! A person who acts: what they may do is asked of the people file and the table of roles, by whatever way they come.

use entente_core::{
    context::commitment_card::BUYERS,
    event::Actor,
    ids::{LegalEntityId, PartyId, PersonId},
    money::Money,
    people::{NoAuthority, People, Person},
    scope::{Entities, Parties, Scope},
};
use jiff::Timestamp;

use super::{Action, Denied, Resource, authorize, is_open_to_buyers, is_open_to_partners};

/// A person who acts, at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Acting<'p> {
    /// Everybody, as known now.
    pub people: &'p People,
    /// Who acts.
    pub person: &'p PersonId,
    /// Business time.
    pub at: Timestamp,
}

/// Why somebody may not do something. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The table of roles says so.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// Nobody of this id is known, or no delegation is in force.
    #[error(transparent)]
    NoAuthority(#[from] NoAuthority),
    /// A buyer's person who belongs to none.
    #[error("a person with the role `{BUYERS}` belongs to a buyer")]
    OfNoBuyer,
    /// It is closed to people of buyers.
    #[error("this is not for people of a buyer")]
    NotForBuyers,
    /// It is closed to people of partners.
    #[error("`{command}` is for the vendor's own people, and not for those of `{party}`")]
    NotForPartners {
        /// The words of the command.
        command: String,
        /// Whose person it is.
        party: PartyId,
    },
}

impl<'p> Acting<'p> {
    /// The partner or buyer whose person acts, where it is one.
    pub fn party(&self) -> Option<&'p PartyId> {
        self.people.person(self.person)?.party.as_ref()
    }

    /// Whether a buyer's person acts.
    pub fn is_of_a_buyer(&self) -> bool {
        let known = self.people.person(self.person);
        known.is_some_and(|person| person.roles.iter().any(|role| role.as_str() == BUYERS))
    }

    /// The buyer whose person acts, where it is one.
    pub fn buyer(&self) -> Option<&'p PartyId> {
        self.party().filter(|_| self.is_of_a_buyer())
    }

    /// Refuses a command, by its words, that is not for people of a partner or a buyer, where such a person acts.
    ///
    /// # Errors
    /// When it is closed to the person, or a buyer's person belongs to no buyer.
    pub fn may_give(&self, command: &str) -> Result<(), Refused> {
        match (self.party(), self.is_of_a_buyer()) {
            (None, false) => Ok(()),
            (None, true) => Err(Refused::OfNoBuyer),
            (Some(_), true) if is_open_to_buyers(command) => Ok(()),
            (Some(_), true) => Err(Refused::NotForBuyers),
            (Some(_), false) if is_open_to_partners(command) => Ok(()),
            (Some(party), false) => Err(Refused::NotForPartners { command: command.to_owned(), party: party.clone() }),
        }
    }

    /// The actor for something of a legal entity, perhaps on behalf of somebody, with the roles whose personal limit reaches `value`.
    ///
    /// # Errors
    /// When the person is not known or may not, or no delegation is in force.
    pub fn of_entity(
        &self,
        action: Action,
        resource: Resource,
        on_behalf_of: Option<&PersonId>,
        value: Option<Money>,
    ) -> Result<Actor, Refused> {
        let Some(entity) = &resource.legal_entity else { return Ok(self.of_all(action, &resource)?.0) };
        let actor = self.people.actor(self.person, on_behalf_of, entity, value, self.at)?;
        authorize(&actor, action, &resource).into_result()?;
        Ok(actor)
    }

    /// The actor for something of the organisation as a whole.
    ///
    /// # Errors
    /// When the person is not known, or may not.
    pub fn of_all(&self, action: Action, resource: &Resource) -> Result<(Actor, &'p Person), Refused> {
        let stranger = || NoAuthority::Stranger { person: self.person.clone() };
        let known = self.people.person(self.person).ok_or_else(stranger)?;
        let roles = known.roles.iter().cloned().collect();
        let actor = Actor { person: self.person.clone(), roles, on_behalf_of: None };
        authorize(&actor, action, resource).into_result()?;
        Ok((actor, known))
    }

    /// What the person may see of something that not everybody may see: all of it, or that of the legal entities that the person
    /// works for.
    ///
    /// # Errors
    /// When the person is not known, or may not.
    pub fn reach(&self, action: Action, kind: &'static str, name: &str) -> Result<Scope, Refused> {
        let (_, known) = self.of_all(action, &Resource::of_all(kind, name))?;
        let entities = match known.legal_entities.is_empty() {
            true => Entities::All,
            false => Entities::Only(known.legal_entities.clone()),
        };
        Ok(Scope { entities, parties: Parties::All })
    }
}

impl Resource {
    /// Something of the organisation as a whole.
    pub fn of_all(kind: &'static str, name: &str) -> Resource {
        Resource { kind, name: name.to_owned(), legal_entity: None }
    }

    /// Something of a legal entity.
    pub fn of(kind: &'static str, name: &str, entity: &LegalEntityId) -> Resource {
        Resource { legal_entity: Some(entity.clone()), ..Resource::of_all(kind, name) }
    }
}
