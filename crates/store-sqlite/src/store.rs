//! The store as a value that is cheap to clone.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use entente_store::{Error, Result};
use sqlx::SqlitePool;

use crate::{
    fault::explain,
    open::{self, OpenOptions},
    tally::TallyReader,
    writer::{Write, Writer},
};

/// A store in one SQLite file. Clones share the file's connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    readers: SqlitePool,
    /// Or why there is none.
    writer: std::result::Result<Writer, String>,
}

impl SqliteStore {
    /// Opens the file, creating it if it is to be written, and brings its schema up to date.
    ///
    /// # Errors
    /// `RunnerLocked` when another process runs the file, `SchemaTooNew`, `Corrupt`, `ReadOnly`; nothing was changed.
    pub async fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<SqliteStore> {
        open::open(path.as_ref(), options).await
    }

    pub(crate) fn new(path: PathBuf, readers: SqlitePool, writer: std::result::Result<Writer, String>) -> SqliteStore {
        SqliteStore { inner: Arc::new(Inner { path, readers, writer }) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Finishes what is being read and written, closes the file and gives the runner lock back. Later calls are refused.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        if let Ok(writer) = &self.inner.writer {
            writer.close().await;
        }
    }

    /// How much this store has written since it was opened; nothing when it only reads.
    pub fn tally(&self) -> TallyReader {
        self.inner.writer.as_ref().map(Writer::tally).unwrap_or_default()
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    pub(crate) fn writer(&self) -> Result<&Writer> {
        self.inner
            .writer
            .as_ref()
            .map_err(|detail| Error::ReadOnly { path: self.inner.path.display().to_string(), detail: detail.clone() })
    }

    /// Has the writer do one thing, durably.
    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Out> {
        self.writer()?.write(write).await
    }

    /// Names the file in an error of a read.
    pub(crate) fn explain(&self, error: sqlx::Error) -> Error {
        explain(&error, &self.inner.path)
    }
}
