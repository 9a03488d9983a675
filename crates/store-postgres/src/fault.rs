//! From what PostgreSQL says to what a caller can act on.

use entente_store::Error;

/// Why a piece of work did not happen.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Its own content is to blame; other work in the same transaction is innocent.
    Content(Error),
    /// The database said so, or could not be heard.
    Database(sqlx::Error),
    /// Whether it happened is not known; these are the words.
    Unknown(String),
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
            Fault::Database(error) if kind(error) == Kind::Content => Some(message(error)),
            Fault::Database(_) | Fault::Unknown(_) => None,
        }
    }

    /// What kind of failure it was.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Fault::Content(_) => Kind::Content,
            Fault::Database(error) => kind(error),
            Fault::Unknown(_) => Kind::Other,
        }
    }

    /// The same as a store error, naming the database.
    pub(crate) fn into_error(self, name: &str) -> Error {
        match self {
            Fault::Content(error) => error,
            Fault::Database(error) => explain(&error, name),
            Fault::Unknown(words) => Error::Busy(words),
        }
    }

    /// As `into_error`, for telling several callers about one failure of the database.
    pub(crate) fn to_error(&self, name: &str) -> Error {
        match self {
            Fault::Content(error) => Error::Database(error.to_string()),
            Fault::Database(error) => explain(error, name),
            Fault::Unknown(words) => Error::Busy(words.clone()),
        }
    }
}

/// What a failure means for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A row, a value or a rule of the schema: it would fail again.
    Content,
    /// A deadlock, a conflict, a wait that took too long: the whole transaction may be repeated on this connection.
    Contention,
    /// The connection is gone or the server is going: what was not being committed did not happen.
    Connection,
    /// Everything else.
    Other,
}

/// Classifies by SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
pub(crate) fn kind(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => {
            Kind::Connection
        }
        _ => match code(error).as_deref() {
            // Serialization failure, deadlock, lock timeout, statement timeout or cancel.
            Some("40001" | "40P01" | "55P03" | "57014") => Kind::Contention,
            // The server shuts down, has crashed, is starting; it ended a transaction that stood still.
            Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03") => Kind::Connection,
            // No connection is left.
            Some("53300") => Kind::Connection,
            Some(code) if code.starts_with("08") => Kind::Connection,
            // Rows given twice, data, integrity, limits of a row, and what a trigger raises.
            Some(code) if ["21", "22", "23", "54"].iter().any(|class| code.starts_with(class)) => Kind::Content,
            Some("P0001") => Kind::Content,
            _ => Kind::Other,
        },
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

pub(crate) fn message(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(database) => database.message().to_owned(),
        None => error.to_string(),
    }
}

/// What an error of the driver means for the database of this name.
pub(crate) fn explain(error: &sqlx::Error, name: &str) -> Error {
    let detail = message(error);
    match kind(error) {
        Kind::Connection if matches!(error, sqlx::Error::PoolTimedOut) => {
            Error::Busy(format!("no connection to `{name}` became free in time"))
        }
        Kind::Connection => Error::Busy(format!("`{name}` cannot be reached ({detail})")),
        Kind::Contention => Error::Busy(format!("`{name}` did not answer in time ({detail})")),
        Kind::Content | Kind::Other => explain_other(error, name, detail),
    }
}

fn explain_other(error: &sqlx::Error, name: &str, detail: String) -> Error {
    let database = name.to_owned();
    match code(error).as_deref() {
        // Disk full, input or output failed; the transaction cannot write: a standby.
        Some("53100" | "58030" | "25006") => Error::ReadOnly { path: database, detail },
        Some("XX001" | "XX002") => Error::Corrupt { path: database, detail },
        Some("3D000") => Error::NotFound { kind: "database", id: database },
        Some(code) if code.starts_with("28") => {
            Error::Database(format!("`{name}` did not let us in ({detail}): check user, password and `pg_hba.conf`"))
        }
        _ => match error {
            sqlx::Error::PoolClosed => Error::Database("the store has been closed: open it again".to_owned()),
            _ => Error::Database(detail),
        },
    }
}
