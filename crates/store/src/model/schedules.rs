//! Scheduled jobs.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{ModelStore, state::State};
use crate::{Error, Occurrence, OccurrenceStatus, Result, ScheduleState, Schedules};

#[async_trait]
impl Schedules for ModelStore {
    async fn schedule_states(&self) -> Result<Vec<ScheduleState>> {
        Ok(self.state().schedules.values().cloned().collect())
    }

    async fn pause(&self, job: &str, paused: bool) -> Result<()> {
        schedule(&mut self.state(), job).paused = paused;
        Ok(())
    }

    async fn advance(&self, job: &str, to: Timestamp) -> Result<()> {
        let mut state = self.state();
        let schedule = schedule(&mut state, job);
        schedule.watermark = schedule.watermark.max(Some(to));
        Ok(())
    }

    async fn claim_occurrence(&self, occurrence: &Occurrence) -> Result<bool> {
        let mut state = self.state();
        let key = (occurrence.job.clone(), occurrence.scheduled_for);
        let new = !state.occurrences.contains_key(&key);
        #[cfg(feature = "deliberate-bugs")]
        let new = new || crate::deliberate::is_made(crate::deliberate::Bug::ClaimTwice);
        if new {
            state.occurrences.insert(key, occurrence.clone());
        }
        Ok(new)
    }

    async fn finish_occurrence(
        &self,
        job: &str,
        scheduled_for: Timestamp,
        status: OccurrenceStatus,
        at: Timestamp,
        detail: &str,
    ) -> Result<()> {
        let mut state = self.state();
        let running = state.occurrences.get_mut(&(job.to_owned(), scheduled_for));
        let Some(running) = running.filter(|occurrence| occurrence.status == OccurrenceStatus::Running) else {
            return Err(Error::Conflict { kind: "occurrence", id: format!("{job} of {scheduled_for}") });
        };
        running.status = status;
        running.ended_at = Some(at);
        running.detail = detail.to_owned();
        Ok(())
    }

    async fn occurrences(&self, job: &str, limit: u32) -> Result<Vec<Occurrence>> {
        let state = self.state();
        let of_job = state.occurrences.values().filter(|occurrence| occurrence.job == job);
        Ok(of_job.rev().take(limit as usize).cloned().collect())
    }
}

fn schedule<'s>(state: &'s mut State, job: &str) -> &'s mut ScheduleState {
    let new = || ScheduleState { job: job.to_owned(), paused: false, watermark: None };
    state.schedules.entry(job.to_owned()).or_insert_with(new)
}
