//! Archiving: histories of closed runs are written to signed files, and leave the database once those have been read back.
//!
//! The order is the whole of its safety. A file is written under another name, made durable, given its name, read back and
//! verified as anybody would; then one transaction marks its runs; then rows leave, and before they do, the file is looked
//! at again. Killed anywhere, everything is still in the database, or in a verified file and marked; the next call goes on.

mod check;
mod line;
mod release;
mod write;

use std::{
    io,
    path::{Path, PathBuf},
};

use entente_core::audit::{Finding, Fingerprint, Report};
use entente_store::{Archivable, NewArchive, Store};
use jiff::Timestamp;

pub use check::{is_archive, verify};
pub use release::{Left, Release, release};

use super::{key::SealKey, verify::VerifyError};
use crate::runner::failpoint::{self, Point};

/// Runs in one file, at most: they are marked in one transaction.
const RUNS_MAX: u32 = 1000;

/// Why nothing could be archived, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// The file cannot be written.
    #[error("the archive `{path}` cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A stored value cannot be read.
    #[error("{what} cannot be read: {detail}")]
    Unreadable {
        /// What it is.
        what: String,
        /// Why.
        detail: String,
    },
    /// The file does not say what was written to it.
    #[error(
        "the archive `{path}` is not as it was written ({detail}): nothing has left the database; move the file away and \
         repeat, on another disk if this one is failing"
    )]
    NotAsWritten {
        /// The file.
        path: PathBuf,
        /// The first thing found.
        detail: String,
    },
}

/// Which runs, where to, and by whom.
#[derive(Debug, Clone)]
pub struct Order {
    /// Runs whose last step was before this business time.
    pub before: Timestamp,
    /// The folder that the files go to.
    pub to: PathBuf,
    /// Who archives: a person, or a job.
    pub by: String,
    /// Business time now.
    pub now: Timestamp,
}

/// A file that was written and recorded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Made {
    /// Its path.
    pub file: PathBuf,
    /// SHA-256 of it, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Its runs.
    pub runs: u64,
    /// Its history rows.
    pub rows: u64,
}

/// What archiving came to.
#[derive(Debug, Default)]
pub struct Done {
    /// The files.
    pub made: Vec<Made>,
    /// What keeps runs from being archived: their histories do not verify.
    pub findings: Vec<Finding>,
}

/// The runs that would be archived, ascending by label.
///
/// # Errors
/// When the database cannot be read.
pub async fn candidates(store: &dyn Store, before: Timestamp) -> Result<Vec<Archivable>, ArchiveError> {
    let mut all: Vec<Archivable> = Vec::new();
    loop {
        let after = all.last().map(|last| last.label.clone());
        let page = store.archivable(before, after.as_deref(), RUNS_MAX).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Writes the runs that can be archived to files, and records these. Their rows are still in the database afterwards:
/// [`release`] takes them out.
///
/// # Errors
/// When the database or a file cannot be written, or a file is not as it was written. What was recorded before is as good
/// as if it had been asked for alone.
pub async fn archive(store: &dyn Store, key: &SealKey, order: &Order) -> Result<Done, ArchiveError> {
    let mut done = Done::default();
    let mut after: Option<String> = None;
    loop {
        let page = store.archivable(order.before, after.as_deref(), RUNS_MAX).await?;
        let Some(last) = page.last() else { return Ok(done) };
        after = Some(last.label.clone());
        let (sound, findings) = write::sound(store, page).await?;
        done.findings.extend(findings);
        if sound.is_empty() {
            continue;
        }
        match one(store, key, order, &sound).await {
            Ok(made) => done.made.push(made),
            // Another process archived some of them, or one of them was asked something: the next call sees what is left.
            Err(ArchiveError::Store(entente_store::Error::Conflict { .. })) => {}
            Err(error) => return Err(error),
        }
    }
}

/// One file, from its first byte to its mark.
async fn one(store: &dyn Store, key: &SealKey, order: &Order, runs: &[Archivable]) -> Result<Made, ArchiveError> {
    let path = order.to.join(name(runs));
    if !path.exists() {
        write::write(store, key, order, runs, &path).await?;
    }
    failpoint::reach(Point::K7, "archive.written");
    // What is there may also be what a killed process left: it counts as if it came from elsewhere.
    let read = check::read(&path, None).map_err(|error| not_as_written(&path, &error.to_string()))?;
    if let Some(finding) = read.report.findings.first() {
        return Err(not_as_written(&path, &finding.to_string()));
    }
    let manifest = read.manifest.filter(|manifest| manifest.runs_root() == write::root(runs));
    let Some(manifest) = manifest else { return Err(not_as_written(&path, "it holds other runs")) };
    if manifest.key != key.public() {
        return Err(not_as_written(&path, "it is signed with another key than this machine's"));
    }
    let text = serde_json::to_string(&manifest)
        .map_err(|error| ArchiveError::Unreadable { what: "the manifest".into(), detail: error.to_string() })?;
    let new = NewArchive {
        file: name(runs),
        folder: order.to.display().to_string(),
        sha256: read.sha256.to_string(),
        bytes: read.bytes,
        manifest: text,
        runs: runs.iter().map(|run| (run.run, run.seq, run.head)).collect(),
    };
    store.add_archive(&new).await?;
    failpoint::reach(Point::K8, "archive.recorded");
    Ok(Made { file: path, sha256: new.sha256, bytes: read.bytes, runs: runs.len() as u64, rows: manifest.rows() })
}

/// A file's name: the month in which the last of its runs ended, and what tells its runs from any others.
fn name(runs: &[Archivable]) -> String {
    let month = runs.iter().map(|run| run.ended_at).max().unwrap_or_default().strftime("%Y-%m").to_string();
    let root = write::root(runs).to_string();
    let short: String = root.chars().take(16).collect();
    format!("entente-history-{month}-{short}.jsonl")
}

fn not_as_written(path: &Path, detail: &str) -> ArchiveError {
    ArchiveError::NotAsWritten { path: path.to_path_buf(), detail: detail.to_owned() }
}

/// A file as it was read: what verification says, what it is, and what it says of itself.
#[derive(Debug)]
pub struct ReadArchive {
    /// What was found.
    pub report: Report,
    /// SHA-256 of the whole file.
    pub sha256: Fingerprint,
    /// Its length.
    pub bytes: u64,
    /// Its manifest, where it has one.
    pub manifest: Option<entente_core::audit::Manifest>,
}

/// Reads an archive from a file.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path, trusted: Option<String>) -> Result<ReadArchive, VerifyError> {
    check::read(path, trusted)
}
