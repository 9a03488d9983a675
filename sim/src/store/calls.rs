//! Every call of the trait: it reaches the model between a `before` and an after.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use entente_core::{
    commitment::CommitmentId,
    ids::{ConnectorAccount, Fence, InvokeId, PersonId, ProcessId, RunId, Shard},
    ledger::Posting,
    scope::Scope,
};
use entente_store::*;
use jiff::{Timestamp, civil::Date};

use super::Connection;

/// A call that only looks.
macro_rules! look {
    ($connection:ident, $what:literal, $call:expr) => {{
        $connection.before($what).await?;
        let found = $call.await;
        $connection.looked($what).await;
        found
    }};
}

/// A call that writes; the detail is made of what it came to.
macro_rules! write {
    ($connection:ident, $what:literal, $call:expr, $detail:expr) => {{
        $connection.before($what).await?;
        let came = $call.await?;
        let detail = $detail(&came).to_string();
        $connection.wrote($what, &detail).await?;
        Ok::<_, Error>(came)
    }};
}

fn short(run: RunId) -> String {
    run.to_string().chars().take(8).collect()
}

#[async_trait]
impl Runs for Connection {
    async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome> {
        write!(self, "commit", self.model().commit(batch.clone()), |came: &BatchOutcome| {
            self.database.laws.committed(self.model(), &batch, came);
            told(&batch, came)
        })
    }

    async fn runs_of(&self, scope: &Scope, runs: &[RunId]) -> Result<Vec<RunRow>> {
        look!(self, "runs_of", self.model().runs_of(scope, runs))
    }

    async fn run_by_label(&self, scope: &Scope, label: &str) -> Result<Option<RunRow>> {
        look!(self, "run_by_label", self.model().run_by_label(scope, label))
    }

    async fn runs(&self, scope: &Scope, filter: &RunFilter) -> Result<Page<RunRow>> {
        look!(self, "runs", self.model().runs(scope, filter))
    }

    async fn history(&self, scope: &Scope, run: RunId, from_seq: u64, limit: u32) -> Result<Vec<HistoryRow>> {
        look!(self, "history", self.model().history(scope, run, from_seq, limit))
    }

    async fn next_number(&self, series: &str) -> Result<u64> {
        write!(self, "next_number", self.model().next_number(series), |no: &u64| format!("{series}: {no}"))
    }

    async fn run_by_key(&self, scope: &Scope, key: &RunKey) -> Result<Vec<RunId>> {
        look!(self, "run_by_key", self.model().run_by_key(scope, key))
    }
}

/// A commit in one line.
fn told(batch: &Batch, came: &BatchOutcome) -> String {
    let appended = batch.appends.iter().zip(&came.appended).map(|(message, came)| {
        let came = match came {
            Appended::New(pending) => format!("#{}", pending.no),
            Appended::Again { no, .. } => format!("again #{no}"),
            Appended::KeyReused => "key reused".into(),
        };
        format!("+{}/{} {came}", message.event.source, message.event.id)
    });
    let stepped = batch.members.iter().zip(&came.members).map(|(member, came)| {
        let (snapshot, fence) = (&member.snapshot, member.fence.0);
        let came = match came {
            MemberOutcome::Committed { sent } => {
                let intents: Vec<&str> = member.intents.iter().map(|intent| intent.activity.as_str()).collect();
                let armed = member.arm.len();
                format!("ok, {} sent, {armed} armed, invokes {intents:?}", sent.len())
            }
            other => format!("{other:?}"),
        };
        let parked =
            snapshot.incident.as_ref().map(|incident| format!(" PARKED {:?}", incident.code)).unwrap_or_default();
        format!("{}#{} {}{parked} f{fence}: {came}", snapshot.label, snapshot.seq, snapshot.state)
    });
    appended.chain(stepped).collect::<Vec<_>>().join("; ")
}

