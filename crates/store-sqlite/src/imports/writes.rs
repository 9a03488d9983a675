//! What imports write.

use std::collections::BTreeMap;

use entente_core::money::Money;
use entente_store::{Error, ImportKind, ImportLine, NewImport, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::Columns;
use crate::{
    fault::Fault,
    values::{micros, signed, to_json},
    writer::Write,
};

/// Lines that leave in one transaction.
const LINES: i64 = 1000;

pub(super) struct Begin {
    pub(super) import: NewImport,
}

impl Write for Begin {
    type Out = Columns;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Columns, Fault> {
        let NewImport { id, file, file_sha256, mapping_sha256, by, at } = &self.import;
        let at = micros(*at);
        sqlx::query!(
            "INSERT INTO imports (no, id, file, file_sha256, mapping_sha256, status, read_to, lines, staged_by, staged_at)
             SELECT coalesce(max(no), 0) + 1, ?1, ?2, ?3, ?4, 0, 0, 0, ?5, ?6 FROM imports WHERE true
             ON CONFLICT (id) DO NOTHING",
            id,
            file,
            file_sha256,
            mapping_sha256,
            by,
            at
        )
        .execute(&mut *conn)
        .await?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, file, file_sha256, mapping_sha256, status, read_to, lines, staged_by, staged_at, applied_by,
                    applied_at, opened_to
             FROM imports WHERE id = ?1",
            id
        );
        Ok(columns.fetch_one(conn).await?)
    }
}

/// Lines, as JSON, and what they add up to.
pub(super) struct Stage {
    id: String,
    after: i64,
    through: i64,
    last: bool,
    count: u64,
    lines: String,
    keys: String,
    sums: String,
}

impl Stage {
    pub(super) fn new(id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<Stage> {
        let kind = |line: &ImportLine| i64::from(line.kind == ImportKind::Paid);
        let run = |line: &ImportLine| line.run.map(|run| run.0.simple().to_string());
        let rows: Vec<_> = lines
            .iter()
            .map(|line| (line.line, &line.natural_key, &line.sha256, kind(line), run(line), &line.content))
            .collect();
        let keys: Vec<(&String, u64)> =
            lines.iter().flat_map(|line| line.keys.iter().map(|key| (key, line.line))).collect();
        let sums: Vec<_> = sums(lines)?.into_iter().map(|((f, p, c), (minor, n))| (f, p, c, minor, n)).collect();
        Ok(Stage {
            id: id.to_owned(),
            after: signed("row", after)?,
            through: signed("row", through)?,
            last,
            count: lines.len() as u64,
            lines: to_json("lines", &rows)?,
            keys: to_json("keys", &keys)?,
            sums: to_json("sums", &sums)?,
        })
    }
}

/// By fund, partner and currency: what was paid, and in how many lines.
type Sums = BTreeMap<(String, String, String), (i64, u64)>;

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

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let status = i64::from(self.last);
        let count = signed("count", self.count)?;
        let no = sqlx::query_scalar!(
            r#"UPDATE imports SET read_to = ?3, lines = lines + ?4, status = ?5
               WHERE id = ?1 AND status = 0 AND read_to = ?2 RETURNING no AS "no!: i64""#,
            self.id,
            self.after,
            self.through,
            count,
            status
        )
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Fault::from(Error::Conflict { kind: "import", id: self.id.clone() }))?;
        let stored = sqlx::query!(
            "INSERT INTO import_lines (import, line, natural_key, sha256, kind, run, content)
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5
             FROM json_each(?2) WHERE true ON CONFLICT (natural_key) DO NOTHING",
            no,
            self.lines
        )
        .execute(&mut *conn)
        .await?;
        if stored.rows_affected() != self.count {
            return Err(Error::Conflict { kind: "imported line", id: self.id.clone() }.into());
        }
        sqlx::query!(
            "INSERT INTO import_keys (key, import, line) SELECT value ->> 0, ?1, value ->> 1 FROM json_each(?2)
             WHERE true ON CONFLICT DO NOTHING",
            no,
            self.keys
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "INSERT INTO import_sums (import, fund, partner, currency, minor, lines)
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2) WHERE true
             ON CONFLICT (import, fund, partner, currency)
             DO UPDATE SET minor = minor + excluded.minor, lines = lines + excluded.lines",
            no,
            self.sums
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}

pub(super) struct Apply {
    pub(super) id: String,
    pub(super) by: String,
    pub(super) at: Timestamp,
}

impl Write for Apply {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let at = micros(self.at);
        let applied = sqlx::query!(
            "UPDATE imports SET status = 2, applied_by = ?2, applied_at = ?3
             WHERE id = ?1 AND status = 1 AND staged_by <> ?2",
            self.id,
            self.by,
            at
        )
        .execute(conn)
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

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<bool, Fault> {
        // Whoever still stages it does not go on: from here on it was read to nowhere.
        let no = sqlx::query_scalar!(
            r#"UPDATE imports SET read_to = 0, lines = 0, status = 0 WHERE id = ?1 AND status < 2 RETURNING no AS "no!: i64""#,
            self.id
        )
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Fault::from(Error::Conflict { kind: "import", id: self.id.clone() }))?;
        // Should it be staged again before the last of it is gone, nothing of it is added up twice.
        sqlx::query!("DELETE FROM import_sums WHERE import = ?1", no).execute(&mut *conn).await?;
        let keys = sqlx::query!(
            "DELETE FROM import_keys WHERE import = ?1 AND (key, line) IN (
               SELECT key, line FROM import_keys WHERE import = ?1 ORDER BY key, line LIMIT ?2)",
            no,
            LINES
        )
        .execute(&mut *conn)
        .await?;
        if keys.rows_affected() > 0 {
            return Ok(false);
        }
        let lines = sqlx::query!(
            "DELETE FROM import_lines WHERE import = ?1 AND line IN (
               SELECT line FROM import_lines WHERE import = ?1 ORDER BY line LIMIT ?2)",
            no,
            LINES
        )
        .execute(&mut *conn)
        .await?;
        if lines.rows_affected() > 0 {
            return Ok(false);
        }
        sqlx::query!("DELETE FROM imports WHERE no = ?1", no).execute(conn).await?;
        Ok(true)
    }
}

pub(super) struct NoteOpened {
    pub(super) id: String,
    pub(super) through: u64,
}

impl Write for NoteOpened {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let through = signed("row", self.through)?;
        sqlx::query!("UPDATE imports SET opened_to = max(opened_to, ?2) WHERE id = ?1", self.id, through)
            .execute(conn)
            .await?;
        Ok(())
    }
}
