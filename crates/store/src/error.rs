//! What can go wrong in a store.

/// The result of every store call.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong in a store. Nothing is half written when one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database was made by a newer `entente`.
    #[error(
        "the database has schema {found}, this binary knows up to {known}: run the newer `entente` that upgraded it"
    )]
    SchemaTooNew {
        /// The database's schema.
        found: i64,
        /// The newest schema of this binary.
        known: i64,
    },
    /// Another process holds the runner lock.
    #[error(
        "process {pid} already runs this database (`{path}`): stop it first, or use commands that only read and submit"
    )]
    RunnerLocked {
        /// Its process id, 0 when it could not be read.
        pid: u32,
        /// The database.
        path: String,
    },
    /// The file is not a database, or is damaged.
    #[error(
        "the database `{path}` is damaged ({detail}): keep the file, restore the last backup with `entente restore`"
    )]
    Corrupt {
        /// The database.
        path: String,
        /// What the check said.
        detail: String,
    },
    /// No space is left, or the file system is read-only.
    #[error(
        "the database `{path}` cannot be written ({detail}): free space or make it writable; nothing was half written and reading goes on"
    )]
    ReadOnly {
        /// The database.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// Another writer holds the database for too long; the whole call may be repeated.
    #[error("the database is busy: {0}; the call can be repeated")]
    Busy(String),
    /// The same idempotency key was used with another body.
    #[error("the key `{id}` of `{source_name}` was already used for another request: send a new key, or the same body")]
    KeyReused {
        /// The message's source.
        source_name: String,
        /// Its id.
        id: String,
    },
    /// An object that a call needs is not there, or not in scope.
    #[error("{kind} `{id}` does not exist")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A write was based on a state that has passed.
    #[error("{kind} `{id}` has changed meanwhile: read it again and repeat")]
    Conflict {
        /// What changed.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A stored value cannot be read back.
    #[error("{kind} `{id}` cannot be read: {detail}")]
    Decode {
        /// What was read.
        kind: &'static str,
        /// Its id.
        id: String,
        /// The decoder's words.
        detail: String,
    },
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Database(String),
}
