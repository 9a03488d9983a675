//! A serving installation: the engine, and everything that works beside it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use entente_mail::{Credentials, Mailer, Party, Security};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{self, Api, Limits, Looks},
    app::App,
    audit::{agreed, key::SealKey, seal, sound},
    config::{ConfigError, SmtpConfig},
    fleet, jobs,
    notices::{self, Channels},
    restore::{begin, read_back::ReadBack},
    runner::{Engine, settings::Settings},
    sandbox_clock,
    schedule::{self, Scheduler},
};

/// How often a policy that somebody activated is looked for.
const POLICY_EVERY: Duration = Duration::from_millis(500);

/// How long the companions may take to stop; the engine has its own time after that.
const COMPANIONS_STOP: Duration = Duration::from_secs(3);

/// A serving installation.
pub struct Service {
    engine: Engine,
    scheduler: Arc<Scheduler>,
    companions: TaskTracker,
    stop: CancellationToken,
    address: Option<SocketAddr>,
}

/// What a serving installation shows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// A server listens.
    Listening,
    /// None: another process of the same database listens.
    None,
}

impl Service {
    /// Starts an installation that was opened to run.
    ///
    /// # Errors
    /// When the address cannot be listened on, the configuration's jobs or mail server make no sense, or the database
    /// cannot be written.
    pub async fn start(app: Arc<App>, settings: Settings, face: Face) -> anyhow::Result<Service> {
        let channels = channels(&app)?;
        let listener = match face {
            Face::Listening => Some(listen(app.config.listen).await?),
            Face::None => None,
        };
        let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let stop = CancellationToken::new();
        // Whatever was begun ends with a start that fails.
        let begun = stop.clone().drop_guard();
        let database = app.database.beside().to_owned();
        sound::require(app.store.as_ref(), &database).await?;
        let recovery = begin::begin(app.store.as_ref(), &database, app.clock.now()).await?;
        let hold_sends = settings.hold_sends || recovery.is_some();
        let alone = app.database.file().is_some();
        if !alone {
            agreed::agree(app.store.as_ref(), &SealKey::beside(&database)?).await?;
        }
        let lease_ttl = if alone { settings.lease_ttl } else { Duration::from_secs(app.config.lease_seconds.into()) };
        let engine = app.start(Settings { hold_sends, lease_ttl, sole_runner: alone, ..settings }).await?;
        let plan = schedule::plan(jobs::all(&app, engine.shared())?, &app.config.jobs)?;
        let (store, clock) = (app.store.clone(), app.clock.clone());
        let scheduler = Arc::new(Scheduler::new(store, clock, engine.shared().leases.owner().clone(), plan));
        let events_token = std::env::var("ENTENTE_EVENTS_TOKEN").ok().filter(|token| !token.is_empty());
        let (shared, connections) = (engine.shared().clone(), app.connections.clone());
        let (looks, limits) = (Looks::of(&connections), Limits::default());
        let api = Api { app: app.clone(), shared, connections, events_token, looks, limits };
        let companions = TaskTracker::new();
        if let (Some(control), Some(clock)) = (&app.config.sandbox_clock, &app.sandbox_clock) {
            companions.spawn(sandbox_clock::keep(control.clone(), clock.clone(), stop.clone()));
        }
        match recovery {
            Some(state) => {
                tracing::warn!("nothing is sent until the marketplaces are read back: {}", state.reason);
                let (shared, connections) = (engine.shared().clone(), app.connections.clone());
                companions.spawn(ReadBack { shared, connections, database }.run(stop.clone()));
            }
            None => seal::remember(app.store.as_ref(), &database).await?,
        }
        let sealing = jobs::Sealing::new(engine.shared().clone(), app.database.beside())?;
        companions.spawn(jobs::keep_sealing(sealing, stop.clone()));
        let connections = app.connections.clone();
        companions.spawn(follow_policy(app, stop.clone()));
        companions.spawn(scheduler.clone().run(stop.clone()));
        companions.spawn(notices::run(engine.shared().clone(), channels, stop.clone()));
        if let Some(listener) = listener {
            companions.spawn(answer(api, listener, stop.clone()));
        }
        if !alone {
            companions.spawn(fleet::share_rates(engine.shared().clone(), connections, stop.clone()));
            companions.spawn(fleet::follow_recovery(engine.shared().clone(), stop.clone()));
        }
        begun.disarm();
        Ok(Service { engine, scheduler, companions, stop, address })
    }

    /// Where the server listens, if it does.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The scheduled jobs.
    pub fn scheduler(&self) -> &Arc<Scheduler> {
        &self.scheduler
    }

    /// Stops: what is under way is finished, or resumed at the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.companions.close();
        if tokio::time::timeout(COMPANIONS_STOP, self.companions.wait()).await.is_err() {
            tracing::warn!("some jobs did not stop in time; they are taken up again at the next start");
        }
        self.engine.stop().await;
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("`{address}` cannot be listened on: choose another address with `listen` in the configuration")
    })
}

async fn answer(api: Api, listener: TcpListener, stop: CancellationToken) {
    if let Err(error) = api::serve(api, listener, stop).await {
        tracing::error!("the server stopped answering: {error}");
    }
}

/// Where notices go, as the configuration says. A password comes from the environment only.
fn channels(app: &App) -> anyhow::Result<Channels> {
    let notices = &app.config.notices;
    let file = notices.file.as_ref().map(|file| app.config.resolve(file));
    let from = notices.smtp.as_ref().map_or_else(|| "entente@localhost".to_owned(), |smtp| smtp.from.clone());
    let mailer = notices.smtp.as_ref().map(mailer).transpose()?;
    Ok(Channels { file, mailer, from: Party::named("Entente", from), people: app.people.clone() })
}

fn mailer(smtp: &SmtpConfig) -> anyhow::Result<Mailer> {
    let secret = |name: &Option<String>| name.as_ref().map(|name| environment(name)).transpose();
    let credentials = match (secret(&smtp.user_env)?, secret(&smtp.password_env)?) {
        (Some(user), Some(password)) => Some(Credentials { user, password }),
        (None, None) => None,
        _ => Err(unusable("it names only one of `user_env` and `password_env`: name both or none"))?,
    };
    let security = match (smtp.tls, smtp.port) {
        (false, _) => Security::None,
        (true, 465) => Security::Tls,
        (true, _) => Security::StartTls,
    };
    let base = entente_mail::Settings::new(smtp.host.clone(), security);
    let settings = entente_mail::Settings { port: smtp.port, credentials, ..base };
    Ok(Mailer::new(settings).map_err(|error| unusable(&error.to_string()))?)
}

fn environment(name: &str) -> Result<String, ConfigError> {
    std::env::var(name).map_err(|_| unusable(&format!("it names the environment variable `{name}`, which is not set")))
}

fn unusable(reason: &str) -> ConfigError {
    ConfigError::Unusable { field: "notices.smtp", reason: reason.to_owned() }
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
