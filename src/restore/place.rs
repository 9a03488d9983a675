//! Putting a backup into the place of the database, while nothing runs it.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use entente_store::Store;
use entente_store_sqlite::{Mode, OpenOptions, RunnerLock, SqliteStore};
use jiff::Timestamp;

use super::begin;
use crate::{
    audit::key::with_suffix,
    database::{Database, Url},
};

/// Why a backup was not put into place. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A running server holds the database.
    #[error("`{database}` is in use: stop `entente serve` first")]
    InUse {
        /// The database.
        database: String,
    },
    /// The file is the database itself, or one that is in use.
    #[error("`{from}` is not a backup: {why}")]
    NotABackup {
        /// The file.
        from: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// The backup is damaged.
    #[error("`{from}` is damaged and was not put into place: {}", findings.join("; "))]
    Damaged {
        /// The file.
        from: PathBuf,
        /// What is wrong.
        findings: Vec<String>,
    },
    /// The backup cannot be read as a database.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// A file cannot be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A backup in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Where the database that stood there before is now: a file, or a schema of the same database.
    pub set_aside: Option<String>,
    /// Business time of the newest step that the backup holds.
    pub head_at: Option<Timestamp>,
}

/// Checks the backup at `from`, draws a new epoch for it, notes that it must be read back, and puts it into place. What stood
/// there before is set aside, never deleted.
///
/// # Errors
/// When the database is in use, or the backup is none, damaged or too new. Nothing has changed then.
pub async fn place(from: &Path, database: &Path, reason: String, now: Timestamp) -> Result<Placed, RestoreError> {
    let _lock = lock(database)?;
    refuse_live(from, database)?;
    let fresh = with_suffix(database, "restoring");
    clear(&fresh)?;
    fs::copy(from, &fresh).map_err(file(from))?;
    let prepared = prepare(from, &fresh, reason, now).await;
    let head_at = match prepared {
        Ok(head_at) => head_at,
        Err(error) => {
            clear(&fresh)?;
            return Err(error);
        }
    };
    let set_aside = set_aside(database, now)?;
    fs::rename(&fresh, database).map_err(file(database))?;
    clear(&fresh)?;
    sync_folder(database)?;
    Ok(Placed { set_aside: set_aside.map(|aside| aside.display().to_string()), head_at })
}

/// The same on a database server: the backup is filled and checked beside what the database holds, and exchanged for it in
/// one transaction. What stood there before is kept in a schema of its own.
///
/// # Errors
/// When processes run the database, or the backup is none, damaged or too new. Nothing has changed then.
pub async fn place_on_server(
    from: &Path,
    database: &Url,
    reason: String,
    now: Timestamp,
) -> Result<Placed, RestoreError> {
    let staged = database.stage(from).await.map_err(|error| match error {
        entente_store::Error::Decode { detail, .. } => {
            RestoreError::Damaged { from: from.into(), findings: vec![detail] }
        }
        entente_store::Error::NotFound { kind: "file", .. } => {
            RestoreError::File { path: from.into(), source: io::ErrorKind::NotFound.into() }
        }
        error => error.into(),
    })?;
    let head_at = match settle(staged.store(), from, reason, now).await {
        Ok(head_at) => head_at,
        Err(error) => {
            staged.discard().await?;
            return Err(error);
        }
    };
    let aside = format!("entente_before_{}", now.strftime("%Y%m%dt%H%M%Sz_%f"));
    match staged.put_into_place(&aside).await {
        Ok(held) => Ok(Placed { set_aside: held.then(|| format!("schema {aside}")), head_at }),
        Err(entente_store::Error::Conflict { .. }) => Err(RestoreError::InUse { database: database.to_string() }),
        Err(error) => Err(error.into()),
    }
}

