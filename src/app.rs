//! The installation as the commands see it: configuration, database, connections, charts and people, put together once.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use entente_core::{calendar::Calendars, context::Contexts, ids::ProcessId, people::People, policy::Policy};
use entente_store::Store;
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use tokio::sync::watch;

use crate::{
    activities::{
        Activities, marketplace,
        preflight::{Preflight, Records},
    },
    config::Config,
    connectors::Connections,
    runner::{
        Engine, Parts, World,
        clock::{Clock, FollowingClock, SystemClock},
        definitions::Definitions,
        settings::Settings,
    },
    workflows,
};

/// What every command needs.
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// The clock of the sandbox, when business time follows one.
    pub sandbox_clock: Option<FollowingClock>,
    /// The connector accounts.
    pub connections: Connections,
    /// The charts.
    pub definitions: Arc<Definitions>,
    /// The people.
    pub people: Arc<People>,
    /// Policy and calendars in force.
    pub world: watch::Sender<Arc<World>>,
    activities: Activities,
}

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Runs the engine; only one process may.
    Run,
    /// Reads and submits beside a running engine.
    Beside,
}

impl App {
    /// Opens the installation described by the configuration at `config`, or by `entente.yaml`.
    ///
    /// # Errors
    /// When the configuration, the database, the people or the calendars cannot be read.
    pub async fn open(config: Option<&Path>, purpose: Use) -> anyhow::Result<App> {
        App::of(Config::load(config)?, purpose).await
    }

    /// Opens the installation that a configuration describes.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn of(config: Config, purpose: Use) -> anyhow::Result<App> {
        let options = OpenOptions::new(match purpose {
            Use::Run => Mode::Runner,
            Use::Beside => Mode::Beside,
        });
        let path = config.resolve(&config.database);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, options).await?);
        let (clock, sandbox_clock) = clock(&config).await?;
        let connections = Connections::connect(&config, &store, &clock)?;
        let people = Arc::new(people(&config)?);
        let world = World { policy: policy(&store).await?, calendars: calendars(&config)? };
        let (world, in_force) = watch::channel(Arc::new(world));
        let records = Records { store: store.clone(), world: in_force, zone: config.zone.clone() };
        let activities = activities(&connections, Some(records));
        let definitions = Arc::new(Definitions::new(store.clone(), contexts(), &activities));
        Ok(App { config, store, clock, sandbox_clock, connections, definitions, people, world, activities })
    }

    /// Releases the built-in charts and starts the engine.
    ///
    /// # Errors
    /// When the database cannot be written, or a built-in chart differs from the released one of the same version.
    pub async fn start(&self, settings: Settings) -> anyhow::Result<Engine> {
        for chart in workflows::charts()? {
            let named = format!("{} v{}", chart.name, chart.version);
            let released = self.definitions.release(&chart, "built-in", self.clock.now()).await;
            released.with_context(|| format!("chart {named} cannot be released"))?;
        }
        let parts = Parts {
            store: self.store.clone(),
            clock: self.clock.clone(),
            activities: self.activities.clone(),
            definitions: self.definitions.clone(),
            world: self.world.subscribe(),
            process: process_id()?,
            settings,
        };
        Ok(Engine::start(parts).await?)
    }

    /// Reads the active policy again and puts it in force for the steps to come.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reload_policy(&self) -> anyhow::Result<()> {
        let policy = policy(&self.store).await?;
        self.world.send_modify(|world| {
            *world = Arc::new(World { policy, calendars: world.calendars.clone() });
        });
        Ok(())
    }
}

/// The activities of this binary.
fn activities(connections: &Connections, records: Option<Records>) -> Activities {
    let base = Activities::default()
        .with(Preflight::new(connections.clone(), records))
        .with(marketplace::AwaitChange::new(connections.clone()));
    marketplace::writes(connections).into_iter().fold(base, Activities::with)
}

/// The activities of this binary by name and nature: no connection is needed to know what could be asked of one.
pub fn named_activities() -> Activities {
    activities(&Connections::default(), None)
}

/// The context types of this binary.
pub fn contexts() -> Contexts {
    Contexts::default().with(Arc::new(entente_core::context::private_offer::PrivateOfferContext))
}

async fn clock(config: &Config) -> anyhow::Result<(Arc<dyn Clock>, Option<FollowingClock>)> {
    let Some(control) = &config.sandbox_clock else { return Ok((Arc::new(SystemClock), None)) };
    let following = crate::sandbox_clock::follow(control).await?;
    Ok((Arc::new(following.clone()), Some(following)))
}

fn people(config: &Config) -> anyhow::Result<People> {
    let path = config.resolve(&config.people);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(People::from_yaml(&path.display().to_string(), &text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(People::default()),
        Err(error) => Err(error).with_context(|| format!("the people file `{}` cannot be read", path.display())),
    }
}

fn calendars(config: &Config) -> anyhow::Result<Calendars> {
    let Some(path) = &config.calendars else { return Ok(Calendars::default()) };
    let path = config.resolve(path);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("the calendars `{}` cannot be read", path.display()))?;
    Ok(Calendars::from_yaml(&path.display().to_string(), &text)?)
}

/// The active policy; the built-in one until people activate another.
async fn policy(store: &Arc<dyn Store>) -> anyhow::Result<Policy> {
    let stored = store.documents("policy").await?;
    match stored.into_iter().find(|document| document.active && document.name == workflows::POLICY_NAME) {
        Some(document) => Ok(Policy::from_yaml(&format!("{} v{}", document.name, document.version), &document.text)?),
        None => Ok(workflows::policy()?),
    }
}

fn process_id() -> anyhow::Result<ProcessId> {
    let salt = getrandom::u64().unwrap_or_default();
    Ok(format!("{}-{}-{salt:016x}", hostname(), std::process::id()).parse()?)
}

fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let clean: String = name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    if clean.is_empty() { "host".into() } else { clean }
}
