//! Telling other processes that something was written, and hearing it from them. A hint saves waiting and nothing else:
//! whoever hears none finds the same by looking.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgListener;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::Instant,
};

use crate::target::Target;

const CHANNEL: &str = "entente";

/// Not more often than this does a process tell.
const EVERY: Duration = Duration::from_millis(20);

/// Pause after a lost connection.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells after each ring of `written`, and counts in `heard` what others tell.
pub(crate) fn start(target: Target, written: Arc<Notify>, heard: watch::Sender<u64>) -> JoinHandle<()> {
    // Tells our own hints from others'.
    let own = uuid::Uuid::now_v7().simple().to_string();
    tokio::spawn(async move {
        loop {
            if let Err(error) = exchange(&target, &own, &written, &heard).await {
                tracing::debug!("no hints come from `{target}`, looking goes on: {error}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
}

async fn exchange(target: &Target, own: &str, written: &Notify, heard: &watch::Sender<u64>) -> sqlx::Result<()> {
    let options = sqlx::ConnectOptions::disable_statement_logging(target.options().clone());
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(CHANNEL).await?;
    // A hint that is lost with the server is no loss: nobody waits for the disk.
    sqlx::query("SET synchronous_commit = off").execute(&mut listener).await?;
    heard.send_modify(|count| *count += 1);
    let mut next = Instant::now();
    loop {
        tokio::select! {
            told = listener.try_recv() => match told? {
                Some(told) if told.payload() == own => {}
                Some(_) => heard.send_modify(|count| *count += 1),
                None => return Ok(()),
            },
            () = written.notified() => {
                tokio::time::sleep_until(next).await;
                sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(own).execute(&mut listener).await?;
                next = Instant::now() + EVERY;
            }
        }
    }
}
