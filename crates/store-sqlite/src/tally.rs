//! How much has been written since the file was opened: the cost of a step is counted, not timed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What a store has written since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Transactions, each made durable before anybody was answered.
    pub commits: u64,
    /// Steps of runs offered to these transactions.
    pub steps: u64,
}

/// Reads a store's tally at any time, without keeping the store open.
#[derive(Debug, Clone, Default)]
pub struct TallyReader(Arc<Counting>);

#[derive(Debug, Default)]
struct Counting {
    commits: AtomicU64,
    steps: AtomicU64,
}

impl TallyReader {
    /// What has been written so far.
    pub fn read(&self) -> Tally {
        Tally { commits: self.0.commits.load(Ordering::Relaxed), steps: self.0.steps.load(Ordering::Relaxed) }
    }

    pub(crate) fn add(&self, steps: usize) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
        self.0.steps.fetch_add(steps as u64, Ordering::Relaxed);
    }
}
