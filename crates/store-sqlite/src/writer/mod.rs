//! The one task that writes.
//!
//! Callers hand their work to one of two lanes: people and runs first, bulk behind. The task takes everything that
//! waits in the first lane into one transaction; what arrives meanwhile is the next transaction. Nothing waits for
//! company: the previous commit is the batching window.

mod checkpoint;
mod group;
mod work_loop;
mod write;

use std::{path::PathBuf, sync::Arc};

use entente_core::scope::Scope;
use entente_store::{Appended, Batch, BatchOutcome, Error, Message, Result};
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use crate::{commit::Load, open::OpenOptions, runner_lock::RunnerLock, tally::TallyReader, values::to_json};

pub(crate) use write::Write;
use write::{Erased, call};

/// Requests that may wait before callers are held back.
const LANE: usize = 1024;

/// More messages than this go through the bulk lane, so many at a time.
const BULK_CHUNK: usize = 1000;

/// A request to the task.
enum Request {
    /// Steps and messages, merged with those of other requests.
    Batch(BatchRequest),
    /// One other write.
    Write(Box<dyn Erased>),
    /// How often another process has written.
    Marker(oneshot::Sender<Result<i64>>),
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

/// The file as the task needs to know it.
pub(crate) struct WrittenFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// How to open it again after a failure.
    pub(crate) options: OpenOptions,
    /// Kept until the task has finished.
    pub(crate) lock: Option<RunnerLock>,
}

/// The callers' end.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    first: mpsc::Sender<Request>,
    bulk: mpsc::Sender<Request>,
    counting: TallyReader,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Request::Batch(_) => "Batch",
            Request::Write(_) => "Write",
            Request::Marker(_) => "Marker",
            Request::Close(_) => "Close",
        })
    }
}

impl Writer {
    /// Starts the task, which keeps the runner lock until it has finished. It has a thread of its own: a commit never
    /// waits behind other work of the process, and is finished when the process's runtime shuts down.
    pub(crate) fn start(
        conn: SqliteConnection,
        checkpointer: SqliteConnection,
        file: WrittenFile,
    ) -> std::io::Result<Writer> {
        let (first, first_lane) = mpsc::channel(LANE);
        let (bulk, bulk_lane) = mpsc::channel(LANE);
        let moved = checkpoint::start(checkpointer);
        let WrittenFile { path, options, lock } = file;
        let counting = TallyReader::default();
        let task = work_loop::WorkLoop::new(conn, path, options, moved, counting.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("entente-writer".to_owned()).spawn(move || {
            let told = runtime.block_on(task.run(first_lane, bulk_lane));
            drop(lock);
            drop(told);
        })?;
        Ok(Writer { first, bulk, counting })
    }

    pub(crate) fn tally(&self) -> TallyReader {
        self.counting.clone()
    }

    pub(crate) async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome> {
        submit(&self.first, &batch, Scope::vendor()).await
    }

    pub(crate) async fn append(&self, scope: &Scope, mut messages: Vec<Message>) -> Result<Vec<Appended>> {
        let lane = if messages.len() > BULK_CHUNK { &self.bulk } else { &self.first };
        let mut appended = Vec::with_capacity(messages.len());
        while !messages.is_empty() {
            let rest = messages.split_off(messages.len().min(BULK_CHUNK));
            let batch = Batch { appends: std::mem::replace(&mut messages, rest), members: Vec::new() };
            appended.extend(submit(lane, &Arc::new(batch), scope.clone()).await?.appended);
        }
        Ok(appended)
    }

    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Out> {
        let (call, answer) = call(write);
        send(&self.first, Request::Write(call)).await?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) async fn marker(&self) -> Result<i64> {
        let (reply, answer) = oneshot::channel();
        send(&self.first, Request::Marker(reply)).await?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.first.send(Request::Close(reply)).await.is_ok() {
            // The other end is dropped, never used: when it is, everything is closed.
            let _ = done.await;
        }
    }
}

/// Hands a batch over and waits until it is durable.
async fn submit(lane: &mpsc::Sender<Request>, batch: &Arc<Batch>, scope: Scope) -> Result<BatchOutcome> {
    let snapshots = batch.members.iter().map(|member| to_json("snapshot", &member.snapshot)).collect::<Result<_>>()?;
    let (reply, answer) = oneshot::channel();
    send(lane, Request::Batch(BatchRequest { batch: Arc::clone(batch), snapshots, scope, reply })).await?;
    answer.await.map_err(|_| closed())?
}

async fn send(lane: &mpsc::Sender<Request>, request: Request) -> Result<()> {
    lane.send(request).await.map_err(|_| closed())
}

fn closed() -> Error {
    Error::Database("the store has been closed: open it again".to_owned())
}
