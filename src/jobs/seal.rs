//! Sealing, every few seconds beside the engine; as a job once a minute, so that people see it and can ask for it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    audit::{
        key::{KeyError, SealKey},
        seal,
    },
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job.
pub static ABOUT: About = About {
    name: "seal",
    what: "signs the history that no seal covers yet",
    cron: "* * * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// How long history stays unsealed while nothing is wrong, in real time.
const EVERY: Duration = Duration::from_secs(10);

/// The sealing job.
pub struct Sealing {
    shared: Arc<Shared>,
    key: SealKey,
    database: PathBuf,
}

impl Sealing {
    /// Seals with the key beside the database.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn new(shared: Arc<Shared>, database: &Path) -> Result<Sealing, KeyError> {
        Ok(Sealing { shared, key: SealKey::beside(database)?, database: database.into() })
    }

    async fn seal(&self) -> Result<u64, seal::SealError> {
        seal::seal(self.shared.store.as_ref(), &self.key, &self.database, self.shared.clock.now()).await
    }
}

#[async_trait]
impl Job for Sealing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        Ok(format!("{} rows sealed", self.seal().await?))
    }
}

/// Seals every few seconds until told to stop, and once more then.
pub async fn keep_sealing(sealing: Sealing, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
        if let Err(error) = sealing.seal().await {
            tracing::warn!("history could not be sealed, it is tried again: {error}");
        }
    }
}
