//! A store that counts what is asked of it: the work of a command is bounded by what it reads, not by a clock.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use entente_core::{
    commitment::CommitmentId,
    ids::{ConnectorAccount, Fence, InvokeId, PersonId, ProcessId, RunId, Shard},
    ledger::Posting,
    scope::Scope,
};
use entente_store::*;
use jiff::{Timestamp, civil::Date};

/// A store behind a counter.
pub struct Counted {
    store: Arc<dyn Store>,
    asked: Mutex<BTreeMap<&'static str, usize>>,
}

impl Counted {
    /// Counts from nothing.
    pub fn of(store: Arc<dyn Store>) -> Counted {
        Counted { store, asked: Mutex::default() }
    }

    /// How often each of the store's calls was made.
    pub fn asked(&self) -> BTreeMap<&'static str, usize> {
        self.asked.lock().unwrap().clone()
    }

    fn count(&self, call: &'static str) {
        *self.asked.lock().unwrap().entry(call).or_default() += 1;
    }
}

/// Hands each call of one trait on, and counts it.
macro_rules! counted {
    ($of:ident { $($call:ident($($name:ident: $type:ty),*) -> $out:ty;)* }) => {
        #[async_trait]
        impl $of for Counted {
            $(async fn $call(&self, $($name: $type),*) -> $out {
                self.count(stringify!($call));
                self.store.$call($($name),*).await
            })*
        }
    };
}

