//! Who could still approve what a round asks for, and what nobody is left to approve.

use std::collections::BTreeSet;

use super::{
    Obstacle, Policy, Unsatisfiable,
    approvals::{Requirement, Round, Verdict},
};
use crate::{
    ids::{LegalEntityId, PersonId, RoleId},
    money::{Currency, Money},
    people::{People, Person},
};

impl Round {
    /// The people of a legal entity whose vote on a requirement would count, now or once it is escalated: who holds a role that
    /// may decide on so much, has no hand in what is shown, and has not spoken on it.
    pub fn candidates<'a>(
        &'a self,
        policy: &'a Policy,
        people: &'a People,
        entity: &'a LegalEntityId,
        requirement: &'a Requirement,
    ) -> impl Iterator<Item = &'a Person> {
        let value = self.value();
        let may = move |person: &Person, role: &RoleId| {
            person.holds(role, entity)
                && policy.beyond(role, &self.subject).is_none()
                && value.is_none_or(|value| person.may_decide(role, value))
        };
        let roles = || std::iter::once(&requirement.role).chain(&requirement.escalate_to);
        people.persons().filter(move |person| {
            !self.subject.is_from(&person.id)
                && !self.has_spoken(&requirement.row, &person.id)
                && roles().any(|role| may(person, role))
        })
    }

    /// Every open requirement that the people of a legal entity cannot satisfy any more, because those who could have a hand in
    /// what is to be approved.
    pub fn obstacles(&self, policy: &Policy, people: &People, entity: &LegalEntityId) -> Vec<Unsatisfiable> {
        let lacking = |requirement: &Requirement| {
            let needed = self.lacks(requirement);
            let eligible = self.candidates(policy, people, entity, requirement).count();
            (eligible < needed).then(|| Unsatisfiable {
                row: requirement.row.clone(),
                why: Obstacle::NobodyLeft {
                    roles: std::iter::once(&requirement.role).chain(&requirement.escalate_to).cloned().collect(),
                    needed,
                    eligible,
                    barred: self.subject.barred().into_iter().cloned().collect(),
                },
            })
        };
        self.waiting().filter_map(lacking).collect()
    }

    /// How many more people must agree to a requirement.
    fn lacks(&self, requirement: &Requirement) -> usize {
        let agreed: BTreeSet<&PersonId> = self
            .votes
            .iter()
            .filter(|vote| !vote.void && vote.row == requirement.row && vote.verdict == Verdict::Approve)
            .map(|vote| &vote.person)
            .collect();
        usize::try_from(requirement.quorum).unwrap_or(usize::MAX).saturating_sub(agreed.len())
    }

    fn has_spoken(&self, row: &str, person: &PersonId) -> bool {
        let mut counting = self.votes.iter().filter(|vote| !vote.void && vote.row == row);
        counting.any(|vote| vote.person == *person || vote.on_behalf_of.as_ref() == Some(person))
    }

    /// What the subject is worth, where it says so.
    fn value(&self) -> Option<Money> {
        let minor = self.subject.facts.get("value_minor")?.as_i64()?;
        let currency: Currency = self.subject.facts.get("currency")?.as_str()?.parse().ok()?;
        Some(Money { minor, currency })
    }
}