/// Restores a backup beside the database, lets `look` see what became of it, and takes it away again. The database stays as it
/// is, also while others run it.
///
/// # Errors
/// As [`place`], and what `look` gives.
pub async fn rehearse<T>(
    from: &Path,
    database: &Database,
    now: Timestamp,
    look: impl AsyncFnOnce(&dyn Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let reason = "a rehearsal".to_owned();
    let path = match database {
        Database::Server { url, .. } => {
            let staged = url.stage(from).await?;
            let looked = async {
                settle(staged.store(), from, reason, now).await?;
                look(staged.store()).await
            };
            let looked = looked.await;
            staged.discard().await?;
            return looked;
        }
        Database::File(path) => path,
    };
    let fresh = with_suffix(path, "rehearsal");
    clear(&fresh)?;
    fs::copy(from, &fresh).map_err(file(from))?;
    let looked = async {
        prepare(from, &fresh, reason, now).await?;
        let store = SqliteStore::open(&fresh, OpenOptions::new(Mode::Beside)).await?;
        let looked = look(&store).await;
        store.close().await;
        looked
    };
    let looked = looked.await;
    clear(&fresh)?;
    looked
}

async fn prepare(from: &Path, fresh: &Path, reason: String, now: Timestamp) -> Result<Option<Timestamp>, RestoreError> {
    let store = SqliteStore::open(fresh, OpenOptions::new(Mode::Runner)).await.map_err(|error| match error {
        entente_store::Error::Corrupt { detail, .. } => {
            RestoreError::Damaged { from: from.into(), findings: vec![detail] }
        }
        error => error.into(),
    })?;
    let prepared = settle(&store, from, reason, now).await;
    store.close().await;
    prepared
}

async fn settle(
    store: &dyn Store,
    from: &Path,
    reason: String,
    now: Timestamp,
) -> Result<Option<Timestamp>, RestoreError> {
    let findings = store.integrity().await?;
    if !findings.is_empty() {
        return Err(RestoreError::Damaged { from: from.into(), findings });
    }
    store.new_epoch(&uuid::Uuid::now_v7().simple().to_string()).await?;
    Ok(begin::enter(store, reason, now).await?.head_at)
}

/// The lock that a running server holds.
fn lock(database: &Path) -> Result<RunnerLock, RestoreError> {
    RunnerLock::take(database).map_err(|error| match error {
        entente_store::Error::RunnerLocked { .. } => RestoreError::InUse { database: database.display().to_string() },
        error => error.into(),
    })
}

/// A backup is one file: beside one that is in use lie writes that a copy would miss.
fn refuse_live(from: &Path, database: &Path) -> Result<(), RestoreError> {
    let here = fs::canonicalize(from).map_err(file(from))?;
    if fs::canonicalize(database).is_ok_and(|there| there == here) {
        return Err(RestoreError::NotABackup { from: from.into(), why: "it is the database itself" });
    }
    if fs::metadata(beside(from, "-wal")).is_ok_and(|log| log.len() > 0) {
        let why = "writes that are not part of the file lie beside it; make a backup with `entente backup`";
        return Err(RestoreError::NotABackup { from: from.into(), why });
    }
    Ok(())
}

/// Moves the database with its log to another name, under which it can still be opened.
fn set_aside(database: &Path, now: Timestamp) -> Result<Option<PathBuf>, RestoreError> {
    if !database.exists() {
        return Ok(None);
    }
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut to = with_suffix(database, &format!("before-{stamp}"));
    let mut n = 1;
    while to.exists() {
        n += 1;
        to = with_suffix(database, &format!("before-{stamp}-{n}"));
    }
    for part in ["-wal", "-shm"] {
        let (here, there) = (beside(database, part), beside(&to, part));
        if here.exists() {
            fs::rename(&here, &there).map_err(file(&there))?;
        }
    }
    fs::rename(database, &to).map_err(file(&to))?;
    Ok(Some(to))
}

/// Removes what an interrupted restore may have left.
fn clear(fresh: &Path) -> Result<(), RestoreError> {
    for path in [fresh.to_owned(), beside(fresh, "-wal"), beside(fresh, "-shm"), with_suffix(fresh, "lock")] {
        remove(&path)?;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), RestoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file(path)(error)),
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(OsStr::new(suffix));
    PathBuf::from(name)
}

fn sync_folder(path: &Path) -> Result<(), RestoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file(folder))
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> RestoreError {
    let path = path.to_owned();
    |source| RestoreError::File { path, source }
}