counted!(Runs {
    commit(batch: Arc<Batch>) -> Result<BatchOutcome>;
    run(scope: &Scope, run: RunId) -> Result<Option<RunRow>>;
    runs_of(scope: &Scope, runs: &[RunId]) -> Result<Vec<RunRow>>;
    run_by_label(scope: &Scope, label: &str) -> Result<Option<RunRow>>;
    runs(scope: &Scope, filter: &RunFilter) -> Result<Page<RunRow>>;
    history(scope: &Scope, run: RunId, from_seq: u64, limit: u32) -> Result<Vec<HistoryRow>>;
    next_number(series: &str) -> Result<u64>;
    run_by_key(scope: &Scope, key: &RunKey) -> Result<Vec<RunId>>;
});
counted!(Inbox {
    append(scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>>;
    pending(shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>>;
    answer(fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()>;
    message(scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>>;
    messages(scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>>;
    change_marker() -> Result<i64>;
});
counted!(Outbox {
    open_local(shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>>;
    open_remote(account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>>;
    accounts_with_work() -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>>;
    record_attempt(run: RunId, invoke: InvokeId, key: &LeaseKey, fence: Fence, state: AttemptState) -> Result<bool>;
    settle(key: &LeaseKey, fence: Fence, settlement: Settlement) -> Result<Option<PendingMessage>>;
    intents(scope: &Scope, run: RunId) -> Result<Vec<IntentRow>>;
});
counted!(Timers {
    due(shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>>;
    next_due(shards: &[Shard]) -> Result<Option<Timestamp>>;
});
counted!(Leases {
    acquire(owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>>;
    renew(held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>>;
    release(held: &[(LeaseKey, Fence)]) -> Result<()>;
    leases() -> Result<Vec<Lease>>;
    holds(key: &LeaseKey, fence: Fence) -> Result<bool>;
});
counted!(Tasks {
    tasks(scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>>;
    assign(scope: &Scope, run: RunId, key: &str, assignee: Option<&str>, snoozed_until: Option<Timestamp>) -> Result<bool>;
});
counted!(Notices {
    add_notice(notice: NoticeRow) -> Result<bool>;
    due_notices(now: Timestamp, limit: u32) -> Result<Vec<NoticeRow>>;
    record_notice(id: &str, status: NoticeStatus, not_before: Timestamp, error: Option<&str>) -> Result<()>;
    notices(scope: &Scope, run: Option<RunId>) -> Result<Vec<NoticeRow>>;
});
counted!(Schedules {
    schedule_states() -> Result<Vec<ScheduleState>>;
    pause(job: &str, paused: bool) -> Result<()>;
    advance(job: &str, to: Timestamp) -> Result<()>;
    claim_occurrence(occurrence: &Occurrence) -> Result<bool>;
    finish_occurrence(job: &str, scheduled_for: Timestamp, status: OccurrenceStatus, at: Timestamp, detail: &str) -> Result<()>;
    occurrences(job: &str, limit: u32) -> Result<Vec<Occurrence>>;
});
counted!(Documents {
    put_document(document: &StoredDocument) -> Result<()>;
    activate_document(kind: &str, name: &str, version: u32) -> Result<()>;
    documents(kind: &str) -> Result<Vec<StoredDocument>>;
    document(kind: &str, name: &str) -> Result<Option<StoredDocument>>;
    document_by_hash(kind: &str, sha256: &str) -> Result<Option<StoredDocument>>;
    setting(name: &str) -> Result<Option<String>>;
    set_setting(name: &str, value: &str) -> Result<()>;
    replace_setting(name: &str, read: Option<&str>, value: &str) -> Result<bool>;
});
counted!(LedgerBook {
    entries(scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>>;
    balances(scope: &Scope, filter: &BalanceFilter) -> Result<Vec<AccountBalance>>;
    unbalanced(scope: &Scope) -> Result<Vec<String>>;
    post(scope: &Scope, run: RunId, posting: &Posting, at: Timestamp) -> Result<std::result::Result<Journal, String>>;
});
counted!(Archives {
    archivable(before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>>;
    add_archive(archive: &NewArchive) -> Result<i64>;
    archives(after: i64, limit: u32) -> Result<Vec<ArchiveRow>>;
    archive_of(scope: &Scope, run: RunId) -> Result<Option<Archived>>;
    let_go(archives: &[i64]) -> Result<Option<Released>>;
});
counted!(Imports {
    begin_import(import: &NewImport) -> Result<ImportRow>;
    imports() -> Result<Vec<ImportRow>>;
    stage_lines(id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<()>;
    apply_import(id: &str, by: &str, at: Timestamp) -> Result<()>;
    drop_import(id: &str) -> Result<bool>;
    import_lines(id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>>;
    granted_lines(id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>>;
    note_opened(id: &str, through: u64) -> Result<()>;
    known_lines(natural_keys: &[String]) -> Result<Vec<StoredLine>>;
    imported_alike(keys: &[String], most: u32) -> Result<Vec<StoredLine>>;
    imported_request(run: RunId) -> Result<Option<StoredLine>>;
    imported_sums(fund: Option<&str>, partner: Option<&str>) -> Result<Vec<ImportedSum>>;
});
counted!(Spend {
    begin_reading(reading: &NewReading) -> Result<ReadingRow>;
    stage_sums(id: &str, after: u64, through: u64, days: Option<(Date, Date)>, sums: &[SpendSum], quarantined: &[Quarantined]) -> Result<()>;
    publish_reading(id: &str, from: Date, through: Date, at: Timestamp, former: Option<&str>) -> Result<u32>;
    drop_reading(id: &str) -> Result<bool>;
    readings(scope: &Scope, commitment: Option<&CommitmentId>) -> Result<Vec<ReadingRow>>;
    spend_sums(scope: &Scope, ids: &[String]) -> Result<Vec<(String, SpendSum)>>;
    staged_sums(id: &str) -> Result<Vec<SpendSum>>;
    quarantined(scope: &Scope, id: &str) -> Result<Vec<Quarantined>>;
});
counted!(Tokens {
    add_token(token: &NewToken) -> Result<()>;
    token(sha256: [u8; 32]) -> Result<Option<TokenRow>>;
    tokens(person: Option<&PersonId>) -> Result<Vec<TokenRow>>;
    revoke_token(id: &str, by: &PersonId, at: Timestamp) -> Result<bool>;
    note_token_use(id: &str, at: Timestamp) -> Result<()>;
});
counted!(Audit {
    unsealed(limit: u32) -> Result<Vec<UnsealedRow>>;
    add_seal(seal: &SealRow) -> Result<()>;
    seals(after: i64, limit: u32) -> Result<Vec<SealRow>>;
    history_rows(after: i64, limit: u32) -> Result<Vec<HistoryRow>>;
    epoch() -> Result<String>;
    new_epoch(epoch: &str) -> Result<()>;
    integrity() -> Result<Vec<String>>;
    backup(to: &Path) -> Result<()>;
});
