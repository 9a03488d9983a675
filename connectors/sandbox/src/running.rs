//! Starting and stopping a sandbox.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::aws::deliver_due;
use crate::config::Config;
use crate::control;
use crate::line::{Line, Lines};
use crate::persist::SnapshotError;
use crate::sandbox::Sandbox;

/// How often things happen by themselves when nobody asks.
const TICK: Duration = Duration::from_millis(25);

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("cannot listen on `{addr}`; choose another address or port 0")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] SnapshotError),
    /// The client that delivers events cannot be built.
    #[error("cannot set up the delivery of events")]
    Delivery(#[source] reqwest::Error),
}

/// A running sandbox. Dropping it leaves it running until the runtime ends; see [`Self::shutdown`].
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    accounts: Value,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a sandbox and returns once it accepts connections.
///
/// # Errors
/// When the address cannot be listened on or the state file cannot be read or written.
pub async fn start(config: Config) -> Result<Running, Error> {
    let listen = config.listen;
    let sandbox = Arc::new(Sandbox::open(config)?);
    let listen_failed = |source| Error::Listen { addr: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(listen_failed)?;
    let addr = listener.local_addr().map_err(listen_failed)?;
    let client = reqwest::Client::builder().no_proxy().build().map_err(Error::Delivery)?;
    let accounts = sandbox.read(|world| json!(world.aws.accounts));
    let (stop, stopped) = watch::channel(false);
    let app = control::router(Arc::clone(&sandbox)).into_make_service_with_connect_info::<Line>();
    let mut server_stop = stopped.clone();
    let serving = axum::serve(Lines(listener), app).with_graceful_shutdown(async move {
        // An error means that the handle is gone, which is a reason to stop, too.
        let _stopped = server_stop.wait_for(|stop| *stop).await;
    });
    let server = tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the sandbox stopped serving");
        }
    });
    let ticking = {
        let sandbox = Arc::clone(&sandbox);
        every_tick(stopped.clone(), move || {
            sandbox.tick();
            std::future::ready(())
        })
    };
    let delivering = every_tick(stopped, move || {
        let (sandbox, client) = (Arc::clone(&sandbox), client.clone());
        async move { deliver_due(&sandbox, &client).await }
    });
    Ok(Running { addr, accounts, stop, tasks: vec![server, tokio::spawn(ticking), tokio::spawn(delivering)] })
}

async fn every_tick<F: Future<Output = ()>>(mut stopped: watch::Receiver<bool>, work: impl Fn() -> F) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(TICK) => {}
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = work() => {}
        }
    }
}

impl Running {
    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The endpoint URL for AWS SDKs.
    #[must_use]
    pub fn aws_url(&self) -> String {
        format!("{}/aws", self.base_url())
    }

    /// The root of the control API.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("{}/control", self.base_url())
    }

    /// What a launcher prints as one JSON line when the sandbox is ready: URLs and accounts.
    #[must_use]
    pub fn ready_line(&self) -> Value {
        json!({
            "ready": true,
            "listen": self.addr.to_string(),
            "base_url": self.base_url(),
            "aws_url": self.aws_url(),
            "control_url": self.control_url(),
            "accounts": self.accounts,
        })
    }

    /// Stops accepting and ends the background work. Connections still open after a second are
    /// dropped.
    pub async fn shutdown(self) {
        // Nobody listens any more only when everything has already stopped.
        let _stopped = self.stop.send(true);
        for mut task in self.tasks {
            if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
