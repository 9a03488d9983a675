//! The loop that finds what is due, claims it and runs it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entente_core::{
    ids::ProcessId,
    schedule::{MissedRuns, OverlapPolicy, Start},
};
use entente_store::{NoticeRow, NoticeStatus, Occurrence, OccurrenceStatus, Result, ScheduleState, Store};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Planned, asked, look::Look};
use crate::runner::{clock::Clock, outage::Outage};

/// How far back a job that has never run is looked for.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);

/// How often something due is looked for.
const TICK: Duration = Duration::from_millis(250);

/// Past occurrences looked through for ones that a dead process left behind.
const RECENT: u32 = 100;

/// How often what dead processes left is looked for: their leases run out only after a while.
const DEAD_EVERY: Duration = Duration::from_secs(30);

/// Runs jobs at their times.
pub struct Scheduler {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    process: ProcessId,
    plan: Vec<Planned>,
    tick: Duration,
    /// The wishes that were dealt with, by job.
    fulfilled: Mutex<BTreeMap<&'static str, Timestamp>>,
    outage: Outage,
}

/// An occurrence that this process, and no other one ever, is to run.
pub struct Claimed {
    /// The job with its times.
    pub planned: Planned,
    /// The occurrence.
    pub at: Timestamp,
    /// The missed ones that it stands for, in words.
    pub stands_for: Option<String>,
}

