//! Notices to people.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use entente_store::{NoticeRow, NoticeStatus, Notices, Result};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, from_json, instant, micros, notice_status, notice_status_code, small, to_json, unsigned},
    work::Work,
    writer::Write,
};

/// A notice's columns.
struct Columns {
    id: String,
    run: Option<Uuid>,
    name: String,
    data: String,
    status: i16,
    attempts: i32,
    not_before: i64,
    error: Option<String>,
}

impl Columns {
    fn decode(self) -> Result<NoticeRow> {
        Ok(NoticeRow {
            run: self.run.map(RunId),
            name: self.name,
            data: from_json("notice", &self.id, &self.data)?,
            status: notice_status(self.status)?,
            attempts: unsigned("attempts", self.attempts)?,
            not_before: instant(self.not_before)?,
            error: self.error,
            id: self.id,
        })
    }
}

#[async_trait]
impl Notices for PostgresStore {
    async fn add_notice(&self, notice: NoticeRow) -> Result<bool> {
        self.write(AddNotice { notice }).await
    }

    async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<NoticeRow>> {
        let now = micros(now);
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT id, run, name, data, status, attempts, not_before, error FROM notices
               WHERE status = 0 AND not_before <= $1
               ORDER BY not_before, id LIMIT $2"#,
            now,
            i64::from(limit)
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn record_notice(
        &self,
        id: &str,
        status: NoticeStatus,
        not_before: Timestamp,
        error: Option<&str>,
    ) -> Result<()> {
        let write =
            RecordNotice { id: id.to_owned(), status, not_before: micros(not_before), error: error.map(str::to_owned) };
        self.write(write).await
    }

    /// Notices without a run are the vendor's own: a narrower scope never sees them.
    async fn notices(&self, scope: &Scope, run: Option<RunId>) -> Result<Vec<NoticeRow>> {
        let (filter, run) = (ScopeFilter::of(scope), run.map(|run| run.0));
        let asked = sqlx::query_as!(
            Columns,
            r#"SELECT n.id, n.run, n.name, n.data, n.status, n.attempts, n.not_before, n.error
               FROM notices n LEFT JOIN runs r ON r.id = n.run
               WHERE CASE WHEN $1::uuid IS NULL THEN n.status = 2 ELSE n.run = $1 END
                 AND ($2::text[] IS NULL OR r.legal_entity = ANY($2)) AND ($3::text IS NULL OR r.party = $3)
               ORDER BY n.not_before, n.id"#,
            run,
            filter.entities(),
            filter.party()
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
        columns.into_iter().map(Columns::decode).collect()
    }
}

struct AddNotice {
    notice: NoticeRow,
}

impl Write for AddNotice {
    type Out = bool;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<bool, Fault> {
        let notice = &self.notice;
        let (run, data) = (notice.run.map(|run| run.0), to_json("notice", &notice.data)?);
        let (status, attempts) = (notice_status_code(notice.status), small("attempts", notice.attempts)?);
        let added = sqlx::query!(
            "INSERT INTO notices (id, run, name, data, status, attempts, not_before, error)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO NOTHING",
            notice.id,
            run,
            notice.name,
            data,
            status,
            attempts,
            micros(notice.not_before),
            notice.error
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(added.rows_affected() == 1)
    }
}

struct RecordNotice {
    id: String,
    status: NoticeStatus,
    not_before: i64,
    error: Option<String>,
}

impl Write for RecordNotice {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let status = notice_status_code(self.status);
        let recorded = sqlx::query!(
            "UPDATE notices SET status = $1, attempts = attempts + 1, not_before = $2, error = $3 WHERE id = $4",
            status,
            self.not_before,
            self.error,
            self.id
        )
        .execute(&mut *work.conn)
        .await?;
        if recorded.rows_affected() == 0 {
            return Err(entente_store::Error::NotFound { kind: "notice", id: self.id.clone() }.into());
        }
        Ok(())
    }
}
