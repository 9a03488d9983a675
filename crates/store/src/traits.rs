//! The trait, in parts by concern. Every call that reads or changes somebody's data takes a [`Scope`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, Fence, InvokeId, ProcessId, RunId, Shard},
    scope::Scope,
};
use jiff::Timestamp;

use crate::{
    archives::Archives,
    batch::{Batch, BatchOutcome, Journal, RunKey, Verdict},
    error::Result,
    imports::Imports,
    rows::*,
    spend::Spend,
    tokens::Tokens,
};

/// A store: everything the runner, the commands and the pages ask of a database.
pub trait Store:
    Runs
    + Inbox
    + Outbox
    + Timers
    + Leases
    + Tasks
    + Notices
    + Schedules
    + Documents
    + LedgerBook
    + Audit
    + Archives
    + Imports
    + Spend
    + Tokens
    + Send
    + Sync
{
}

impl<T> Store for T where
    T: Runs
        + Inbox
        + Outbox
        + Timers
        + Leases
        + Tasks
        + Notices
        + Schedules
        + Documents
        + LedgerBook
        + Audit
        + Archives
        + Imports
        + Spend
        + Tokens
        + Send
        + Sync
{
}

/// Runs and their histories.
#[async_trait]
pub trait Runs {
    /// Commits a batch: every append, and every member that holds, in one transaction. Members fail alone.
    /// The batch is shared, not given: the caller goes on with it once it is durable.
    async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome>;

    /// A run.
    async fn run(&self, scope: &Scope, run: RunId) -> Result<Option<RunRow>> {
        Ok(self.runs_of(scope, &[run]).await?.pop())
    }

    /// Those of these runs that exist, in any order: what an owner reads ahead.
    async fn runs_of(&self, scope: &Scope, runs: &[RunId]) -> Result<Vec<RunRow>>;

    /// A run by its label.
    async fn run_by_label(&self, scope: &Scope, label: &str) -> Result<Option<RunRow>>;

    /// Runs, ascending by label.
    async fn runs(&self, scope: &Scope, filter: &RunFilter) -> Result<Page<RunRow>>;

    /// The history of a run from `from_seq` on, at most `limit` rows.
    async fn history(&self, scope: &Scope, run: RunId, from_seq: u64, limit: u32) -> Result<Vec<HistoryRow>>;

    /// The next number of a series such as `OFR-2026`, from 1. Numbers may be skipped, never given twice.
    async fn next_number(&self, series: &str) -> Result<u64>;

    /// The run that holds a search key.
    async fn run_by_key(&self, scope: &Scope, key: &RunKey) -> Result<Vec<RunId>>;
}

