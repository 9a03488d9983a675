//! Making each partner's statement once a month is over.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use jiff::Timestamp;

use crate::{
    audit::key::SealKey,
    funding::statement,
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job. One run makes those of every month that is over and has none, so that missed ones are not made up for
/// singly.
pub static ABOUT: About = About {
    name: "statements",
    what: "makes each partner's statement once a month is over",
    cron: "20 4 * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The job that makes them.
pub struct Statements {
    shared: Arc<Shared>,
    key: SealKey,
    zone: String,
}

impl Statements {
    /// Signs with the key beside the database; months are those of the installation's zone.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn new(shared: Arc<Shared>, database: &Path, zone: &str) -> anyhow::Result<Statements> {
        Ok(Statements { shared, key: SealKey::beside(database)?, zone: zone.to_owned() })
    }
}

#[async_trait]
impl Job for Statements {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let (store, now) = (self.shared.store.as_ref(), self.shared.clock.now());
        let (months, statements) = statement::make_due(store, &self.key, &self.zone, now).await?;
        Ok(match months {
            0 => "every month that is over has its statements".into(),
            months => format!("{statements} statements of {months} months made"),
        })
    }
}
