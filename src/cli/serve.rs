//! `entente serve` and `entente run`: the engine, and everything that works beside it.

use std::{io::Read as _, sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{exit::Exit, failure::Failure, session::Globals};
use crate::{
    app::App,
    busy::once_free,
    database::Use,
    runner::settings::Settings,
    service::{Face, Service},
};

/// Run the engine, its jobs and the server
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    leash: Leash,
}

/// Run the engine and its jobs without a server, beside others on the same database server
#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    leash: Leash,
}

/// What else ends it.
#[derive(Debug, clap::Args)]
struct Leash {
    /// Stop when standard input ends, as it does with the program that started this one
    #[arg(long)]
    until_stdin_ends: bool,
}

impl Serve {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        keep(globals, &self.leash, Face::Listening).await
    }
}

impl Run {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        keep(globals, &self.leash, Face::None).await
    }
}

impl Leash {
    /// Ends with standard input, if that is what was asked for.
    fn ended(&self) -> anyhow::Result<impl Future<Output = ()> + use<>> {
        let (end, ended) = oneshot::channel::<()>();
        let kept = match self.until_stdin_ends {
            true => {
                // A thread of its own: the runtime would wait for one of its own before the process can end.
                std::thread::Builder::new().name("stdin".into()).spawn(move || {
                    let read = std::io::stdin().lock().bytes().try_for_each(|byte| byte.map(drop));
                    drop((read, end));
                })?;
                None
            }
            false => Some(end),
        };
        Ok(async move {
            // Nothing is ever sent: what ends is the other side.
            let _ended = ended.await;
            drop(kept);
        })
    }
}

/// How long a start waits for a database that is busy: its server may be starting, or the machine have much to do.
const BUSY_MAX: Duration = Duration::from_secs(60);

async fn keep(globals: &Globals, leash: &Leash, face: Face) -> Result<Exit, Failure> {
    let out = globals.out();
    let (signals, ended) = (Told::listen(), leash.ended()?);
    let mut told = std::pin::pin!(async {
        tokio::select! {
            () = signals.wait() => {}
            () = ended => {}
        }
    });
    let starting = async {
        let app = once_free(BUSY_MAX, || async { App::open(globals.config.as_deref(), Use::Run).await.map(Arc::new) })
            .await?;
        let database = app.database.clone();
        let service =
            once_free(BUSY_MAX, || async { Service::start(app.clone(), Settings::default(), face).await }).await?;
        anyhow::Ok((database, service))
    };
    let (database, service) = tokio::select! {
        started = starting => started?,
        () = &mut told => return Ok(Exit::Ok),
    };
    match service.address() {
        Some(address) => out.say(&format!("serving `{database}` on http://{address}; stop with Ctrl-C")),
        None => out.say(&format!("running `{database}`; stop with Ctrl-C")),
    }
    told.await;
    out.say("stopping: what is under way is finished, or resumed at the next start");
    service.stop().await;
    Ok(Exit::Ok)
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
