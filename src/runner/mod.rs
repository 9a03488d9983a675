//! The thin shell around the pure core: it reads clocks, holds leases, commits, delivers and recovers.

pub mod account;
pub mod backoff;
pub mod cell;
pub mod clock;
mod decide;
pub mod definitions;
#[cfg(feature = "deliberate-bugs")]
mod deliberate;
pub mod deliver;
mod doubt;
pub mod driver;
pub mod evidence;
pub mod failpoint;
pub mod fleet;
pub mod gate;
mod keep;
pub mod leases;
pub mod left;
mod local;
pub mod member;
pub mod moving;
pub mod notes;
pub mod outage;
pub mod performing;
pub mod rehearsal;
pub mod sends;
pub mod settings;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use entente_core::ids::{ConnectorAccount, ProcessId, Shard};
use entente_store::{Appended, Message, PendingMessage, Store, Verdict};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::{AbortOnDropHandle, TaskTracker},
};

use self::{
    cell::Caller,
    clock::Clock,
    definitions::Definitions,
    driver::{Driver, Input},
    gate::Gate,
    keep::Keeper,
    leases::Leases,
    outage::Outage,
    performing::Performing,
    sends::SendLog,
    settings::Settings,
};
pub use crate::world::World;

use crate::activities::{Activities, letters::Hears};

/// What an engine is made of.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// What charts may invoke.
    pub activities: Activities,
    /// The charts.
    pub definitions: Arc<Definitions>,
    /// Policy and calendars.
    pub world: watch::Receiver<Arc<World>>,
    /// Where writes to marketplaces are noted before they leave.
    pub sends: Arc<dyn SendLog>,
    /// This process.
    pub process: ProcessId,
    /// How to behave.
    pub settings: Settings,
}

/// What the parts of a running engine share.
pub struct Shared {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// What charts may invoke.
    pub activities: Activities,
    /// The charts.
    pub definitions: Arc<Definitions>,
    /// Policy and calendars.
    pub world: watch::Receiver<Arc<World>>,
    /// What this process owns.
    pub leases: Leases,
    /// Where writes to marketplaces are noted before they leave.
    pub sends: Arc<dyn SendLog>,
    /// How to behave.
    pub settings: Settings,
    /// Whether anything may leave for a marketplace.
    pub gate: Gate,
    /// Woken when intents for connector accounts may be waiting.
    pub work: Notify,
    /// Woken when notices may be waiting.
    pub notices: Notify,
    /// Woken when leases should be looked at now.
    pub renew: Notify,
    /// Woken when local intents should be looked for in the database.
    pub recover_local: Notify,
    /// Writes refused because another process owns the shard: a sign of a pause or a lost lease.
    pub stale_fences: AtomicU64,
    /// Whether the database answers.
    pub outage: Outage,
    performing: Performing,
    /// Held by the one local suspect that is performed: see [`notes::is_suspect`].
    suspects: Arc<Semaphore>,
    unfit: Mutex<BTreeSet<Shard>>,
    members: AtomicUsize,
    other_versions: AtomicBool,
    tasks: TaskTracker,
    stop: CancellationToken,
    gone: CancellationToken,
    inputs: mpsc::UnboundedSender<Input>,
}

impl Shared {
    /// Hands stored messages to the driver.
    pub fn pending(&self, messages: Vec<PendingMessage>) {
        self.input(Input::Pending(messages));
    }

    /// How many processes run this database, as far as this one knows.
    pub fn members(&self) -> usize {
        self.members.load(Ordering::Relaxed)
    }

    /// Whether processes of another version run this database, as far as this one knows.
    fn has_other_versions(&self) -> bool {
        self.other_versions.load(Ordering::Relaxed)
    }

    /// Shards with runs that this binary cannot drive.
    pub fn unfit(&self) -> BTreeSet<Shard> {
        self.unfit.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A run of this shard needs names that this binary lacks: a member of another version shall have it.
    fn leave_to_others(&self, shard: Shard) {
        if self.unfit.lock().unwrap_or_else(PoisonError::into_inner).insert(shard) {
            self.renew.notify_one();
        }
    }

    /// Has the driver look for messages that it was not told of.
    pub fn look(&self) {
        self.input(Input::Look);
    }

    fn input(&self, input: Input) {
        if self.inputs.send(input).is_err() {
            tracing::debug!("the driver has stopped; what it was told stays in the database");
        }
    }
}

/// A message's fate, as far as it is known when the caller stops waiting.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Decided.
    Decided(Verdict),
    /// Stored, and not decided yet. The same key asks again later.
    Stored {
        /// The message's number.
        no: i64,
    },
}

/// A running engine. It owns its tasks: dropped, it ends where it stands, as a process that is killed does.
pub struct Engine {
    shared: Arc<Shared>,
    loops: Vec<AbortOnDropHandle<()>>,
    driver: AbortOnDropHandle<()>,
    driver_stop: CancellationToken,
    keeper: AbortOnDropHandle<()>,
    keeper_stop: CancellationToken,
    _local: DropGuard,
}

