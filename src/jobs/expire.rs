//! Removing proof every night whose time is over, as `entente evidence expire` does.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::Timestamp;

use crate::{
    funding::evidence::{self, Room},
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job. One run after a pause removes all that came due in it, so that missed ones are not made up for singly.
pub static ABOUT: About = About {
    name: "evidence",
    what: "removes proof of claims whose time is over",
    cron: "45 2 * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// In whose name files are removed.
const BY: &str = "job/evidence";

/// The job that removes them.
pub struct ExpireEvidence {
    shared: Arc<Shared>,
    room: Room,
}

impl ExpireEvidence {
    /// Removes them from this room.
    pub fn new(shared: Arc<Shared>, room: Room) -> ExpireEvidence {
        ExpireEvidence { shared, room }
    }
}

#[async_trait]
impl Job for ExpireEvidence {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let (store, now) = (self.shared.store.as_ref(), self.shared.clock.now());
        if !evidence::any(store).await? {
            return Ok("nobody has handed anything in".into());
        }
        let vault = self.room.vault()?;
        let mut over = evidence::left_behind(store, &vault, now).await?;
        over.extend(evidence::due(store, now).await?);
        let mut stays = Vec::new();
        for due in &over {
            // One that cannot be removed stands in no other's way.
            if let Err(error) = evidence::remove(store, &vault, due, BY, now).await {
                let names = due.records.iter().map(|kept| kept.sha256.as_str());
                stays.push(anyhow::Error::new(error).context(names.take(1).collect::<String>()));
            }
        }
        let removed = over.len() - stays.len();
        match stays.into_iter().next() {
            None => Ok(format!("{removed} files removed")),
            Some(first) => Err(first).context(format!("{removed} of {} files removed", over.len())),
        }
    }
}
