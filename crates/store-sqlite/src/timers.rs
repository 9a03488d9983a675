//! Armed timers.

use async_trait::async_trait;
use entente_core::{event::TimerKey, ids::Shard};
use entente_store::{DueTimer, Result, Timers};
use jiff::Timestamp;

use crate::{
    store::SqliteStore,
    values::{exact_instant, micros, nanos, run_id, to_json},
};

#[async_trait]
impl Timers for SqliteStore {
    async fn due(&self, shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>> {
        let (shards, now_micros, now_nanos) = (to_json("shards", &shards)?, micros(now), nanos(now));
        let rows = sqlx::query!(
            "SELECT r.id, t.key, t.due, t.due_nanos FROM timers t JOIN runs r ON r.rid = t.rid
             WHERE t.due <= ?1 AND (t.due < ?1 OR t.due_nanos <= ?2) AND r.shard IN (SELECT value FROM json_each(?3))
             ORDER BY t.due, t.due_nanos, r.label, t.key LIMIT ?4",
            now_micros,
            now_nanos,
            shards,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                Ok(DueTimer {
                    run: run_id(&row.id)?,
                    key: TimerKey(row.key),
                    due: exact_instant(row.due, row.due_nanos)?,
                })
            })
            .collect()
    }

    async fn next_due(&self, shards: &[Shard]) -> Result<Option<Timestamp>> {
        let shards = to_json("shards", &shards)?;
        let next = sqlx::query!(
            "SELECT t.due, t.due_nanos FROM timers t JOIN runs r ON r.rid = t.rid
             WHERE r.shard IN (SELECT value FROM json_each(?1))
             ORDER BY t.due, t.due_nanos LIMIT 1",
            shards
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        next.map(|row| exact_instant(row.due, row.due_nanos)).transpose()
    }
}
