//! What comes out of a store, and the small inputs that are not part of a step.

use std::time::Duration;

use entente_core::{
    event::{Event, Outcome, TimerKey},
    ids::{ConnectorAccount, Fence, InvokeId, PersonId, ProcessId, RoleId, RunId, Shard},
    ledger::{Account, Entry, Posting},
    money::Currency,
    scope::Home,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    batch::{RunKey, Verdict},
    error::{Error, Result},
};

/// A message for a run's inbox. `(event.source, event.id)` is its idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The run it is for.
    pub run: RunId,
    /// What happened.
    pub event: Event,
    /// For `Started`: what the new run is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// The message counts only while the run is at this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_seq: Option<u64>,
    /// The message counts only for this revision of the run's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_revision: Option<String>,
    /// Business time at which it was accepted.
    pub at: Timestamp,
}

/// What a run is to be, beside its input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The chart's name.
    pub chart: String,
    /// The version to pin; `None` pins the newest released one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Its readable name.
    pub label: String,
    /// Where it belongs.
    pub home: Home,
    /// The run that starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
}

/// A message that waits in an inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingMessage {
    /// Its number; grows in the order in which a run's messages are decided.
    pub no: i64,
    /// The message.
    pub message: Message,
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every append is new, a box would cost each of them")]
pub enum Appended {
    /// It is new.
    New(PendingMessage),
    /// The same message was appended before.
    Again {
        /// Its number.
        no: i64,
        /// The verdict, once there is one.
        verdict: Option<Verdict>,
    },
    /// The key was used for another body.
    KeyReused,
}

/// A message with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxMessage {
    /// Its number.
    pub no: i64,
    /// The message.
    pub message: Message,
    /// The answer, once there is one.
    pub verdict: Option<Verdict>,
}

/// A stored run, as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// The run and everything it is.
    pub snapshot: entente_core::run::Snapshot,
    /// Hash of its last history row.
    pub head: [u8; 32],
    /// Business time of its first step.
    pub created_at: Timestamp,
    /// Business time of its last step.
    pub updated_at: Timestamp,
}

/// Which runs to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunFilter {
    /// Of this chart.
    pub chart: Option<String>,
    /// In a state with this tag.
    pub tag: Option<String>,
    /// Ended, or not.
    pub ended: Option<bool>,
    /// Parked by an incident, or not.
    pub parked: Option<bool>,
    /// With this search key.
    pub key: Option<RunKey>,
    /// Created at or after this instant.
    pub created_from: Option<Timestamp>,
    /// After this label (labels ascend), for the next page.
    pub after: Option<String>,
    /// At most so many; 0 means 100, the most is 1,000.
    pub limit: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// A stored history row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The row's place in the order of commits.
    pub no: i64,
    /// The run.
    pub run: RunId,
    /// The step.
    pub seq: u64,
    /// The record's bytes.
    pub record: String,
    /// Hash of the run's previous row.
    pub prev_hash: [u8; 32],
    /// Hash of this row.
    pub hash: [u8; 32],
}

/// What a seal covers of a history row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsealedRow {
    /// The row's place in the order of commits.
    pub no: i64,
    /// The run.
    pub run: RunId,
    /// The step.
    pub seq: u64,
    /// Hash of the row.
    pub hash: [u8; 32],
}

/// How an unknown outcome of an operation is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    /// Inside this process, repeatable at will.
    Local,
    /// The other side takes an idempotency token: resend token and body inside `window`, afterwards as natural key.
    TokenDedup,
    /// Our id can be searched for.
    NaturalKey,
    /// The state can be read and compared.
    ReadBack,
    /// At least once, bounded.
    Notice,
    /// Never resent; a person decides.
    Manual,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Never sent.
    Ready,
    /// A send has been recorded and may have happened.
    Sending,
    /// Waits for its next attempt.
    Waiting,
    /// Its outcome is in the run's inbox or history.
    Settled,
    /// Forgotten before it was sent.
    Voided,
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentRow {
    /// The run.
    pub run: RunId,
    /// The run's label, for people.
    pub label: String,
    /// Where the run belongs.
    pub home: Home,
    /// The intent.
    pub intent: crate::batch::Intent,
    /// Where it stands.
    pub status: IntentStatus,
    /// Attempts recorded so far; counted before each send.
    pub attempts: u32,
    /// Business time of the first recorded send.
    pub first_sent_at: Option<Timestamp>,
    /// Business time before which nothing is tried.
    pub not_before: Option<Timestamp>,
    /// Notes kept between attempts: remote ids seen, searches made, the last error.
    pub notes: Value,
    /// The run left the state that asked for it.
    pub orphaned: bool,
}

/// What is recorded before or after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptState {
    /// New status.
    pub status: IntentStatus,
    /// Whether this counts as an attempt.
    pub counts: bool,
    /// Business time before which nothing is tried.
    pub not_before: Option<Timestamp>,
    /// Notes to keep.
    pub notes: Value,
    /// Business time of the send, kept the first time.
    pub sent_at: Option<Timestamp>,
}

/// The end of an intent: its row is settled and its result enters the run's inbox, together.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The run.
    pub run: RunId,
    /// The invocation.
    pub invoke: InvokeId,
    /// How it ended.
    pub outcome: Outcome,
    /// Business time.
    pub at: Timestamp,
}

/// A timer that came due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTimer {
    /// The run.
    pub run: RunId,
    /// The timer's key.
    pub key: TimerKey,
    /// When it came due.
    pub due: Timestamp,
}

/// What a lease is for: `shard/017`, `account/aws/acme-us`, `job/seal`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeaseKey(pub String);

