//! A run: its snapshot, its history records, the commands a step gives to the shell, and the fold that joins them.

mod delta;
mod fold;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use delta::Misfit;
pub use fold::{FoldError, fold};

use crate::{
    event::{ChildEnd, Event, TimerKey},
    ids::{InvokeId, PersonId, RoleId, RunId},
    ledger::Posting,
    policy::approvals::Round,
    scope::Home,
};

/// The chart that a run finishes on, whatever is released later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChartPin {
    /// The chart's name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// Everything a run is between two events. As JSON, what changes with a step stands before what seldom does: a database
/// writes to its log only the part of a row between what both of its versions have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The run.
    pub run: RunId,
    /// Its readable name, such as `OFR-2026-00042`.
    pub label: String,
    /// Where it belongs.
    pub home: Home,
    /// The chart it is pinned to.
    pub chart: ChartPin,
    /// The version of the context's schema.
    pub context_version: u32,
    /// The last step; 0 before the first.
    pub seq: u64,
    /// The current state, `outer.inner` inside a compound one.
    pub state: String,
    /// The chart's tags of that state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Invocations without a result, those of states left behind included.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub invokes: BTreeMap<InvokeId, OpenInvoke>,
    /// Armed timers and their instants.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timers: BTreeMap<TimerKey, Timestamp>,
    /// Open tasks that a state asked for, each with that state: they are closed when it is left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: BTreeMap<String, String>,
    /// Why the run stands still until a person acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
    /// Whether a final state has been reached.
    #[serde(default)]
    pub ended: bool,
    /// Runs that this run started.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub children: BTreeMap<RunId, Child>,
    /// The approval round under way or last decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Round>,
    /// The typed context, as JSON.
    pub context: Value,
    /// The run that started this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
}

/// An invocation without a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenInvoke {
    /// The activity's name.
    pub activity: String,
    /// The state that invoked it.
    pub state: String,
    /// The activity that undoes it, where the chart names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<String>,
    /// Its state was left before the result came: a result now compensates, and never moves the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub orphaned: bool,
    /// The invocation whose effect this one undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensates: Option<InvokeId>,
    /// Since when its connection has held it back; people were told of it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Timestamp>,
}

/// A run that this run started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// The child's chart.
    pub chart: String,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<ChildEnd>,
}

/// Why a run is parked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// A stable code with a page in `docs/errors/`.
    pub code: IncidentCode,
    /// What happened, to which object, what to do next.
    pub message: String,
    /// The invocation concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke: Option<InvokeId>,
    /// What is known: requests, answers, the search for an effect.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
    /// When it was opened.
    pub since: Timestamp,
    /// The event that could not be decided, to be offered again by `resume`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<Event>>,
}

/// The closed set of reasons to park a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentCode {
    /// A guard could not be evaluated.
    GuardFailed,
    /// Attempts are used up.
    AttemptsExhausted,
    /// It is not known whether an effect was applied.
    OutcomeUnknown,
    /// The other side holds something else than what was sent.
    RemoteDiffers,
    /// An effect was applied after its state had been left, and nothing undoes it.
    EffectWithoutOwner,
    /// The step itself crashed the process repeatedly.
    Poison,
    /// A failure that the chart gives no branch for.
    Unhandled,
    /// A write that its connection does not let leave.
    Withheld,
    /// A person parked it.
    ByHand,
}

/// What the shell must do once the step is committed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Perform an activity; its result comes back as an event.
    Invoke {
        /// The invocation's id.
        invoke: InvokeId,
        /// The activity's name.
        activity: String,
        /// The request, computed from the context and never changed by a retry.
        request: Value,
    },
    /// The state that invoked it was left: forget the intent if it was never sent, or if its activity leaves no effect
    /// (report `Failed` with class `not_found` and code `voided`), else resolve it by its recovery class and report that.
    Void {
        /// The invocation.
        invoke: InvokeId,
    },
    /// Deliver an invocation again under its own token and request, with fresh attempts: a person said so.
    Retry {
        /// The invocation.
        invoke: InvokeId,
    },
    /// Arm or re-arm a timer.
    Arm {
        /// Its key.
        key: TimerKey,
        /// When it comes due.
        due: Timestamp,
    },
    /// Disarm a timer.
    Disarm {
        /// Its key.
        key: TimerKey,
    },
    /// Start another run.
    Start {
        /// The child's id, derived from this run and step.
        child: RunId,
        /// The child's chart; its newest released version is pinned.
        chart: String,
        /// The child's input.
        input: Value,
    },
    /// Send an event to another run.
    Send {
        /// The receiver.
        to: RunId,
        /// What it receives.
        body: crate::event::Body,
    },
    /// Tell people something.
    Notify {
        /// The notice's name.
        notice: String,
        /// Its data, for the template.
        data: Value,
    },
    /// Book on the ledger; a refusal rolls the whole step back.
    Post {
        /// The journal to book.
        posting: Posting,
    },
    /// Open a task for people; an open one of the same key is replaced.
    Ask {
        /// The task.
        task: TaskSpec,
    },
    /// Close the run's open tasks of these keys; nobody needs to act on them any more.
    Close {
        /// Task keys.
        tasks: Vec<String>,
    },
}

/// A task to open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Unique within the run: `approval/deal_desk`, `effect_without_owner/12.0`.
    pub key: String,
    /// What kind of work it is: `approval`, `incident`, `confirm`, `guided`.
    pub kind: String,
    /// One line that tells a person what to do.
    pub title: String,
    /// The role whose holders may take it.
    pub role: RoleId,
    /// A person it is assigned to from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PersonId>,
    /// The hash of the document's revision on which the decision binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// When it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Facts to show beside the decision.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

/// One step of a run, as history keeps it. A fold applies it without evaluating anything again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The step's place in the run, from 1, without gaps.
    pub seq: u64,
    /// Business time of the decision.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The transition chosen, such as `on.submit[0]`; several when eventless ones followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
    /// The rest of the snapshot as it changed, as a patch to its JSON form.
    pub delta: Delta,
    /// What the shell was told to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

/// A difference of two JSON objects: fields to set (whole values, or deeper differences) and fields to remove.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// New or replaced values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// Differences inside objects that both sides have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub within: BTreeMap<String, Delta>,
    /// Fields that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
}

/// What a step decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The run after the step.
    pub snapshot: Snapshot,
    /// The step, for history; its commands are what the shell must do.
    pub record: Record,
}
