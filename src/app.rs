//! The installation as the commands see it: configuration, database, connections, charts and people, put together once.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use entente_core::{
    calendar::Calendars,
    context::{
        Contexts,
        agreement_cancellation::{AgreementCancellationContext, Cancellation},
        agreement_payment_request::{AgreementPaymentRequestContext, PaymentRequest},
        billing_adjustment::{BillingAdjustmentContext, Refund},
        commitment::CommitmentContext,
        commitment_card::CommitmentCardContext,
        funding::{
            AccrualPaper, ClaimPaper, FundPaper, GrantPaper, OrderPaper, PartnerPaper, PayoutPaper, RequestPaper,
            SheetContext,
        },
        private_offer::PrivateOfferContext,
    },
    ids::ProcessId,
    people::People,
    policy::Policy,
};
use entente_store::Store;
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::{
    activities::{
        Activities,
        agreement::Check,
        commitment,
        funding::{self, Books},
        grant::CheckGrant,
        letters::Letters,
        marketplace,
        preflight::{Preflight, Records},
    },
    audit::sends::SentFile,
    config::{self, Config},
    connectors::Connections,
    database::{Database, Use},
    funding::evidence::Room,
    runner::{
        Engine, Parts, World,
        clock::{Clock, FollowingClock, SystemClock},
        definitions::Definitions,
        settings::Settings,
    },
    sandbox_clock, workflows,
    world::Policies,
};

/// What every command needs.
pub struct App {
    /// The configuration.
    pub config: Config,
    /// Where the database is.
    pub database: Database,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// The clock of the sandbox, when business time follows one.
    pub sandbox_clock: Option<FollowingClock>,
    /// Why business time stands still: the sandbox that it follows does not answer. What is stored can still be read.
    pub stands_still: Option<String>,
    /// The connector accounts.
    pub connections: Connections,
    /// The charts.
    pub definitions: Arc<Definitions>,
    /// The people.
    pub people: Arc<People>,
    /// The files that partners have handed in.
    pub evidence: Room,
    /// Policy and calendars in force.
    pub world: watch::Sender<Arc<World>>,
    activities: Activities,
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
        // What people wrote is read before anything is opened: a mistake in it leaves no trace.
        let people = Arc::new(people(&config)?);
        let calendars = calendars(&config)?;
        let database = config.database()?;
        let store = database.open(purpose).await?;
        let Time { clock, sandbox_clock, stands_still } = time(&config, &store, purpose).await?;
        let connections = Connections::connect(&config, &store, &clock)?;
        let world = World { policies: policies(&store).await?, calendars };
        let (world, in_force) = watch::channel(Arc::new(world));
        let records = Records { store: store.clone(), world: in_force, zone: config.zone.clone() };
        let evidence = Room::new(config.evidence(&database));
        let activities = activities(&connections, Some((records, evidence.clone())));
        let definitions = Arc::new(Definitions::new(store.clone(), contexts(), &activities));
        Ok(App {
            config,
            database,
            store,
            clock,
            sandbox_clock,
            stands_still,
            connections,
            definitions,
            people,
            evidence,
            world,
            activities,
        })
    }

    /// What charts may invoke.
    pub fn activities(&self) -> &Activities {
        &self.activities
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
            sends: Arc::new(SentFile::beside(self.database.beside())),
            process: process_id()?,
            settings,
        };
        Ok(Engine::start(parts).await?)
    }

    /// The people as their file names them now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn people_now(&self) -> anyhow::Result<People> {
        people(&self.config)
    }

    /// Reads the active policies again and puts them in force for the steps to come.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reload_policy(&self) -> anyhow::Result<()> {
        let policies = policies(&self.store).await?;
        self.world.send_modify(|world| {
            *world = Arc::new(World { policies, calendars: world.calendars.clone() });
        });
        Ok(())
    }
}

