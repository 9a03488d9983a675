//! Inboxes.

use async_trait::async_trait;
use entente_core::{
    ids::{Fence, RunId, Shard},
    scope::Scope,
};
use entente_store::{Appended, Inbox, InboxMessage, LeaseKey, Message, PendingMessage, Result, Verdict};

use crate::{
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, from_json, shard_numbers, to_json},
    work::Work,
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
impl Inbox for PostgresStore {
    async fn append(&self, scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>> {
        self.writer()?.append(scope, messages).await
    }

    async fn pending(&self, shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>> {
        let shards = shard_numbers(shards);
        let asked = sqlx::query!(
            // What waits is little, the inbox holds everything: one is looked through, the other only looked up.
            "WITH next AS MATERIALIZED (
               SELECT no FROM waiting WHERE no > $1 AND shard = ANY($2::smallint[]) ORDER BY no LIMIT $3)
             SELECT i.no, i.message FROM next JOIN inbox i ON i.no = next.no ORDER BY i.no",
            after,
            &shards,
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| Ok(PendingMessage { no: row.no, message: from_json("message", row.no, &row.message)? }))
            .collect()
    }

    async fn answer(&self, fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()> {
        let fences = fence.iter().map(|(shard, fence)| (LeaseKey::shard(*shard).0, *fence, *shard)).collect();
        let verdicts = verdicts.iter().map(|(no, verdict)| Ok((*no, to_json("verdict", verdict)?)));
        self.write(Answer { fences, verdicts: verdicts.collect::<Result<_>>()? }).await
    }

    async fn message(&self, scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query_as!(
            Columns,
            "SELECT i.no, i.message, i.verdict FROM inbox i LEFT JOIN runs r ON r.id = i.run
             WHERE i.source = $1 AND i.id = $2
               AND ($3::text[] IS NULL OR coalesce(r.legal_entity, i.legal_entity) = ANY($3))
               AND ($4::text IS NULL OR coalesce(r.party, i.party) = $4)",
            source,
            id,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_optional(self.readers())).await?;
        columns.map(Columns::decode).transpose()
    }

    async fn messages(&self, scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>> {
        let (filter, run) = (ScopeFilter::of(scope), run.0);
        let asked = sqlx::query_as!(
            Columns,
            "SELECT i.no, i.message, i.verdict FROM inbox i LEFT JOIN runs r ON r.id = i.run
             WHERE i.run = $1
               AND ($2::text[] IS NULL OR coalesce(r.legal_entity, i.legal_entity) = ANY($2))
               AND ($3::text IS NULL OR coalesce(r.party, i.party) = $3)
             ORDER BY i.no",
            run,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn change_marker(&self) -> Result<i64> {
        let writer = self.writer()?;
        let changes = sqlx::query_scalar!("SELECT changes FROM counters WHERE one");
        Ok(writer.marker().read(self.read(changes.fetch_one(self.readers())).await?))
    }
}

struct Answer {
    fences: Vec<(String, Fence, Shard)>,
    verdicts: Vec<(i64, String)>,
}

impl Write for Answer {
    type Out = ();

    /// A shard whose fence is stale is left to its new owner, as is a message that has its verdict.
    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let keys: Vec<&str> = self.fences.iter().map(|(key, ..)| key.as_str()).collect();
        let (fences, shards): (Vec<i64>, Vec<i16>) =
            self.fences.iter().map(|(_, fence, shard)| (fence.0, i16::from(shard.0))).unzip();
        let (numbers, verdicts): (Vec<i64>, Vec<&str>) =
            self.verdicts.iter().map(|(no, verdict)| (*no, verdict.as_str())).unzip();
        sqlx::query!(
            "WITH held AS (
               SELECT given.shard FROM UNNEST($3::text[], $4::bigint[], $5::smallint[]) AS given (key, fence, shard)
               JOIN leases l ON l.key = given.key AND l.fence = given.fence AND l.owner IS NOT NULL),
             answered AS (
               UPDATE inbox SET verdict = given.verdict
               FROM UNNEST($1::bigint[], $2::text[]) AS given (no, verdict)
               WHERE inbox.no = given.no AND inbox.verdict IS NULL AND inbox.shard IN (SELECT shard FROM held)
               RETURNING inbox.run, inbox.no)
             DELETE FROM waiting w USING answered a WHERE w.run = a.run AND w.no = a.no",
            &numbers,
            &verdicts as &[&str],
            &keys as &[&str],
            &fences,
            &shards
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }
}
