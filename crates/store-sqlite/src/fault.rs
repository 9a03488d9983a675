//! From what SQLite says to what a caller can act on.

use std::path::Path;

use entente_store::Error;

/// Why a piece of work did not happen.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Its own content is to blame; other work in the same transaction is innocent.
    Content(Error),
    /// The database said so.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Fault {
        Fault::Database(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Content(error)
    }
}

impl Fault {
    /// A refusal in words.
    pub(crate) fn refused(reason: impl Into<String>) -> Fault {
        Fault::Content(Error::Database(reason.into()))
    }

    /// The reason, when one piece of work is to blame and the rest may go on without it.
    pub(crate) fn blames_content(&self) -> Option<String> {
        match self {
            Fault::Content(Error::Database(reason)) => Some(reason.clone()),
            Fault::Content(error) => Some(error.to_string()),
            Fault::Database(error) if primary_code(error) == Some(CONSTRAINT) => Some(message(error)),
            Fault::Database(_) => None,
        }
    }

    /// Whether waiting and doing the same again may help.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Fault::Database(error) if matches!(primary_code(error), Some(BUSY | LOCKED)))
    }

    /// The same as a store error, naming the file.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        match self {
            Fault::Content(error) => error,
            Fault::Database(error) => explain(&error, path),
        }
    }

    /// As `into_error`, for telling several callers about one failure of the database.
    pub(crate) fn to_error(&self, path: &Path) -> Error {
        match self {
            Fault::Content(error) => Error::Database(error.to_string()),
            Fault::Database(error) => explain(error, path),
        }
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|extended| extended & 0xff)
}

fn message(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(database) => database.message().to_owned(),
        None => error.to_string(),
    }
}

/// As [`explain`], while a file that is there is opened: what cannot be opened then are the files that SQLite makes beside it.
pub(crate) fn explain_opening(error: &sqlx::Error, path: &Path) -> Error {
    match primary_code(error) {
        Some(CANTOPEN) => {
            Error::ReadOnly { path: path.display().to_string(), detail: "its log cannot be made beside it".to_owned() }
        }
        _ => explain(error, path),
    }
}

/// What an error of the driver means for the file at `path`.
pub(crate) fn explain(error: &sqlx::Error, path: &Path) -> Error {
    let (path, detail) = (path.display().to_string(), message(error));
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return Error::Busy(format!("every connection for reading `{path}` is in use"));
    }
    match primary_code(error) {
        Some(FULL | IOERR | READONLY) => Error::ReadOnly { path, detail },
        Some(CORRUPT | NOTADB) => Error::Corrupt { path, detail },
        Some(BUSY | LOCKED) => Error::Busy(detail),
        Some(CANTOPEN) => Error::Database(format!("`{path}` cannot be opened: {detail}")),
        _ => Error::Database(detail),
    }
}
