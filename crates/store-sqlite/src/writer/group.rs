//! What shares one transaction, and what happens when a part of it fails.

use std::{collections::HashSet, path::Path};

use entente_core::ids::RunId;
use entente_store::{BatchOutcome, Error};
use sqlx::{Connection, SqliteConnection};

use super::{BatchRequest, Request, write::Erased};
use crate::{
    commit::{self, Caution, Load},
    fault::Fault,
};

/// A group takes no more work once it has this many rows or writes.
const ROWS_MAX: usize = 512;

/// Attempts at a transaction that finds another process writing; each waits for the busy time-out.
const BUSY_ATTEMPTS: u32 = 3;

/// Whether the connection can be trusted with the next transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    Good,
    /// After a full disk or a failed write SQLite may have left the transaction by itself, unknown to the driver.
    Doubtful,
}

impl Health {
    fn after(fault: &Fault) -> Health {
        if fault.is_busy() || fault.blames_content().is_some() { Health::Good } else { Health::Doubtful }
    }

    fn and(self, other: Health) -> Health {
        if self == Health::Good { other } else { self }
    }
}

/// Requests that share a transaction.
#[derive(Default)]
pub(super) struct Group {
    batches: Vec<BatchRequest>,
    writes: Vec<Box<dyn Erased>>,
    runs: HashSet<RunId>,
    rows: usize,
}

impl Group {
    /// How much there is to write.
    pub(super) fn rows(&self) -> usize {
        self.rows + self.writes.len()
    }

    /// How many steps of runs there are.
    pub(super) fn steps(&self) -> usize {
        self.runs.len()
    }

    /// Takes a request in, or gives it back when it must wait for the next transaction: the group is full, the request
    /// is none that writes, or it steps a run that another one here steps.
    pub(super) fn add(&mut self, request: Request) -> Option<Request> {
        if self.rows() >= ROWS_MAX {
            return Some(request);
        }
        match request {
            Request::Batch(request) => {
                if request.batch.members.iter().any(|member| self.runs.contains(&member.snapshot.run)) {
                    return Some(Request::Batch(request));
                }
                self.runs.extend(request.batch.members.iter().map(|member| member.snapshot.run));
                self.rows += request.batch.members.len() + request.batch.appends.len();
                self.batches.push(request);
                None
            }
            Request::Write(write) => {
                self.writes.push(write);
                None
            }
            other => Some(other),
        }
    }

    /// Commits everything and answers everybody. When something in it fails by its own fault, each request has its own
    /// transaction instead.
    pub(super) async fn execute(mut self, conn: &mut SqliteConnection, path: &Path) -> Health {
        match attempt(conn, &self.batches, &mut self.writes, Caution::Bold).await {
            Ok(outcomes) => {
                self.succeed(outcomes);
                Health::Good
            }
            Err(fault) if fault.blames_content().is_none() => {
                self.fail(|| fault.to_error(path));
                Health::after(&fault)
            }
            Err(_) => self.one_by_one(conn, path).await,
        }
    }

    async fn one_by_one(self, conn: &mut SqliteConnection, path: &Path) -> Health {
        let mut health = Health::Good;
        for request in self.batches {
            match attempt(conn, std::slice::from_ref(&request), &mut [], Caution::Careful).await {
                Ok(mut outcomes) => answer(request, outcomes.pop()),
                Err(fault) => {
                    health = health.and(Health::after(&fault));
                    // A caller that has gone away does not need its answer.
                    let _ = request.reply.send(Err(fault.into_error(path)));
                }
            }
        }
        for write in self.writes {
            let mut single = [write];
            let result = attempt(conn, &[], &mut single, Caution::Careful).await;
            let [write] = single;
            match result {
                Ok(_) => write.succeed(),
                Err(fault) => {
                    health = health.and(Health::after(&fault));
                    write.fail(fault.into_error(path));
                }
            }
        }
        health
    }

    fn succeed(self, outcomes: Vec<BatchOutcome>) {
        let mut outcomes = outcomes.into_iter();
        for request in self.batches {
            answer(request, outcomes.next());
        }
        for write in self.writes {
            write.succeed();
        }
    }

    /// Tells everybody the same.
    pub(super) fn fail(self, error: impl Fn() -> Error) {
        for request in self.batches {
            // A caller that has gone away does not need its answer.
            let _ = request.reply.send(Err(error()));
        }
        for write in self.writes {
            write.fail(error());
        }
    }
}

fn answer(request: BatchRequest, outcome: Option<BatchOutcome>) {
    let BatchRequest { batch, reply, .. } = request;
    drop(batch);
    let outcome = outcome.ok_or_else(|| Error::Database("a commit gave no outcome: report this".to_owned()));
    // A caller that has gone away does not need its answer: what was written stays written.
    let _ = reply.send(outcome);
}

/// One transaction, repeated while another process is in the way.
async fn attempt(
    conn: &mut SqliteConnection,
    batches: &[BatchRequest],
    writes: &mut [Box<dyn Erased>],
    caution: Caution,
) -> Result<Vec<BatchOutcome>, Fault> {
    let mut tries = 1;
    loop {
        match transaction(conn, batches, writes, caution).await {
            Err(fault) if fault.is_busy() && tries < BUSY_ATTEMPTS => tries += 1,
            result => return result,
        }
    }
}

async fn transaction(
    conn: &mut SqliteConnection,
    batches: &[BatchRequest],
    writes: &mut [Box<dyn Erased>],
    caution: Caution,
) -> Result<Vec<BatchOutcome>, Fault> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let done = work(&mut tx, batches, writes, caution).await;
    match done {
        Ok(outcomes) => {
            tx.commit().await?;
            Ok(outcomes)
        }
        Err(fault) => {
            // The first failure is the one to report; the connection is replaced when it cannot roll back.
            let _ = tx.rollback().await;
            Err(fault)
        }
    }
}

async fn work(
    tx: &mut SqliteConnection,
    batches: &[BatchRequest],
    writes: &mut [Box<dyn Erased>],
    caution: Caution,
) -> Result<Vec<BatchOutcome>, Fault> {
    let loads: Vec<Load<'_>> = batches.iter().map(BatchRequest::load).collect();
    let outcomes = if loads.is_empty() { Vec::new() } else { commit::apply(tx, &loads, caution).await? };
    for write in writes {
        write.apply(tx).await?;
    }
    Ok(outcomes)
}
