//! Scheduled jobs: each occurrence is a row that exists once, missed ones follow the job's policy.

pub mod asked;
mod look;
mod scheduler;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy, Schedule, ScheduleError};
use jiff::Timestamp;

pub use scheduler::{Claimed, Scheduler};

use crate::config::JobConfig;

/// What is known of a job without running it.
#[derive(Debug)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// When it runs unless the configuration says otherwise: five fields of POSIX cron, in UTC.
    pub cron: &'static str,
    /// What happens to occurrences whose time passed while nothing ran.
    pub missed: MissedRuns,
    /// What happens when the last run has not ended.
    pub overlap: OverlapPolicy,
}

/// One scheduled job.
#[async_trait]
pub trait Job: Send + Sync {
    /// What is known of it.
    fn about(&self) -> &'static About;

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
    let known: Vec<&'static About> = jobs.iter().map(|job| job.about()).collect();
    let schedules = times(&known, config)?;
    Ok(jobs.into_iter().zip(schedules).map(|(job, schedule)| Planned { job, schedule }).collect())
}

/// The times of jobs, in their order.
///
/// # Errors
/// As [`plan`].
pub fn times(jobs: &[&'static About], config: &BTreeMap<String, JobConfig>) -> Result<Vec<Schedule>, JobTimeError> {
    if let Some(name) = config.keys().find(|name| !jobs.iter().any(|job| job.name == name.as_str())) {
        return Err(JobTimeError::Unknown { job: name.clone() });
    }
    let schedules = jobs.iter().map(|job| {
        let (cron, zone) = config.get(job.name).map_or((job.cron, "UTC"), |own| (own.cron.as_str(), own.zone.as_str()));
        Schedule::parse(cron, zone).map_err(|source| JobTimeError::Time { job: job.name.into(), source })
    });
    schedules.collect()
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
