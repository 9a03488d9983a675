//! What one commit holds: messages to append and steps to record, each of which succeeds or fails alone.

use entente_core::{
    event::TimerKey,
    ids::{ConnectorAccount, Fence, InvokeId, RunId},
    ledger::Posting,
    run::{Snapshot, TaskSpec},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::rows::{Appended, Message, PendingMessage, RecoveryClass};

/// One transaction's worth of work.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Messages for inboxes, appended before any step.
    pub appends: Vec<Message>,
    /// Steps, at most one per run.
    pub members: Vec<Member>,
}

/// What became of a batch, in its order.
#[derive(Debug, Clone, Default)]
pub struct BatchOutcome {
    /// One per append.
    pub appended: Vec<Appended>,
    /// One per member.
    pub members: Vec<MemberOutcome>,
}

/// One step of one run, with everything that must commit together with it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The run after the step; `snapshot.seq` is the step's number, the stored run must be at `seq - 1` (absent for 1).
    pub snapshot: Snapshot,
    /// The fencing token of the run's shard, compared in the same transaction.
    pub fence: Fence,
    /// The history record, as the bytes that are hashed and stored.
    pub record: String,
    /// Business time of the step.
    pub at: Timestamp,
    /// Hash of the run's previous history row; 32 zero bytes before the first.
    pub prev_hash: [u8; 32],
    /// Hash of this history row, as `entente_core::audit` computes it.
    pub hash: [u8; 32],
    /// The inbox message that this step answers, with the verdict to store.
    pub consumed: Option<(Consumed, Verdict)>,
    /// The invocation whose intent this step closes.
    pub closed: Option<InvokeId>,
    /// New intents.
    pub intents: Vec<Intent>,
    /// Intents to forget if they were never sent.
    pub voids: Vec<InvokeId>,
    /// Intents to deliver again with fresh attempts.
    pub retries: Vec<InvokeId>,
    /// Timers to arm or re-arm.
    pub arm: Vec<(TimerKey, Timestamp)>,
    /// Timers to disarm.
    pub disarm: Vec<TimerKey>,
    /// Messages to other runs.
    pub sends: Vec<Message>,
    /// Tasks to open.
    pub tasks: Vec<TaskSpec>,
    /// Tasks to close, by key.
    pub closed_tasks: Vec<String>,
    /// Notices to send: (notice number within the step, name, data).
    pub notices: Vec<(u32, String, Value)>,
    /// What to book; a refusal refuses the whole member.
    pub postings: Vec<Posting>,
    /// The run's search keys when the step changed them: all of them, replacing the old ones.
    pub keys: Option<Vec<RunKey>>,
}

/// The inbox message that a step answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumed {
    /// A stored one, by its number.
    Stored(i64),
    /// One that the same batch appends, by its place among the appends. The step holds only if that message is new and
    /// no other message waits for the run before it; see [`MemberOutcome::OutOfTurn`].
    Appended(usize),
}

/// A key under which a run can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunKey {
    /// What kind of key: `aws.offer`, `ref.crm`.
    pub kind: String,
    /// The value.
    pub value: String,
    /// No other run that has not ended may hold it.
    #[serde(default)]
    pub unique: bool,
}

/// An intent: what is to be done outside, written before it is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The invocation.
    pub invoke: InvokeId,
    /// The activity's name.
    pub activity: String,
    /// The connector account whose lease holder delivers it; `None`: the run's owner, straight after the commit.
    pub account: Option<ConnectorAccount>,
    /// Calls about the same remote object are delivered one after the other, in order.
    pub entity: Option<String>,
    /// How an unknown outcome is settled.
    pub class: RecoveryClass,
    /// The request; never changed by a retry.
    pub request: Value,
    /// SHA-256 of the request's stored bytes, in hexadecimal.
    pub request_hash: String,
}

impl Intent {
    /// SHA-256 of a request's bytes as they are stored, in hexadecimal.
    pub fn hash(request: &Value) -> String {
        hex::encode(Sha256::digest(request.to_string()))
    }

    /// Whether the request is the one that was decided: a damaged one is never sent.
    pub fn is_intact(&self) -> bool {
        Intent::hash(&self.request) == self.request_hash
    }
}

/// A booked journal, as the store reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Its number.
    pub no: i64,
    /// What was booked.
    pub posting: Posting,
    /// The run that asked.
    pub run: RunId,
    /// Its step; 0 for one that was booked outside any step.
    pub seq: u64,
}

/// The recorded answer to an inbox message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It moved the run.
    Accepted {
        /// The step it became.
        seq: u64,
        /// The state after it.
        state: String,
    },
    /// It was refused; nothing happened.
    Refused {
        /// A stable code with a page in `docs/errors/`.
        code: String,
        /// Why, and what to do next.
        reason: String,
    },
    /// It came too late to matter and is kept for people to see.
    Noted {
        /// Why it has no effect.
        reason: String,
    },
}

/// What became of one member.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberOutcome {
    /// Everything in it is durable. Messages to other runs are returned as stored, for delivery in memory.
    Committed {
        /// The messages this step sent.
        sent: Vec<PendingMessage>,
    },
    /// The stored run is at another step; the member was left out.
    Stale {
        /// Where the stored run stands; `None` when it does not exist.
        found: Option<u64>,
    },
    /// The shard's lease has another owner now.
    Fenced,
    /// The message that the step answers came before, or others wait for the run before it; the member was left out.
    /// A message that is new was stored all the same and waits for its turn.
    OutOfTurn,
    /// The ledger refused a posting; the member was left out.
    LedgerRefused {
        /// The rule and its figures.
        reason: String,
    },
    /// A search key belongs to another run; the member was left out.
    KeyTaken {
        /// The key.
        key: RunKey,
        /// Its owner's label.
        by: String,
    },
    /// The database refused this member alone.
    Refused {
        /// What it said.
        reason: String,
    },
}
