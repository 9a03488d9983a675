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

/// As many rows of one round as are looked at together; more of them need no set of people that nobody could name.
const MOST_TOGETHER: usize = 10;

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
            let busy = policy.distinct_people && self.has_another_duty(&requirement.row, &person.id);
            let spoken = busy || self.has_spoken(&requirement.row, &person.id);
            !spoken && !self.subject.is_from(&person.id) && roles().any(|role| may(person, role))
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
                    barred: self.barred(),
                },
            })
        };
        let alone: Vec<Unsatisfiable> = self.waiting().filter_map(lacking).collect();
        if policy.distinct_people && alone.is_empty() {
            return self.too_few_together(policy, people, entity);
        }
        alone
    }

    /// Open requirements that need different people and have too few of them together, although each has enough by itself.
    fn too_few_together(&self, policy: &Policy, people: &People, entity: &LegalEntityId) -> Vec<Unsatisfiable> {
        let waiting: Vec<&Requirement> = self.waiting().take(MOST_TOGETHER).collect();
        let eligible: Vec<BTreeSet<&PersonId>> = waiting
            .iter()
            .map(|asked| self.candidates(policy, people, entity, asked).map(|person| &person.id).collect())
            .collect();
        // The smallest set of rows first: it says best who is missing.
        let mut sets: Vec<u32> = (1..1_u32 << waiting.len()).filter(|set| set.count_ones() > 1).collect();
        sets.sort_by_key(|set| (set.count_ones(), *set));
        let found = sets.into_iter().find_map(|set| {
            let of_set = || (0..waiting.len()).filter(move |at| set & (1 << at) != 0);
            let rows: Vec<&Requirement> = of_set().filter_map(|at| waiting.get(at).copied()).collect();
            let left: BTreeSet<&PersonId> = of_set().filter_map(|at| eligible.get(at)).flatten().copied().collect();
            let needed = rows.iter().map(|asked| self.lacks(asked)).sum::<usize>();
            (left.len() < needed).then_some((rows, left, needed))
        });
        let Some((rows, left, needed)) = found else { return Vec::new() };
        let names: Vec<String> = rows.iter().map(|asked| asked.row.clone()).collect();
        let left: Vec<PersonId> = left.into_iter().cloned().collect();
        let together = |row: &String| Unsatisfiable {
            row: row.clone(),
            why: Obstacle::TooFewTogether { rows: names.clone(), needed, left: left.clone(), barred: self.barred() },
        };
        names.iter().map(together).collect()
    }

    /// Whoever may not vote, with what some of them did.
    fn barred(&self) -> Vec<String> {
        let with_hand = |person: &PersonId| match self.subject.hands.get(person) {
            Some(did) => format!("`{person}` ({did})"),
            None => format!("`{person}`"),
        };
        self.subject.barred().into_iter().map(with_hand).collect()
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

    fn has_another_duty(&self, row: &str, person: &PersonId) -> bool {
        let mut elsewhere = self.votes.iter().filter(|vote| !vote.void && vote.row != row);
        elsewhere.any(|vote| vote.person == *person || vote.on_behalf_of.as_ref() == Some(person))
    }

    /// What the subject is worth, where it says so.
    fn value(&self) -> Option<Money> {
        let minor = self.subject.facts.get("value_minor")?.as_i64()?;
        let currency: Currency = self.subject.facts.get("currency")?.as_str()?.parse().ok()?;
        Some(Money { minor, currency })
    }
}
