//! `entente serve`: the engine, and everything that works beside it.

use std::sync::Arc;

use super::{exit::Exit, failure::Failure, session::Globals};
use crate::{
    app::{App, Use},
    runner::settings::Settings,
    service::Service,
};

/// Run the engine, its jobs and the server
#[derive(Debug, clap::Args)]
pub struct Serve {}

impl Serve {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let app = Arc::new(App::open(globals.config.as_deref(), Use::Run).await?);
        let database = app.config.resolve(&app.config.database);
        let told = Told::listen();
        let service = Service::start(app, Settings::default()).await?;
        let out = globals.out();
        out.say(&format!("serving `{}` on http://{}; stop with Ctrl-C", database.display(), service.address()));
        told.wait().await;
        out.say("stopping: what is under way is finished, or resumed at the next start");
        service.stop().await;
        Ok(Exit::Ok)
    }
}

/// Waits until the process is told to stop: Ctrl-C, or the signal by which service managers end it.
pub(super) async fn told_to_stop() {
    Told::listen().wait().await;
}

/// The signal by which service managers end a process, listened for from the moment this exists.
struct Told {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Told {
    fn listen() -> Told {
        Told {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok(),
        }
    }

    async fn wait(self) {
        #[cfg(unix)]
        if let Some(mut terminate) = self.terminate {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return,
                _ = terminate.recv() => return,
            }
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
