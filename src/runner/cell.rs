//! One run in memory: a cache of its stored row, and the work that waits for it. Proved at every commit by seq and fence.

use std::{collections::VecDeque, sync::Arc};

use entente_core::{
    event::{Body, Event, Outcome},
    ids::InvokeId,
    run::Snapshot,
};
use entente_store::{DueTimer, PendingMessage};

/// Something that a run must decide.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// A message of its inbox.
    Message(Box<PendingMessage>),
    /// A timer that came due.
    Timer(DueTimer),
    /// The result of a local activity.
    Result {
        /// The invocation.
        invoke: InvokeId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The ledger refused the step that `cause` led to.
    LedgerRefused {
        /// The work whose step was rolled back.
        cause: Box<Work>,
        /// The rule and its figures.
        reason: String,
    },
}

impl Work {
    /// The event that the chart sees.
    pub fn event(&self) -> Event {
        match self {
            Work::Message(pending) => pending.message.event.clone(),
            Work::Timer(timer) => Event {
                source: "timer".into(),
                id: format!("{}@{}", timer.key.0, timer.due),
                actor: None,
                body: Body::Timer { key: timer.key.clone(), due: timer.due },
            },
            Work::Result { invoke, outcome } => Event {
                source: "delivery".into(),
                id: invoke.to_string(),
                actor: None,
                body: Body::Result { invoke: *invoke, outcome: outcome.clone() },
            },
            Work::LedgerRefused { cause, reason } => {
                let event = cause.event();
                let body = Body::LedgerRefused { reason: reason.clone(), cause: event.name().into() };
                Event {
                    source: "ledger".into(),
                    id: format!("{}/{}", event.source, event.id),
                    actor: event.actor,
                    body,
                }
            }
        }
    }

    /// The inbox message to answer.
    pub fn message_no(&self) -> Option<i64> {
        match self {
            Work::Message(pending) => Some(pending.no),
            Work::LedgerRefused { cause, .. } => cause.message_no(),
            Work::Timer(_) | Work::Result { .. } => None,
        }
    }

    /// The result that the work brings, as work of its own.
    pub fn result(&self) -> Option<Work> {
        match self.event().body {
            Body::Result { invoke, outcome } => Some(Work::Result { invoke, outcome }),
            _ => None,
        }
    }

    /// The invocation whose intent the step closes.
    pub fn closes(&self) -> Option<InvokeId> {
        match self {
            Work::Result { invoke, .. } => Some(*invoke),
            Work::Message(pending) => match &pending.message.event.body {
                Body::Result { invoke, .. } => Some(*invoke),
                _ => None,
            },
            Work::Timer(_) | Work::LedgerRefused { .. } => None,
        }
    }
}

/// A run's stored state.
#[derive(Debug, Clone)]
pub struct Known {
    /// The run.
    pub snapshot: Arc<Snapshot>,
    /// Hash of its last history row.
    pub head: [u8; 32],
}

/// A run in memory.
#[derive(Debug, Default)]
pub struct Cell {
    /// The stored state; `None` when it must be read, or does not exist yet.
    pub known: Option<Known>,
    /// What waits, in order.
    pub queue: VecDeque<Work>,
    /// What came while the run was parked, to be offered again afterwards.
    pub deferred: Vec<Work>,
    /// A step of it is being committed.
    pub busy: bool,
    /// It is in the line of runs to decide.
    pub lined_up: bool,
}
