//! The demo's files: a configuration, people, calendars and prices that its visitor may read and change.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use entente_sandbox::Director;

use crate::{config::Config, database::DatabaseName};

const PEOPLE: &str = include_str!("../../examples/people.yaml");

/// The demo's price book: no end of validity, whatever day it is.
pub const PRICE_BOOK: &str = "\
sku,currency,term,volume_from,volume_to,valid_from,valid_to,list,floor,partner_wholesale
Seats,USD,P12M,1,,2020-01-01,,400.00,280.00,320.00
Premium,USD,P12M,1,,2020-01-01,,12000.00,,
Events,USD,,1,,2020-01-01,,0.05,0.03,0.04
Hours,USD,,1,,2020-01-01,,1.20,0.80,1.00
";

/// The name under which offers count their discount against it.
pub const PRICE_BOOK_ID: &str = "demo@1";

const CONFIG: &str = "entente.yaml";

/// The database of a story that one process tells.
pub const FILE: &str = "entente.db";

/// Seconds after which the others take over from a process that was killed: the shortest.
const LEASE_SECONDS: u16 = 2;

/// Says that the folder's story was told to its end.
const TOLD: &str = "told";

/// Marks a folder as a demo's. Whoever works in it holds this file's lock, so there is one at a time.
const MARK: &str = "demo.lock";

/// A demo's folder. Nobody else works in it while this exists.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// No story has begun in it.
    pub fresh: bool,
    _mark: File,
}

/// Takes the folder: empty for a new story, as it was for one that was stopped in the middle.
///
/// # Errors
/// When it holds anything but a demo, another demo works in it, or it cannot be written. Nothing was changed then.
pub fn take(folder: &Path, fresh: bool) -> anyhow::Result<Folder> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("`{shown}` cannot be made"))?;
    let empty = fs::read_dir(folder).with_context(|| format!("`{shown}` cannot be read"))?.next().is_none();
    let mark = folder.join(MARK);
    anyhow::ensure!(
        empty || mark.exists(),
        "`{shown}` is not a demo's folder: name another one with --dir, nothing was changed"
    );
    let mark = File::options().create(true).append(true).open(mark);
    let mark = mark.with_context(|| format!("`{shown}` cannot be written"))?;
    match mark.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("another demo works in `{shown}`: stop it first, or name another folder with --dir")
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("`{shown}` cannot be locked")),
    }
    if fresh || folder.join(TOLD).exists() {
        clear(folder).with_context(|| format!("`{shown}` cannot be emptied"))?;
    }
    let path = fs::canonicalize(folder).with_context(|| format!("`{shown}` cannot be found"))?;
    let fresh = !path.join(CONFIG).exists();
    Ok(Folder { path, fresh, _mark: mark })
}

/// Removes what an earlier story left, but for the mark, whose lock is held.
fn clear(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false if entry.file_name() == MARK => {}
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Notes that the story was told: the next demo begins anew.
///
/// # Errors
/// When the folder cannot be written.
pub fn told(folder: &Path) -> anyhow::Result<()> {
    fs::write(folder.join(TOLD), "").context("the end of the story cannot be noted")
}

/// Refuses to go on with a story in another database than it began in.
///
/// # Errors
/// When the configuration that is there cannot be read, or names another database.
pub fn same_database(folder: &Path, database: &str) -> anyhow::Result<()> {
    let path = folder.join(CONFIG);
    if path.exists() {
        let earlier = Config::load(Some(&path))?.database_name;
        anyhow::ensure!(
            earlier == DatabaseName::from(database),
            "the story in `{}` began in `{earlier}`: go on there, or begin anew with --fresh",
            folder.display()
        );
    }
    Ok(())
}

/// Writes the configuration for this sandbox; returns its path.
pub fn write(
    folder: &Path,
    database: &str,
    sandbox: &entente_sandbox::Running,
    stage: &Director,
) -> anyhow::Result<PathBuf> {
    let (aws_url, control_url) = (sandbox.aws_url(), sandbox.control_url());
    let seller = stage.seller();
    let config = format!(
        "# Written by `entente demo` at every start.
database: {database}
lease_seconds: {LEASE_SECONDS}
listen: 127.0.0.1:0
people: people.yaml
zone: America/New_York
sandbox_clock: {control_url}
notices:
  file: notices.jsonl
# Stands in for a scanner: it finds every file clean.
evidence: {{ scan: {{ command: [cat] }} }}
jobs:
  drift: {{ cron: '*/5 * * * *' }}
connectors:
  aws/acme-us:
    kind: aws
    legal_entity: acme-us
    endpoint: {aws_url}
    credentials: {{ sandbox: {{ key_id: {}, secret: {} }} }}
",
        seller.access_key, seller.secret_key
    );
    let path = folder.join(CONFIG);
    for (path, text) in [
        (path.clone(), config.as_str()),
        (folder.join("people.yaml"), PEOPLE),
        (folder.join("price-book.csv"), PRICE_BOOK),
    ] {
        fs::write(&path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(path)
}
