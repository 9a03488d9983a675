//! Approval rounds: who must agree to which revision, and what their votes bind to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{PersonId, RoleId};

/// The parts of a document to which a vote can bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Price, term, schedule, currency, discount.
    Commercial,
    /// EULA, parties, targeting.
    Legal,
    /// Names, notes, references.
    Administrative,
}

/// What is to be approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// SHA-256 of the full revision shown.
    pub revision: String,
    /// SHA-256 per projection; an unclassified field belongs to all.
    pub projections: BTreeMap<Projection, String>,
    /// Who asks.
    pub requester: PersonId,
    /// Everybody whose hand is in it: who wrote, revised or submitted what is shown. None of them may vote.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
    /// What some of them did for what is shown, in words that follow their name, such as "agreed to `CLM-2027-00007`".
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hands: BTreeMap<PersonId, String>,
    /// The facts that policy rows test.
    pub facts: Value,
}

impl Subject {
    /// Whether this person asks for the approval or has a hand in what is to be approved.
    pub fn is_from(&self, person: &PersonId) -> bool {
        *person == self.requester || self.authors.contains(person)
    }

    /// Everybody who may not vote, nor anyone on their behalf: whoever asks, and the authors.
    pub fn barred(&self) -> BTreeSet<&PersonId> {
        self.authors.iter().chain([&self.requester]).collect()
    }
}

/// One requirement of a round, made from one policy row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// The policy row's id.
    pub row: String,
    /// Why the row applies: the figures compared.
    pub because: String,
    /// Who may vote.
    pub role: RoleId,
    /// How many distinct people.
    pub quorum: u32,
    /// What the votes bind to.
    pub projection: Projection,
    /// When a reminder goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    /// When the task goes to the escalation role as well. A time-out never approves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_at: Option<Timestamp>,
    /// The role that may also vote after escalation; its holders have the authority themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_to: Option<RoleId>,
    /// Whether escalation has happened.
    #[serde(default)]
    pub escalated: bool,
}

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Agreed.
    Approve,
    /// Refused for good.
    Reject,
    /// Returned for changes.
    SendBack,
}

/// One vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// The requirement it counts for.
    pub row: String,
    /// Who voted.
    pub person: PersonId,
    /// For whom, where the person was a delegate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
    /// What they said.
    pub verdict: Verdict,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The full revision the person saw.
    pub revision: String,
    /// The hash of the projection it binds to.
    pub bound_to: String,
    /// When.
    pub at: Timestamp,
    /// Set when a later revision changed what the vote bound to.
    #[serde(default)]
    pub void: bool,
}

/// An approval round: its requirements, the votes, and the policy that asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// SHA-256 of the policy that made the requirements.
    pub policy: String,
    /// What is being approved.
    pub subject: Subject,
    /// Who must agree.
    pub requirements: Vec<Requirement>,
    /// Who has spoken.
    pub votes: Vec<Vote>,
    /// When it was opened.
    pub opened: Timestamp,
}
