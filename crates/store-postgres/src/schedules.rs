//! Scheduled jobs.

use async_trait::async_trait;
use entente_store::{Error, Occurrence, OccurrenceStatus, Result, ScheduleState, Schedules};
use jiff::Timestamp;

use crate::{
    fault::Fault,
    store::PostgresStore,
    values::{instant, instant_or_none, micros, occurrence_status, occurrence_status_code, parse},
    work::Work,
    writer::Write,
};

#[async_trait]
impl Schedules for PostgresStore {
    async fn schedule_states(&self) -> Result<Vec<ScheduleState>> {
        let asked = sqlx::query!(r#"SELECT job, paused, watermark FROM schedule_state ORDER BY job"#);
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                Ok(ScheduleState { job: row.job, paused: row.paused, watermark: instant_or_none(row.watermark)? })
            })
            .collect()
    }

    async fn pause(&self, job: &str, paused: bool) -> Result<()> {
        self.write(Pause { job: job.to_owned(), paused }).await
    }

    async fn advance(&self, job: &str, to: Timestamp) -> Result<()> {
        self.write(Advance { job: job.to_owned(), to: micros(to) }).await
    }

    async fn claim_occurrence(&self, occurrence: &Occurrence) -> Result<bool> {
        self.write(Claim { occurrence: occurrence.clone() }).await
    }

    async fn finish_occurrence(
        &self,
        job: &str,
        scheduled_for: Timestamp,
        status: OccurrenceStatus,
        at: Timestamp,
        detail: &str,
    ) -> Result<()> {
        let write = Finish { job: job.to_owned(), scheduled_for, status, at: micros(at), detail: detail.to_owned() };
        self.write(write).await
    }

    async fn occurrences(&self, job: &str, limit: u32) -> Result<Vec<Occurrence>> {
        let asked = sqlx::query!(
            "SELECT job, scheduled_for, status, owner, started_at, ended_at, detail FROM occurrences
             WHERE job = $1 ORDER BY scheduled_for DESC LIMIT $2",
            job,
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                Ok(Occurrence {
                    job: row.job,
                    scheduled_for: instant(row.scheduled_for)?,
                    status: occurrence_status(row.status)?,
                    owner: parse("process id", &row.owner)?,
                    started_at: instant(row.started_at)?,
                    ended_at: instant_or_none(row.ended_at)?,
                    detail: row.detail,
                })
            })
            .collect()
    }
}

struct Pause {
    job: String,
    paused: bool,
}

impl Write for Pause {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "INSERT INTO schedule_state (job, paused) VALUES ($1, $2) ON CONFLICT (job) DO UPDATE SET paused = excluded.paused",
            self.job,
            self.paused
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }
}

struct Advance {
    job: String,
    to: i64,
}

impl Write for Advance {
    type Out = ();

    /// Never backwards: a slower process must not make occurrences come again.
    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "INSERT INTO schedule_state AS s (job, paused, watermark) VALUES ($1, false, $2)
             ON CONFLICT (job) DO UPDATE SET watermark = greatest(s.watermark, excluded.watermark)",
            self.job,
            self.to
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }
}

struct Claim {
    occurrence: Occurrence,
}

impl Write for Claim {
    type Out = bool;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<bool, Fault> {
        let claimed = &self.occurrence;
        let (scheduled_for, started_at) = (micros(claimed.scheduled_for), micros(claimed.started_at));
        let (status, owner) = (occurrence_status_code(claimed.status), claimed.owner.as_str());
        let ended_at = claimed.ended_at.map(micros);
        let inserted = sqlx::query!(
            "INSERT INTO occurrences (job, scheduled_for, status, owner, started_at, ended_at, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (job, scheduled_for) DO NOTHING",
            claimed.job,
            scheduled_for,
            status,
            owner,
            started_at,
            ended_at,
            claimed.detail
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }
}

struct Finish {
    job: String,
    scheduled_for: Timestamp,
    status: OccurrenceStatus,
    at: i64,
    detail: String,
}

impl Write for Finish {
    type Out = ();

    /// An occurrence ends once.
    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let (scheduled_for, status) = (micros(self.scheduled_for), occurrence_status_code(self.status));
        let ended = sqlx::query!(
            "UPDATE occurrences SET status = $1, ended_at = $2, detail = $3
             WHERE job = $4 AND scheduled_for = $5 AND status = 0",
            status,
            self.at,
            self.detail,
            self.job,
            scheduled_for
        )
        .execute(&mut *work.conn)
        .await?;
        if ended.rows_affected() == 0 {
            let id = format!("{} of {}", self.job, self.scheduled_for);
            return Err(Error::Conflict { kind: "occurrence", id }.into());
        }
        Ok(())
    }
}
