//! What to do about occurrences that passed while nobody ran them, and about a run that is still under way.

use serde::{Deserialize, Serialize};

use super::Occurrence;

/// What a job does about occurrences that were missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedRuns {
    /// One run stands for all of them: the last.
    #[default]
    RunOnce,
    /// None is made up for.
    Skip,
    /// Every one is made up for, in order.
    All,
}

/// What comes of missed occurrences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatchUp {
    /// To be run now, in order.
    pub run: Vec<Occurrence>,
    /// Recorded as missed.
    pub missed: Vec<Occurrence>,
}

impl MissedRuns {
    /// Sorts missed occurrences, given in order, into those to run now and those to record as missed.
    pub fn settle(self, mut occurrences: Vec<Occurrence>) -> CatchUp {
        match self {
            MissedRuns::All => CatchUp { run: occurrences, missed: Vec::new() },
            MissedRuns::Skip => CatchUp { run: Vec::new(), missed: occurrences },
            MissedRuns::RunOnce => {
                let run = occurrences.pop().into_iter().collect();
                CatchUp { run, missed: occurrences }
            }
        }
    }
}

/// What a job does when it is due while its last run is still under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapPolicy {
    /// The new occurrence is recorded as skipped.
    #[default]
    Skip,
    /// The new occurrence waits for the last run to end.
    Queue,
}

/// What becomes of a due occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It runs now.
    Now,
    /// It runs once the last one has ended.
    Later,
    /// It is recorded as skipped.
    Not,
}

impl OverlapPolicy {
    /// What becomes of a due occurrence while another one is under way, or none.
    pub fn start(self, under_way: bool) -> Start {
        match self {
            _ if !under_way => Start::Now,
            OverlapPolicy::Queue => Start::Later,
            OverlapPolicy::Skip => Start::Not,
        }
    }
}
