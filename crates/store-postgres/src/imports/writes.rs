//! What imports write.

use std::collections::BTreeMap;

use entente_core::money::Money;
use entente_store::{Error, ImportKind, ImportLine, NewImport, Result};
use jiff::Timestamp;
use uuid::Uuid;

use super::Columns;
use crate::{
    fault::Fault,
    values::{micros, signed},
    work::Work,
    writer::Write,
};

/// Lines that leave in one transaction.
const LINES: i64 = 1000;

pub(super) struct Begin {
    pub(super) import: NewImport,
}

impl Write for Begin {
    type Out = Columns;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<Columns, Fault> {
        let NewImport { id, file, file_sha256, mapping_sha256, by, at } = &self.import;
        sqlx::query!(
            "INSERT INTO imports (no, id, file, file_sha256, mapping_sha256, status, read_to, lines, staged_by, staged_at)
             SELECT coalesce(max(no), 0) + 1, $1, $2, $3, $4, 0, 0, 0, $5, $6 FROM imports
             ON CONFLICT (id) DO NOTHING",
            id,
            file,
            file_sha256,
            mapping_sha256,
            by,
            micros(*at)
        )
        .execute(&mut *work.conn)
        .await?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, file, file_sha256, mapping_sha256, status, read_to, lines, staged_by, staged_at, applied_by,
                    applied_at, opened_to
             FROM imports WHERE id = $1",
            id
        );
        Ok(columns.fetch_one(&mut *work.conn).await?)
    }
}

/// Lines, column by column, and what they add up to.
pub(super) struct Stage {
    id: String,
    after: i64,
    through: i64,
    last: bool,
    lines: Vec<ImportLine>,
    sums: Sums,
}

impl Stage {
    pub(super) fn new(id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<Stage> {
        let (after, through) = (signed("row", after)?, signed("row", through)?);
        Ok(Stage { id: id.to_owned(), after, through, last, lines: lines.to_vec(), sums: sums(lines)? })
    }

    async fn store_lines(&self, no: i64, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let at = |line: &ImportLine| signed("row", line.line);
        let rows = self.lines.iter().map(at).collect::<Result<Vec<i64>>>()?;
        let naturals: Vec<String> = self.lines.iter().map(|line| line.natural_key.clone()).collect();
        let hashes: Vec<String> = self.lines.iter().map(|line| line.sha256.clone()).collect();
        let kinds: Vec<i16> = self.lines.iter().map(|line| i16::from(line.kind == ImportKind::Paid)).collect();
        let runs: Vec<Option<Uuid>> = self.lines.iter().map(|line| line.run.map(|run| run.0)).collect();
        let contents: Vec<String> = self.lines.iter().map(|line| line.content.clone()).collect();
        let stored = sqlx::query!(
            "INSERT INTO import_lines (import, line, natural_key, sha256, kind, run, content)
             SELECT $1, * FROM UNNEST($2::bigint[], $3::text[], $4::text[], $5::smallint[], $6::uuid[], $7::text[])
             ON CONFLICT (natural_key) DO NOTHING",
            no,
            &rows,
            &naturals,
            &hashes,
            &kinds,
            &runs as &[Option<Uuid>],
            &contents
        )
        .execute(&mut *work.conn)
        .await?;
        if stored.rows_affected() != self.lines.len() as u64 {
            return Err(Error::Conflict { kind: "imported line", id: self.id.clone() }.into());
        }
        let keys: Vec<(String, i64)> = self
            .lines
            .iter()
            .zip(rows)
            .flat_map(|(line, row)| line.keys.iter().map(move |key| (key.clone(), row)))
            .collect();
        let (keys, rows): (Vec<String>, Vec<i64>) = keys.into_iter().unzip();
        sqlx::query!(
            "INSERT INTO import_keys (import, key, line) SELECT $1, * FROM UNNEST($2::text[], $3::bigint[])
             ON CONFLICT DO NOTHING",
            no,
            &keys,
            &rows
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }

    async fn store_sums(&self, no: i64, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        for ((fund, partner, currency), (minor, lines)) in &self.sums {
            sqlx::query!(
                "INSERT INTO import_sums AS s (import, fund, partner, currency, minor, lines) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (import, fund, partner, currency)
                 DO UPDATE SET minor = s.minor + excluded.minor, lines = s.lines + excluded.lines",
                no,
                fund,
                partner,
                currency,
                minor,
                lines
            )
            .execute(&mut *work.conn)
            .await?;
        }
        Ok(())
    }
}

/// By fund, partner and currency: what was paid, and in how many lines.
type Sums = BTreeMap<(String, String, String), (i64, i64)>;

fn sums(lines: &[ImportLine]) -> Result<Sums> {
    let mut sums = Sums::new();
    for line in lines.iter().filter(|line| line.kind == ImportKind::Paid) {
        let Money { minor, currency } = line.amount;
        let key = (line.fund.clone(), line.partner.clone(), currency.code().to_owned());
        let sum = sums.entry(key).or_default();
        let total = sum.0.checked_add(minor);
        *sum = (total.ok_or_else(|| Error::Database("a sum is more than can be counted".into()))?, sum.1 + 1);
    }
    Ok(sums)
}

impl Write for Stage {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let no = sqlx::query_scalar!(
            "UPDATE imports SET read_to = $3, lines = lines + $4, status = $5
             WHERE id = $1 AND status = 0 AND read_to = $2 RETURNING no",
            self.id,
            self.after,
            self.through,
            signed("count", self.lines.len() as u64)?,
            i16::from(self.last)
        )
        .fetch_optional(&mut *work.conn)
        .await?
        .ok_or_else(|| Fault::from(Error::Conflict { kind: "import", id: self.id.clone() }))?;
        self.store_lines(no, work).await?;
        self.store_sums(no, work).await
    }
}

pub(super) struct Apply {
    pub(super) id: String,
    pub(super) by: String,
    pub(super) at: Timestamp,
}

impl Write for Apply {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let applied = sqlx::query!(
            "UPDATE imports SET status = 2, applied_by = $2, applied_at = $3
             WHERE id = $1 AND status = 1 AND staged_by <> $2",
            self.id,
            self.by,
            micros(self.at)
        )
        .execute(&mut *work.conn)
        .await?;
        match applied.rows_affected() {
            0 => Err(Error::Conflict { kind: "import", id: self.id.clone() }.into()),
            _ => Ok(()),
        }
    }
}

