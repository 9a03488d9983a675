//! What the writing task does, for ever: take what waits, commit it, answer.

use std::path::PathBuf;

use entente_store::Result;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{
    mpsc::{self, error::TryRecvError},
    oneshot,
};

use super::{
    Request,
    checkpoint::Written,
    group::{Group, Health},
};
use crate::{
    fault::explain,
    migrations::pragma,
    open::{self, OpenOptions},
    tally::TallyReader,
};

/// The task's state.
pub(super) struct WorkLoop {
    /// `None` after a failure that left it in doubt, until it can be opened again.
    conn: Option<SqliteConnection>,
    path: PathBuf,
    options: OpenOptions,
    written: Written,
    counting: TallyReader,
    data_version: i64,
    marker: i64,
}

/// What to do next.
enum Turn {
    Commit(Group, Option<Request>),
    Marker(oneshot::Sender<Result<i64>>),
    Close(oneshot::Sender<()>),
}

impl WorkLoop {
    pub(super) fn new(
        conn: SqliteConnection,
        path: PathBuf,
        options: OpenOptions,
        written: Written,
        counting: TallyReader,
    ) -> WorkLoop {
        WorkLoop { conn: Some(conn), path, options, written, counting, data_version: 0, marker: 0 }
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
            let Some(request) = request else { break };
            match gather(request, &mut first) {
                Turn::Commit(group, next) => {
                    self.commit(group).await;
                    held = next;
                }
                // A caller that has gone away does not need its answer.
                Turn::Marker(reply) => drop(reply.send(self.marker().await)),
                Turn::Close(reply) => {
                    told = Some(reply);
                    break;
                }
            }
        }
        self.written.finish().await;
        if let Some(conn) = self.conn
            && let Err(error) = conn.close().await
        {
            tracing::warn!(%error, "the writing connection did not close cleanly");
        }
        told
    }

    async fn commit(&mut self, group: Group) {
        self.written.add(group.rows());
        self.counting.add(group.steps());
        let path = self.path.clone();
        match self.connection().await {
            Ok(conn) => {
                if group.execute(conn, &path).await == Health::Doubtful {
                    self.conn = None;
                }
            }
            Err(error) => group.fail(|| explain(&error, &path)),
        }
    }

    async fn connection(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => open::connect(&self.path, &self.options).await?,
        };
        Ok(self.conn.insert(conn))
    }

    /// `PRAGMA data_version` of this connection changes when any other connection has written.
    async fn marker(&mut self) -> Result<i64> {
        let path = self.path.clone();
        let conn = self.connection().await.map_err(|error| explain(&error, &path))?;
        let version = pragma(conn, "PRAGMA data_version").await.map_err(|error| explain(&error, &path))?;
        if version != self.data_version {
            self.data_version = version;
            self.marker += 1;
        }
        Ok(self.marker)
    }
}

/// Takes what waits beside `request`, as far as it may share a transaction.
fn gather(request: Request, lane: &mut mpsc::Receiver<Request>) -> Turn {
    let mut group = Group::default();
    let mut request = match request {
        Request::Marker(reply) => return Turn::Marker(reply),
        Request::Close(reply) => return Turn::Close(reply),
        work => work,
    };
    loop {
        if let Some(refused) = group.add(request) {
            return Turn::Commit(group, Some(refused));
        }
        request = match lane.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Turn::Commit(group, None),
        };
    }
}
