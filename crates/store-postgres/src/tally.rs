//! How much has been written since the store was opened: the cost of a step is counted, not timed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What a store has written since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Transactions that ended with a commit.
    pub commits: u64,
    /// Steps of runs offered to these transactions.
    pub steps: u64,
    /// Transactions that were begun again: after a deadlock, a wait that took too long, a lost connection.
    pub repeated: u64,
    /// Commits whose answer was lost and whose outcome was read afterwards.
    pub looked_up: u64,
}

/// Reads a store's tally at any time, without keeping the store open.
#[derive(Debug, Clone, Default)]
pub struct TallyReader(Arc<Counting>);

#[derive(Debug, Default)]
struct Counting {
    commits: AtomicU64,
    steps: AtomicU64,
    repeated: AtomicU64,
    looked_up: AtomicU64,
}

impl TallyReader {
    /// What has been written so far.
    pub fn read(&self) -> Tally {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counting { commits, steps, repeated, looked_up } = &*self.0;
        Tally { commits: get(commits), steps: get(steps), repeated: get(repeated), looked_up: get(looked_up) }
    }

    pub(crate) fn committed(&self, steps: usize) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
        self.0.steps.fetch_add(steps as u64, Ordering::Relaxed);
    }

    pub(crate) fn repeated(&self) {
        self.0.repeated.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn looked_up(&self) {
        self.0.looked_up.fetch_add(1, Ordering::Relaxed);
    }
}
