//! What a read-back found, for people: a file beside the database.

use std::{
    fs,
    path::{Path, PathBuf},
};

use entente_core::ids::{InvokeId, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::Confirmed;
use crate::audit::key::with_suffix;

/// What a read-back found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Why the marketplaces were read back.
    pub reason: String,
    /// Business time of the newest step that the database had.
    pub head_at: Option<Timestamp>,
    /// Business time of this report.
    pub at: Timestamp,
    /// Writes at the marketplaces whose steps the database knows.
    pub known: u64,
    /// Writes at the marketplaces of steps that the database has lost, of runs that it has.
    pub forgotten: Vec<Found>,
    /// Writes at the marketplaces of runs that the database does not have.
    pub orphaned: Vec<Found>,
    /// Sends of this database whose outcome is looked up before anything is sent again.
    pub in_doubt: Vec<InDoubt>,
    /// Accounts that were looked through by hand.
    pub by_hand: Vec<ByHand>,
}

/// A write found at a marketplace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The connector account.
    pub account: String,
    /// The run's label, as far as the marketplace keeps it.
    pub label: String,
    /// The run.
    pub run: RunId,
    /// The step.
    pub invoke: InvokeId,
    /// The marketplace's id of the write.
    pub change: String,
    /// When it began there.
    pub began_at: Timestamp,
    /// Where it stands there, in words.
    pub state: String,
    /// What was done about it.
    pub outcome: String,
}

/// A send whose outcome is looked up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InDoubt {
    /// The connector account.
    pub account: String,
    /// The run's label.
    pub label: String,
    /// The step.
    pub invoke: InvokeId,
    /// The operation.
    pub activity: String,
}

/// An account that a person looked through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ByHand {
    /// The connector account.
    pub account: String,
    /// Why it could not be read back.
    pub why: String,
    /// Who looked.
    pub confirmed: Confirmed,
}

impl Report {
    /// One line about it.
    pub fn summary(&self) -> String {
        format!(
            "{} writes known, {} of lost steps, {} of lost runs, {} sends looked up",
            self.known,
            self.forgotten.len(),
            self.orphaned.len(),
            self.in_doubt.len()
        )
    }

    /// Writes it beside the database; returns where.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, database: &Path) -> std::io::Result<PathBuf> {
        let path = with_suffix(database, &format!("recovery-{}.json", self.at.strftime("%Y%m%dT%H%M%SZ")));
        fs::write(&path, serde_json::to_vec_pretty(self).map_err(std::io::Error::other)?)?;
        fs::File::open(&path)?.sync_all()?;
        Ok(path)
    }
}