impl LeaseKey {
    /// The lease of a shard, whose fence every step of its runs carries.
    pub fn shard(shard: Shard) -> LeaseKey {
        LeaseKey(format!("shard/{:03}", shard.0))
    }

    /// The lease of a connector account, under which its calls are delivered.
    pub fn account(account: &ConnectorAccount) -> LeaseKey {
        LeaseKey(format!("account/{account}"))
    }
}

/// A lease as stored. Its time is the database's own, never the business clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What for.
    pub key: LeaseKey,
    /// Who holds it.
    pub owner: ProcessId,
    /// The fencing token.
    pub fence: Fence,
    /// How long it still runs by the database's clock, when it was read.
    pub remaining: Duration,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Somebody should act.
    Open,
    /// Done, or no longer needed.
    Closed,
}

/// A task as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    /// The run it belongs to.
    pub run: RunId,
    /// The run's label.
    pub label: String,
    /// Where the run belongs.
    pub home: Home,
    /// The task.
    pub spec: entente_core::run::TaskSpec,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it was opened, business time.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Hidden from the assignee's list until then.
    pub snoozed_until: Option<Timestamp>,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskFilter {
    /// For holders of any of these roles, or assigned to `assignee`.
    pub roles: Option<Vec<RoleId>>,
    /// Assigned to this person.
    pub assignee: Option<PersonId>,
    /// Of this run.
    pub run: Option<RunId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Open ones only.
    pub open_only: bool,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeStatus {
    /// To be sent.
    Pending,
    /// Sent.
    Sent,
    /// Given up; listed for people.
    Failed,
}

/// A notice to people, from a run's step or from a job.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRow {
    /// Stable id, the same for every attempt.
    pub id: String,
    /// The run, where one is concerned.
    pub run: Option<RunId>,
    /// The notice's name.
    pub name: String,
    /// Its data.
    pub data: Value,
    /// Where it stands.
    pub status: NoticeStatus,
    /// Attempts so far.
    pub attempts: u32,
    /// Business time before which nothing is tried.
    pub not_before: Timestamp,
    /// The last error.
    pub error: Option<String>,
}

/// Where one occurrence of a scheduled job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OccurrenceStatus {
    /// Somebody runs it.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// Its time passed and the job's policy leaves it out.
    Skipped,
}

/// One occurrence of a scheduled job; `(job, scheduled_for)` exists once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The job.
    pub job: String,
    /// The instant it was due.
    pub scheduled_for: Timestamp,
    /// Where it stands.
    pub status: OccurrenceStatus,
    /// Who runs or ran it.
    pub owner: ProcessId,
    /// Business time of its start.
    pub started_at: Timestamp,
    /// Business time of its end.
    pub ended_at: Option<Timestamp>,
    /// What it did, or why it failed.
    pub detail: String,
}

/// What is kept of a job between occurrences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleState {
    /// The job.
    pub job: String,
    /// Not run while set.
    pub paused: bool,
    /// Up to where its occurrences have been looked at.
    pub watermark: Option<Timestamp>,
}

/// A named, versioned text that runs or people depend on: a chart, a policy, a simulation, a price book.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// `chart`, `policy`, `simulation`, `price_book`, `template`, `setting`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    /// The text.
    pub text: String,
    /// Who stored it.
    pub by: String,
    /// Business time.
    pub at: Timestamp,
    /// Whether it is the one in force for its kind and name.
    pub active: bool,
}

impl StoredDocument {
    /// The document, as long as its text is the one that its hash was taken of: a flipped byte is never read as a price or a rule.
    ///
    /// # Errors
    /// [`Error::Decode`] when it is another text.
    pub fn intact(self) -> Result<StoredDocument> {
        let found = hex::encode(Sha256::digest(self.text.as_bytes()));
        if found == self.sha256 {
            return Ok(self);
        }
        Err(Error::Decode {
            kind: "document",
            id: format!("{} {} v{}", self.kind, self.name, self.version),
            detail: "its text is not the one that was stored; the database is damaged, restore the last backup".into(),
        })
    }
}

/// A booked ledger entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The journal it belongs to.
    pub journal: i64,
    /// The run that asked.
    pub run: RunId,
    /// Its step.
    pub seq: u64,
    /// What was asked.
    pub posting: Posting,
    /// The account.
    pub account: Account,
    /// What it is for; empty for accounts that keep one balance per fund.
    pub key: String,
    /// Signed minor units; a journal's entries sum to zero per currency.
    pub minor: i64,
    /// Business time at which it was booked.
    pub at: Timestamp,
}

impl LedgerEntry {
    /// The same as the ledger's rules know it.
    pub fn entry(&self) -> Entry {
        let (fund, currency) = (self.posting.fund.clone(), self.posting.amount.currency);
        Entry { fund, account: self.account, key: self.key.clone(), currency, minor: self.minor }
    }
}

/// Which balances to sum up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BalanceFilter {
    /// Of this fund.
    pub fund: Option<String>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// From what was booked up to this instant of business time, inclusive.
    pub as_of: Option<Timestamp>,
    /// One balance per key, and not one per account.
    pub by_key: bool,
}

/// What stands on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountBalance {
    /// The fund.
    pub fund: String,
    /// The currency.
    pub currency: Currency,
    /// The account.
    pub account: Account,
    /// What it is for; empty for all keys together.
    pub key: String,
    /// Minor units.
    pub minor: i64,
}

/// A stored seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    /// Its place in the chain of seals, from 1.
    pub no: i64,
    /// The history rows it covers: first and last place in the order of commits.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// The signed bytes.
    pub body: String,
    /// Ed25519 signature over `body`, in hexadecimal.
    pub signature: String,
}
