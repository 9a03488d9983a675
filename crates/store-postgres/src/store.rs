//! The store as a value that is cheap to clone.

use std::{path::Path, sync::Arc, time::Duration};

use entente_store::{Error, Result};
use sqlx::PgPool;
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    backup,
    fault::explain,
    leases::Reserved,
    open::{self, OpenOptions},
    session,
    tally::TallyReader,
    target::Target,
    writer::{Write, Writer},
};

/// A store in one PostgreSQL database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

/// What a store is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) target: Target,
    pub(crate) patience: Duration,
    pub(crate) readers: PgPool,
    /// Or why there is none.
    pub(crate) writer: std::result::Result<Writer, String>,
    pub(crate) background: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    leases: Reserved,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.parts.background.iter().for_each(JoinHandle::abort);
    }
}

impl PostgresStore {
    /// Opens the database that `url` names, such as `postgres://user@host/database`, and brings its schema up to date.
    /// The database itself must exist.
    ///
    /// # Errors
    /// `NotFound` without the database, `SchemaTooNew`, `ReadOnly` for a standby, `Busy` while it cannot be reached,
    /// `Database` for a server that is too old or loses commits; nothing was changed.
    pub async fn open(url: &str, options: OpenOptions) -> Result<PostgresStore> {
        open::open(url, options).await
    }

    pub(crate) fn new(parts: Parts) -> PostgresStore {
        let leases = Reserved::new(parts.target.clone(), parts.patience);
        PostgresStore { inner: Arc::new(Inner { parts, leases }) }
    }

    /// Fills the empty database that `url` names from the copy that `backup` wrote to `from`. It is not opened.
    ///
    /// # Errors
    /// `Conflict` when the database holds anything, `Decode` for a file that is no whole copy, `SchemaTooNew`.
    pub async fn restore(url: &str, from: &Path) -> Result<()> {
        backup::restore(&Target::parse(url)?, from).await
    }

    /// Host and database, without user and password.
    pub fn name(&self) -> &str {
        self.inner.parts.target.name()
    }

    /// Finishes what is being read and written, and closes the connections. Later calls are refused.
    pub async fn close(&self) {
        self.inner.parts.background.iter().for_each(JoinHandle::abort);
        if let Ok(writer) = &self.inner.parts.writer {
            writer.close().await;
        }
        self.inner.leases.close().await;
        self.inner.parts.readers.close().await;
    }

    /// How much this store has written since it was opened; nothing when it only reads.
    pub fn tally(&self) -> TallyReader {
        self.inner.parts.writer.as_ref().map(Writer::tally).unwrap_or_default()
    }

    /// Bytes that the whole server has written to its log so far. Other databases on it count too.
    ///
    /// # Errors
    /// `Busy` while the database cannot be reached.
    pub async fn wal_bytes(&self) -> Result<u64> {
        let bytes = sqlx::query_scalar!(r#"SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS "bytes!""#);
        let bytes = self.read(bytes.fetch_one(self.readers())).await?;
        crate::values::unsigned("count", bytes)
    }

    /// Changes soon after another process has written. Only a hint that looking is worth while: it may come late, and
    /// while the connection is lost it does not come.
    pub fn hints(&self) -> watch::Receiver<u64> {
        match &self.inner.parts.writer {
            Ok(writer) => writer.hints().subscribe(),
            Err(_) => watch::channel(0).1,
        }
    }

    pub(crate) fn readers(&self) -> &PgPool {
        &self.inner.parts.readers
    }

    pub(crate) fn target(&self) -> &Target {
        &self.inner.parts.target
    }

    pub(crate) fn patience(&self) -> Duration {
        self.inner.parts.patience
    }

    pub(crate) fn leases_lane(&self) -> &Reserved {
        &self.inner.leases
    }

    pub(crate) fn writer(&self) -> Result<&Writer> {
        let refused = |detail: &String| Error::ReadOnly { path: self.name().to_owned(), detail: detail.clone() };
        self.inner.parts.writer.as_ref().map_err(refused)
    }

    /// Has the writer do one thing, durably.
    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Out> {
        self.writer()?.write(write).await
    }

    /// Waits for a read, as long as a caller may have to.
    pub(crate) async fn read<T>(&self, read: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
        let answer = tokio::time::timeout(self.patience(), read).await;
        let answer = answer.unwrap_or_else(|_| Err(session::timed_out("no answer came in time")));
        answer.map_err(|error| explain(&error, self.name()))
    }
}
