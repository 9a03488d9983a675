//! Intents on their way out.

mod deliver;

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, Fence, InvokeId, RunId, Shard},
    scope::Scope,
};
use entente_store::{AttemptState, Intent, IntentRow, LeaseKey, Outbox, PendingMessage, Result, Settlement};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    store::PostgresStore,
    values::{
        ScopeFilter, class, from_json, home, instant_or_none, intent_status, micros, parse, shard_numbers, unsigned,
    },
};
use deliver::{RecordAttempt, Settle};

/// An intent's columns with those of its run, as every query here selects them.
struct Columns {
    id: Uuid,
    label: String,
    legal_entity: String,
    party: String,
    seq: i64,
    n: i32,
    activity: String,
    account: Option<String>,
    entity: Option<String>,
    class: String,
    request: String,
    request_hash: String,
    status: i16,
    attempts: i32,
    first_sent_at: Option<i64>,
    not_before: Option<i64>,
    notes: Option<String>,
    orphaned: bool,
}

impl Columns {
    fn decode(self) -> Result<IntentRow> {
        let invoke = InvokeId { seq: unsigned("step", self.seq)?, n: unsigned("invocation", self.n)? };
        let account = self.account.map(|account| parse("connector account", &account)).transpose()?;
        Ok(IntentRow {
            run: RunId(self.id),
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
            notes: self.notes.map_or(Ok(Value::Null), |notes| from_json("notes", &self.label, &notes))?,
            orphaned: self.orphaned,
            label: self.label,
        })
    }
}

fn decode(columns: Vec<Columns>) -> Result<Vec<IntentRow>> {
    columns.into_iter().map(Columns::decode).collect()
}

#[async_trait]
impl Outbox for PostgresStore {
    async fn open_local(&self, shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>> {
        let shards = shard_numbers(shards);
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT r.id, r.label, r.legal_entity, r.party, o.seq, o.n, o.activity, o.account, o.entity, o.class, o.request,
                    encode(o.request_hash, 'hex') AS "request_hash!", o.status, o.attempts, o.first_sent_at, o.not_before, o.notes, o.orphaned
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE o.local AND o.status < 3 AND r.shard = ANY($1::smallint[])
             ORDER BY o.ord, o.n LIMIT $2"#,
            &shards,
            i64::from(limit)
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        decode(columns)
    }

    /// An intent whose entity has an earlier one that waits beyond `now` is left out with it: order is kept.
    async fn open_remote(&self, account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>> {
        let (account, now) = (account.as_str(), micros(now));
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT r.id, r.label, r.legal_entity, r.party, o.seq, o.n, o.activity, o.account, o.entity,
                    o.class, o.request, encode(o.request_hash, 'hex') AS "request_hash!", o.status, o.attempts, o.first_sent_at,
                    o.not_before, o.notes, o.orphaned
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE NOT o.local AND o.account = $1 AND o.status < 3 AND (o.not_before IS NULL OR o.not_before <= $2)
               AND (o.entity IS NULL OR NOT EXISTS (
                 SELECT 1 FROM outbox e
                 WHERE NOT e.local AND e.account = $1 AND e.status < 3 AND (e.ord, e.n) < (o.ord, o.n)
                   AND e.entity = o.entity AND e.not_before > $2))
             ORDER BY o.ord, o.n LIMIT $3"#,
            account,
            now,
            i64::from(limit)
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        decode(columns)
    }

    async fn accounts_with_work(&self) -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>> {
        let asked = sqlx::query!(
            r#"SELECT account AS "account!",
                      CASE WHEN count(*) = count(not_before) THEN min(not_before) END AS due
               FROM outbox WHERE NOT local AND status < 3
               GROUP BY account ORDER BY account"#
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
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
        let (filter, run) = (ScopeFilter::of(scope), run.0);
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT r.id, r.label, r.legal_entity, r.party, o.seq, o.n, o.activity, o.account, o.entity, o.class, o.request,
                    encode(o.request_hash, 'hex') AS "request_hash!", o.status, o.attempts, o.first_sent_at, o.not_before, o.notes, o.orphaned
             FROM outbox o JOIN runs r ON r.rid = o.rid
             WHERE r.id = $1
               AND ($2::text[] IS NULL OR r.legal_entity = ANY($2)) AND ($3::text IS NULL OR r.party = $3)
             ORDER BY o.seq, o.n"#,
            run,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        decode(columns)
    }
}