impl Scheduler {
    /// A scheduler of these jobs.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, process: ProcessId, plan: Vec<Planned>) -> Scheduler {
        Scheduler { store, clock, process, plan, tick: TICK, fulfilled: Mutex::default(), outage: Outage::default() }
    }

    /// Looks for something due this often.
    pub fn looking_every(self, tick: Duration) -> Scheduler {
        Scheduler { tick, ..self }
    }

    /// Runs until told to stop, then lets what is under way end. What a process left running that holds no lease any more
    /// counts as interrupted.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut looked: Option<Instant> = None;
        let mut under_way: JoinSet<&'static str> = JoinSet::new();
        let mut busy: BTreeSet<&'static str> = BTreeSet::new();
        while !stop.is_cancelled() {
            if looked.is_none_or(|looked| looked.elapsed() >= DEAD_EVERY) {
                looked = Some(Instant::now());
                if let Err(error) = self.end_interrupted().await {
                    self.outage.failed("interrupted jobs could not be recorded", &error);
                }
            }
            while let Some(ended) = under_way.try_join_next() {
                match ended {
                    Ok(name) => drop(busy.remove(name)),
                    Err(error) => {
                        tracing::error!("a scheduled job did not end well: {error}");
                        busy.clear();
                    }
                }
            }
            match self.claim_due(&busy).await {
                Ok(claimed) => {
                    self.outage.over();
                    for claimed in claimed {
                        busy.insert(claimed.planned.job.about().name);
                        let scheduler = self.clone();
                        under_way.spawn(async move {
                            scheduler.perform(&claimed).await;
                            claimed.planned.job.about().name
                        });
                    }
                }
                Err(error) => self.outage.failed("the schedule could not be read or recorded", &error),
            }
            tokio::select! {
                () = tokio::time::sleep(self.tick) => {}
                () = stop.cancelled() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Claims what is due of jobs that are not `busy`, and records what is not run and why.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was not claimed is due again.
    pub async fn claim_due(&self, busy: &BTreeSet<&'static str>) -> Result<Vec<Claimed>> {
        let states = self.store.schedule_states().await?;
        let mut all = Vec::new();
        for planned in &self.plan {
            let name = planned.job.about().name;
            let state = states.iter().find(|state| state.job == name);
            let asked = self.claim_asked(planned, busy.contains(name)).await?;
            let under_way = busy.contains(name) || asked.is_some();
            all.extend(asked);
            all.extend(self.claim_one(planned, state, under_way).await?);
        }
        Ok(all)
    }

    /// What a person asks for runs whether or not the job is paused.
    async fn claim_asked(&self, planned: &Planned, under_way: bool) -> Result<Option<Claimed>> {
        let name = planned.job.about().name;
        let Some(asked) = asked::newest(self.store.as_ref(), name).await? else { return Ok(None) };
        let fulfilled = self.fulfilled.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if fulfilled.is_some_and(|before| before >= asked.at) {
            return Ok(None);
        }
        let detail = format!("asked for by {}", asked.by);
        let claimed = match planned.job.about().overlap.start(under_way) {
            Start::Later => return Ok(None),
            Start::Not => {
                self.skip(name, asked.at, &format!("{detail}; the last run had not ended")).await?;
                None
            }
            Start::Now => self.claim(planned, asked.at, &detail).await?,
        };
        self.fulfilled.lock().unwrap_or_else(PoisonError::into_inner).insert(name, asked.at);
        Ok(claimed.map(|claimed| Claimed { stands_for: Some(detail), ..claimed }))
    }

    async fn claim_one(
        &self,
        planned: &Planned,
        state: Option<&ScheduleState>,
        under_way: bool,
    ) -> Result<Option<Claimed>> {
        let about = planned.job.about();
        let (now, leaps) = (self.clock.now(), self.clock.leaps());
        let watermark = state.and_then(|state| state.watermark);
        let since = watermark.unwrap_or_else(|| now.checked_sub(FIRST_LOOK).unwrap_or(now));
        let look = Look::between(&planned.schedule, about.missed, since, now, leaps);
        let Some(dealt_to) = look.dealt_to else {
            if watermark.is_none() {
                self.store.advance(about.name, now).await?;
            }
            return Ok(None);
        };
        if state.is_some_and(|state| state.paused) {
            self.store.advance(about.name, dealt_to).await?;
            return Ok(None);
        }
        let overlap = if about.missed == MissedRuns::All { OverlapPolicy::Queue } else { about.overlap };
        let under_way = under_way || (look.run.is_some() && self.runs_elsewhere(about.name).await?);
        let start = overlap.start(under_way);
        if look.run.is_some() && start == Start::Later {
            return Ok(None);
        }
        // Where time leaps, many occurrences come together and nobody has missed them.
        let stands_for = look.missed_in_words().filter(|_| !leaps);
        if let Some(words) = &stands_for {
            let names: Vec<String> = look.missed.iter().map(Timestamp::to_string).collect();
            tracing::warn!(job = about.name, "{words}: {}", names.join(", "));
            for at in &look.missed {
                self.skip(about.name, *at, "missed while nothing ran").await?;
            }
        }
        // Claimed before the watermark moves: a crash in between loses no occurrence.
        let claimed = match look.run {
            None => None,
            Some(at) if start == Start::Not => {
                self.skip(about.name, at, "the last run had not ended").await?;
                None
            }
            Some(at) => self.claim(planned, at, stands_for.as_deref().unwrap_or_default()).await?,
        };
        self.store.advance(about.name, dealt_to).await?;
        Ok(claimed.map(|claimed| Claimed { stands_for, ..claimed }))
    }

    async fn claim(&self, planned: &Planned, at: Timestamp, detail: &str) -> Result<Option<Claimed>> {
        let row = self.row(planned.job.about().name, at, OccurrenceStatus::Running, detail);
        let ours = self.store.claim_occurrence(&row).await?;
        Ok(ours.then(|| Claimed { planned: planned.clone(), at, stands_for: None }))
    }

    /// Records an occurrence that is not run.
    async fn skip(&self, job: &str, at: Timestamp, why: &str) -> Result<()> {
        self.store.claim_occurrence(&self.row(job, at, OccurrenceStatus::Skipped, why)).await.map(drop)
    }

    fn row(&self, job: &str, at: Timestamp, status: OccurrenceStatus, detail: &str) -> Occurrence {
        let started_at = self.clock.now();
        let ended_at = (status != OccurrenceStatus::Running).then_some(started_at);
        let owner = self.process.clone();
        Occurrence { job: job.into(), scheduled_for: at, status, owner, started_at, ended_at, detail: detail.into() }
    }

    /// Runs a claimed occurrence and records its end.
    pub async fn perform(&self, claimed: &Claimed) {
        let name = claimed.planned.job.about().name;
        let (status, mut detail) = match claimed.planned.job.run(claimed.at).await {
            Ok(detail) => (OccurrenceStatus::Succeeded, detail),
            Err(error) => {
                tracing::warn!(job = name, "failed: {error:#}");
                (OccurrenceStatus::Failed, format!("{error:#}"))
            }
        };
        if let Some(stands_for) = &claimed.stands_for {
            detail = format!("{detail} ({stands_for})");
        }
        if let Err(error) = self.end(name, claimed.at, status, &detail).await {
            tracing::warn!(job = name, "the occurrence's end could not be recorded: {error}");
        }
    }

    async fn end(&self, job: &str, at: Timestamp, status: OccurrenceStatus, detail: &str) -> Result<()> {
        let now = self.clock.now();
        self.store.finish_occurrence(job, at, status, now, detail).await?;
        if status == OccurrenceStatus::Failed {
            self.alert(job, at, now, detail).await?;
        }
        Ok(())
    }

    /// What another process began and did not end was interrupted with it.
    async fn end_interrupted(&self) -> Result<()> {
        let alive = self.others_alive().await?;
        for planned in &self.plan {
            let name = planned.job.about().name;
            let rows = self.store.occurrences(name, RECENT).await?;
            let left = rows.iter().filter(|row| row.status == OccurrenceStatus::Running && row.owner != self.process);
            for row in left.filter(|row| !alive.contains(&row.owner)) {
                self.end(name, row.scheduled_for, OccurrenceStatus::Failed, "the process that ran it ended").await?;
            }
        }
        Ok(())
    }

    /// Whether another process that is there runs the job now.
    async fn runs_elsewhere(&self, job: &str) -> Result<bool> {
        let rows = self.store.occurrences(job, RECENT).await?;
        let running = rows.iter().filter(|row| row.status == OccurrenceStatus::Running && row.owner != self.process);
        let owners: Vec<&ProcessId> = running.map(|row| &row.owner).collect();
        if owners.is_empty() {
            return Ok(false);
        }
        let alive = self.others_alive().await?;
        Ok(owners.into_iter().any(|owner| alive.contains(owner)))
    }

    /// The other processes that hold a lease.
    async fn others_alive(&self) -> Result<BTreeSet<ProcessId>> {
        let leases = self.store.leases().await?.into_iter();
        let alive = leases.filter(|lease| !lease.remaining.is_zero() && lease.owner != self.process);
        Ok(alive.map(|lease| lease.owner).collect())
    }

    /// Tells the operator when a job begins to fail, and then once a day while it goes on failing.
    async fn alert(&self, job: &str, at: Timestamp, now: Timestamp, detail: &str) -> Result<()> {
        let recent = self.store.occurrences(job, RECENT).await?;
        let before = recent.iter().filter(|row| row.scheduled_for < at && row.status != OccurrenceStatus::Skipped);
        let again =
            before.max_by_key(|row| row.scheduled_for).is_some_and(|row| row.status == OccurrenceStatus::Failed);
        let since = if again { now.to_zoned(TimeZone::UTC).date().to_string() } else { at.to_string() };
        let notice = NoticeRow {
            id: format!("job-failed/{job}/{since}"),
            run: None,
            name: "job_failed".into(),
            data: json!({ "job": job, "reason": detail }),
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: now,
            error: None,
        };
        self.store.add_notice(notice).await.map(drop)
    }
}
