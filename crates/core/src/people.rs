//! People, roles and delegations, as `people.yaml` gives them until accounts exist.
//!
//! Who holds a role is always asked for an instant. A delegation lends a task, never an authority: the delegate must hold the role himself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::{
    event::Actor,
    ids::{LegalEntityId, PartyId, PersonId, RoleId},
    money::{Currency, Money},
    settings::{SettingsError, Source},
};

/// A person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The id by which every action names its actor.
    pub id: PersonId,
    /// The name to show.
    pub name: String,
    /// Where notices go.
    pub email: String,
    /// The roles held.
    pub roles: BTreeSet<RoleId>,
    /// The most that the person may decide in a role, in minor units per currency. A role that is not listed has no personal limit.
    pub limits: BTreeMap<RoleId, BTreeMap<Currency, i64>>,
    /// The legal entities the person works for; empty means all.
    pub legal_entities: BTreeSet<LegalEntityId>,
    /// The partner or buyer that the person belongs to; absent for the vendor's own people.
    pub party: Option<PartyId>,
    /// The zone in which times are shown to the person.
    pub zone: TimeZone,
}

impl Person {
    /// Whether the person holds a role for a legal entity.
    pub fn holds(&self, role: &RoleId, entity: &LegalEntityId) -> bool {
        self.roles.contains(role) && (self.legal_entities.is_empty() || self.legal_entities.contains(entity))
    }

    /// Whether the person's own limit in a role reaches a value.
    pub fn may_decide(&self, role: &RoleId, value: Money) -> bool {
        let Some(limits) = self.limits.get(role) else { return true };
        limits.get(&value.currency).is_some_and(|limit| value.minor <= *limit)
    }
}

/// For a while, one person does another one's tasks in a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Whose tasks.
    pub from: PersonId,
    /// Who does them.
    pub to: PersonId,
    /// In which role.
    pub role: RoleId,
    /// From this instant on.
    pub since: Timestamp,
    /// Up to this instant, exclusive.
    pub until: Timestamp,
}

impl Delegation {
    /// Whether it is in force.
    pub fn covers(&self, at: Timestamp) -> bool {
        (self.since..self.until).contains(&at)
    }
}

/// Why somebody may not act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAuthority {
    /// Nobody of this id is known.
    #[error("there is no person `{person}`; add them to the people file or correct the id")]
    Stranger {
        /// The id.
        person: PersonId,
    },
    /// No delegation between the two is in force.
    #[error("no delegation lets `{to}` act for `{from}` at {at}; add one or act in your own name")]
    NoDelegation {
        /// For whom.
        from: PersonId,
        /// Who would act.
        to: PersonId,
        /// When.
        at: Timestamp,
    },
}

/// Everybody.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct People {
    persons: BTreeMap<PersonId, Person>,
    delegations: Vec<Delegation>,
}

impl People {
    /// Reads the people file; an error names file, line, column and field.
    ///
    /// # Errors
    /// An unknown or doubled person, a zone that does not exist, a delegation to somebody without the role.
    pub fn from_yaml(file: &str, text: &str) -> Result<People, SettingsError> {
        let source = Source { file, text };
        let document: Document = source.read()?;
        let mut people = People::default();
        for (at, person) in document.persons.into_iter().enumerate() {
            let field = format!("persons[{at}]");
            if people.persons.contains_key(&person.id.value) {
                let message = format!("there is another person `{}`; ids are unique", person.id.value);
                return Err(source.wrong(&person.id, format!("{field}.id"), message));
            }
            let person = person.read(source, &field)?;
            people.persons.insert(person.id.clone(), person);
        }
        for (at, delegation) in document.delegations.into_iter().enumerate() {
            let delegation = delegation.read(source, &format!("delegations[{at}]"), &people)?;
            people.delegations.push(delegation);
        }
        Ok(people)
    }