/// Inboxes: everything that wants something from a run goes through here.
#[async_trait]
pub trait Inbox {
    /// Appends messages; each is new, known, or refused, alone.
    async fn append(&self, scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>>;

    /// Messages without a verdict in these shards, ascending, after message number `after`.
    async fn pending(&self, shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>>;

    /// Stores verdicts of messages that led to no step. A message that has a verdict keeps it.
    async fn answer(&self, fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()>;

    /// A message and its verdict.
    async fn message(&self, scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>>;

    /// All messages of a run, ascending.
    async fn messages(&self, scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>>;

    /// Grows whenever another process has written since it was last read; cheap enough for 5 calls a second.
    async fn change_marker(&self) -> Result<i64>;
}

/// Intents on their way out.
#[async_trait]
pub trait Outbox {
    /// Intents without an account, in these shards, that are not settled or voided: to be recovered by a new owner.
    async fn open_local(&self, shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>>;

    /// Unsettled intents of an account in the order of their commits; those waiting beyond `now` are left out.
    async fn open_remote(&self, account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>>;

    /// Every connector account with an unsettled intent, with the earliest instant at which one is due.
    async fn accounts_with_work(&self) -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>>;

    /// Records the state of an attempt under the account's (or shard's) fence; false when the fence is stale or the intent is settled or voided.
    async fn record_attempt(
        &self,
        run: RunId,
        invoke: InvokeId,
        key: &LeaseKey,
        fence: Fence,
        state: AttemptState,
    ) -> Result<bool>;

    /// Settles an intent and appends its result to the run's inbox, in one transaction; false as for `record_attempt`.
    async fn settle(&self, key: &LeaseKey, fence: Fence, settlement: Settlement) -> Result<Option<PendingMessage>>;

    /// The intents of a run.
    async fn intents(&self, scope: &Scope, run: RunId) -> Result<Vec<IntentRow>>;
}

/// Armed timers.
#[async_trait]
pub trait Timers {
    /// Timers due at `now` in these shards, earliest first.
    async fn due(&self, shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>>;

    /// The next instant at which one comes due.
    async fn next_due(&self, shards: &[Shard]) -> Result<Option<Timestamp>>;
}

/// Leases, on the database's own clock.
#[async_trait]
pub trait Leases {
    /// Takes the leases that are free, expired or already this owner's; returns those now held. A change of owner raises the fence.
    async fn acquire(&self, owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>>;

    /// Extends leases still held with this fence; returns those that were.
    async fn renew(&self, held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>>;

    /// Gives leases back.
    async fn release(&self, held: &[(LeaseKey, Fence)]) -> Result<()>;

    /// Every lease.
    async fn leases(&self) -> Result<Vec<Lease>>;

    /// Whether a lease is held with this fence right now.
    async fn holds(&self, key: &LeaseKey, fence: Fence) -> Result<bool>;
}

/// Tasks for people.
#[async_trait]
pub trait Tasks {
    /// Tasks, by due date and age.
    async fn tasks(&self, scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>>;

    /// Changes an open task's assignee or snooze; false when it is not open.
    async fn assign(
        &self,
        scope: &Scope,
        run: RunId,
        key: &str,
        assignee: Option<&str>,
        snoozed_until: Option<Timestamp>,
    ) -> Result<bool>;
}

/// Notices to people.
#[async_trait]
pub trait Notices {
    /// Adds a notice from outside a run's step; an id that exists is left alone.
    async fn add_notice(&self, notice: NoticeRow) -> Result<bool>;

    /// Notices to send now.
    async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<NoticeRow>>;

    /// Records what became of an attempt.
    async fn record_notice(
        &self,
        id: &str,
        status: NoticeStatus,
        not_before: Timestamp,
        error: Option<&str>,
    ) -> Result<()>;

    /// All notices of a run, or the failed ones of all.
    async fn notices(&self, scope: &Scope, run: Option<RunId>) -> Result<Vec<NoticeRow>>;
}

/// Scheduled jobs.
#[async_trait]
pub trait Schedules {
    /// What is kept of every job.
    async fn schedule_states(&self) -> Result<Vec<ScheduleState>>;

    /// Pauses or resumes a job.
    async fn pause(&self, job: &str, paused: bool) -> Result<()>;

    /// Moves a job's watermark forward.
    async fn advance(&self, job: &str, to: Timestamp) -> Result<()>;

    /// Claims an occurrence: true for exactly one caller ever.
    async fn claim_occurrence(&self, occurrence: &Occurrence) -> Result<bool>;

    /// Ends a claimed occurrence.
    async fn finish_occurrence(
        &self,
        job: &str,
        scheduled_for: Timestamp,
        status: OccurrenceStatus,
        at: Timestamp,
        detail: &str,
    ) -> Result<()>;

    /// The newest occurrences of a job.
    async fn occurrences(&self, job: &str, limit: u32) -> Result<Vec<Occurrence>>;
}

/// Versioned texts and small settings.
#[async_trait]
pub trait Documents {
    /// Stores a text; the same kind, name and version with another text is refused with `Conflict`, with the same text it is a no-op.
    async fn put_document(&self, document: &StoredDocument) -> Result<()>;

    /// Makes one version the active one of its kind and name.
    async fn activate_document(&self, kind: &str, name: &str, version: u32) -> Result<()>;

    /// The texts of a kind, by name and version.
    async fn documents(&self, kind: &str) -> Result<Vec<StoredDocument>>;

    /// The version in force of a kind and name.
    async fn document(&self, kind: &str, name: &str) -> Result<Option<StoredDocument>>;

    /// A text by its hash.
    async fn document_by_hash(&self, kind: &str, sha256: &str) -> Result<Option<StoredDocument>>;

    /// A small setting such as a reading position.
    async fn setting(&self, name: &str) -> Result<Option<String>>;

    /// Writes a small setting.
    async fn set_setting(&self, name: &str, value: &str) -> Result<()>;

    /// Writes a small setting that still says what the writer has read (`None`: nothing yet). False when it says something else by
    /// now; nothing is written then.
    async fn replace_setting(&self, name: &str, read: Option<&str>, value: &str) -> Result<bool>;
}

/// The ledger as booked.
#[async_trait]
pub trait LedgerBook {
    /// Entries, ascending, after journal number `after`.
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>>;

    /// What stands on each account that was ever booked on, by fund, currency, account and key: summed up from the entries
    /// within the scope alone.
    async fn balances(&self, scope: &Scope, filter: &BalanceFilter) -> Result<Vec<AccountBalance>>;

    /// Where the balance that the database keeps of an account is not what its entries sum up to, in words, read at one
    /// instant. Nothing for a scope that does not reach everything.
    async fn unbalanced(&self, scope: &Scope) -> Result<Vec<String>>;

    /// Books one posting outside any step, such as a fund's allocation by a person; its journal names step 0.
    async fn post(
        &self,
        scope: &Scope,
        run: RunId,
        posting: &entente_core::ledger::Posting,
        at: Timestamp,
    ) -> Result<std::result::Result<Journal, String>>;
}

/// Seals, identity, checks and copies.
#[async_trait]
pub trait Audit {
    /// History rows that no seal covers yet, in the order of their commits.
    async fn unsealed(&self, limit: u32) -> Result<Vec<UnsealedRow>>;

    /// Adds the next seal; refused with `Conflict` when another process was faster.
    async fn add_seal(&self, seal: &SealRow) -> Result<()>;

    /// Seals after `after`, ascending.
    async fn seals(&self, after: i64, limit: u32) -> Result<Vec<SealRow>>;

    /// All history rows in the order of their commits, after `after`.
    async fn history_rows(&self, after: i64, limit: u32) -> Result<Vec<HistoryRow>>;

    /// The database's epoch: drawn at creation and again at every restore.
    async fn epoch(&self) -> Result<String>;

    /// Draws a new epoch.
    async fn new_epoch(&self, epoch: &str) -> Result<()>;

    /// Checks the database's own integrity; an empty list means none found.
    async fn integrity(&self) -> Result<Vec<String>>;

    /// Writes a consistent copy, online, to a path that must not exist.
    async fn backup(&self, to: &std::path::Path) -> Result<()>;
}
