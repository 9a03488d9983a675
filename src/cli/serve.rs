//! `entente serve`: the engine, and everything that works beside it.

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{exit::Exit, failure::Failure, session::Globals};
use crate::{
    app::{App, Use},
    runner::settings::Settings,
    sandbox_clock,
};

/// How often a policy that somebody activated is looked for.
const POLICY_EVERY: Duration = Duration::from_millis(500);

/// How long the companions may take to stop; the engine has its own time after that.
const COMPANIONS_STOP: Duration = Duration::from_secs(3);

/// Run the engine, its jobs and the server
#[derive(Debug, clap::Args)]
pub struct Serve {}

impl Serve {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let app = Arc::new(App::open(globals.config.as_deref(), Use::Run).await?);
        let stop = CancellationToken::new();
        let engine = app.start(Settings::default()).await?;
        let companions = companions(&app, &stop);
        globals.out().say(&format!("serving `{}`; stop with Ctrl-C", app.config.resolve(&app.config.database).display()));
        told_to_stop().await;
        globals.out().say("stopping: what is under way is finished or resumed at the next start");
        stop.cancel();
        companions.close();
        if tokio::time::timeout(COMPANIONS_STOP, companions.wait()).await.is_err() {
            tracing::warn!("some jobs did not stop in time; they are taken up again at the next start");
        }
        engine.stop().await;
        Ok(Exit::Ok)
    }
}

/// Starts everything that works beside the engine. Each stops when `stop` is cancelled.
fn companions(app: &Arc<App>, stop: &CancellationToken) -> TaskTracker {
    let tracker = TaskTracker::new();
    if let (Some(control), Some(clock)) = (&app.config.sandbox_clock, &app.sandbox_clock) {
        tracker.spawn(sandbox_clock::keep(control.clone(), clock.clone(), stop.clone()));
    }
    tracker.spawn(follow_policy(app.clone(), stop.clone()));
    tracker
}

/// Puts an activated policy in force within a moment.
async fn follow_policy(app: Arc<App>, stop: CancellationToken) {
    let mut seen = None;
    loop {
        match app.store.change_marker().await {
            Ok(marker) if seen == Some(marker) => {}
            Ok(marker) => {
                seen = Some(marker);
                if let Err(error) = app.reload_policy().await {
                    tracing::warn!("the active policy could not be read, the last one stays in force: {error:#}");
                }
            }
            Err(error) => tracing::warn!("the database could not be read: {error}"),
        }
        tokio::select! {
            () = tokio::time::sleep(POLICY_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Waits until the process is told to stop: Ctrl-C, or the signal by which service managers end it.
pub(super) async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return,
                _ = terminate.recv() => return,
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
