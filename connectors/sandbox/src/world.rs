//! Everything that the sandbox remembers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::clock::VirtualClock;
use crate::config::Config;
use crate::ids::IdSource;

/// The whole state, written to one snapshot file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    /// Raised whenever the snapshot's form changes; another number is refused at load.
    pub(crate) format: u32,
    pub(crate) clock: VirtualClock,
    pub(crate) ids: IdSource,
    pub(crate) aws: Aws,
}

/// The form of the snapshot that this build reads and writes.
pub(crate) const FORMAT: u32 = 1;

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        let clock = VirtualClock::starting_at(config.start_at, config.rate);
        let mut ids = IdSource::new();
        let aws = Aws::with_default_catalogue(clock.now(), &mut ids);
        Self { format: FORMAT, clock, ids, aws }
    }

    /// Lets everything happen that is due by now, each at its own time. True when anything did.
    pub(crate) fn settle(&mut self) -> bool {
        let now = self.clock.now();
        self.aws.settle(now, &mut self.ids)
    }

    /// Sets the clock. Work in flight keeps its distance to the clock when that moves back, so that
    /// a change set started before does not stay open for years.
    pub(crate) fn set_clock(&mut self, to: Timestamp) {
        let moved = self.clock.set(to);
        if moved < SignedDuration::ZERO {
            self.aws.rebase_work_in_flight(moved);
        }
    }
}
