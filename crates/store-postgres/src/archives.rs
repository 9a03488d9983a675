//! Archives: which histories are also, or only, in a file.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Archivable, ArchiveRow, Archived, Archives, Error, NewArchive, Released, Result};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    fault::{Fault, explain},
    months,
    store::PostgresStore,
    values::{ScopeFilter, hash, instant, micros, signed, unsigned},
    work::Work,
    writer::Write,
};

#[async_trait]
impl Archives for PostgresStore {
    async fn archivable(&self, before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>> {
        let asked = sqlx::query!(
            "SELECT r.id, r.label, r.seq, r.head, r.updated_at FROM runs r
             WHERE r.label > coalesce($1::text, '') AND r.ended AND NOT r.parked AND r.updated_at < $2
               AND NOT EXISTS (SELECT 1 FROM archived_runs a WHERE a.rid = r.rid)
               AND NOT EXISTS (
                 SELECT 1 FROM outbox o WHERE o.local = ANY (ARRAY[true, false]) AND o.rid = r.rid AND o.status < 3)
               AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.rid = r.rid)
               AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.run = r.id)
               AND (SELECT h.no FROM history h WHERE h.rid = r.rid AND h.seq = r.seq)
                   <= (SELECT s.last FROM seals s ORDER BY s.no DESC LIMIT 1)
             ORDER BY r.label LIMIT $3",
            after,
            micros(before),
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                Ok(Archivable {
                    run: RunId(row.id),
                    label: row.label,
                    seq: unsigned("step", row.seq)?,
                    head: hash(&row.head)?,
                    ended_at: instant(row.updated_at)?,
                })
            })
            .collect()
    }

    async fn add_archive(&self, archive: &NewArchive) -> Result<i64> {
        self.write(AddArchive { archive: archive.clone() }).await
    }

    async fn archives(&self, after: i64, limit: u32) -> Result<Vec<ArchiveRow>> {
        let asked = sqlx::query!(
            r#"SELECT v.no, v.file, v.folder, v.sha256, v.bytes, v.manifest,
                      (SELECT count(*) FROM archived_runs a WHERE a.archive = v.no AND NOT a.gone) AS "held!"
               FROM archives v WHERE v.no > $1 ORDER BY v.no LIMIT $2"#,
            after,
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                Ok(ArchiveRow {
                    no: row.no,
                    file: row.file,
                    folder: row.folder,
                    sha256: row.sha256,
                    bytes: unsigned("length", row.bytes)?,
                    manifest: row.manifest,
                    held: unsigned("count", row.held)?,
                })
            })
            .collect()
    }

    async fn archive_of(&self, scope: &Scope, run: RunId) -> Result<Option<Archived>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query!(
            "SELECT a.archive, a.gone, v.file, v.folder, v.sha256
             FROM runs r JOIN archived_runs a ON a.rid = r.rid JOIN archives v ON v.no = a.archive
             WHERE r.id = $1
               AND ($2::text[] IS NULL OR r.legal_entity = ANY($2)) AND ($3::text IS NULL OR r.party = $3)",
            run.0,
            filter.entities(),
            filter.party()
        );
        let row = self.read(asked.fetch_optional(self.readers())).await?;
        Ok(row.map(|row| Archived {
            archive: row.archive,
            file: row.file,
            folder: row.folder,
            sha256: row.sha256,
            gone: row.gone,
        }))
    }

    /// One month: its partition goes, and the room that it took with it.
    async fn let_go(&self, archives: &[i64]) -> Result<Option<Released>> {
        self.writer()?;
        let month = months::release(self.target(), archives).await;
        let Some(month) = month.map_err(|error| explain(&error, self.name()))? else { return Ok(None) };
        Ok(Some(Released {
            runs: unsigned("count", month.runs)?,
            rows: unsigned("count", month.rows)?,
            partition: Some(month.partition),
            bytes: unsigned("length", month.bytes)?,
        }))
    }
}

struct AddArchive {
    archive: NewArchive,
}

impl Write for AddArchive {
    type Out = i64;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<i64, Fault> {
        let NewArchive { file, folder, sha256, bytes, manifest, runs } = &self.archive;
        let conflict = || Fault::from(Error::Conflict { kind: "archive", id: file.clone() });
        let no = sqlx::query_scalar!(
            "INSERT INTO archives (no, file, folder, sha256, bytes, manifest)
             SELECT coalesce(max(no), 0) + 1, $1, $2, $3, $4, $5 FROM archives
             ON CONFLICT (file) DO NOTHING RETURNING no",
            file,
            folder,
            sha256,
            signed("length", *bytes)?,
            manifest
        )
        .fetch_optional(&mut *work.conn)
        .await?
        .ok_or_else(conflict)?;
        let ids: Vec<Uuid> = runs.iter().map(|(run, ..)| run.0).collect();
        let steps = runs.iter().map(|(_, seq, _)| signed("step", *seq)).collect::<Result<Vec<i64>>>()?;
        let heads: Vec<&[u8]> = runs.iter().map(|(.., head)| head.as_slice()).collect();
        let marked = sqlx::query!(
            "INSERT INTO archived_runs (rid, archive, seq, head)
             SELECT r.rid, $4, r.seq, r.head
             FROM UNNEST($1::uuid[], $2::bigint[], $3::bytea[]) AS given (id, seq, head)
             JOIN runs r ON r.id = given.id AND r.seq = given.seq AND r.head = given.head
             WHERE r.ended AND NOT r.parked
               AND NOT EXISTS (
                 SELECT 1 FROM outbox o WHERE o.local = ANY (ARRAY[true, false]) AND o.rid = r.rid AND o.status < 3)
               AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.rid = r.rid)
               AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.run = r.id)
               AND (SELECT h.no FROM history h WHERE h.rid = r.rid AND h.seq = r.seq)
                   <= (SELECT s.last FROM seals s ORDER BY s.no DESC LIMIT 1)
             ON CONFLICT (rid) DO NOTHING",
            &ids,
            &steps,
            &heads as &[&[u8]],
            no
        )
        .execute(&mut *work.conn)
        .await?;
        if marked.rows_affected() != runs.len() as u64 {
            return Err(conflict());
        }
        Ok(no)
    }
}
