//! Connections, each with the settings of its purpose.

use std::time::Duration;

use sqlx::{ConnectOptions, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::target::Target;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looking, setting up, copying: no limit of time.
    Plain,
    /// Reading for callers.
    Read,
    /// Committing.
    Write,
    /// Leases.
    Lease,
}

/// A pooled connection that was idle for so long is asked whether it still lives before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(1);

/// Connects, and gives up after `patience`.
pub(crate) async fn connect(target: &Target, purpose: Purpose, patience: Duration) -> sqlx::Result<PgConnection> {
    let connecting = async {
        let options = target.options().clone().application_name("entente").statement_cache_capacity(256);
        let mut conn = options.disable_statement_logging().connect().await?;
        prepare(&mut conn, purpose, patience).await?;
        Ok(conn)
    };
    match tokio::time::timeout(patience, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(timed_out("no connection was made in time")),
    }
}

/// A pool of connections for reading, made when they are needed.
pub(crate) fn readers(target: &Target, most: u32, patience: Duration) -> PgPool {
    let options = target.options().clone().application_name("entente").statement_cache_capacity(256);
    PgPoolOptions::new()
        .max_connections(most.max(1))
        .acquire_timeout(patience / 2)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > DOUBTFUL_AFTER {
                    sqlx::Connection::ping(conn).await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |conn, _| Box::pin(prepare(conn, Purpose::Read, patience)))
        .connect_lazy_with(options.disable_statement_logging())
}

/// An error of our own clock, of the kind that a broken connection gives.
pub(crate) fn timed_out(what: &'static str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, what))
}

async fn prepare(conn: &mut PgConnection, purpose: Purpose, patience: Duration) -> sqlx::Result<()> {
    let half = (patience / 2).as_millis().max(1);
    // A transaction that stands still holds what everybody waits for: a stopped process must not stop the others.
    let limits = format!(
        "SET lock_timeout = {half}; SET statement_timeout = {statement}; SET idle_in_transaction_session_timeout = {half};",
        statement = if purpose == Purpose::Write { 2 * half } else { half }
    );
    let settings = match purpose {
        Purpose::Plain => String::new(),
        Purpose::Read => format!("{limits} SET default_transaction_read_only = on;"),
        Purpose::Lease => limits,
        // Every statement of the writer finds its rows by key. A plan made while a table was small must not read all of
        // it once it has grown.
        Purpose::Write => format!(
            "{limits} SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET plan_cache_mode = force_generic_plan;"
        ),
    };
    let common = "SET default_transaction_isolation = 'read committed'; SET jit = off;";
    conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{common} {settings}")))).await?;
    Ok(())
}
