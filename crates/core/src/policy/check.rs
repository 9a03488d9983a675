//! Whether the people at hand can satisfy a policy at all.

use std::fmt;

use super::{Op, Policy, Row, test::Operand};
use crate::{
    ids::{LegalEntityId, PersonId, RoleId},
    money::Currency,
    people::{People, Person},
};

/// A row that could never be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// The row.
    pub row: String,
    /// Why.
    pub why: Obstacle,
}

/// Why a row could never be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Too few people hold the role once the one who asks is left out.
    TooFew {
        /// The role.
        role: RoleId,
        /// How many people are needed.
        needed: usize,
        /// How many there are besides the one who asks.
        eligible: usize,
        /// Who asks, in the worst case.
        requester: PersonId,
    },
    /// Too few people are left for a round under way: the others who hold the roles have a hand in what is shown, or voted.
    NobodyLeft {
        /// The row's role, and the one that it escalates to.
        roles: Vec<RoleId>,
        /// How many more people are needed.
        needed: usize,
        /// How many could still vote.
        eligible: usize,
        /// Who may not, because they have a hand in it, with what some of them did.
        barred: Vec<String>,
    },
    /// Each of several rows has enough people, and together they have too few different ones.
    TooFewTogether {
        /// The rows.
        rows: Vec<String>,
        /// How many more people they need together.
        needed: usize,
        /// Who could still vote on any of them.
        left: Vec<PersonId>,
        /// Who may not, because they have a hand in it, with what some of them did.
        barred: Vec<String>,
    },
    /// The role may not decide on what the row is about, and nobody is escalated to who may.
    LimitTooLow {
        /// The role.
        role: RoleId,
        /// The currency.
        currency: Currency,
        /// The role's limit, in minor units.
        limit: i64,
        /// The row is about values from here on, in minor units.
        from: i64,
    },
}

impl fmt::Display for Unsatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row `{}` can never be approved: ", self.row)?;
        match &self.why {
            Obstacle::TooFew { role, needed, eligible, requester } => {
                write!(
                    f,
                    "it needs {needed} holders of `{role}` and has {eligible} when `{requester}` asks; give the role to more people"
                )
            }
            Obstacle::NobodyLeft { roles, needed, eligible, barred } => write!(
                f,
                "it needs {needed} more of {} and has {eligible} besides {}, who have a hand in it; give the role to another person",
                list(roles, "or"),
                barred.join(" and ")
            ),
            Obstacle::TooFewTogether { rows, needed, left, barred } => write!(
                f,
                "rows {} need {needed} different people, and {} could still vote besides {}, who have a hand in it; give one of the roles to another person",
                list(rows, "and"),
                if left.is_empty() { "nobody".to_owned() } else { format!("only {}", list(left, "and")) },
                barred.join(" and ")
            ),
            Obstacle::LimitTooLow { role, currency, limit, from } => write!(
                f,
                "it is about {from} minor units of {currency} and more, and `{role}` may decide on {limit} at most; raise the limit or name another role"
            ),
        }
    }
}

fn list(names: &[impl fmt::Display], last: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(&format!(" {last} "))
}

impl Policy {
    /// Every row that the people of a legal entity could never satisfy, because whoever asks may not vote.
    pub fn check(&self, people: &People, entity: &LegalEntityId) -> Vec<Unsatisfiable> {
        let asks = |person: &&Person| {
            self.requesters.is_empty() || self.requesters.iter().any(|role| person.holds(role, entity))
        };
        let requesters: Vec<&Person> = people.persons().filter(asks).collect();
        let rows = self.rows.iter().chain(&self.default);
        let obstacles = rows.flat_map(|row| {
            let quorum = usize::try_from(row.quorum).unwrap_or(usize::MAX);
            let escalation = row.escalate.as_ref().map(|(_, role)| (role, 1));
            let needs = std::iter::once((&row.role, quorum)).chain(escalation);
            let too_few = needs.filter_map(|(role, needed)| too_few(people, entity, &requesters, role, needed));
            too_few
                .chain(self.limit_too_low(row))
                .map(|why| Unsatisfiable { row: row.id.clone(), why })
                .collect::<Vec<_>>()
        });
        obstacles.collect()
    }

    fn limit_too_low(&self, row: &Row) -> Option<Obstacle> {
        let thresholds =
            row.when.iter().filter(|test| test.fact == "value_minor" && matches!(test.op, Op::Gt | Op::Ge));
        for test in thresholds {
            let Operand::PerCurrency(limits) = &test.value else { continue };
            for (currency, threshold) in limits {
                let from = if test.op == Op::Gt { threshold.saturating_add(1) } else { *threshold };
                let limit_of =
                    |role: &RoleId| self.limits.get(role).map(|limits| limits.get(currency).copied().unwrap_or(0));
                let higher =
                    row.escalate.as_ref().is_some_and(|(_, role)| limit_of(role).is_none_or(|limit| limit >= from));
                if let Some(limit) = limit_of(&row.role).filter(|limit| *limit < from && !higher) {
                    return Some(Obstacle::LimitTooLow { role: row.role.clone(), currency: *currency, limit, from });
                }
            }
        }
        None
    }
}

fn too_few(
    people: &People,
    entity: &LegalEntityId,
    requesters: &[&Person],
    role: &RoleId,
    needed: usize,
) -> Option<Obstacle> {
    let holders: Vec<&PersonId> = people.holders(role, entity).map(|person| &person.id).collect();
    requesters.iter().find_map(|requester| {
        let eligible = holders.iter().filter(|holder| ***holder != requester.id).count();
        let role = role.clone();
        (eligible < needed).then(|| Obstacle::TooFew { role, needed, eligible, requester: requester.id.clone() })
    })
}
