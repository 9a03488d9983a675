//! Inboxes.

use async_trait::async_trait;
use entente_core::{
    ids::{Fence, RunId, Shard},
    scope::Scope,
};
use entente_store::{Appended, Inbox, InboxMessage, LeaseKey, Message, PendingMessage, Result, Verdict};
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{ScopeFilter, from_json, run_bytes, to_json},
    writer::Write,
};

/// A message's columns.
struct Columns {
    no: i64,
    message: String,
    verdict: Option<String>,
}

impl Columns {
    fn decode(self) -> Result<InboxMessage> {
        let verdict = self.verdict.map(|verdict| from_json("verdict", self.no, &verdict)).transpose()?;
        Ok(InboxMessage { no: self.no, message: from_json("message", self.no, &self.message)?, verdict })
    }
}

#[async_trait]
impl Inbox for SqliteStore {
    async fn append(&self, scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>> {
        self.writer()?.append(scope, messages).await
    }

    async fn pending(&self, shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>> {
        let shards = to_json("shards", &shards)?;
        let rows = sqlx::query!(
            "SELECT no, message FROM inbox
             WHERE verdict IS NULL AND no > ?1 AND shard IN (SELECT value FROM json_each(?2))
             ORDER BY no LIMIT ?3",
            after,
            shards,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| Ok(PendingMessage { no: row.no, message: from_json("message", row.no, &row.message)? }))
            .collect()
    }

    async fn answer(&self, fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()> {
        let fences: Vec<(LeaseKey, Fence, Shard)> =
            fence.iter().map(|(shard, fence)| (LeaseKey::shard(*shard), *fence, *shard)).collect();
        let write = Answer { fences: to_json("fences", &fences)?, verdicts: to_json("verdicts", &verdicts)? };
        self.write(write).await
    }

    async fn message(&self, scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>> {
        let filter = ScopeFilter::of(scope)?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT i.no, i.message, i.verdict FROM inbox i LEFT JOIN runs r ON r.id = i.run
             WHERE i.source = ?1 AND i.id = ?2
               AND (?3 IS NULL OR coalesce(r.legal_entity, i.legal_entity) IN (SELECT value FROM json_each(?3)))
               AND (?4 IS NULL OR coalesce(r.party, i.party) = ?4)",
            source,
            id,
            filter.entities,
            filter.party
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.map(Columns::decode).transpose()
    }

    async fn messages(&self, scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>> {
        let (filter, run) = (ScopeFilter::of(scope)?, run_bytes(run));
        let columns = sqlx::query_as!(
            Columns,
            "SELECT i.no, i.message, i.verdict FROM inbox i LEFT JOIN runs r ON r.id = i.run
             WHERE i.run = ?1
               AND (?2 IS NULL OR coalesce(r.legal_entity, i.legal_entity) IN (SELECT value FROM json_each(?2)))
               AND (?3 IS NULL OR coalesce(r.party, i.party) = ?3)
             ORDER BY i.no",
            run,
            filter.entities,
            filter.party
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn change_marker(&self) -> Result<i64> {
        self.writer()?.marker().await
    }
}

struct Answer {
    fences: String,
    verdicts: String,
}

impl Write for Answer {
    type Out = ();

    /// A shard whose fence is stale is left to its new owner, as is a message that has its verdict.
    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "WITH given (v) AS MATERIALIZED (SELECT value FROM json_each(?1)),
                  held (shard) AS MATERIALIZED (
                    SELECT j.value ->> 2 FROM json_each(?2) j
                    JOIN leases l ON l.key = j.value ->> 0 AND l.fence = j.value ->> 1 AND l.owner IS NOT NULL)
             UPDATE inbox SET verdict = v ->> 1
             FROM given
             WHERE no = v ->> 0 AND verdict IS NULL AND inbox.shard IN (SELECT shard FROM held)",
            self.verdicts,
            self.fences
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}
