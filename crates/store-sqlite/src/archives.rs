//! Archives: which histories are also, or only, in a file.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Archivable, ArchiveRow, Archived, Archives, Error, NewArchive, Released, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{ScopeFilter, hash, instant, micros, run_bytes, run_id, signed, to_json, unsigned},
    writer::Write,
};

/// Rows that leave in one transaction: it ends with the run that reaches so many.
const ROWS: i64 = 1000;

#[async_trait]
impl Archives for SqliteStore {
    async fn archivable(&self, before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>> {
        let before = micros(before);
        let rows = sqlx::query!(
            "SELECT r.id, r.label, r.seq, r.head, r.updated_at FROM runs r
             WHERE r.label > coalesce(?1, '') AND r.ended = 1 AND r.parked = 0 AND r.updated_at < ?2
               AND NOT EXISTS (SELECT 1 FROM archived_runs a WHERE a.rid = r.rid)
               AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.rid = r.rid AND o.status < 3)
               AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.rid = r.rid)
               AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.run = r.id AND i.verdict IS NULL)
               AND (SELECT h.no FROM history h WHERE h.rid = r.rid AND h.seq = r.seq)
                   <= (SELECT s.last FROM seals s ORDER BY s.no DESC LIMIT 1)
             ORDER BY r.label LIMIT ?3",
            after,
            before,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                Ok(Archivable {
                    run: run_id(&row.id)?,
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
        let rows = sqlx::query!(
            r#"SELECT no, file, folder, sha256, bytes, manifest,
                      (SELECT count(*) FROM archived_runs a WHERE a.archive = no AND a.gone = 0) AS "held!: i64"
               FROM archives WHERE no > ?1 ORDER BY no LIMIT ?2"#,
            after,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
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
        let (filter, id) = (ScopeFilter::of(scope)?, run_bytes(run));
        let row = sqlx::query!(
            r#"SELECT a.archive, a.gone AS "gone!: bool", v.file, v.folder, v.sha256
               FROM runs r JOIN archived_runs a ON a.rid = r.rid JOIN archives v ON v.no = a.archive
               WHERE r.id = ?1
                 AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR r.party = ?3)"#,
            id,
            filter.entities,
            filter.party
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        Ok(row.map(|row| Archived {
            archive: row.archive,
            file: row.file,
            folder: row.folder,
            sha256: row.sha256,
            gone: row.gone,
        }))
    }

    async fn let_go(&self, archives: &[i64]) -> Result<Option<Released>> {
        self.write(Release { archives: to_json("archives", &archives)? }).await
    }
}

struct AddArchive {
    archive: NewArchive,
}

impl Write for AddArchive {
    type Out = i64;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<i64, Fault> {
        let NewArchive { file, folder, sha256, bytes, manifest, runs } = &self.archive;
        let conflict = || Fault::from(Error::Conflict { kind: "archive", id: file.clone() });
        let bytes = signed("length", *bytes)?;
        let no = sqlx::query_scalar!(
            r#"INSERT INTO archives (no, file, folder, sha256, bytes, manifest)
               SELECT coalesce(max(no), 0) + 1, ?1, ?2, ?3, ?4, ?5 FROM archives WHERE true
               ON CONFLICT (file) DO NOTHING RETURNING no AS "no!: i64""#,
            file,
            folder,
            sha256,
            bytes,
            manifest
        )
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(conflict)?;
        let given: Vec<(String, u64, String)> =
            runs.iter().map(|(run, seq, head)| (run.0.simple().to_string(), *seq, hex::encode(head))).collect();
        let given = to_json("runs", &given)?;
        let marked = sqlx::query!(
            "WITH given AS (
               SELECT unhex(value ->> 0) AS id, value ->> 1 AS seq, unhex(value ->> 2) AS head FROM json_each(?1))
             INSERT INTO archived_runs (rid, archive, seq, head)
             SELECT r.rid, ?2, r.seq, r.head
             FROM given g JOIN runs r ON r.id = g.id AND r.seq = g.seq AND r.head = g.head
             WHERE r.ended = 1 AND r.parked = 0
               AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.rid = r.rid AND o.status < 3)
               AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.rid = r.rid)
               AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.run = r.id AND i.verdict IS NULL)
               AND (SELECT h.no FROM history h WHERE h.rid = r.rid AND h.seq = r.seq)
                   <= (SELECT s.last FROM seals s ORDER BY s.no DESC LIMIT 1)
             ON CONFLICT (rid) DO NOTHING",
            given,
            no
        )
        .execute(conn)
        .await?;
        if marked.rows_affected() != runs.len() as u64 {
            return Err(conflict());
        }
        Ok(no)
    }
}

struct Release {
    /// Their numbers, as JSON.
    archives: String,
}

impl Write for Release {
    type Out = Option<Released>;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Option<Released>, Fault> {
        let left = sqlx::query!(
            r#"UPDATE archived_runs SET gone = 1
               WHERE rid IN (
                 SELECT rid FROM (
                   SELECT a.rid, sum(a.seq) OVER (ORDER BY a.rid) - a.seq AS rows_before FROM archived_runs a
                   WHERE a.gone = 0 AND a.archive IN (SELECT value FROM json_each(?1))
                     AND a.rid <> (SELECT h.rid FROM history h ORDER BY h.no DESC LIMIT 1))
                 WHERE rows_before < ?2)
               RETURNING rid AS "rid!: i64", seq AS "seq!: i64""#,
            self.archives,
            ROWS
        )
        .fetch_all(&mut *conn)
        .await?;
        if left.is_empty() {
            return Ok(None);
        }
        let rids = to_json("runs", &left.iter().map(|run| run.rid).collect::<Vec<_>>())?;
        let deleted = sqlx::query!("DELETE FROM history WHERE rid IN (SELECT value FROM json_each(?1))", rids)
            .execute(conn)
            .await?
            .rows_affected();
        let known: i64 = left.iter().map(|run| run.seq).sum();
        if i64::try_from(deleted).ok() != Some(known) {
            return Err(Fault::refused(format!("history has {deleted} rows where archives hold {known}: they stay")));
        }
        Ok(Some(Released { runs: left.len() as u64, rows: deleted, partition: None, bytes: 0 }))
    }
}
