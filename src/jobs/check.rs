//! Checking every night that the database is sound, history is as it was written, and the books balance.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use entente_store::RunFilter;
use jiff::Timestamp;

use crate::{
    audit::{
        key::{KeyError, SealKey},
        sound, verify,
    },
    ledger,
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job.
pub static ABOUT: About = About {
    name: "check",
    what: "checks the database file, that history is as it was written, and that the books balance",
    cron: "45 0 * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// Findings told in one line, at most.
const TOLD_MAX: usize = 10;

/// The checking job.
pub struct Check {
    shared: Arc<Shared>,
    key: String,
}

impl Check {
    /// Checks seals against the key beside the database.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn new(shared: Arc<Shared>, database: &Path) -> Result<Check, KeyError> {
        Ok(Check { shared, key: SealKey::beside(database)?.public() })
    }
}

#[async_trait]
impl Job for Check {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let store = self.shared.store.as_ref();
        let mut findings = sound::findings(store, RunFilter::default()).await?;
        let report = verify::verify_stored(store, Some(self.key.clone())).await?;
        findings.extend(report.findings.iter().map(ToString::to_string));
        let books = ledger::verify::verify(store).await?;
        findings.extend(books.findings.iter().map(ToString::to_string));
        let line = format!(
            "{} history rows under {} seals and {} journals checked",
            report.rows, report.seals, books.journals
        );
        if findings.is_empty() {
            return Ok(line);
        }
        // What would be sent from here on cannot be trusted; a restart is refused until a sound copy is in place.
        self.shared.gate.close();
        tracing::error!("nothing more is sent: {} findings in the database", findings.len());
        let told: Vec<&str> = findings.iter().take(TOLD_MAX).map(String::as_str).collect();
        anyhow::bail!(
            "{line}, {} findings, nothing more is sent: {}; see all with `entente verify`, `entente audit verify` and `entente ledger verify`",
            findings.len(),
            told.join("; ")
        )
    }
}
