//! The one task that writes.
//!
//! Callers hand their work to one of two lanes: people and runs first, bulk behind. The task takes everything that
//! waits in the first lane into one transaction; what arrives meanwhile is the next transaction. Nothing waits for
//! company: the previous commit is the batching window.

mod group;
mod marker;
mod transaction;
mod work_loop;
mod write;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entente_core::scope::Scope;
use entente_store::{Appended, Batch, BatchOutcome, Error, Message, Result};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::Instant,
};

use crate::{commit::Load, tally::TallyReader, target::Target, values::to_json};

pub(crate) use marker::Marker;
pub(crate) use write::Write;
use write::{Erased, call};

/// Requests that may wait before callers are held back.
const LANE: usize = 1024;

/// More messages than this go through the bulk lane, so many at a time.
const BULK_CHUNK: usize = 1000;

/// A request to the task.
struct Request {
    work: Asked,
    claim: Claim,
    /// When its transaction should be done.
    until: Instant,
}

/// Whose a request is: the task claims it when it begins, its caller claims it back when nobody has begun in time.
#[derive(Debug, Clone, Default)]
struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True for the first who asks.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

enum Asked {
    /// Steps and messages, merged with those of other requests.
    Batch(BatchRequest),
    /// One other write.
    Write(Box<dyn Erased>),
    /// Finish.
    Close(oneshot::Sender<()>),
}

struct BatchRequest {
    /// The caller keeps the other half and takes the batch apart: the writer has better things to do.
    batch: Arc<Batch>,
    /// The JSON texts of the members' snapshots.
    snapshots: Vec<String>,
    /// What the appends may reach; steps are the runner's own and reach everything.
    scope: Scope,
    reply: oneshot::Sender<Result<BatchOutcome>>,
}

impl BatchRequest {
    fn load(&self) -> Load<'_> {
        Load { batch: &self.batch, snapshots: &self.snapshots, scope: &self.scope }
    }
}

/// The callers' end.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    first: mpsc::Sender<Request>,
    bulk: mpsc::Sender<Request>,
    patience: Duration,
    counting: TallyReader,
    marker: Marker,
    written: Arc<Notify>,
    hints: watch::Sender<u64>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.work {
            Asked::Batch(_) => "Batch",
            Asked::Write(_) => "Write",
            Asked::Close(_) => "Close",
        })
    }
}

impl Writer {
    /// Starts the task. It has a thread of its own, so that a commit never waits behind other work of the process while
    /// it holds what other processes wait for.
    pub(crate) fn start(target: Target, patience: Duration) -> std::io::Result<Writer> {
        let (first, first_lane) = mpsc::channel(LANE);
        let (bulk, bulk_lane) = mpsc::channel(LANE);
        let writer = Writer {
            first,
            bulk,
            patience,
            counting: TallyReader::default(),
            marker: Marker::default(),
            written: Arc::default(),
            hints: watch::Sender::new(0),
        };
        let (counting, marker, written) = (writer.counting.clone(), writer.marker.clone(), Arc::clone(&writer.written));
        let task = work_loop::WorkLoop::new(target, patience, counting, marker, written);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("entente-writer".to_owned()).spawn(move || {
            let told = runtime.block_on(task.run(first_lane, bulk_lane));
            drop(told);
        })?;
        Ok(writer)
    }

    pub(crate) fn tally(&self) -> TallyReader {
        self.counting.clone()
    }

    pub(crate) fn marker(&self) -> &Marker {
        &self.marker
    }

    /// Rings after each commit.
    pub(crate) fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// Counts what is heard of other processes' commits.
    pub(crate) fn hints(&self) -> watch::Sender<u64> {
        self.hints.clone()
    }

    pub(crate) async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome> {
        self.submit(&self.first, &batch, Scope::vendor()).await
    }

    pub(crate) async fn append(&self, scope: &Scope, mut messages: Vec<Message>) -> Result<Vec<Appended>> {
        let lane = if messages.len() > BULK_CHUNK { &self.bulk } else { &self.first };
        let mut appended = Vec::with_capacity(messages.len());
        while !messages.is_empty() {
            let rest = messages.split_off(messages.len().min(BULK_CHUNK));
            let batch = Batch { appends: std::mem::replace(&mut messages, rest), members: Vec::new() };
            appended.extend(self.submit(lane, &Arc::new(batch), scope.clone()).await?.appended);
        }
        Ok(appended)
    }

    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Out> {
        let (call, answer) = call(write);
        let claim = self.send(&self.first, Asked::Write(call)).await?;
        self.wait(&claim, answer).await
    }

    pub(crate) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.send(&self.first, Asked::Close(reply)).await.is_ok() {
            // The other end is dropped, never used: when it is, everything is closed.
            let _ = done.await;
        }
    }

    /// Hands a batch over and waits until it is durable.
    async fn submit(&self, lane: &mpsc::Sender<Request>, batch: &Arc<Batch>, scope: Scope) -> Result<BatchOutcome> {
        let snapshots =
            batch.members.iter().map(|member| to_json("snapshot", &member.snapshot)).collect::<Result<_>>()?;
        let (reply, answer) = oneshot::channel();
        let request = BatchRequest { batch: Arc::clone(batch), snapshots, scope, reply };
        let claim = self.send(lane, Asked::Batch(request)).await?;
        self.wait(&claim, answer).await
    }

    async fn send(&self, lane: &mpsc::Sender<Request>, work: Asked) -> Result<Claim> {
        let claim = Claim::default();
        let request = Request { work, claim: claim.clone(), until: Instant::now() + self.patience };
        match tokio::time::timeout(self.patience, lane.send(request)).await {
            Ok(sent) => sent.map(|()| claim).map_err(|_| closed()),
            Err(_) => Err(busy()),
        }
    }

    /// Waits for the answer; what has not been begun when patience ends is taken back.
    async fn wait<T>(&self, claim: &Claim, mut answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        let answered = match tokio::time::timeout(self.patience, &mut answer).await {
            Ok(answered) => answered,
            Err(_) if claim.take() => return Err(busy()),
            Err(_) => answer.await,
        };
        answered.map_err(|_| closed())?
    }
}

fn busy() -> Error {
    Error::Busy("earlier writes are not done yet".to_owned())
}

fn closed() -> Error {
    Error::Database("the store has been closed: open it again".to_owned())
}
