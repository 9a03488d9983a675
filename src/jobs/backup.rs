//! A consistent copy of the database every night, the last seven kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::Timestamp;

use crate::{
    runner::Shared,
    schedule::{About, Job},
};

/// Copies kept.
const KEPT: usize = 7;

/// What is known of the job.
pub static ABOUT: About = About {
    name: "backup",
    what: "copies the database, and keeps the last seven copies",
    cron: "15 1 * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The backup job.
pub struct Backup {
    shared: Arc<Shared>,
    folder: PathBuf,
    stem: String,
}

impl Backup {
    /// Copies into the folder `backups` beside the database.
    pub fn new(shared: Arc<Shared>, database: &Path) -> Backup {
        let folder = database.parent().map(Path::to_path_buf).unwrap_or_default().join("backups");
        let stem =
            database.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_else(|| "entente".into());
        Backup { shared, folder, stem }
    }
}

#[async_trait]
impl Job for Backup {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, scheduled_for: Timestamp) -> anyhow::Result<String> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("the folder `{}` cannot be made", self.folder.display()))?;
        let copy = self.folder.join(format!("{}-{}.db", self.stem, scheduled_for.strftime("%Y%m%dT%H%M%SZ")));
        if !copy.exists() {
            self.shared.store.backup(&copy).await?;
        }
        let mut copies: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
            .filter(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{}-", self.stem)))
            })
            .collect();
        copies.sort();
        let surplus = copies.len().saturating_sub(KEPT);
        for old in copies.iter().take(surplus) {
            fs::remove_file(old).with_context(|| format!("the old copy `{}` cannot be removed", old.display()))?;
        }
        Ok(format!("copied to {}", copy.display()))
    }
}
