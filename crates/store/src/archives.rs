//! Histories that leave the database for signed files, and the mark that stays.
//!
//! Only history leaves. The run, its search keys, its inbox with all verdicts, its intents and whatever the ledger booked
//! for it stay, so that a label is never given twice and a key goes on answering.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use jiff::Timestamp;

use crate::error::Result;

/// A run whose history may be archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archivable {
    /// The run.
    pub run: RunId,
    /// Its label.
    pub label: String,
    /// Its last step.
    pub seq: u64,
    /// Hash of its last history row.
    pub head: [u8; 32],
    /// Business time of its last step.
    pub ended_at: Timestamp,
}

/// An archive to record, once its file is durable and has been read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArchive {
    /// The file's name, unique among all archives.
    pub file: String,
    /// The folder that it was written to.
    pub folder: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The file's length.
    pub bytes: u64,
    /// Its signed manifest, as JSON.
    pub manifest: String,
    /// Its runs, each with its last step and that one's hash.
    pub runs: Vec<(RunId, u64, [u8; 32])>,
}

/// A recorded archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// Its number, from 1.
    pub no: i64,
    /// See [`NewArchive::file`].
    pub file: String,
    /// See [`NewArchive::folder`].
    pub folder: String,
    /// See [`NewArchive::sha256`].
    pub sha256: String,
    /// See [`NewArchive::bytes`].
    pub bytes: u64,
    /// See [`NewArchive::manifest`].
    pub manifest: String,
    /// Runs of it whose history is still in the database as well.
    pub held: u64,
}

/// Where a run's history was archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The archive's number.
    pub archive: i64,
    /// The archive's file.
    pub file: String,
    /// The folder that it was written to.
    pub folder: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Whether the history has left the database: else it is in both.
    pub gone: bool,
}

/// What left the database in one transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// Runs.
    pub runs: u64,
    /// Rows of history.
    pub rows: u64,
    /// The partition that was dropped with them, where history has partitions.
    pub partition: Option<String>,
    /// Bytes that the storage gave back at once.
    pub bytes: u64,
}

/// Archives of histories.
#[async_trait]
pub trait Archives {
    /// Runs that can be archived, ascending by label, after the label `after`: they have ended, took their last step before
    /// `before`, wait for nothing (no incident, open intent, timer or message), and are sealed to the last row.
    async fn archivable(&self, before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>>;

    /// Records an archive and gives it the next number. From then on its runs take no step. Refused with `Conflict` as a
    /// whole when one of them is not archivable any more, stands elsewhere, or is archived already.
    async fn add_archive(&self, archive: &NewArchive) -> Result<i64>;

    /// Archives after number `after`, ascending.
    async fn archives(&self, after: i64, limit: u32) -> Result<Vec<ArchiveRow>>;

    /// Where a run's history was archived.
    async fn archive_of(&self, scope: &Scope, run: RunId) -> Result<Option<Archived>>;

    /// Takes histories that these archives hold out of the database, as many as one short transaction takes; `None` when
    /// nothing of them can leave now. The newest row of all history stays, so that numbers go on from it.
    async fn let_go(&self, archives: &[i64]) -> Result<Option<Released>>;
}
