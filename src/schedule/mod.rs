//! Scheduled jobs: each occurrence is a row that exists once, missed ones follow the job's policy.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use entente_core::{
    ids::ProcessId,
    schedule::{MissedRuns, Occurrence as Slot, OverlapPolicy, Schedule, ScheduleError, Start},
};
use entente_store::{NoticeRow, NoticeStatus, Occurrence, OccurrenceStatus, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{config::JobConfig, runner::clock::Clock};

/// Occurrences of one job looked at in one go; more than that were missed anyway.
const LOOK_MAX: usize = 1000;

/// Missed occurrences that get a row of their own, the newest first; after a long time a job of every minute has thousands.
const MISSED_ROWS_MAX: usize = 20;

/// How far back missed occurrences are looked for when a job has never run.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);

/// One scheduled job.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// When it runs unless the configuration says otherwise: five fields of POSIX cron, in UTC.
    fn cron(&self) -> &'static str;

    /// What happens to occurrences whose time passed while nothing ran.
    fn missed(&self) -> MissedRuns {
        MissedRuns::RunOnce
    }

    /// What happens when the last run has not ended.
    fn overlap(&self) -> OverlapPolicy {
        OverlapPolicy::Skip
    }

    /// Does the work; returns one line about it.
    ///
    /// # Errors
    /// Whatever keeps the work from being done; it is recorded with the occurrence and told to the operator.
    async fn run(&self, scheduled_for: Timestamp) -> anyhow::Result<String>;
}

/// A job with its times.
#[derive(Clone)]
pub struct Planned {
    /// The job.
    pub job: Arc<dyn Job>,
    /// When.
    pub schedule: Schedule,
}

/// Joins jobs with the configured times.
///
/// # Errors
/// When a time cannot be read; the error names the job.
pub fn plan(jobs: Vec<Arc<dyn Job>>, config: &BTreeMap<String, JobConfig>) -> Result<Vec<Planned>, JobTimeError> {
    let unknown = config.keys().find(|name| !jobs.iter().any(|job| job.name() == name.as_str()));
    if let Some(name) = unknown {
        return Err(JobTimeError::Unknown { job: name.clone() });
    }
    let plan = jobs.into_iter().map(|job| {
        let (cron, zone) = config.get(job.name()).map_or((job.cron(), "UTC"), |own| (own.cron.as_str(), own.zone.as_str()));
        let schedule = Schedule::parse(cron, zone);
        let schedule = schedule.map_err(|source| JobTimeError::Time { job: job.name().into(), source })?;
        Ok(Planned { job, schedule })
    });
    plan.collect()
}

/// A job's time that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JobTimeError {
    /// The configuration names a job that does not exist.
    #[error("`jobs.{job}` in the configuration: there is no such job; `entente schedule list` names them")]
    Unknown {
        /// The name.
        job: String,
    },
    /// Its time cannot be read.
    #[error("`jobs.{job}` in the configuration: {source}")]
    Time {
        /// The job.
        job: String,
        /// Why.
        source: ScheduleError,
    },
}

/// Runs jobs at their times.
pub struct Scheduler {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// This process.
    pub process: ProcessId,
    /// The jobs.
    pub plan: Vec<Planned>,
}

