//! Sealing every minute; the engine seals on its own in between whenever many rows have gathered.

use std::{path::{Path, PathBuf}, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    audit::{key::{KeyError, SealKey}, seal},
    runner::Shared,
    schedule::Job,
};

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
}

#[async_trait]
impl Job for Sealing {
    fn name(&self) -> &'static str {
        "seal"
    }

    fn cron(&self) -> &'static str {
        "* * * * *"
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let now = self.shared.clock.now();
        let rows = seal::seal(self.shared.store.as_ref(), &self.key, &self.database, now).await?;
        Ok(format!("{rows} rows sealed"))
    }
}