pub(super) struct Drop {
    pub(super) id: String,
}

impl Write for Drop {
    type Out = bool;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<bool, Fault> {
        // Whoever still stages it does not go on: from here on it was read to nowhere.
        let no = sqlx::query_scalar!(
            "UPDATE imports SET read_to = 0, lines = 0, status = 0 WHERE id = $1 AND status < 2 RETURNING no",
            self.id
        )
        .fetch_optional(&mut *work.conn)
        .await?
        .ok_or_else(|| Fault::from(Error::Conflict { kind: "import", id: self.id.clone() }))?;
        // Should it be staged again before the last of it is gone, nothing of it is added up twice.
        sqlx::query!("DELETE FROM import_sums WHERE import = $1", no).execute(&mut *work.conn).await?;
        let keys = sqlx::query!(
            "DELETE FROM import_keys WHERE import = $1 AND (key, line) IN (
               SELECT key, line FROM import_keys WHERE import = $1 ORDER BY key, line LIMIT $2)",
            no,
            LINES
        )
        .execute(&mut *work.conn)
        .await?;
        if keys.rows_affected() > 0 {
            return Ok(false);
        }
        let lines = sqlx::query!(
            "DELETE FROM import_lines WHERE import = $1 AND line IN (
               SELECT line FROM import_lines WHERE import = $1 ORDER BY line LIMIT $2)",
            no,
            LINES
        )
        .execute(&mut *work.conn)
        .await?;
        if lines.rows_affected() > 0 {
            return Ok(false);
        }
        sqlx::query!("DELETE FROM imports WHERE no = $1", no).execute(&mut *work.conn).await?;
        Ok(true)
    }
}

pub(super) struct NoteOpened {
    pub(super) id: String,
    pub(super) through: u64,
}

impl Write for NoteOpened {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "UPDATE imports SET opened_to = greatest(opened_to, $2) WHERE id = $1",
            self.id,
            signed("row", self.through)?
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }
}
