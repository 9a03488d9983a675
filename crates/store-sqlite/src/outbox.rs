//! Intents on their way out.

mod deliver;

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, Fence, InvokeId, RunId, Shard},
    scope::Scope,
};
use entente_store::{AttemptState, Intent, IntentRow, LeaseKey, Outbox, PendingMessage, Result, Settlement};
use jiff::Timestamp;

use crate::{
    store::SqliteStore,
    values::{
        ScopeFilter, class, from_json, home, instant_or_none, intent_status, micros, parse, run_bytes, run_id, to_json,
        unsigned,
    },
};
use deliver::{RecordAttempt, Settle};

/// An intent's columns with those of its run, as every query here selects them.
struct Columns {
    id: Vec<u8>,
    label: String,
    legal_entity: String,
    party: String,
    seq: i64,
    n: i64,
    activity: String,
    account: Option<String>,
    entity: Option<String>,
    class: String,
    request: String,
    request_hash: String,
    status: i64,
    attempts: i64,
    first_sent_at: Option<i64>,
    not_before: Option<i64>,
    notes: String,
    orphaned: i64,
}

impl Columns {
    fn decode(self) -> Result<IntentRow> {
        let invoke = InvokeId { seq: unsigned("step", self.seq)?, n: unsigned("invocation", self.n)? };
        let account = self.account.map(|account| parse("connector account", &account)).transpose()?;
        Ok(IntentRow {
            run: run_id(&self.id)?,
            home: home(&self.legal_entity, &self.party)?,
            intent: Intent {
                invoke,
                activity: self.activity,
                account,
                entity: self.entity,
                class: class(&self.class)?,
                request: from_json("request", &self.label, &self.request)?,
                request_hash: self.request_hash,
            },
            status: intent_status(self.status)?,
            attempts: unsigned("attempts", self.attempts)?,
            first_sent_at: instant_or_none(self.first_sent_at)?,
            not_before: instant_or_none(self.not_before)?,
            notes: from_json("notes", &self.label, &self.notes)?,
            orphaned: self.orphaned != 0,
            label: self.label,
        })
    }
}

fn decode(columns: Vec<Columns>) -> Result<Vec<IntentRow>> {
    columns.into_iter().map(Columns::decode).collect()
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn open_local(&self, shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>> {
        let shards = to_json("shards", &shards)?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT r.id, r.label, r.legal_entity, r.party, o.seq, o.n, o.activity, o.account, o.entity, o.class, o.request,
                    o.request_hash, o.status, o.attempts, o.first_sent_at, o.not_before, o.notes, o.orphaned
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE o.account IS NULL AND o.status < 3 AND r.shard IN (SELECT value FROM json_each(?1))
             ORDER BY o.ord, o.n LIMIT ?2",
            shards,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        decode(columns)
    }

    /// An intent whose entity has an earlier one that waits beyond `now` is left out with it: order is kept.
    async fn open_remote(&self, account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>> {
        let (account, now) = (account.as_str(), micros(now));
        let columns = sqlx::query_as!(
            Columns,
            r#"SELECT r.id, r.label, r.legal_entity, r.party, o.seq AS "seq!", o.n AS "n!", o.activity, o.account, o.entity,
                    o.class, o.request, o.request_hash, o.status AS "status!", o.attempts AS "attempts!", o.first_sent_at,
                    o.not_before, o.notes, o.orphaned AS "orphaned!"
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE o.account = ?1 AND o.status < 3 AND (o.not_before IS NULL OR o.not_before <= ?2)
               AND (o.entity IS NULL OR NOT EXISTS (
                 SELECT 1 FROM outbox e
                 WHERE e.account = ?1 AND e.status < 3 AND (e.ord, e.n) < (o.ord, o.n)
                   AND e.entity = o.entity AND e.not_before > ?2))
             ORDER BY o.ord, o.n LIMIT ?3"#,
            account,
            now,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        decode(columns)
    }

    async fn accounts_with_work(&self) -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>> {
        let rows = sqlx::query!(
            r#"SELECT account AS "account!: String",
                      CASE WHEN count(*) = count(not_before) THEN min(not_before) END AS "due?: i64"
               FROM outbox WHERE account IS NOT NULL AND status < 3
               GROUP BY account ORDER BY account"#
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter().map(|row| Ok((parse("connector account", &row.account)?, instant_or_none(row.due)?))).collect()
    }

    async fn record_attempt(
        &self,
        run: RunId,
        invoke: InvokeId,
        key: &LeaseKey,
        fence: Fence,
        state: AttemptState,
    ) -> Result<bool> {
        self.write(RecordAttempt { run, invoke, key: key.clone(), fence, state }).await
    }

    async fn settle(&self, key: &LeaseKey, fence: Fence, settlement: Settlement) -> Result<Option<PendingMessage>> {
        self.write(Settle { key: key.clone(), fence, settlement }).await
    }

    async fn intents(&self, scope: &Scope, run: RunId) -> Result<Vec<IntentRow>> {
        let (filter, run) = (ScopeFilter::of(scope)?, run_bytes(run));
        let columns = sqlx::query_as!(
            Columns,
            "SELECT r.id, r.label, r.legal_entity, r.party, o.seq, o.n, o.activity, o.account, o.entity, o.class, o.request,
                    o.request_hash, o.status, o.attempts, o.first_sent_at, o.not_before, o.notes, o.orphaned
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE r.id = ?1
               AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR r.party = ?3)
             ORDER BY o.seq, o.n",
            run,
            filter.entities,
            filter.party
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        decode(columns)
    }
}
