//! What the writing task does, for ever: take what waits, commit it, answer.

use std::{sync::Arc, time::Duration};

use entente_store::BatchOutcome;
use sqlx::{Connection, PgConnection};
use tokio::{
    sync::{
        Notify,
        mpsc::{self, error::TryRecvError},
        oneshot,
    },
    time::Instant,
};

use super::{
    Asked, BatchRequest, Marker, Request,
    group::Group,
    transaction::{self, Done, Failed},
    write::Erased,
};
use crate::{
    commit::Caution,
    fault::{Fault, Kind},
    session::{self, Purpose, timed_out},
    tally::TallyReader,
    target::Target,
};

/// Attempts at a transaction that others are in the way of.
const ATTEMPTS: u32 = 10;

/// Pause before the second attempt; it doubles with each.
const PAUSE: Duration = Duration::from_millis(5);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// The task's state.
pub(super) struct WorkLoop {
    line: Line,
}

impl WorkLoop {
    pub(super) fn new(
        target: Target,
        patience: Duration,
        counting: TallyReader,
        marker: Marker,
        written: Arc<Notify>,
    ) -> WorkLoop {
        WorkLoop { line: Line { conn: None, target, patience, counting, marker, written } }
    }

    /// Works until told to finish, or until every caller is gone. The answer is whom to tell.
    pub(super) async fn run(
        mut self,
        mut first: mpsc::Receiver<Request>,
        mut bulk: mpsc::Receiver<Request>,
    ) -> Option<oneshot::Sender<()>> {
        let mut held = None;
        let mut told = None;
        loop {
            let request = match held.take() {
                Some(request) => Some(request),
                None => tokio::select! {
                    biased;
                    request = first.recv() => request,
                    Some(request) = bulk.recv() => Some(request),
                },
            };
            match request {
                None => break,
                Some(Request { work: Asked::Close(reply), .. }) => {
                    told = Some(reply);
                    break;
                }
                Some(request) => {
                    let (group, next) = gather(request, &mut first);
                    group.execute(&mut self.line).await;
                    held = next;
                }
            }
        }
        if let Some(conn) = self.line.conn
            && let Err(error) = conn.close().await
        {
            tracing::warn!("the writing connection did not close cleanly: {error}");
        }
        told
    }
}

/// Takes what waits beside `request`, as far as it may share a transaction.
fn gather(request: Request, lane: &mut mpsc::Receiver<Request>) -> (Group, Option<Request>) {
    let mut group = Group::new(request.until);
    let mut request = request;
    loop {
        if let Some(refused) = group.add(request) {
            return (group, Some(refused));
        }
        request = match lane.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return (group, None),
        };
    }
}

/// The connection that writes, made again whenever it is lost.
pub(super) struct Line {
    conn: Option<PgConnection>,
    target: Target,
    patience: Duration,
    counting: TallyReader,
    marker: Marker,
    written: Arc<Notify>,
}

impl Line {
    pub(super) fn name(&self) -> &str {
        self.target.name()
    }

    /// One transaction, repeated while others are in its way or its connection is lost. It has its outcome or it did
    /// not happen.
    pub(super) async fn attempt(
        &mut self,
        batches: &[BatchRequest],
        writes: &mut [Box<dyn Erased>],
        caution: Caution,
        until: Instant,
    ) -> Result<Vec<BatchOutcome>, Fault> {
        let steps = batches.iter().map(|request| request.batch.members.len()).sum();
        // One that waited long in line has some time left all the same.
        let until = until.max(Instant::now() + self.patience / 5);
        let mut pause = PAUSE;
        for attempt in 1.. {
            let fault = match self.once(batches, writes, caution, until).await {
                Ok((outcomes, before)) => {
                    self.counting.committed(steps);
                    self.marker.ours(before);
                    self.written.notify_one();
                    return Ok(outcomes);
                }
                Err(fault) => fault,
            };
            let again = match fault.kind() {
                // A server that crashed needs its time to come back.
                Kind::Connection => true,
                Kind::Contention => attempt < ATTEMPTS,
                Kind::Content | Kind::Other => false,
            };
            if !again || Instant::now() + pause >= until {
                return Err(fault);
            }
            self.counting.repeated();
            tracing::debug!("a transaction is begun again in `{}`: {fault:?}", self.target);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Err(Fault::refused("no attempt was made"))
    }

    async fn once(
        &mut self,
        batches: &[BatchRequest],
        writes: &mut [Box<dyn Erased>],
        caution: Caution,
        until: Instant,
    ) -> Result<Done, Fault> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let connecting = session::connect(&self.target, Purpose::Write, self.patience);
                let connected = tokio::time::timeout_at(until, connecting).await;
                connected.unwrap_or_else(|_| Err(timed_out("no connection was made in time")))?
            }
        };
        match transaction::run(&mut conn, batches, writes, caution, until).await {
            Ok(done) => {
                self.conn = Some(conn);
                Ok(done)
            }
            Err(Failed::Undone(fault)) => {
                // A connection that is in doubt is dropped, and the server undoes what it was at.
                if matches!(fault.kind(), Kind::Content | Kind::Contention) && !conn.is_in_transaction() {
                    self.conn = Some(conn);
                }
                Err(fault)
            }
            Err(Failed::Unknown(begun, error, outcomes)) => {
                drop(conn);
                self.counting.looked_up();
                match transaction::was_committed(&self.target, &begun.id).await {
                    Some(true) => Ok((outcomes, begun.changes)),
                    Some(false) => Err(error.into()),
                    None => Err(Fault::Unknown(format!(
                        "the answer of `{}` to a commit was lost ({error}), and whether it happened could not be read",
                        self.target
                    ))),
                }
            }
        }
    }
}
