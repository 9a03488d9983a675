//! Partitions of history, made before they are needed, and dropped once archives hold all that is in them.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

use crate::{
    fault::{Kind, kind},
    session::{self, Purpose},
    target::Target,
};

/// Partitions are there for this month and so many after it.
const AHEAD: i32 = 2;

/// How often the months ahead are looked at.
const EVERY: Duration = Duration::from_secs(3600);

/// `Entm`: one process at a time makes partitions.
const LOCK: i64 = 0x456e_746d;

/// Making a partition waits for nobody longer than this: everybody who reads history would wait behind it.
const WAIT: &str = "SET LOCAL lock_timeout = '2s'";

/// Makes the partitions that are missing. When others are in the way it is left for the next time: what has no partition
/// of its own is kept in `history_other`.
pub(crate) async fn prepare(conn: &mut PgConnection) -> sqlx::Result<()> {
    match make(conn).await {
        Ok(0) => Ok(()),
        Ok(made) => {
            tracing::info!("history has {made} new partitions");
            Ok(())
        }
        Err(error) if kind(&error) == Kind::Contention => {
            tracing::info!("partitions of history could not be made now, trying again in an hour: {error}");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn make(conn: &mut PgConnection) -> sqlx::Result<i32> {
    let mut tx = conn.begin().await?;
    sqlx::query(WAIT).execute(&mut *tx).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let made = sqlx::query_scalar!(r#"SELECT prepare_months($1) AS "made!""#, AHEAD).fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok(made)
}

/// Keeps every partition until the transaction ends. It must come before the transaction's snapshot: rows of a partition
/// that is dropped later would be missing from it.
pub(crate) async fn hold(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("LOCK TABLE history IN ACCESS SHARE MODE").execute(conn).await?;
    Ok(())
}

/// What left with a month's partition.
#[derive(Debug)]
pub(crate) struct Month {
    pub(crate) partition: String,
    pub(crate) runs: i64,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
}

/// Drops the partition of one month whose runs are all in these archives; `None` when there is no such month.
pub(crate) async fn release(target: &Target, archives: &[i64]) -> sqlx::Result<Option<Month>> {
    let mut conn = session::connect(target, Purpose::Plain, Duration::from_secs(10)).await?;
    let mut tx = conn.begin().await?;
    sqlx::query(WAIT).execute(&mut *tx).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let month = sqlx::query_as!(
        Month,
        r#"SELECT part AS "partition!", left_runs AS "runs!", left_rows AS "rows!", left_bytes AS "bytes!"
           FROM release_month($1)"#,
        archives
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    conn.close().await?;
    Ok(month)
}

/// Keeps the months ahead prepared, until the task is ended.
pub(crate) fn keep(target: Target) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let looked = async {
                let mut conn = session::connect(&target, Purpose::Plain, Duration::from_secs(10)).await?;
                prepare(&mut conn).await?;
                conn.close().await
            };
            if let Err(error) = looked.await {
                tracing::warn!(
                    "the coming months could not be prepared in `{target}`, trying again in an hour: {error}"
                );
            }
        }
    })
}