/// The activities of this binary.
fn activities(connections: &Connections, records: Option<(Records, Room)>) -> Activities {
    let (records, evidence) = records.unzip();
    let store = records.as_ref().map(|records| records.store.clone());
    let letters = Letters::default();
    let books = records.as_ref().zip(evidence).map(|(records, evidence)| Books {
        store: records.store.clone(),
        letters: letters.clone(),
        world: records.world.clone(),
        evidence,
    });
    let base = Activities::default()
        .telling(letters.clone())
        .with(Preflight::new(connections.clone(), records))
        .with(Check::<Refund>::new(connections.clone(), store.clone()))
        .with(Check::<Cancellation>::new(connections.clone(), store.clone()))
        .with(Check::<PaymentRequest>::new(connections.clone(), store.clone()))
        .with(CheckGrant::new(connections.clone(), store.clone()))
        .with(commitment::LookAtCommitment::new(store, letters))
        .with(marketplace::AwaitFunding::new(connections.clone()))
        .with(marketplace::AwaitChange::new(connections.clone()))
        .with(funding::Assess::new(books.clone()))
        .with(funding::CheckFund::new(books.clone()))
        .with(funding::LookAtFund::new(books.clone()))
        .with(funding::LookAtRequest::new(books.clone()))
        .with(funding::TellRequest::new(books.clone()))
        .with(funding::Gather::new(books.clone()))
        .with(funding::Release::new(books.clone()))
        .with(funding::WriteFile::new(books.clone()))
        .with(funding::Tell::new(books.clone()))
        .with(funding::CheckAccrual::new(books.clone()))
        .with(funding::LookAtAccrual::new(books.clone()))
        .with(funding::CheckOrder::new(books.clone()))
        .with(funding::MatchOrder::new(books));
    marketplace::writes(connections).into_iter().fold(base, Activities::with)
}

/// The activities of this binary by name and nature: no connection is needed to know what could be asked of one.
pub fn named_activities() -> Activities {
    activities(&Connections::default(), None)
}

/// The context types of this binary.
pub fn contexts() -> Contexts {
    Contexts::default()
        .with(Arc::new(PrivateOfferContext))
        .with(Arc::new(BillingAdjustmentContext::default()))
        .with(Arc::new(AgreementCancellationContext::default()))
        .with(Arc::new(AgreementPaymentRequestContext::default()))
        .with(Arc::new(SheetContext::<PartnerPaper>::default()))
        .with(Arc::new(SheetContext::<FundPaper>::default()))
        .with(Arc::new(SheetContext::<RequestPaper>::default()))
        .with(Arc::new(SheetContext::<ClaimPaper>::default()))
        .with(Arc::new(SheetContext::<GrantPaper>::default()))
        .with(Arc::new(SheetContext::<PayoutPaper>::default()))
        .with(Arc::new(SheetContext::<AccrualPaper>::default()))
        .with(Arc::new(SheetContext::<OrderPaper>::default()))
        .with(Arc::new(CommitmentContext))
        .with(Arc::new(CommitmentCardContext))
}

/// Business time, and where it comes from.
struct Time {
    clock: Arc<dyn Clock>,
    sandbox_clock: Option<FollowingClock>,
    stands_still: Option<String>,
}

/// The clock. Beside a sandbox that has been stopped, it stands where history ends: what is stored can be read then.
async fn time(config: &Config, store: &Arc<dyn Store>, purpose: Use) -> anyhow::Result<Time> {
    let Some(control) = &config.sandbox_clock else {
        return Ok(Time { clock: Arc::new(SystemClock), sandbox_clock: None, stands_still: None });
    };
    let (following, stands_still) = match sandbox_clock::follow(control).await {
        Ok(following) => (following, None),
        Err(error) if purpose == Use::Run => return Err(error),
        Err(error) => (sandbox_clock::stopped(store.as_ref()).await?, Some(error.to_string())),
    };
    Ok(Time { clock: Arc::new(following.clone()), sandbox_clock: Some(following), stands_still })
}

fn people(config: &Config) -> anyhow::Result<People> {
    let path = config.resolve(&config.people);
    match config::read("the people file", &path)? {
        Some(text) => Ok(People::from_yaml(&path.display().to_string(), &text)?),
        None => Ok(People::default()),
    }
}

fn calendars(config: &Config) -> anyhow::Result<Calendars> {
    let Some(path) = &config.calendars else {
        let zone = TimeZone::get(&config.zone).with_context(|| {
            format!("field `zone`: `{}` is not an IANA zone; write a name such as `Europe/Berlin`", config.zone)
        })?;
        return Ok(Calendars::office_hours(&config.zone, zone));
    };
    let path = config.resolve(path);
    let text = config::read("the calendars", &path)?.ok_or_else(|| config::missing("the calendars", &path))?;
    Ok(Calendars::from_yaml(&path.display().to_string(), &text)?)
}

/// The active policies; of each the built-in one until people activate another.
async fn policies(store: &Arc<dyn Store>) -> anyhow::Result<Policies> {
    let stored = store.documents("policy").await?;
    let in_force = |built_in: Policy| match stored.iter().find(|text| text.active && text.name == built_in.name) {
        Some(text) => Policy::from_yaml(&format!("{} v{}", text.name, text.version), &text.text),
        None => Ok(built_in),
    };
    let general = in_force(workflows::policy()?)?;
    let own = workflows::policies()?.into_iter().skip(1).map(in_force);
    own.into_iter().try_fold(Policies::new(general), |policies, policy| Ok(policies.with(policy?)))
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
