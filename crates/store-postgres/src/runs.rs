//! Runs and their histories.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Batch, BatchOutcome, Cursor, HistoryRow, Page, Result, RunFilter, RunKey, RunRow, Runs};
use uuid::Uuid;

use crate::{
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, from_json, hash, instant, micros, signed, unsigned},
    work::Work,
    writer::Write,
};

const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1000;

/// A run's columns, as every query here selects them.
struct Columns {
    label: String,
    head: Vec<u8>,
    created_at: i64,
    updated_at: i64,
    snapshot: String,
}

impl Columns {
    fn decode(self) -> Result<RunRow> {
        Ok(RunRow {
            snapshot: from_json("run", &self.label, &self.snapshot)?,
            head: hash(&self.head)?,
            created_at: instant(self.created_at)?,
            updated_at: instant(self.updated_at)?,
        })
    }
}

#[async_trait]
impl Runs for PostgresStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome> {
        self.writer()?.commit(batch).await
    }

    async fn runs_of(&self, scope: &Scope, runs: &[RunId]) -> Result<Vec<RunRow>> {
        let filter = ScopeFilter::of(scope);
        let ids: Vec<Uuid> = runs.iter().map(|run| run.0).collect();
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT label, head, created_at, updated_at, pin || snapshot AS "snapshot!" FROM runs
             WHERE id = ANY($1::uuid[])
               AND ($2::text[] IS NULL OR legal_entity = ANY($2)) AND ($3::text IS NULL OR party = $3)"#,
            &ids,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn run_by_label(&self, scope: &Scope, label: &str) -> Result<Option<RunRow>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT label, head, created_at, updated_at, pin || snapshot AS "snapshot!" FROM runs
             WHERE label = $1
               AND ($2::text[] IS NULL OR legal_entity = ANY($2)) AND ($3::text IS NULL OR party = $3)"#,
            label,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_optional(self.readers())).await?;
        columns.map(Columns::decode).transpose()
    }

    async fn runs(&self, scope: &Scope, filter: &RunFilter) -> Result<Page<RunRow>> {
        let limit = if filter.limit == 0 { PAGE } else { filter.limit.min(PAGE_MAX) };
        let mut columns = self.select_runs(scope, filter, i64::from(limit) + 1).await?;
        let more = columns.len() > limit as usize;
        columns.truncate(limit as usize);
        let next = columns.last().filter(|_| more).map(|last| Cursor(last.label.clone()));
        let rows = columns.into_iter().map(Columns::decode).collect::<Result<_>>()?;
        Ok(Page { rows, next })
    }

    async fn history(&self, scope: &Scope, run: RunId, from_seq: u64, limit: u32) -> Result<Vec<HistoryRow>> {
        let (filter, id, from_seq) = (ScopeFilter::of(scope), run.0, signed("step", from_seq)?);
        let asked = sqlx::query!(
            "SELECT h.no, h.seq, h.record, h.prev_hash, h.hash
             FROM runs r JOIN history h ON h.rid = r.rid
             WHERE r.id = $1 AND h.seq >= $2
               AND ($3::text[] IS NULL OR r.legal_entity = ANY($3)) AND ($4::text IS NULL OR r.party = $4)
             ORDER BY h.seq LIMIT $5",
            id,
            from_seq,
            filter.entities(),
            filter.party(),
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        let row = |row: _| history_row(run, row);
        rows.into_iter().map(|found| row((found.no, found.seq, found.record, found.prev_hash, found.hash))).collect()
    }

    async fn next_number(&self, series: &str) -> Result<u64> {
        unsigned("number", self.write(NextNumber { series: series.to_owned() }).await?)
    }

    async fn run_by_key(&self, scope: &Scope, key: &RunKey) -> Result<Vec<RunId>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query_scalar!(
            "SELECT r.id FROM run_keys k JOIN runs r ON r.rid = k.rid
             WHERE k.kind = $1 AND k.value = $2
               AND ($3::text[] IS NULL OR r.legal_entity = ANY($3)) AND ($4::text IS NULL OR r.party = $4)
             ORDER BY r.label",
            key.kind,
            key.value,
            filter.entities(),
            filter.party()
        );
        let ids = self.read(asked.fetch_all(self.readers())).await?;
        Ok(ids.into_iter().map(RunId).collect())
    }
}

impl PostgresStore {
    async fn select_runs(&self, scope: &Scope, filter: &RunFilter, limit: i64) -> Result<Vec<Columns>> {
        let within = ScopeFilter::of(scope);
        let (kind, value) = filter.key.as_ref().map(|key| (&key.kind, &key.value)).unzip();
        let created_from = filter.created_from.map(micros);
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT label, head, created_at, updated_at, pin || snapshot AS "snapshot!" FROM runs
             WHERE label > coalesce($1::text, '')
               AND ($2::text[] IS NULL OR legal_entity = ANY($2)) AND ($3::text IS NULL OR party = $3)
               AND ($4::text IS NULL OR chart = $4)
               AND ($5::text IS NULL OR tags::jsonb ? $5)
               AND ($6::boolean IS NULL OR ended = $6)
               AND ($7::boolean IS NULL OR parked = $7)
               AND ($8::bigint IS NULL OR created_at >= $8)
               AND ($9::text IS NULL OR rid IN (SELECT k.rid FROM run_keys k WHERE k.kind = $9 AND k.value = $10))
             ORDER BY label LIMIT $11"#,
            filter.after,
            within.entities(),
            within.party(),
            filter.chart,
            filter.tag,
            filter.ended,
            filter.parked,
            created_from,
            kind,
            value,
            limit
        );
        self.read(asked.fetch_all(self.readers())).await
    }
}

/// A history row out of its columns: number, step, record, the two hashes.
pub(crate) fn history_row(
    run: RunId,
    (no, seq, record, prev, own): (i64, i64, String, Vec<u8>, Vec<u8>),
) -> Result<HistoryRow> {
    Ok(HistoryRow { no, run, seq: unsigned("step", seq)?, record, prev_hash: hash(&prev)?, hash: hash(&own)? })
}

struct NextNumber {
    series: String,
}

impl Write for NextNumber {
    type Out = i64;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<i64, Fault> {
        let last = sqlx::query_scalar!(
            r#"INSERT INTO series (name, last) VALUES ($1, 1)
               ON CONFLICT (name) DO UPDATE SET last = series.last + 1
               RETURNING last"#,
            self.series
        )
        .fetch_one(&mut *work.conn)
        .await?;
        Ok(last)
    }
}
