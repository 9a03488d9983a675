//! An occurrence of a job is claimed once and begun once, by one process; and none is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::schedule::Schedule;
use entente_store::{Occurrence, OccurrenceStatus, model::Tables};
use jiff::Timestamp;

use super::Broken;

/// The occurrences as they were claimed and begun.
#[derive(Default)]
pub(super) struct Occurrences {
    claimed: BTreeSet<(String, Timestamp)>,
    begun: BTreeSet<(String, Timestamp)>,
    /// Up to where nothing of a job had to be run, when processes first looked at it.
    since: BTreeMap<String, Timestamp>,
    paused: BTreeSet<String>,
}

impl Occurrences {
    pub(super) fn claimed(&mut self, occurrence: &Occurrence) -> Result<(), Broken> {
        let Occurrence { job, scheduled_for, .. } = occurrence;
        match self.claimed.insert((job.clone(), *scheduled_for)) {
            true => Ok(()),
            false => Err(("occurrence", format!("{job} of {scheduled_for} is claimed twice"))),
        }
    }

    pub(super) fn begins(&mut self, job: &str, at: Timestamp) -> Result<(), Broken> {
        if !self.claimed.contains(&(job.to_owned(), at)) {
            return Err(("occurrence", format!("{job} of {at} is begun, and nobody has claimed it")));
        }
        match self.begun.insert((job.to_owned(), at)) {
            true => Ok(()),
            false => Err(("occurrence", format!("{job} of {at} is begun twice"))),
        }
    }

    /// A watermark is moved. Processes that look at a new job at the same time, by clocks that differ, begin with the
    /// latest of them.
    pub(super) fn advanced(&mut self, job: &str, to: Timestamp) {
        if !self.claimed.iter().any(|(other, _)| other == job) {
            let since = self.since.entry(job.to_owned()).or_insert(to);
            *since = to.max(*since);
        }
    }

    /// What passes while a job is paused is not recorded.
    pub(super) fn paused(&mut self, job: &str) {
        self.paused.insert(job.to_owned());
    }

    /// At the end, each occurrence up to the watermark has a row: it was run, or it is recorded why not.
    pub(super) fn complete(&self, tables: Tables<'_>, schedule: &Schedule) -> Result<(), Broken> {
        for state in tables.schedules().filter(|state| !self.paused.contains(&state.job)) {
            let (Some(since), Some(watermark)) = (self.since.get(&state.job), state.watermark) else { continue };
            let missing = schedule.between(*since, watermark, 10_000).into_iter().map(|slot| slot.at);
            let missing: Vec<String> = missing
                .filter(|at| !self.claimed.contains(&(state.job.clone(), *at)))
                .map(|at| at.to_string())
                .collect();
            if !missing.is_empty() {
                return Err(("no lost occurrence", format!("nothing is known of {} of {missing:?}", state.job)));
            }
        }
        Ok(())
    }
}

/// Occurrences that say that they run, under these processes or others.
pub fn running(tables: Tables<'_>) -> Vec<(String, String)> {
    let running = tables.occurrences().filter(|row| row.status == OccurrenceStatus::Running);
    running.map(|row| (row.owner.to_string(), format!("{} of {}", row.job, row.scheduled_for))).collect()
}