    /// The person of this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.persons.get(id)
    }

    /// Everybody, by id.
    pub fn persons(&self) -> impl Iterator<Item = &Person> {
        self.persons.values()
    }

    /// Everybody who holds a role for a legal entity.
    pub fn holders<'a>(&'a self, role: &'a RoleId, entity: &'a LegalEntityId) -> impl Iterator<Item = &'a Person> {
        self.persons.values().filter(move |person| person.holds(role, entity))
    }

    /// Who does the tasks of `person` in `role` at an instant, besides `person`.
    pub fn delegates<'a>(
        &'a self,
        person: &'a PersonId,
        role: &'a RoleId,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Person> {
        let ours = move |delegation: &&Delegation| {
            delegation.from == *person && delegation.role == *role && delegation.covers(at)
        };
        self.delegations.iter().filter(ours).filter_map(|delegation| self.persons.get(&delegation.to))
    }

    /// A person as an event names him: with the roles held for `entity` whose personal limit reaches `value`.
    /// Acting for somebody else, only the roles delegated at that instant count, and only those the person holds himself.
    ///
    /// # Errors
    /// When the person is not known or no delegation is in force.
    pub fn actor(
        &self,
        person: &PersonId,
        on_behalf_of: Option<&PersonId>,
        entity: &LegalEntityId,
        value: Option<Money>,
        at: Timestamp,
    ) -> Result<Actor, NoAuthority> {
        let known = self.persons.get(person).ok_or_else(|| NoAuthority::Stranger { person: person.clone() })?;
        let lent: Option<BTreeSet<&RoleId>> = on_behalf_of.map(|from| {
            let ours = |delegation: &&Delegation| {
                delegation.from == *from && delegation.to == *person && delegation.covers(at)
            };
            self.delegations.iter().filter(ours).map(|delegation| &delegation.role).collect()
        });
        if let (Some(from), Some(lent)) = (on_behalf_of, &lent)
            && lent.is_empty()
        {
            return Err(NoAuthority::NoDelegation { from: from.clone(), to: person.clone(), at });
        }
        let may = |role: &&RoleId| {
            known.holds(role, entity)
                && value.is_none_or(|value| known.may_decide(role, value))
                && lent.as_ref().is_none_or(|lent| lent.contains(role))
        };
        let roles = known.roles.iter().filter(may).cloned().collect();
        Ok(Actor { person: person.clone(), roles, on_behalf_of: on_behalf_of.cloned() })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    persons: Vec<PersonDocument>,
    #[serde(default)]
    delegations: Vec<DelegationDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonDocument {
    id: Spanned<PersonId>,
    name: String,
    email: Spanned<String>,
    #[serde(default)]
    roles: BTreeSet<RoleId>,
    #[serde(default)]
    limits: BTreeMap<RoleId, BTreeMap<Currency, Spanned<i64>>>,
    #[serde(default)]
    legal_entities: BTreeSet<LegalEntityId>,
    #[serde(default)]
    party: Option<PartyId>,
    zone: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DelegationDocument {
    from: Spanned<PersonId>,
    to: Spanned<PersonId>,
    role: RoleId,
    since: Timestamp,
    until: Spanned<Timestamp>,
}

impl PersonDocument {
    fn read(self, source: Source<'_>, field: &str) -> Result<Person, SettingsError> {
        let zone = TimeZone::get(&self.zone.value).map_err(|_| {
            let message = format!("`{}` is not an IANA zone; write a name such as `Europe/Berlin`", self.zone.value);
            source.wrong(&self.zone, format!("{field}.zone"), message)
        })?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        let split = self.email.value.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
        if split.is_none() || !self.email.value.chars().all(plain) {
            let message = format!("`{}` is not an e-mail address", self.email.value);
            return Err(source.wrong(&self.email, format!("{field}.email"), message));
        }
        let mut limits: BTreeMap<RoleId, BTreeMap<Currency, i64>> = BTreeMap::new();
        for (role, amounts) in self.limits {
            for (currency, limit) in amounts {
                let field = format!("{field}.limits.{role}.{currency}");
                if !self.roles.contains(&role) {
                    let message = format!("`{}` does not hold `{role}`; a limit goes with a role held", self.id.value);
                    return Err(source.wrong(&limit, field, message));
                }
                if limit.value < 0 {
                    return Err(source.wrong(&limit, field, "a limit is zero or more minor units"));
                }
                limits.entry(role.clone()).or_default().insert(currency, limit.value);
            }
        }
        let (id, name, email) = (self.id.value, self.name, self.email.value);
        let (roles, legal_entities, party) = (self.roles, self.legal_entities, self.party);
        Ok(Person { id, name, email, roles, limits, legal_entities, party, zone })
    }
}

impl DelegationDocument {
    fn read(self, source: Source<'_>, field: &str, people: &People) -> Result<Delegation, SettingsError> {
        for (end, person) in [("from", &self.from), ("to", &self.to)] {
            let message = match people.person(&person.value) {
                None => format!("there is no person `{}`", person.value),
                Some(known) if !known.roles.contains(&self.role) => {
                    format!("`{}` does not hold `{}`; both ends of a delegation hold its role", person.value, self.role)
                }
                Some(_) => continue,
            };
            return Err(source.wrong(person, format!("{field}.{end}"), message));
        }
        if self.from.value == self.to.value {
            return Err(source.wrong(&self.to, format!("{field}.to"), "nobody stands in for himself"));
        }
        if self.until.value <= self.since {
            return Err(source.wrong(&self.until, format!("{field}.until"), "`until` must come after `since`"));
        }
        let (from, to) = (self.from.value, self.to.value);
        Ok(Delegation { from, to, role: self.role, since: self.since, until: self.until.value })
    }
}
