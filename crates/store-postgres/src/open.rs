//! Opening the database: which server it is, how durable its commits are, and what is checked before the first of them.

use std::time::Duration;

use entente_store::{Error, Result};
use sqlx::{Connection, PgConnection, Row};

use crate::{
    fault::explain,
    hints, migrations, months,
    session::{self, Purpose},
    store::{Parts, PostgresStore},
    target::Target,
    writer::Writer,
};

/// What the database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// To write and read. Any number of processes may do so at once.
    #[default]
    Write,
    /// To read only; every write is refused.
    ReadOnly,
}

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// What for.
    pub mode: Mode,
    /// Connections for reading. One for writing, one for leases and one for hints come on top.
    pub readers: u32,
    /// How long a call may wait for the database before it is refused with `Busy`.
    pub patience: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions { mode: Mode::Write, readers: 4, patience: Duration::from_secs(5) }
    }
}

impl OpenOptions {
    /// The defaults, for this purpose.
    pub fn new(mode: Mode) -> Self {
        OpenOptions { mode, ..OpenOptions::default() }
    }
}

/// PostgreSQL 14, the oldest release that its makers still mend.
const OLDEST: i32 = 140_000;

pub(crate) async fn open(url: &str, options: OpenOptions) -> Result<PostgresStore> {
    open_target(Target::parse(url)?, options).await
}

pub(crate) async fn open_target(target: Target, options: OpenOptions) -> Result<PostgresStore> {
    let failed = |error: sqlx::Error| explain(&error, target.name());
    let mut conn = session::connect(&target, Purpose::Plain, options.patience).await.map_err(failed)?;
    check_server(&mut conn, &target).await?;
    let writer = match options.mode {
        Mode::Write => {
            migrations::apply(&mut conn, migrations::steps(), target.name()).await?;
            months::prepare(&mut conn).await.map_err(failed)?;
            Ok(Writer::start(target.clone(), options.patience).map_err(|error| Error::Database(error.to_string()))?)
        }
        Mode::ReadOnly => {
            migrations::check(&mut conn, target.name()).await?;
            Err("it was opened for reading only".to_owned())
        }
    };
    conn.close().await.map_err(failed)?;
    let readers = session::readers(&target, options.readers, options.patience);
    let background = match &writer {
        Ok(writer) => {
            vec![months::keep(target.clone()), hints::start(target.clone(), writer.written(), writer.hints())]
        }
        Err(_) => Vec::new(),
    };
    Ok(PostgresStore::new(Parts { target, patience: options.patience, readers, writer, background }))
}

/// Settings of the server that promises rest on.
async fn check_server(conn: &mut PgConnection, target: &Target) -> Result<()> {
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_version'), pg_is_in_recovery(),
                current_setting('synchronous_commit'), current_setting('fsync')",
    )
    .fetch_one(conn)
    .await
    .map_err(|error| explain(&error, target.name()))?;
    let (number, version): (i32, String) = (row.get(0), row.get(1));
    let (standby, durable, fsync): (bool, String, String) = (row.get(2), row.get(3), row.get(4));
    if number < OLDEST {
        return Err(Error::Database(format!("`{target}` is PostgreSQL {version}: use 14 or newer")));
    }
    if standby {
        return Err(Error::ReadOnly {
            path: target.name().to_owned(),
            detail: "it is a standby: name the primary server".to_owned(),
        });
    }
    if matches!(durable.as_str(), "off" | "local") {
        return Err(Error::Database(format!(
            "`{target}` has synchronous_commit `{durable}`, so a commit may be lost: set it to `on`, for the database or for the user"
        )));
    }
    if fsync == "off" {
        tracing::warn!("`{target}` has fsync off: what was committed is lost when its machine stops");
    }
    Ok(())
}
