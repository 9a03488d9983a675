//! Armed timers.

use async_trait::async_trait;
use entente_core::{
    event::TimerKey,
    ids::{RunId, Shard},
};
use entente_store::{DueTimer, Result, Timers};
use jiff::Timestamp;

use crate::{
    store::PostgresStore,
    values::{exact_instant, micros, nanos, shard_numbers},
};

#[async_trait]
impl Timers for PostgresStore {
    async fn due(&self, shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>> {
        let (shards, now_micros, now_nanos) = (shard_numbers(shards), micros(now), nanos(now));
        let asked = sqlx::query!(
            "SELECT r.id, t.key, t.due, t.due_nanos FROM timers t JOIN runs r ON r.rid = t.rid
             WHERE t.due <= $1 AND (t.due < $1 OR t.due_nanos <= $2) AND r.shard = ANY($3::smallint[])
             ORDER BY t.due, t.due_nanos, r.label, t.key LIMIT $4",
            now_micros,
            now_nanos,
            &shards,
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                Ok(DueTimer { run: RunId(row.id), key: TimerKey(row.key), due: exact_instant(row.due, row.due_nanos)? })
            })
            .collect()
    }

    async fn next_due(&self, shards: &[Shard]) -> Result<Option<Timestamp>> {
        let shards = shard_numbers(shards);
        let asked = sqlx::query!(
            "SELECT t.due, t.due_nanos FROM timers t JOIN runs r ON r.rid = t.rid
             WHERE r.shard = ANY($1::smallint[])
             ORDER BY t.due, t.due_nanos LIMIT 1",
            &shards
        );
        let next = self.read(asked.fetch_optional(self.readers())).await?;
        next.map(|row| exact_instant(row.due, row.due_nanos)).transpose()
    }
}
