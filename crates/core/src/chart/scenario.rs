//! Scenarios: a story as a table of events and what must follow from each. Every released chart keeps telling its own.

mod play;
mod read;

use std::collections::BTreeMap;

use jiff::{SpanFieldwise, Timestamp};
use serde_json::Value;

pub use play::{Failed, Told, run_scenario};
pub use read::values;

use crate::{
    event::{Actor, Failure, Resolution},
    ids::PersonId,
    policy::approvals::Verdict,
    run::IncidentCode,
    scope::Home,
};

/// A story about one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What happens, in one line.
    pub title: String,
    /// The chart's name.
    pub chart: String,
    /// The first version of the chart of which it can be told.
    pub since: u32,
    /// When it begins.
    pub starts: Timestamp,
    /// Where the run belongs.
    pub home: Home,
    /// Who starts the run, where a person does.
    pub by: Option<PersonId>,
    /// What makes the first context.
    pub input: Value,
    /// What happens then.
    pub steps: Vec<Scene>,
}

/// One thing that happens, and what must follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Where it stands in the file.
    pub line: u32,
    /// What happens.
    pub act: Act,
    /// Who acts.
    pub actor: Option<Actor>,
    /// The state that follows; unchanged from the step before where absent.
    pub expect: Option<String>,
    /// The invocations, notices, tasks, postings and messages that follow, in order; anything where absent.
    pub commands: Option<Vec<String>>,
    /// Whether the event must be refused.
    pub refused: bool,
    /// The incident that must be open afterwards.
    pub parked: Option<IncidentCode>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// An event that the chart names.
    Event {
        /// Its name.
        name: String,
        /// Its data.
        data: Value,
    },
    /// A vote on the revision to be decided.
    Vote {
        /// The verdict.
        verdict: Verdict,
        /// The row, where a person may vote on several.
        row: Option<String>,
        /// Why.
        reason: String,
    },
    /// The open invocation of an activity is done.
    Done {
        /// The activity.
        activity: String,
        /// What it returned.
        output: Value,
    },
    /// The open invocation of an activity has failed.
    Failed {
        /// The activity.
        activity: String,
        /// How.
        failure: Failure,
    },
    /// Business time comes to an armed deadline of the present state, named as the chart writes it.
    After(String),
    /// The ledger refuses what the step before would have booked, for this reason: that step did not happen.
    LedgerRefused(String),
    /// Business time passes, and nothing happens.
    Wait(SpanFieldwise),
    /// A person settles an incident.
    Resolve(Resolution),
}

/// Documents that scenarios share, by name: a text `$name` in a scenario stands for one of them.
pub type Values = BTreeMap<String, Value>;