impl Engine {
    /// Takes the leases it can and starts.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn start(parts: Parts) -> entente_store::Result<Engine> {
        let (inputs, received) = mpsc::unbounded_channel();
        let leases = Leases::new(parts.store.clone(), parts.process, parts.settings.lease_ttl);
        let shared = Arc::new(Shared {
            store: parts.store,
            clock: parts.clock,
            activities: parts.activities,
            definitions: parts.definitions,
            world: parts.world,
            leases,
            sends: parts.sends,
            gate: Gate::new(!parts.settings.hold_sends),
            settings: parts.settings,
            work: Notify::new(),
            notices: Notify::new(),
            renew: Notify::new(),
            recover_local: Notify::new(),
            stale_fences: AtomicU64::new(0),
            outage: Outage::default(),
            performing: Performing::default(),
            suspects: Arc::new(Semaphore::new(1)),
            unfit: Mutex::default(),
            members: AtomicUsize::new(1),
            other_versions: AtomicBool::new(false),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            gone: CancellationToken::new(),
            inputs,
        });
        let hears: Arc<dyn Hears> = shared.clone();
        shared.activities.letters().tell(Arc::downgrade(&hears));
        let mut keeper = Keeper::new(shared.clone());
        keeper.begin().await?;
        shared.recover_local().await?;
        let telling = shared.clone();
        shared.spawn(async move { telling.tell_left().await });
        let driver_stop = CancellationToken::new();
        let driver = owned(Driver::new(shared.clone(), received).run(driver_stop.clone()));
        let keeper_stop = CancellationToken::new();
        let keeper = owned(keeper.run(keeper_stop.clone()));
        let loops = vec![owned(keep_local(shared.clone())), owned(keep_accounts(shared.clone()))];
        let _local = shared.gone.clone().drop_guard();
        Ok(Engine { shared, loops, driver, driver_stop, keeper, keeper_stop, _local })
    }

    /// What the engine's parts share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Appends a message and waits up to `patience` for its verdict.
    ///
    /// # Errors
    /// [`entente_store::Error::KeyReused`] when the key was used for another body, and whatever the database says.
    pub async fn submit(&self, message: Message, patience: Duration) -> entente_store::Result<Answer> {
        self.shared.submit(message, patience).await
    }

    /// Stops taking work, lets what is under way end or be resumed later, and gives the leases back.
    pub async fn stop(self) {
        let grace = self.shared.settings.shutdown_grace;
        self.shared.stop.cancel();
        self.shared.tasks.close();
        let ended = async {
            for task in self.loops {
                if let Err(error) = task.await {
                    tracing::error!("a loop did not end well: {error}");
                }
            }
            self.shared.tasks.wait().await;
        };
        if tokio::time::timeout(grace, ended).await.is_err() {
            tracing::warn!("some deliveries are still under way; they will be found out at the next start");
        }
        self.driver_stop.cancel();
        if tokio::time::timeout(Duration::from_secs(4), self.driver).await.is_err() {
            tracing::warn!("the last commit did not end in time; whatever it came to is in the database");
        }
        self.keeper_stop.cancel();
        if tokio::time::timeout(Duration::from_secs(4), self.keeper).await.is_err() {
            tracing::warn!("leases are still asked for; they will run out");
        }
        if let Err(error) = self.shared.leases.release_all().await {
            tracing::warn!("leases could not be given back, they will run out: {error}");
        }
    }
}

impl Shared {
    /// Appends a message and waits up to `patience` for its verdict.
    ///
    /// # Errors
    /// [`entente_store::Error::KeyReused`] when the key was used for another body, and whatever the database says.
    pub async fn submit(&self, message: Message, patience: Duration) -> entente_store::Result<Answer> {
        let (source_name, id) = (message.event.source.clone(), message.event.id.clone());
        let (stored, stored_at) = oneshot::channel();
        let (decided, verdict) = oneshot::channel();
        self.input(Input::Submit { message: Box::new(message), caller: Caller { stored, decided } });
        let stopped = || entente_store::Error::Busy("the runner is stopping".into());
        let no = match stored_at.await.map_err(|_| stopped())?? {
            Appended::New(pending) => pending.no,
            Appended::Again { verdict: Some(verdict), .. } => return Ok(Answer::Decided(verdict)),
            Appended::Again { no, .. } => no,
            Appended::KeyReused => return Err(entente_store::Error::KeyReused { source_name, id }),
        };
        match tokio::time::timeout(patience, verdict).await {
            Ok(Ok(verdict)) => Ok(Answer::Decided(verdict)),
            Ok(Err(_)) | Err(_) => Ok(Answer::Stored { no }),
        }
    }
}

impl Hears for Shared {
    fn hear(&self, pending: Vec<PendingMessage>) {
        self.pending(pending);
    }
}

/// Spawns a task that ends with its handle.
fn owned<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(task))
}

async fn keep_local(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            () = shared.recover_local.notified() => {}
        }
        if let Err(error) = shared.recover_local().await {
            shared.outage.failed("local work could not be read, trying again", &error);
            tokio::time::sleep(Duration::from_secs(1)).await;
            shared.recover_local.notify_one();
        }
    }
}

/// Starts a worker for every connector account that has something to send.
async fn keep_accounts(shared: Arc<Shared>) {
    let mut workers: BTreeMap<ConnectorAccount, AbortOnDropHandle<()>> = BTreeMap::new();
    while !shared.stop.is_cancelled() {
        match shared.store.accounts_with_work().await {
            Ok(accounts) => {
                for (account, _) in accounts {
                    workers.entry(account.clone()).or_insert_with(|| {
                        let worker = account::AccountWorker::new(shared.clone(), account);
                        owned(worker.run(shared.stop.clone()))
                    });
                }
            }
            Err(error) => shared.outage.failed("connector accounts could not be read", &error),
        }
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => {}
            () = shared.work.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    for (account, worker) in workers {
        if let Err(error) = worker.await {
            tracing::error!(%account, "a worker did not end well: {error}");
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("performing", &self.performing.count()).finish_non_exhaustive()
    }
}
