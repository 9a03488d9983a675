//! Taking archived rows out of the database, once their files have been seen again.

use std::path::{Path, PathBuf};

use entente_store::{ArchiveRow, Released, Store};
use serde::Serialize;

use super::{ArchiveError, check};
use crate::audit::stored;

/// What left the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Runs.
    pub runs: u64,
    /// Rows of history.
    pub rows: u64,
    /// Partitions that were dropped.
    pub partitions: Vec<String>,
    /// Bytes that the storage gave back at once.
    pub bytes: u64,
}

/// What became of the rows that archives hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Release {
    /// What left.
    pub left: Left,
    /// Why rows stay that could leave, one sentence each.
    pub kept: Vec<String>,
    /// Archived runs whose rows are still here.
    pub held: u64,
}

/// Takes out what may leave. A file is looked for where it was written and in `folder`; an archive whose file is not
/// there, or is not what was recorded, lets nothing go.
///
/// # Errors
/// When the database cannot be read or written. What had left before has left.
pub async fn release(store: &dyn Store, folder: Option<&Path>) -> Result<Release, ArchiveError> {
    let mut done = Release::default();
    let mut seen = Vec::new();
    for archive in stored::archives(store).await?.into_iter().filter(|archive| archive.held > 0) {
        match look(&archive, folder) {
            Ok(()) => seen.push(archive.no),
            Err(why) => done.kept.push(why),
        }
    }
    if seen.is_empty() {
        return counted(store, done).await;
    }
    loop {
        match store.let_go(&seen).await {
            Ok(Some(Released { runs, rows, partition, bytes })) => {
                let left = &mut done.left;
                (left.runs, left.rows, left.bytes) = (left.runs + runs, left.rows + rows, left.bytes + bytes);
                left.partitions.extend(partition);
            }
            Ok(None) => return counted(store, done).await,
            Err(entente_store::Error::Busy(why)) => {
                done.kept.push(format!("others are at work on history ({why}): the rest leaves the next time"));
                return counted(store, done).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn counted(store: &dyn Store, mut done: Release) -> Result<Release, ArchiveError> {
    done.held = stored::archives(store).await?.iter().map(|archive| archive.held).sum();
    Ok(done)
}

/// Whether an archive's file is there, and is the one that was recorded.
fn look(archive: &ArchiveRow, folder: Option<&Path>) -> Result<(), String> {
    let places =
        [Some(Path::new(&archive.folder)), folder].into_iter().flatten().map(|place| place.join(&archive.file));
    let Some(path) = places.into_iter().find(|path: &PathBuf| path.exists()) else {
        return Err(format!("`{}` is not in `{}`: its rows stay", archive.file, archive.folder));
    };
    match check::sha256(&path) {
        Ok(found) if found.to_string() == archive.sha256 => Ok(()),
        Ok(_) => Err(format!("`{}` is not what was recorded: its rows stay", path.display())),
        Err(error) => Err(format!("`{}` cannot be read ({error}): its rows stay", path.display())),
    }
}
