//! Spreadsheets that were brought in.

mod writes;

use async_trait::async_trait;
use entente_core::{ids::RunId, money::Money};
use entente_store::{ImportLine, ImportRow, ImportStatus, ImportedSum, Imports, NewImport, Result, StoredLine};
use jiff::Timestamp;

use self::writes::{Apply, Begin, Drop, NoteOpened, Stage};
use crate::{
    store::SqliteStore,
    values::{instant, parse, run_bytes, to_json, unreadable, unsigned},
};

/// An import's columns.
struct Columns {
    id: String,
    file: String,
    file_sha256: String,
    mapping_sha256: String,
    status: i64,
    read_to: i64,
    lines: i64,
    staged_by: String,
    staged_at: i64,
    applied_by: Option<String>,
    applied_at: Option<i64>,
    opened_to: i64,
}

impl Columns {
    fn decode(self) -> Result<ImportRow> {
        let status = match self.status {
            0 => ImportStatus::Staging,
            1 => ImportStatus::Staged,
            2 => ImportStatus::Applied,
            other => return Err(unreadable("import status", other, "not one of 0 to 2")),
        };
        let applied_at = self.applied_at.map(instant).transpose()?;
        Ok(ImportRow {
            new: NewImport {
                id: self.id,
                file: self.file,
                file_sha256: self.file_sha256,
                mapping_sha256: self.mapping_sha256,
                by: self.staged_by,
                at: instant(self.staged_at)?,
            },
            status,
            read_to: unsigned("row", self.read_to)?,
            lines: unsigned("count", self.lines)?,
            applied: self.applied_by.zip(applied_at),
            opened_to: unsigned("row", self.opened_to)?,
        })
    }
}

/// A line's columns.
struct LineColumns {
    import: String,
    line: i64,
    natural_key: String,
    sha256: String,
    content: String,
}

impl LineColumns {
    fn decode(self) -> Result<StoredLine> {
        let LineColumns { import, line, natural_key, sha256, content } = self;
        Ok(StoredLine { import, line: unsigned("row", line)?, natural_key, sha256, content })
    }
}

#[async_trait]
impl Imports for SqliteStore {
    async fn begin_import(&self, import: &NewImport) -> Result<ImportRow> {
        self.write(Begin { import: import.clone() }).await?.decode()
    }

    async fn imports(&self) -> Result<Vec<ImportRow>> {
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, file, file_sha256, mapping_sha256, status, read_to, lines, staged_by, staged_at, applied_by,
                    applied_at, opened_to
             FROM imports ORDER BY no"
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn stage_lines(&self, id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<()> {
        self.write(Stage::new(id, after, through, last, lines)?).await
    }

    async fn apply_import(&self, id: &str, by: &str, at: Timestamp) -> Result<()> {
        self.write(Apply { id: id.to_owned(), by: by.to_owned(), at }).await
    }

    async fn drop_import(&self, id: &str) -> Result<bool> {
        self.write(Drop { id: id.to_owned() }).await
    }

    async fn import_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        let after = crate::values::signed("row", after)?;
        let columns = sqlx::query_as!(
            LineColumns,
            r#"SELECT i.id AS import, l.line AS "line!", l.natural_key, l.sha256, l.content
             FROM imports i JOIN import_lines l ON l.import = i.no
             WHERE i.id = ?1 AND l.line > ?2 ORDER BY l.line LIMIT ?3"#,
            id,
            after,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(LineColumns::decode).collect()
    }

    async fn granted_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        let after = crate::values::signed("row", after)?;
        let columns = sqlx::query_as!(
            LineColumns,
            r#"SELECT i.id AS import, l.line AS "line!", l.natural_key, l.sha256, l.content
             FROM imports i JOIN import_lines l ON l.import = i.no
             WHERE i.id = ?1 AND l.line > ?2 AND l.kind = 0 ORDER BY l.line LIMIT ?3"#,
            id,
            after,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(LineColumns::decode).collect()
    }

    async fn note_opened(&self, id: &str, through: u64) -> Result<()> {
        self.write(NoteOpened { id: id.to_owned(), through }).await
    }

    async fn known_lines(&self, natural_keys: &[String]) -> Result<Vec<StoredLine>> {
        let keys = to_json("natural keys", &natural_keys)?;
        let columns = sqlx::query_as!(
            LineColumns,
            r#"SELECT i.id AS import, l.line AS "line!", l.natural_key, l.sha256, l.content
             FROM import_lines l JOIN imports i ON i.no = l.import
             WHERE l.natural_key IN (SELECT value FROM json_each(?1))"#,
            keys
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(LineColumns::decode).collect()
    }

    async fn imported_alike(&self, keys: &[String], most: u32) -> Result<Vec<StoredLine>> {
        let keys = to_json("keys", &keys)?;
        let columns = sqlx::query_as!(
            LineColumns,
            r#"SELECT DISTINCT i.id AS "import!", l.line AS "line!", l.natural_key AS "natural_key!", l.sha256 AS "sha256!",
                      l.content AS "content!"
               FROM imports i CROSS JOIN json_each(?1) asked
               CROSS JOIN import_lines l ON i.status = 2 AND l.import = i.no AND l.line IN (
                 SELECT k.line FROM import_keys k WHERE k.import = i.no AND k.key = asked.value ORDER BY k.line DESC LIMIT ?2)
               ORDER BY 1, 2"#,
            keys,
            most
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(LineColumns::decode).collect()
    }

    async fn imported_request(&self, run: RunId) -> Result<Option<StoredLine>> {
        let run = run_bytes(run);
        let columns = sqlx::query_as!(
            LineColumns,
            r#"SELECT i.id AS import, l.line AS "line!", l.natural_key, l.sha256, l.content
             FROM import_lines l JOIN imports i ON i.no = l.import WHERE l.run = ?1 AND i.status = 2"#,
            run
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.map(LineColumns::decode).transpose()
    }

    async fn imported_sums(&self, fund: Option<&str>, partner: Option<&str>) -> Result<Vec<ImportedSum>> {
        let rows = sqlx::query!(
            r#"SELECT s.fund, s.partner, s.currency, sum(s.minor) AS "minor!: i64", sum(s.lines) AS "lines!: i64"
               FROM import_sums s JOIN imports i ON i.no = s.import AND i.status = 2
               WHERE (?1 IS NULL OR s.fund = ?1) AND (?2 IS NULL OR s.partner = ?2)
               GROUP BY s.fund, s.partner, s.currency ORDER BY s.fund, s.partner, s.currency"#,
            fund,
            partner
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                Ok(ImportedSum {
                    fund: row.fund,
                    partner: row.partner,
                    paid: Money { minor: row.minor, currency: parse("currency", &row.currency)? },
                    lines: unsigned("count", row.lines)?,
                })
            })
            .collect()
    }
}
