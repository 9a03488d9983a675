//! One run in memory: a cache of its stored row, and the work that waits for it. Proved at every commit by seq and fence.

use std::{collections::VecDeque, sync::Arc};

use entente_core::{
    event::{Body, Event, Outcome},
    ids::{Fence, InvokeId},
    run::Snapshot,
};
use entente_store::{Appended, DueTimer, Message, PendingMessage, Verdict};
use tokio::sync::oneshot;

use super::performing::Performance;

/// Something that a run must decide.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// A message of its inbox.
    Message(Box<PendingMessage>),
    /// A message that is not stored yet: it is, together with the step that it leads to.
    Fresh(Box<Message>),
    /// A timer that came due.
    Timer(DueTimer),
    /// The result of a local activity.
    Result(LocalResult),
    /// The ledger refused the step that `cause` led to.
    LedgerRefused {
        /// The work whose step was rolled back.
        cause: Box<Work>,
        /// The rule and its figures.
        reason: String,
    },
}

/// How a local activity ended.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalResult {
    /// The invocation.
    pub invoke: InvokeId,
    /// Its result.
    pub outcome: Outcome,
    /// Kept until the result is committed, so that the activity is not begun again meanwhile; `None` where nothing was
    /// performed.
    pub performance: Option<Arc<Performance>>,
}

impl LocalResult {
    /// What a performance came to.
    pub fn of(performance: Performance, outcome: Outcome) -> LocalResult {
        LocalResult { invoke: performance.invoke(), outcome, performance: Some(Arc::new(performance)) }
    }
}

impl Work {
    /// The event that the chart sees.
    pub fn event(&self) -> Event {
        match self {
            Work::Message(pending) => pending.message.event.clone(),
            Work::Fresh(message) => message.event.clone(),
            Work::Timer(timer) => Event {
                source: "timer".into(),
                id: format!("{}@{}", timer.key.0, timer.due),
                actor: None,
                body: Body::Timer { key: timer.key.clone(), due: timer.due },
            },
            Work::Result(LocalResult { invoke, outcome, .. }) => Event {
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
            Work::Fresh(_) | Work::Timer(_) | Work::Result(_) => None,
        }
    }

    /// The message that somebody sent, stored or not.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Work::Message(pending) => Some(&pending.message),
            Work::Fresh(message) => Some(message),
            Work::Timer(_) | Work::Result(_) | Work::LedgerRefused { .. } => None,
        }
    }

    /// The result that the work brings, as work of its own.
    pub fn result(&self) -> Option<Work> {
        match self {
            Work::Result(_) => Some(self.clone()),
            Work::Message(_) | Work::Fresh(_) => match &self.message()?.event.body {
                Body::Result { invoke, outcome } => {
                    Some(Work::Result(LocalResult { invoke: *invoke, outcome: outcome.clone(), performance: None }))
                }
                _ => None,
            },
            Work::Timer(_) | Work::LedgerRefused { .. } => None,
        }
    }

    /// Whether the database holds it, to be read again.
    pub fn is_stored(&self) -> bool {
        match self {
            Work::Message(_) | Work::Timer(_) => true,
            Work::Fresh(_) | Work::Result(_) => false,
            Work::LedgerRefused { cause, .. } => cause.is_stored(),
        }
    }

    /// The invocation whose intent the step closes.
    pub fn closes(&self) -> Option<InvokeId> {
        match self {
            Work::Result(result) => Some(result.invoke),
            Work::Message(_) | Work::Fresh(_) => match self.message().map(|message| &message.event.body) {
                Some(Body::Result { invoke, .. }) => Some(*invoke),
                _ => None,
            },
            Work::Timer(_) | Work::LedgerRefused { .. } => None,
        }
    }
}

/// Who waits to hear of a message that is not stored yet.
#[derive(Debug)]
pub struct Caller {
    /// Told once it is stored.
    pub stored: oneshot::Sender<entente_store::Result<Appended>>,
    /// Told once it is decided.
    pub decided: oneshot::Sender<Verdict>,
}

/// A place in a run's line.
#[derive(Debug)]
pub struct Queued {
    /// What is to be decided.
    pub work: Work,
    /// Who brought it, with [`Work::Fresh`].
    pub caller: Option<Caller>,
}

impl Queued {
    /// It starts a run, and is not stored yet.
    pub fn begins(&self) -> bool {
        matches!(&self.work, Work::Fresh(message) if message.start.is_some())
    }
}

impl From<Work> for Queued {
    fn from(work: Work) -> Queued {
        Queued { work, caller: None }
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
    /// The fence under which the state was read or written: under another one, somebody else may have written since.
    pub under: Option<Fence>,
    /// What waits, in order.
    pub queue: VecDeque<Queued>,
    /// What came while the run was parked, to be offered again afterwards.
    pub deferred: Vec<Work>,
    /// A step of it, or a message for it, is being committed.
    pub busy: bool,
    /// It is in the line of runs to decide.
    pub lined_up: bool,
}

impl Cell {
    /// Something waits for the run, and what is stored of it is not known under the fence that is held now.
    pub fn must_be_read(&self, fence: Fence) -> bool {
        let begins = self.queue.front().is_none_or(Queued::begins);
        let stale = self.under.is_some_and(|under| under != fence);
        !self.busy && (stale || self.known.is_none() && !begins)
    }

    /// Whether it can be decided on what is known.
    pub fn is_current(&self, fence: Fence) -> bool {
        self.under == Some(fence) || self.under.is_none() && self.queue.front().is_some_and(Queued::begins)
    }

    /// What is stored must be read again.
    pub fn forget(&mut self) {
        self.known = None;
        self.under = None;
    }
}
