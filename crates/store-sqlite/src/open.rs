//! Opening the file: who may write, how durable writes are, and what is checked before the first of them.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use entente_store::{Error, Result};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    fault::{explain, explain_opening},
    migrations,
    runner_lock::RunnerLock,
    store::SqliteStore,
    writer::{Writer, WrittenFile},
};

/// What the file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// To run it: takes the runner lock, so that no second process does.
    #[default]
    Runner,
    /// To submit and read beside a runner, as commands do; a file that cannot be written is read, and every write is refused.
    Beside,
    /// To read only; every write is refused.
    ReadOnly,
}

/// How a file is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// What for.
    pub mode: Mode,
    /// Connections for reading.
    pub readers: u32,
    /// How long one attempt to begin writing waits for another process's write.
    pub busy_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions { mode: Mode::Runner, readers: 4, busy_timeout: Duration::from_secs(5) }
    }
}

impl OpenOptions {
    /// The defaults, for this purpose.
    pub fn new(mode: Mode) -> Self {
        OpenOptions { mode, ..OpenOptions::default() }
    }
}

/// What the writer keeps of the file in memory: 8 MB, the tails that it writes to. Each commit looks through all of it,
/// and the system keeps the rest.
const CACHE: &str = "-8000";

/// The log may grow to this many pages (32 MB) before a commit waits for the rest of it to be moved into the file.
const LOG_PAGES_MAX: &str = "8000";

/// Switching a new file to write-ahead logging fails at once, without waiting, when another process does the same.
const OPEN_ATTEMPTS: u32 = 100;

pub(crate) async fn open(path: &Path, options: OpenOptions) -> Result<SqliteStore> {
    match options.mode {
        Mode::Runner => open_to_write(path, options).await,
        Mode::ReadOnly => open_to_read(path, &options, "it was opened for reading only".to_owned()).await,
        Mode::Beside => match open_to_write(path, options.clone()).await {
            Err(Error::ReadOnly { path: named, detail }) => {
                let read = open_to_read(path, &options, detail.clone()).await;
                read.map_err(|_| Error::ReadOnly { path: named, detail })
            }
            opened => opened,
        },
    }
}

async fn open_to_write(path: &Path, options: OpenOptions) -> Result<SqliteStore> {
    private_file(path).map_err(|error| unwritable(path, &error))?;
    let lock = if options.mode == Mode::Runner { Some(RunnerLock::take(path)?) } else { None };
    probe(&base(path, &options).read_only(true), path).await?;
    let mut conn = connect(path, &options).await.map_err(|error| explain_opening(&error, path))?;
    migrations::apply(&mut conn, migrations::steps(), path).await?;
    verify_durability(&mut conn, path).await?;
    let checkpointer = connect(path, &options).await.map_err(|error| explain(&error, path))?;
    let pool = readers(base(path, &options).pragma("query_only", "ON"), &options);
    let file = WrittenFile { path: path.to_owned(), options, lock };
    let writer = Writer::start(conn, checkpointer, file).map_err(|error| Error::Database(error.to_string()))?;
    Ok(SqliteStore::new(path.to_owned(), pool, Ok(writer)))
}

async fn open_to_read(path: &Path, options: &OpenOptions, why: String) -> Result<SqliteStore> {
    if !path.exists() {
        return Err(Error::NotFound { kind: "database", id: path.display().to_string() });
    }
    let mut settings = base(path, options).read_only(true);
    let mut probed = probe(&settings, path).await;
    if matches!(probed, Err(Error::ReadOnly { .. })) && !has_log(path) {
        // Where no file can be made beside it, SQLite reads one without a log only if told that nobody writes it.
        settings = settings.immutable(true);
        probed = probe(&settings, path).await;
    }
    let found = probed?;
    if found < migrations::known() {
        let (path, known) = (path.display(), migrations::known());
        return Err(Error::Database(format!(
            "`{path}` has schema {found}, reading needs {known}: open it once for writing"
        )));
    }
    Ok(SqliteStore::new(path.to_owned(), readers(settings, options), Err(why)))
}

/// Whether writes that are not yet part of the file lie beside it.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Looks at the file without changing it; the answer is its schema number.
async fn probe(settings: &SqliteConnectOptions, path: &Path) -> Result<i64> {
    let mut conn = settings.connect().await.map_err(|error| explain_opening(&error, path))?;
    let found = migrations::check(&mut conn, path).await;
    conn.close().await.map_err(|error| explain(&error, path))?;
    found
}

fn base(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(options.busy_timeout)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

fn writing(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    base(path, options)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", LOG_PAGES_MAX)
        .pragma("cache_size", CACHE)
}

/// A connection that writes durably.
pub(crate) async fn connect(path: &Path, options: &OpenOptions) -> sqlx::Result<SqliteConnection> {
    let mut attempt = 1;
    loop {
        match writing(path, options).connect().await {
            Err(error) if attempt < OPEN_ATTEMPTS && matches!(explain(&error, path), Error::Busy(_)) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            answer => return answer,
        }
        attempt += 1;
    }
}

fn readers(settings: SqliteConnectOptions, options: &OpenOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(options.readers.max(1))
        .acquire_timeout(options.busy_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(settings)
}

/// Settings are requests: some file systems silently give less than was asked for.
async fn verify_durability(conn: &mut SqliteConnection, path: &Path) -> Result<()> {
    let journal: String =
        migrations::pragma(conn, "PRAGMA journal_mode").await.map_err(|error| explain(&error, path))?;
    let synchronous: i64 =
        migrations::pragma(conn, "PRAGMA synchronous").await.map_err(|error| explain(&error, path))?;
    if journal.eq_ignore_ascii_case("wal") && synchronous == 2 {
        return Ok(());
    }
    let path = path.display();
    Err(Error::Database(format!(
        "`{path}` gives journal_mode `{journal}` and synchronous {synchronous} where `wal` and 2 are needed: move it to a local file system"
    )))
}

/// Opens or creates a file that only its owner may read.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::NotFound { kind: "folder", id: folder_of(path).display().to_string() };
    }
    Error::ReadOnly { path: path.display().to_string(), detail: error.to_string() }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a consistent copy of the file at `from` to `to`, which must not exist, and makes it durable.
pub(crate) async fn copy(from: &Path, to: &Path) -> Result<()> {
    let taken = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::Conflict { kind: "file", id: to.display().to_string() },
        _ => unwritable(to, &error),
    };
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(to).map_err(taken)?;
    let copied = vacuum_into(from, to).await.and_then(|()| file.sync_all().map_err(|error| unwritable(to, &error)));
    if copied.is_err() {
        // The half-written copy is of no use; that it cannot be removed changes nothing about the error to report.
        let _ = std::fs::remove_file(to);
        return copied;
    }
    sync_folder(to).map_err(|error| unwritable(to, &error))
}

async fn vacuum_into(from: &Path, to: &Path) -> Result<()> {
    let target = PathBuf::from(to).into_os_string().into_string();
    let target =
        target.map_err(|name| Error::Database(format!("the path {name:?} is not UTF-8: choose another name")))?;
    let settings = base(from, &OpenOptions::default());
    let mut conn = settings.connect().await.map_err(|error| explain(&error, from))?;
    let done = sqlx::query("VACUUM INTO ?1").bind(target).execute(&mut conn).await;
    let closed = conn.close().await;
    done.map(|_| ()).and(closed).map_err(|error| explain(&error, from))
}

fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}
