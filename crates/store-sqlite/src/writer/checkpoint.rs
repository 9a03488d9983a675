//! Moves the write-ahead log into the file, beside the commits.

use sqlx::{Connection, SqliteConnection};
use tokio::{sync::watch, task::JoinHandle};

/// Steps and messages after which the log is moved: some ten megabytes. A page that many commits wrote is moved once.
const EVERY: u64 = 4000;

/// Tells the checkpointer how much has been written.
#[derive(Debug)]
pub(super) struct Written {
    total: u64,
    sender: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Written {
    pub(super) fn add(&mut self, rows: usize) {
        let before = self.total / EVERY;
        self.total += rows as u64;
        if self.total / EVERY > before {
            self.sender.send_replace(self.total);
        }
    }
}

impl Written {
    /// Ends the task and waits until its connection is closed.
    pub(super) async fn finish(self) {
        drop(self.sender);
        // It fails only when the process's runtime is gone, and the connection with it.
        let _ = self.task.await;
    }
}

/// Starts the task.
pub(super) fn start(mut conn: SqliteConnection) -> Written {
    let (sender, mut receiver) = watch::channel(0);
    let task = tokio::spawn(async move {
        while receiver.changed().await.is_ok() {
            // A checkpoint that fails is tried again after the next thousand rows, and by the commit that finds the
            // log too long: that one reports.
            if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_all(&mut conn).await {
                tracing::warn!(%error, "the write-ahead log could not be moved into the database file");
            }
        }
        if let Err(error) = conn.close().await {
            tracing::warn!(%error, "the checkpoint connection did not close cleanly");
        }
    });
    Written { total: 0, sender, task }
}