#[async_trait]
impl Inbox for Connection {
    async fn append(&self, scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>> {
        let keys: Vec<String> =
            messages.iter().map(|message| format!("{}/{}", message.event.source, message.event.id)).collect();
        write!(self, "append", self.model().append(scope, messages), |_: &Vec<Appended>| keys.join(", "))
    }

    async fn pending(&self, shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>> {
        look!(self, "pending", self.model().pending(shards, after, limit))
    }

    async fn answer(&self, fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()> {
        let told = format!("{verdicts:?}");
        write!(self, "answer", self.model().answer(fence, verdicts), |(): &()| told)
    }

    async fn message(&self, scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>> {
        look!(self, "message", self.model().message(scope, source, id))
    }

    async fn messages(&self, scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>> {
        look!(self, "messages", self.model().messages(scope, run))
    }

    async fn change_marker(&self) -> Result<i64> {
        self.before("change_marker").await?;
        let marker = self.database.written_by_others(self.name());
        self.looked("change_marker").await;
        Ok(marker)
    }
}

#[async_trait]
impl Outbox for Connection {
    async fn open_local(&self, shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>> {
        look!(self, "open_local", self.model().open_local(shards, limit))
    }

    async fn open_remote(&self, account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>> {
        look!(self, "open_remote", self.model().open_remote(account, now, limit))
    }

    async fn accounts_with_work(&self) -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>> {
        look!(self, "accounts", self.model().accounts_with_work())
    }

    async fn record_attempt(
        &self,
        run: RunId,
        invoke: InvokeId,
        key: &LeaseKey,
        fence: Fence,
        state: AttemptState,
    ) -> Result<bool> {
        let told =
            format!("{}/{invoke} {:?} counts={} until={:?}", short(run), state.status, state.counts, state.not_before);
        write!(self, "record_attempt", self.model().record_attempt(run, invoke, key, fence, state), |ours: &bool| {
            if *ours {
                self.database.laws.fenced(&self.database.model, key, fence);
            }
            format!("{told} ours={ours}")
        })
    }

    async fn settle(&self, key: &LeaseKey, fence: Fence, settlement: Settlement) -> Result<Option<PendingMessage>> {
        let told = format!("{}/{} {:?}", short(settlement.run), settlement.invoke, settlement.outcome);
        let ended = settlement.clone();
        write!(self, "settle", self.model().settle(key, fence, settlement), |pending: &Option<PendingMessage>| {
            if pending.is_some() {
                self.database.laws.fenced(&self.database.model, key, fence);
                self.database.settled(&ended);
            }
            format!("{told} {}", if pending.is_some() { "ours" } else { "not ours" })
        })
    }

    async fn intents(&self, scope: &Scope, run: RunId) -> Result<Vec<IntentRow>> {
        look!(self, "intents", self.model().intents(scope, run))
    }
}

#[async_trait]
impl Timers for Connection {
    async fn due(&self, shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>> {
        look!(self, "due", self.model().due(shards, now, limit))
    }

    async fn next_due(&self, shards: &[Shard]) -> Result<Option<Timestamp>> {
        look!(self, "next_due", self.model().next_due(shards))
    }
}

#[async_trait]
impl Leases for Connection {
    async fn acquire(&self, owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>> {
        let keys = self.database.existing(keys);
        let asked = self.database.ground.elapsed();
        let got = write!(self, "acquire", self.model().acquire(owner, &keys, ttl), |got: &Vec<Lease>| {
            self.database.laws.acquired(got);
            format!("{} of {}", got.len(), keys.len())
        })?;
        self.heard(got.iter().map(|lease| &lease.key), asked);
        Ok(got)
    }

    async fn renew(&self, held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>> {
        let asked = self.database.ground.elapsed();
        let kept = write!(self, "renew", self.model().renew(held, ttl), |kept: &Vec<LeaseKey>| {
            format!("{} of {}", kept.len(), held.len())
        })?;
        self.heard(&kept, asked);
        Ok(kept)
    }

    async fn release(&self, held: &[(LeaseKey, Fence)]) -> Result<()> {
        write!(self, "release", self.model().release(held), |(): &()| held.len())
    }

    async fn leases(&self) -> Result<Vec<Lease>> {
        look!(self, "leases", self.model().leases())
    }

    async fn holds(&self, key: &LeaseKey, fence: Fence) -> Result<bool> {
        look!(self, "holds", self.model().holds(key, fence))
    }
}

#[async_trait]
impl Tasks for Connection {
    async fn tasks(&self, scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        look!(self, "tasks", self.model().tasks(scope, filter))
    }

    async fn assign(
        &self,
        scope: &Scope,
        run: RunId,
        key: &str,
        assignee: Option<&str>,
        snoozed_until: Option<Timestamp>,
    ) -> Result<bool> {
        write!(self, "assign", self.model().assign(scope, run, key, assignee, snoozed_until), |ok: &bool| *ok)
    }
}

#[async_trait]
impl Notices for Connection {
    async fn add_notice(&self, notice: NoticeRow) -> Result<bool> {
        let told = notice.id.clone();
        write!(self, "add_notice", self.model().add_notice(notice), |_: &bool| told)
    }

    async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<NoticeRow>> {
        look!(self, "due_notices", self.model().due_notices(now, limit))
    }

    async fn record_notice(
        &self,
        id: &str,
        status: NoticeStatus,
        not_before: Timestamp,
        error: Option<&str>,
    ) -> Result<()> {
        write!(self, "record_notice", self.model().record_notice(id, status, not_before, error), |(): &()| id
            .to_owned())
    }

    async fn notices(&self, scope: &Scope, run: Option<RunId>) -> Result<Vec<NoticeRow>> {
        look!(self, "notices", self.model().notices(scope, run))
    }
}

#[async_trait]
impl Schedules for Connection {
    async fn schedule_states(&self) -> Result<Vec<ScheduleState>> {
        look!(self, "schedules", self.model().schedule_states())
    }

    async fn pause(&self, job: &str, paused: bool) -> Result<()> {
        write!(self, "pause", self.model().pause(job, paused), |(): &()| {
            self.database.laws.paused(job);
            format!("{job} {paused}")
        })
    }

    async fn advance(&self, job: &str, to: Timestamp) -> Result<()> {
        write!(self, "advance", self.model().advance(job, to), |(): &()| {
            self.database.laws.advanced(job, to);
            format!("{job} {to}")
        })
    }

    async fn claim_occurrence(&self, occurrence: &Occurrence) -> Result<bool> {
        write!(self, "claim", self.model().claim_occurrence(occurrence), |ours: &bool| {
            self.database.laws.claimed(occurrence, *ours);
            format!("{} {} {ours}", occurrence.job, occurrence.scheduled_for)
        })
    }

    async fn finish_occurrence(
        &self,
        job: &str,
        scheduled_for: Timestamp,
        status: OccurrenceStatus,
        at: Timestamp,
        detail: &str,
    ) -> Result<()> {
        let told = format!("{job} {scheduled_for} {status:?}");
        write!(self, "finish", self.model().finish_occurrence(job, scheduled_for, status, at, detail), |(): &()| told)
    }

    async fn occurrences(&self, job: &str, limit: u32) -> Result<Vec<Occurrence>> {
        look!(self, "occurrences", self.model().occurrences(job, limit))
    }
}

#[async_trait]
impl Documents for Connection {
    async fn put_document(&self, document: &StoredDocument) -> Result<()> {
        write!(self, "put_document", self.model().put_document(document), |(): &()| document.name.clone())
    }

    async fn activate_document(&self, kind: &str, name: &str, version: u32) -> Result<()> {
        write!(self, "activate", self.model().activate_document(kind, name, version), |(): &()| name.to_owned())
    }

    async fn documents(&self, kind: &str) -> Result<Vec<StoredDocument>> {
        look!(self, "documents", self.model().documents(kind))
    }

    async fn document(&self, kind: &str, name: &str) -> Result<Option<StoredDocument>> {
        look!(self, "document", self.model().document(kind, name))
    }

    async fn document_by_hash(&self, kind: &str, sha256: &str) -> Result<Option<StoredDocument>> {
        look!(self, "document", self.model().document_by_hash(kind, sha256))
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        look!(self, "setting", self.model().setting(name))
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        write!(self, "set_setting", self.model().set_setting(name, value), |(): &()| format!("{name}={value}"))
    }

    async fn replace_setting(&self, name: &str, read: Option<&str>, value: &str) -> Result<bool> {
        write!(self, "replace_setting", self.model().replace_setting(name, read, value), |ok: &bool| format!(
            "{name} {ok}"
        ))
    }
}

#[async_trait]
impl LedgerBook for Connection {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        look!(self, "entries", self.model().entries(scope, fund, after, limit))
    }

    async fn balances(&self, scope: &Scope, filter: &BalanceFilter) -> Result<Vec<AccountBalance>> {
        look!(self, "balances", self.model().balances(scope, filter))
    }

    async fn unbalanced(&self, scope: &Scope) -> Result<Vec<String>> {
        look!(self, "unbalanced", self.model().unbalanced(scope))
    }

    async fn post(
        &self,
        scope: &Scope,
        run: RunId,
        posting: &Posting,
        at: Timestamp,
    ) -> Result<std::result::Result<Journal, String>> {
        write!(self, "post", self.model().post(scope, run, posting, at), |booked: &std::result::Result<
            Journal,
            String,
        >| { format!("{booked:?}") })
    }
}

#[async_trait]
impl Archives for Connection {
    async fn archivable(&self, before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>> {
        look!(self, "archivable", self.model().archivable(before, after, limit))
    }

    async fn add_archive(&self, archive: &NewArchive) -> Result<i64> {
        write!(self, "add_archive", self.model().add_archive(archive), |no: &i64| no.to_string())
    }

    async fn archives(&self, after: i64, limit: u32) -> Result<Vec<ArchiveRow>> {
        look!(self, "archives", self.model().archives(after, limit))
    }

    async fn archive_of(&self, scope: &Scope, run: RunId) -> Result<Option<Archived>> {
        look!(self, "archive_of", self.model().archive_of(scope, run))
    }

    async fn let_go(&self, archives: &[i64]) -> Result<Option<Released>> {
        write!(self, "let_go", self.model().let_go(archives), |left: &Option<Released>| {
            left.as_ref().map_or(0, |left| left.rows)
        })
    }
}

#[async_trait]
impl Audit for Connection {
    async fn unsealed(&self, limit: u32) -> Result<Vec<UnsealedRow>> {
        look!(self, "unsealed", self.model().unsealed(limit))
    }

    async fn add_seal(&self, seal: &SealRow) -> Result<()> {
        write!(self, "add_seal", self.model().add_seal(seal), |(): &()| seal.no)
    }

    async fn seals(&self, after: i64, limit: u32) -> Result<Vec<SealRow>> {
        look!(self, "seals", self.model().seals(after, limit))
    }

    async fn history_rows(&self, after: i64, limit: u32) -> Result<Vec<HistoryRow>> {
        look!(self, "history_rows", self.model().history_rows(after, limit))
    }

    async fn epoch(&self) -> Result<String> {
        look!(self, "epoch", self.model().epoch())
    }

    async fn new_epoch(&self, epoch: &str) -> Result<()> {
        write!(self, "new_epoch", self.model().new_epoch(epoch), |(): &()| epoch.to_owned())
    }

    async fn integrity(&self) -> Result<Vec<String>> {
        look!(self, "integrity", self.model().integrity())
    }

    async fn backup(&self, to: &Path) -> Result<()> {
        look!(self, "backup", self.model().backup(to))
    }
}

#[async_trait]
impl Imports for Connection {
    async fn begin_import(&self, import: &NewImport) -> Result<ImportRow> {
        write!(self, "begin_import", self.model().begin_import(import), |row: &ImportRow| row.read_to)
    }

    async fn imports(&self) -> Result<Vec<ImportRow>> {
        look!(self, "imports", self.model().imports())
    }

    async fn stage_lines(&self, id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<()> {
        write!(self, "stage_lines", self.model().stage_lines(id, after, through, last, lines), |(): &()| through)
    }

    async fn apply_import(&self, id: &str, by: &str, at: Timestamp) -> Result<()> {
        write!(self, "apply_import", self.model().apply_import(id, by, at), |(): &()| by)
    }

    async fn drop_import(&self, id: &str) -> Result<bool> {
        write!(self, "drop_import", self.model().drop_import(id), |gone: &bool| *gone)
    }

    async fn import_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        look!(self, "import_lines", self.model().import_lines(id, after, limit))
    }

    async fn granted_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        look!(self, "granted_lines", self.model().granted_lines(id, after, limit))
    }

    async fn note_opened(&self, id: &str, through: u64) -> Result<()> {
        write!(self, "note_opened", self.model().note_opened(id, through), |(): &()| through)
    }

    async fn known_lines(&self, natural_keys: &[String]) -> Result<Vec<StoredLine>> {
        look!(self, "known_lines", self.model().known_lines(natural_keys))
    }

    async fn imported_alike(&self, keys: &[String], most: u32) -> Result<Vec<StoredLine>> {
        look!(self, "imported_alike", self.model().imported_alike(keys, most))
    }

    async fn imported_request(&self, run: RunId) -> Result<Option<StoredLine>> {
        look!(self, "imported_request", self.model().imported_request(run))
    }

    async fn imported_sums(&self, fund: Option<&str>, partner: Option<&str>) -> Result<Vec<ImportedSum>> {
        look!(self, "imported_sums", self.model().imported_sums(fund, partner))
    }
}

#[async_trait]
impl Spend for Connection {
    async fn begin_reading(&self, reading: &NewReading) -> Result<ReadingRow> {
        write!(self, "begin_reading", self.model().begin_reading(reading), |row: &ReadingRow| row.read_to)
    }

    async fn stage_sums(
        &self,
        id: &str,
        after: u64,
        through: u64,
        days: Option<(Date, Date)>,
        sums: &[SpendSum],
        quarantined: &[Quarantined],
    ) -> Result<()> {
        let staged = self.model().stage_sums(id, after, through, days, sums, quarantined);
        write!(self, "stage_sums", staged, |(): &()| through)
    }

    async fn publish_reading(
        &self,
        id: &str,
        from: Date,
        through: Date,
        at: Timestamp,
        former: Option<&str>,
    ) -> Result<u32> {
        let published = self.model().publish_reading(id, from, through, at, former);
        write!(self, "publish_reading", published, |version: &u32| *version)
    }

    async fn drop_reading(&self, id: &str) -> Result<bool> {
        write!(self, "drop_reading", self.model().drop_reading(id), |gone: &bool| *gone)
    }

    async fn readings(&self, scope: &Scope, commitment: Option<&CommitmentId>) -> Result<Vec<ReadingRow>> {
        look!(self, "readings", self.model().readings(scope, commitment))
    }

    async fn spend_sums(&self, scope: &Scope, ids: &[String]) -> Result<Vec<(String, SpendSum)>> {
        look!(self, "spend_sums", self.model().spend_sums(scope, ids))
    }

    async fn staged_sums(&self, id: &str) -> Result<Vec<SpendSum>> {
        look!(self, "staged_sums", self.model().staged_sums(id))
    }

    async fn quarantined(&self, scope: &Scope, id: &str) -> Result<Vec<Quarantined>> {
        look!(self, "quarantined", self.model().quarantined(scope, id))
    }
}

#[async_trait]
impl Tokens for Connection {
    async fn add_token(&self, token: &NewToken) -> Result<()> {
        write!(self, "add_token", self.model().add_token(token), |(): &()| &token.id)
    }

    async fn token(&self, sha256: [u8; 32]) -> Result<Option<TokenRow>> {
        look!(self, "token", self.model().token(sha256))
    }

    async fn tokens(&self, person: Option<&PersonId>) -> Result<Vec<TokenRow>> {
        look!(self, "tokens", self.model().tokens(person))
    }

    async fn revoke_token(&self, id: &str, by: &PersonId, at: Timestamp) -> Result<bool> {
        write!(self, "revoke_token", self.model().revoke_token(id, by, at), |done: &bool| *done)
    }

    async fn note_token_use(&self, id: &str, at: Timestamp) -> Result<()> {
        write!(self, "note_token_use", self.model().note_token_use(id, at), |(): &()| id)
    }
}
