//! Rules that people set: who must approve what. Every verdict explains itself.

pub mod approvals;
mod candidates;
mod check;
mod document;
mod evaluate;
mod refusal;
mod round;
mod simulate;
mod test;

use std::collections::BTreeMap;

pub use check::{Obstacle, Unsatisfiable};
pub use evaluate::RowVerdict;
pub use refusal::VoteRefused;
pub use round::{Ballot, Progress, Rebased, RoundOutcome};
pub use simulate::{Asked, Difference, Simulation};
pub use test::{Op, Operand, Scalar, Test};

use crate::{chart::model::WorkingTime, ids::RoleId, money::Currency, policy::approvals::Projection};

/// A policy: rows that say who must approve what, and what each role may decide at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its name, such as `private_offer`.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of its text, in hexadecimal: what a run and a round pin.
    pub sha256: String,
    /// The rows, in file order. Every row that applies makes a requirement.
    pub rows: Vec<Row>,
    /// What applies where no row does. Without it such a subject needs nobody's approval.
    pub default: Option<Row>,
    /// The most that a role may decide, in minor units per currency. A role that is not listed has no limit;
    /// a listed role has no authority in a currency that it does not list.
    pub limits: BTreeMap<RoleId, BTreeMap<Currency, i64>>,
    /// The roles whose holders ask for approvals; empty means anybody.
    pub requesters: Vec<RoleId>,
    /// Whether nobody's votes count on more than one row of a round: different duties are different people's.
    pub distinct_people: bool,
    /// What else it says to the workflow that it is for, by name: the workflow knows what each term means.
    pub terms: BTreeMap<String, Operand>,
}

/// One row of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id: lower-case letters, digits, `_` and `-`.
    pub id: String,
    /// The tests, all of which must hold; none means always.
    pub when: Vec<Test>,
    /// Who may vote.
    pub role: RoleId,
    /// How many distinct people must agree.
    pub quorum: u32,
    /// What votes bind to.
    pub projection: Projection,
    /// Working time until a reminder.
    pub remind: Option<WorkingTime>,
    /// Working time until escalation, and the role whose holders may vote from then on.
    pub escalate: Option<(WorkingTime, RoleId)>,
}
