//! Archiving every month what ended long ago, where the configuration says where to.

use std::{path::Path, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::{SignedDuration, Timestamp};

use crate::{
    audit::{
        archive::{self, Order},
        key::{KeyError, SealKey},
    },
    config::ArchiveConfig,
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job.
pub static ABOUT: About = About {
    name: "archive",
    what: "moves histories of runs that ended long ago to signed files, where `archive` is configured",
    cron: "30 2 1 * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The archiving job.
pub struct Archiving {
    shared: Arc<Shared>,
    key: SealKey,
    /// The folder, and how long a run has ended before it goes there.
    to: Option<(PathBuf, SignedDuration)>,
}

impl Archiving {
    /// Archives as configured, signed with the key beside the database.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn new(
        shared: Arc<Shared>,
        database: &Path,
        config: Option<&ArchiveConfig>,
        resolve: impl Fn(&Path) -> PathBuf,
    ) -> Result<Archiving, KeyError> {
        let to =
            config.map(|config| (resolve(&config.to), SignedDuration::from_hours(24 * i64::from(config.after_days))));
        Ok(Archiving { shared, key: SealKey::beside(database)?, to })
    }
}

#[async_trait]
impl Job for Archiving {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let Some((folder, age)) = &self.to else { return Ok("`archive` is not configured: nothing to do".into()) };
        std::fs::create_dir_all(folder)?;
        let now = self.shared.clock.now();
        let (before, to) = (now.checked_sub(*age)?, folder.canonicalize()?);
        let store = self.shared.store.as_ref();
        let order = Order { before, to, by: "job/archive".into(), now };
        let done = archive::archive(store, &self.key, &order).await?;
        let release = archive::release(store, Some(&order.to)).await?;
        let runs: u64 = done.made.iter().map(|made| made.runs).sum();
        let (files, left) = (done.made.len(), &release.left);
        let mut line = format!("{runs} runs archived in {files} files, {} steps have left the database", left.rows);
        for why in &release.kept {
            line = format!("{line}; {why}");
        }
        if let Some(first) = done.findings.first() {
            anyhow::bail!("{line}; {} histories stay because they do not verify: {first}", done.findings.len());
        }
        Ok(line)
    }
}
