//! A transaction under way: its connection, and the numbers that it gives.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::fault::Fault;

/// The last numbers given, and the month of new runs. They are written back before the commit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) run: i64,
    pub(crate) history: i64,
    pub(crate) message: i64,
    pub(crate) journal: i64,
    /// As YYYYMM.
    month: i64,
}

/// The digits of a run's number that count; those before them are its month.
const RUNS: i64 = 1_000_000_000_000;

impl Numbers {
    /// The number of a new run.
    pub(crate) fn next_run(&mut self) -> i64 {
        self.run += 1;
        self.month * RUNS + self.run
    }
}

/// A message stored by this transaction, as long as nothing in it has answered the message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) run: Uuid,
    pub(crate) no: i64,
    pub(crate) shard: i16,
}

/// What a transaction knows and the database does not yet.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) numbers: Numbers,
    /// Written at the end: most messages are answered by the transaction that stores them.
    pub(crate) waiting: Vec<Waiting>,
    /// Messages that have their numbers and are written at the end, together with the verdicts given meanwhile.
    pub(crate) unwritten: Arc<HashMap<(String, String), Unwritten>>,
    /// The verdicts of unwritten messages, by number.
    pub(crate) verdicts: BTreeMap<i64, String>,
}

/// A message that is not written yet: its number and its fingerprint.
pub(crate) type Unwritten = (i64, [u8; 32]);

/// What is written together.
pub(crate) struct Work<'c> {
    pub(crate) conn: &'c mut PgConnection,
    pub(crate) kept: Kept,
}

impl Work<'_> {
    /// Nothing yet.
    pub(crate) fn begin(conn: &mut PgConnection, numbers: Numbers) -> Work<'_> {
        let (unwritten, verdicts) = (Arc::default(), BTreeMap::new());
        Work { conn, kept: Kept { numbers, waiting: Vec::new(), unwritten, verdicts } }
    }
}

/// What a transaction begins with.
pub(crate) struct Begun {
    pub(crate) numbers: Numbers,
    /// Commits before this one.
    pub(crate) changes: i64,
    /// The transaction's id, under which its outcome can be asked for.
    pub(crate) id: String,
}

/// Waits until nobody else is giving numbers, and takes them over.
pub(crate) async fn take_numbers(conn: &mut PgConnection) -> Result<Begun, Fault> {
    let row = sqlx::query!(
        r#"SELECT run, history, message, journal, changes, this_month() AS "month!", pg_current_xact_id()::text AS "id!"
           FROM counters WHERE one FOR UPDATE"#
    )
    .fetch_one(conn)
    .await?;
    let numbers =
        Numbers { run: row.run, history: row.history, message: row.message, journal: row.journal, month: row.month };
    Ok(Begun { numbers, changes: row.changes, id: row.id })
}

/// Writes down which messages wait, and how far the numbers came.
pub(crate) async fn finish(work: &mut Work<'_>) -> Result<(), Fault> {
    if !work.kept.waiting.is_empty() {
        write_waiting(work).await?;
    }
    let Numbers { run, history, message, journal, .. } = work.kept.numbers;
    sqlx::query!(
        "UPDATE counters SET run = $1, history = $2, message = $3, journal = $4, changes = changes + 1 WHERE one",
        run,
        history,
        message,
        journal
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

async fn write_waiting(work: &mut Work<'_>) -> Result<(), Fault> {
    let runs: Vec<Uuid> = work.kept.waiting.iter().map(|message| message.run).collect();
    let (numbers, shards): (Vec<i64>, Vec<i16>) =
        work.kept.waiting.iter().map(|message| (message.no, message.shard)).unzip();
    sqlx::query!(
        "INSERT INTO waiting (run, no, shard) SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::smallint[])",
        &runs,
        &numbers,
        &shards
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}
