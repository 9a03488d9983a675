//! Telling of claims that are answered, paid or invoiced late.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::Timestamp;

use crate::{
    funding::{
        afterwards::{Sight, late},
        evidence::Room,
    },
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job. One run looks at everything that is open, so that missed ones are not made up for singly.
pub static ABOUT: About = About {
    name: "late",
    what: "tells of claims that are answered, paid or invoiced late",
    cron: "40 5 * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The job that tells of them.
pub struct TellOfLate {
    shared: Arc<Shared>,
    room: Room,
}

impl TellOfLate {
    /// Looks at the claims of this installation.
    pub fn new(shared: Arc<Shared>, room: Room) -> TellOfLate {
        TellOfLate { shared, room }
    }
}

#[async_trait]
impl Job for TellOfLate {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let (store, now) = (self.shared.store.as_ref(), self.shared.clock.now());
        let world = self.shared.world.borrow().clone();
        let told = late::tell(Sight { store, room: &self.room, world: &world, now }).await?;
        self.shared.notices.notify_one();
        Ok(format!("{told} notices of what is late"))
    }
}
