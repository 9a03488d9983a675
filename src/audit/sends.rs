//! The notes of what left for a marketplace since the last seals, in files beside the database.
//!
//! A seal proves what a database had come to; whatever it did after its last seal, an older copy of it would do again.
//! So each write is noted before it leaves, in the file that is current; a new seal makes that file the previous one,
//! and the next one drops it. At a start, every note must be known to the database.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use entente_core::{
    ids::{InvokeId, RunId},
    run::{Command, Record},
    scope::Scope,
};
use entente_store::{Error, IntentRow, Result, Store};

use super::key::with_suffix;
use crate::runner::sends::{SendLog, Sent};

const CURRENT: &str = "sent";
const PREVIOUS: &str = "sent.old";

/// Notes in the files beside a database.
#[derive(Debug, Clone)]
pub struct SentFile {
    path: PathBuf,
}

impl SentFile {
    /// Notes beside `database`.
    pub fn beside(database: &Path) -> SentFile {
        SentFile { path: with_suffix(database, CURRENT) }
    }
}

impl SendLog for SentFile {
    fn note(&self, sent: &Sent) -> io::Result<()> {
        let mut line = serde_json::to_vec(sent).map_err(io::Error::other)?;
        line.push(b'\n');
        let mut options = File::options();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// A new seal covers what came before it: the current notes become the previous ones, which are dropped.
///
/// # Errors
/// When a file cannot be renamed.
pub fn turn(database: &Path) -> io::Result<()> {
    gone(fs::rename(with_suffix(database, CURRENT), with_suffix(database, PREVIOUS)))
}

/// Drops all notes: what the marketplaces hold has been read back.
///
/// # Errors
/// When a file cannot be removed.
pub fn forget(database: &Path) -> io::Result<()> {
    gone(fs::remove_file(with_suffix(database, CURRENT)))?;
    gone(fs::remove_file(with_suffix(database, PREVIOUS)))
}

/// What left and the database does not know of; `None` when it knows everything.
///
/// # Errors
/// When the database cannot be read.
pub async fn unknown(store: &dyn Store, database: &Path) -> Result<Option<String>> {
    for suffix in [PREVIOUS, CURRENT] {
        let path = with_suffix(database, suffix);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Ok(Some(format!("`{}` cannot be read: {error}", path.display()))),
        };
        // A last line without its end was never finished, so nothing left after it.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let Ok(sent) = serde_json::from_str::<Sent>(line) else {
                return Ok(Some(format!("`{}` has a line that cannot be read", path.display())));
            };
            if !knows(store, &sent).await? {
                let Sent { run, invoke, attempt } = sent;
                return Ok(Some(format!(
                    "attempt {attempt} of step {invoke} of run {run} left for a marketplace, and the database does not know of it"
                )));
            }
        }
    }
    Ok(None)
}

async fn knows(store: &dyn Store, sent: &Sent) -> Result<bool> {
    let intents = store.intents(&Scope::vendor(), sent.run).await?;
    let Some(intent) = intents.iter().find(|row| row.intent.invoke == sent.invoke) else { return Ok(false) };
    Ok(intent.attempts >= sent.attempt || retried(store, intent).await? || closed(store, sent.run).await?)
}

/// The run was archived since: it rested, so whatever it sent had been settled.
async fn closed(store: &dyn Store, run: RunId) -> Result<bool> {
    Ok(store.archive_of(&Scope::vendor(), run).await?.is_some())
}

/// A person had it sent once more since: attempts were counted anew, in a step that the database holds.
async fn retried(store: &dyn Store, intent: &IntentRow) -> Result<bool> {
    let again = |invoke: InvokeId| move |command: &Command| *command == Command::Retry { invoke };
    let history = store.history(&Scope::vendor(), intent.run, intent.intent.invoke.seq, u32::MAX).await?;
    for row in history {
        let record: Record = serde_json::from_str(&row.record)
            .map_err(|error| Error::Database(format!("a history record cannot be read: {error}")))?;
        if record.commands.iter().any(again(intent.intent.invoke)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// That there is no file is as good.
fn gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
