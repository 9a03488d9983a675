//! What can happen to a run. Timers, webhooks, results and people's decisions are all just events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{InvokeId, PersonId, RoleId, RunId};

/// One thing that happened, offered to a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who or what sent it, unique together with `id`: `cli`, `api`, `web`, `timer`, `run/<id>`, `connector/aws`.
    pub source: String,
    /// The sender's own id of this event (its idempotency key).
    pub id: String,
    /// The person who acts, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// What happened.
    pub body: Body,
}

/// A person as known when the event was accepted: roles are resolved at decision time and recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who acts.
    pub person: PersonId,
    /// The roles held at that moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleId>,
    /// Whom the person stands in for, by a delegation in force at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// The run begins; `input` made its first context.
    Started {
        /// The document that the run is about, as the context type takes it.
        input: Value,
    },
    /// An event that the chart names, such as `submit` or `offer.accepted`.
    Named {
        /// The chart's name of the event.
        name: String,
        /// Its data, checked against the context type's event schema.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        data: Value,
    },
    /// An armed timer came due.
    Timer {
        /// The key under which it was armed.
        key: TimerKey,
        /// The instant for which it was armed; another instant means that the timer has been re-armed since.
        due: Timestamp,
    },
    /// An invocation ended.
    Result {
        /// Which one.
        invoke: InvokeId,
        /// How it ended.
        outcome: Outcome,
    },
    /// A run that this run started has ended.
    ChildEnded {
        /// The child.
        child: RunId,
        /// How it ended.
        end: ChildEnd,
        /// The child's last state.
        state: String,
    },
    /// A posting of this run's last step was refused; that step did not happen.
    LedgerRefused {
        /// Which rule refused it, and the figures.
        reason: String,
        /// The event whose step was rolled back.
        cause: String,
    },
    /// A person settles an incident.
    Resolve {
        /// What the person found out or decided.
        decision: Resolution,
        /// Why, in the person's words.
        reason: String,
    },
}

impl Event {
    /// The name under which a chart, a history or a person knows the event.
    pub fn name(&self) -> &str {
        match &self.body {
            Body::Started { .. } => "started",
            Body::Named { name, .. } => name,
            Body::Timer { .. } => "timer",
            Body::Result { .. } => "result",
            Body::ChildEnded { .. } => "child.ended",
            Body::LedgerRefused { .. } => "ledger.refused",
            Body::Resolve { .. } => "resolve",
        }
    }
}

/// The key of a timer within a run: the state that armed it and its trigger, such as `review/P5D`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimerKey(pub String);

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it was asked; `output` is applied to the context.
    Done {
        /// What the activity returned.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        output: Value,
    },
    /// It failed for good; retries, if any were allowed, are used up.
    Failed(Failure),
}

/// A failed invocation: the class decides the chart's branch, the rest is evidence for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The branch of `onError`.
    pub class: FailureClass,
    /// What happened, to which object, what to do next.
    pub message: String,
    /// The field of the document that caused it, where known, as a JSON pointer such as `/pricing/0/price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The other side's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was sent and what came back, redacted and capped.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
}

/// The closed set of ways in which an invocation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The other side refused the request as it stands.
    Rejected,
    /// The object is busy or has changed.
    Conflict,
    /// The object does not exist.
    NotFound,
    /// Credentials are missing, expired or insufficient.
    Auth,
    /// Attempts are used up on passing faults.
    Transient,
    /// The connector cannot do this.
    Unsupported,
    /// It is not known whether the effect was applied.
    OutcomeUnknown,
    /// The connection's mode, a cap or the stop switch holds it back: nothing was sent.
    Withheld,
    /// A people's decision: refused for good.
    Declined,
    /// A people's decision: sent back for changes.
    SentBack,
}

impl FailureClass {
    /// Every class, in the order in which documents list them.
    pub const ALL: [FailureClass; 10] = [
        FailureClass::Rejected,
        FailureClass::Conflict,
        FailureClass::NotFound,
        FailureClass::Auth,
        FailureClass::Transient,
        FailureClass::Unsupported,
        FailureClass::OutcomeUnknown,
        FailureClass::Withheld,
        FailureClass::Declined,
        FailureClass::SentBack,
    ];

    /// The word that charts use in `onError`.
    pub fn word(self) -> &'static str {
        match self {
            FailureClass::Rejected => "rejected",
            FailureClass::Conflict => "conflict",
            FailureClass::NotFound => "not_found",
            FailureClass::Auth => "auth",
            FailureClass::Transient => "transient",
            FailureClass::Unsupported => "unsupported",
            FailureClass::OutcomeUnknown => "outcome_unknown",
            FailureClass::Withheld => "withheld",
            FailureClass::Declined => "declined",
            FailureClass::SentBack => "sent_back",
        }
    }

    /// Whether nothing is decided by it yet. The branch `other` was not written with it in mind: without a branch of its own the
    /// run is parked with everything as it was.
    pub fn stands_apart(self) -> bool {
        matches!(
            self,
            FailureClass::OutcomeUnknown | FailureClass::Transient | FailureClass::Auth | FailureClass::Withheld
        )
    }
}

/// How a child run ended, as its parent sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildEnd {
    /// In a final state tagged `success`, or without any of the two tags below.
    Succeeded,
    /// In a final state tagged `failure`.
    Failed,
    /// In a final state tagged `cancelled`.
    Cancelled,
}

/// What a person decides about an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Resolution {
    /// Try the invocation again, with fresh attempts.
    Retry,
    /// The effect happened; this is its output.
    Happened {
        /// What the activity would have returned.
        output: Value,
    },
    /// The effect did not happen; the chart's `onError` branch of this class is taken.
    DidNotHappen {
        /// The class under which the run goes on.
        class: FailureClass,
    },
    /// Offer the event that parked the run once more, for example after a guard or document was mended.
    Resume,
}