impl Scheduler {
    /// Runs until told to stop, then lets what is under way end.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut under_way: JoinSet<&'static str> = JoinSet::new();
        let mut busy: Vec<&'static str> = Vec::new();
        while !stop.is_cancelled() {
            while let Some(ended) = under_way.try_join_next() {
                match ended {
                    Ok(name) => busy.retain(|other| *other != name),
                    Err(error) => {
                        tracing::error!("a scheduled job did not end well: {error}");
                        busy.clear();
                    }
                }
            }
            for planned in &self.plan {
                let name = planned.job.name();
                match self.due(planned, busy.contains(&name)).await {
                    Ok(slots) if slots.is_empty() => {}
                    Ok(slots) => {
                        busy.push(name);
                        let (scheduler, planned) = (self.clone(), planned.clone());
                        under_way.spawn(async move {
                            for slot in slots {
                                scheduler.occurrence(&planned, slot.at).await;
                            }
                            planned.job.name()
                        });
                    }
                    Err(error) => tracing::warn!(job = name, "the schedule could not be read: {error}"),
                }
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(250)) => {}
                () = stop.cancelled() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// The occurrences to run now; moves the watermark past everything that was looked at.
    async fn due(&self, planned: &Planned, under_way: bool) -> entente_store::Result<Vec<Slot>> {
        let name = planned.job.name();
        let now = self.clock.now();
        let states = self.store.schedule_states().await?;
        let state = states.into_iter().find(|state| state.job == name);
        let watermark = state.as_ref().and_then(|state| state.watermark);
        let since = watermark.unwrap_or_else(|| now.checked_sub(FIRST_LOOK).unwrap_or(now));
        let slots = since_last_look(&planned.schedule, since, now);
        let Some(last) = slots.last().map(|slot| slot.at) else {
            if watermark.is_none() {
                self.store.advance(name, now).await?;
            }
            return Ok(Vec::new());
        };
        if state.is_some_and(|state| state.paused) {
            self.store.advance(name, last).await?;
            return Ok(Vec::new());
        }
        let fresh = slots.len() == 1;
        let (run, missed) = if fresh {
            (slots, Vec::new())
        } else {
            let settled = planned.job.missed().settle(slots);
            (settled.run, settled.missed)
        };
        if !run.is_empty() && planned.job.overlap().start(under_way) == Start::Later {
            return Ok(Vec::new());
        }
        self.missed(name, &missed).await?;
        if planned.job.overlap().start(under_way) == Start::Not {
            for slot in &run {
                self.note(name, slot.at, "the last run had not ended").await?;
            }
            self.store.advance(name, last).await?;
            return Ok(Vec::new());
        }
        self.store.advance(name, last).await?;
        Ok(run)
    }

    /// Names the occurrences that nothing ran for: all of them by number, the newest by row.
    async fn missed(&self, job: &str, missed: &[Slot]) -> entente_store::Result<()> {
        let (Some(first), Some(last)) = (missed.first(), missed.last()) else { return Ok(()) };
        tracing::warn!(job, "{} occurrences missed, from {} to {}", missed.len(), first.at, last.at);
        for slot in missed.iter().rev().take(MISSED_ROWS_MAX) {
            self.note(job, slot.at, &format!("missed while nothing ran, one of {}", missed.len())).await?;
        }
        Ok(())
    }

    async fn note(&self, job: &str, at: Timestamp, why: &str) -> entente_store::Result<()> {
        let now = self.clock.now();
        let row = self.row(job, at, OccurrenceStatus::Skipped, now, why);
        self.store.claim_occurrence(&row).await?;
        Ok(())
    }

    fn row(&self, job: &str, at: Timestamp, status: OccurrenceStatus, now: Timestamp, detail: &str) -> Occurrence {
        let ended_at = (status != OccurrenceStatus::Running).then_some(now);
        let owner = self.process.clone();
        Occurrence { job: job.into(), scheduled_for: at, status, owner, started_at: now, ended_at, detail: detail.into() }
    }

    /// Runs one occurrence, if nobody else has claimed it.
    pub async fn occurrence(&self, planned: &Planned, at: Timestamp) {
        let name = planned.job.name();
        let row = self.row(name, at, OccurrenceStatus::Running, self.clock.now(), "");
        match self.store.claim_occurrence(&row).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return tracing::warn!(job = name, "the occurrence could not be claimed: {error}"),
        }
        let (status, detail) = match planned.job.run(at).await {
            Ok(detail) => (OccurrenceStatus::Succeeded, detail),
            Err(error) => {
                tracing::warn!(job = name, "failed: {error:#}");
                (OccurrenceStatus::Failed, format!("{error:#}"))
            }
        };
        let now = self.clock.now();
        if let Err(error) = self.store.finish_occurrence(name, at, status, now, &detail).await {
            tracing::warn!(job = name, "the occurrence's end could not be recorded: {error}");
        }
        if status == OccurrenceStatus::Failed {
            self.alert(name, at, now, &detail).await;
        }
    }

    async fn alert(&self, job: &str, at: Timestamp, now: Timestamp, detail: &str) {
        let notice = NoticeRow {
            id: format!("job-failed/{job}/{at}"),
            run: None,
            name: "job_failed".into(),
            data: json!({ "job": job, "reason": detail }),
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: now,
            error: None,
        };
        if let Err(error) = self.store.add_notice(notice).await {
            tracing::error!(job, "the alert could not be stored: {error}");
        }
    }
}

/// The occurrences up to now, the newest [`LOOK_MAX`] of them when there are more.
fn since_last_look(schedule: &Schedule, since: Timestamp, now: Timestamp) -> Vec<Slot> {
    let mut since = since;
    let mut before = Vec::new();
    loop {
        let slots = schedule.between(since, now, LOOK_MAX);
        match slots.last().map(|slot| slot.at) {
            Some(last) if slots.len() >= LOOK_MAX => {
                since = last;
                before = slots;
            }
            Some(_) => return before.into_iter().skip(slots.len()).chain(slots).collect(),
            None => return before,
        }
    }
}
