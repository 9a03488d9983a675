//! One transaction: begun, filled, committed, and where its answer is lost, looked up.

use std::time::Duration;

use entente_store::BatchOutcome;
use sqlx::{Connection, PgConnection};
use tokio::time::Instant;

use super::{BatchRequest, write::Erased};
use crate::{
    commit::{self, Caution, Load},
    fault::{Fault, Kind},
    session::{self, Purpose, timed_out},
    target::Target,
    work::{Begun, Work, finish, take_numbers},
};

/// Why a transaction gave no outcome.
pub(super) enum Failed {
    /// Nothing of it happened.
    Undone(Fault),
    /// The answer to its commit was lost; this is its id, the error, and what it comes to if it happened.
    Unknown(Begun, sqlx::Error, Vec<BatchOutcome>),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Failed {
        Failed::Undone(error.into())
    }
}

/// What a transaction came to: the outcomes, and the number of commits before it.
pub(super) type Done = (Vec<BatchOutcome>, i64);

/// Does it all in one transaction, whose statements have until `until`.
pub(super) async fn run(
    conn: &mut PgConnection,
    batches: &[BatchRequest],
    writes: &mut [Box<dyn Erased>],
    caution: Caution,
    until: Instant,
) -> Result<Done, Failed> {
    let mut tx = conn.begin().await?;
    let filled = tokio::time::timeout_at(until, fill(&mut tx, batches, writes, caution)).await;
    let (begun, outcomes) = match filled {
        Ok(Ok(filled)) => filled,
        Ok(Err(fault)) => {
            if fault.kind() != Kind::Connection {
                // The first failure is the one to report; the connection is replaced when it cannot roll back.
                let _ = tx.rollback().await;
            }
            return Err(Failed::Undone(fault));
        }
        Err(_) => return Err(timed_out("the transaction took too long").into()),
    };
    let committed = tokio::time::timeout(COMMIT, tx.commit()).await;
    match committed.unwrap_or_else(|_| Err(timed_out("the commit was not answered"))) {
        Ok(()) => Ok((outcomes, begun.changes)),
        Err(error) => match Fault::from(error) {
            Fault::Database(error) if crate::fault::kind(&error) == Kind::Connection => {
                Err(Failed::Unknown(begun, error, outcomes))
            }
            fault => Err(Failed::Undone(fault)),
        },
    }
}

/// How long a commit may take before it is looked up.
const COMMIT: Duration = Duration::from_secs(5);

async fn fill(
    tx: &mut PgConnection,
    batches: &[BatchRequest],
    writes: &mut [Box<dyn Erased>],
    caution: Caution,
) -> Result<(Begun, Vec<BatchOutcome>), Fault> {
    let begun = take_numbers(tx).await?;
    let mut work = Work::begin(tx, begun.numbers);
    let loads: Vec<Load<'_>> = batches.iter().map(BatchRequest::load).collect();
    let outcomes = if loads.is_empty() { Vec::new() } else { commit::apply(&mut work, &loads, caution).await? };
    for write in writes {
        write.apply(&mut work).await?;
    }
    finish(&mut work).await?;
    Ok((begun, outcomes))
}

/// How long the outcome of a commit is looked for.
const SEARCH: Duration = Duration::from_secs(15);

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether a transaction has been committed; `None` when that cannot be found out. The answer is the database's own
/// record, so it holds for everything that shared the transaction.
pub(super) async fn was_committed(target: &Target, id: &str) -> Option<bool> {
    let limit = Instant::now() + SEARCH;
    while Instant::now() < limit {
        match look_up(target, id).await {
            Ok(Some(status)) if status == "committed" => return Some(true),
            Ok(Some(status)) if status == "aborted" => return Some(false),
            // The server has not noticed yet that nobody listens, or is still at it.
            Ok(Some(_)) => {}
            // So old that the database has forgotten it.
            Ok(None) => return None,
            // An older copy of the database took over, which has never heard of it.
            Err(error) if crate::fault::kind(&error) == Kind::Content => return Some(false),
            Err(error) => tracing::info!("the outcome of a commit is looked for in `{target}`: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

async fn look_up(target: &Target, id: &str) -> sqlx::Result<Option<String>> {
    let mut conn = session::connect(target, Purpose::Plain, Duration::from_secs(5)).await?;
    let status = sqlx::query_scalar!("SELECT pg_xact_status($1::text::xid8)", id).fetch_one(&mut conn).await?;
    conn.close().await?;
    Ok(status)
}
