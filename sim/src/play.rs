//! One seed, from its first process to its last law.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use entente::runner::{
    Engine, Parts, World, backoff::Jitter, definitions::Definitions, sends::Unnoted, settings::Settings,
};
use entente::{schedule::Scheduler, workflows, world::Policies};
use entente_core::{calendar::Calendars, chart::bound::BoundChart, ids::ProcessId, people::People, schedule::Schedule};
use entente_store::Store;
use jiff::SignedDuration;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    activity, chaos, charts, deal, ends,
    ground::{Ground, SkewedClock, Violation},
    jobs,
    laws::Laws,
    market::Market,
    mix::Mix,
    people::Party,
    process::{Life, Process},
    staff,
    store::{Connection, Database},
};

/// What became of one seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Its mix.
    pub mix: Mix,
    /// The hash over everything that happened.
    pub hash: u64,
    /// How many things happened.
    pub events: u64,
    /// Virtual time that passed.
    pub time: Duration,
    /// The last things that happened.
    pub tail: Vec<String>,
    /// The law that was broken, if one was.
    pub violation: Option<Violation>,
}

impl fmt::Display for Outcome {
    /// What people need of it: the mix, the last events, the broken law, and how to see it again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.mix)?;
        for line in &self.tail {
            writeln!(f, "{line}")?;
        }
        let (seed, events, seconds) = (self.seed, self.events, self.time.as_secs_f64());
        writeln!(f, "seed {seed}: {events} events in {seconds:.3} virtual seconds, trace {:016x}", self.hash)?;
        if let Some(broken) = &self.violation {
            writeln!(f, "seed {seed} broke the law `{}` after {:?}: {}", broken.law, broken.at, broken.what)?;
            writeln!(f, "again: cargo run -p entente-sim -- --seed {seed} --trace")?;
        }
        Ok(())
    }
}

/// How a seed is played.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Keep the whole trace.
    pub whole_trace: bool,
}

/// Plays a seed.
///
/// # Panics
/// When the machine gives no runtime, or a chart of the simulation does not hold.
#[expect(clippy::expect_used, reason = "without them there is no simulation")]
pub fn play(seed: u64, options: Options) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime on this thread");
    runtime.block_on(async {
        let mix = Mix::of(seed);
        let ground = Arc::new(Ground::new(seed, mix.clone(), options.whole_trace));
        let house = House::new(ground.clone());
        let story = async {
            house.storm().await;
            ground.calm();
            ends::settle(&house).await;
        };
        tokio::select! {
            biased;
            () = ground.broken.cancelled() => {}
            () = story => {}
        }
        let time = ground.elapsed();
        let (hash, events, tail) = ground.told();
        Outcome { seed, mix, hash, events, time, tail, violation: ground.violation() }
    })
}

/// Everything that a simulation consists of.
pub struct House {
    /// What it stands on.
    pub ground: Arc<Ground>,
    /// The database.
    pub database: Arc<Database>,
    /// The marketplace.
    pub market: Arc<Market>,
    /// The processes that run the engine.
    pub runners: Vec<Arc<Process>>,
    /// The process through which people reach the database.
    pub door: Arc<Life>,
    /// How many people are not done.
    pub busy: Arc<AtomicUsize>,
    /// When jobs are due.
    pub schedule: Schedule,
    /// Who is who at the vendor's.
    pub staff: Arc<People>,
    charts: Vec<Arc<BoundChart>>,
    world: Arc<World>,
    tasks: JoinSet<()>,
}

impl House {
    #[expect(clippy::expect_used, reason = "without them there is no simulation")]
    fn new(ground: Arc<Ground>) -> House {
        let market = Arc::new(Market::new(ground.clone()));
        let door = Process::door(ground.clone()).begin();
        let charts = charts::bound(&activity::activities(&market, &door, None)).expect("the charts hold");
        let policy = workflows::policy().expect("the policy parses");
        let deals = deal::policy().expect("the policy of deals parses");
        let world = Arc::new(World { policies: Policies::new(policy).with(deals), calendars: Calendars::default() });
        let laws = Arc::new(Laws::new(ground.clone(), &charts, world.clone()));
        let database = Arc::new(Database::new(ground.clone(), laws, market.clone()));
        let runners: Vec<Arc<Process>> =
            (1..=ground.mix.runners).map(|n| Process::new(format!("r{n}"), ground.clone())).collect();
        let mut house = House {
            ground,
            database,
            market,
            runners,
            door,
            busy: Arc::default(),
            schedule: jobs::schedule().expect("the jobs' times parse"),
            staff: Arc::new(staff::people().expect("the people parse")),
            charts,
            world,
            tasks: JoinSet::new(),
        };
        for (at, runner) in house.runners.iter().enumerate() {
            let parts = house.maker(at);
            house.tasks.spawn(live(runner.clone(), parts));
        }
        house
    }

    /// A connection for people.
    pub fn door(&self) -> Arc<dyn Store> {
        Arc::new(Connection::new(self.database.clone(), self.door.clone()))
    }

    /// The time in which faults strike.
    async fn storm(&self) {
        Party::of(self).arrive();
        chaos::storm(self).await;
    }

    /// Makes what an engine of this process is made of.
    fn maker(&self, at: usize) -> Maker {
        let skew = self.ground.mix.skew;
        let offset = self.ground.draw(|draw| {
            let most = i64::try_from(skew.as_millis()).unwrap_or(0);
            let off = i64::try_from(draw.below(most.unsigned_abs() * 2 + 1)).unwrap_or(0) - most;
            SignedDuration::from_millis(off)
        });
        Maker {
            at,
            offset,
            ground: self.ground.clone(),
            database: self.database.clone(),
            market: self.market.clone(),
            charts: self.charts.clone(),
            world: self.world.clone(),
            schedule: self.schedule.clone(),
        }
    }
}

/// Makes the engines of one process.
struct Maker {
    at: usize,
    offset: SignedDuration,
    ground: Arc<Ground>,
    database: Arc<Database>,
    market: Arc<Market>,
    charts: Vec<Arc<BoundChart>>,
    world: Arc<World>,
    schedule: Schedule,
}

/// What a life of a process consists of.
struct Alive {
    engine: Engine,
    scheduler: Option<Arc<Scheduler>>,
    _world: watch::Sender<Arc<World>>,
}

impl Maker {
    #[expect(clippy::expect_used, reason = "a name of letters and digits")]
    async fn engine(&self, life: &Arc<Life>) -> entente_store::Result<Alive> {
        let store: Arc<dyn Store> = Arc::new(Connection::new(self.database.clone(), life.clone()));
        let activities = activity::activities(&self.market, life, Some(&self.database.laws));
        let definitions = Arc::new(Definitions::new(store.clone(), charts::contexts(), &activities));
        for bound in &self.charts {
            definitions.release(&bound.chart, "sim", self.ground.now()).await?;
            definitions.know(bound.clone());
        }
        let (sender, world) = watch::channel(self.world.clone());
        let ground = self.ground.clone();
        let settings = Settings {
            poll: self.ground.mix.poll,
            lease_ttl: self.ground.mix.lease_ttl,
            sole_runner: false,
            jitter: Jitter::from_source(move || ground.draw(|draw| draw.number())),
            ..Settings::default()
        };
        let process: ProcessId = life.id().parse().expect("a process id");
        let clock = Arc::new(SkewedClock { ground: self.ground.clone(), offset: self.offset });
        let scheduler = self.ground.mix.jobs.then(|| {
            let plan = jobs::plan(life, &self.database.laws, &self.schedule);
            let scheduler = Scheduler::new(store.clone(), clock.clone(), process.clone(), plan);
            Arc::new(scheduler.looking_every(self.ground.mix.poll))
        });
        let parts = Parts { store, clock, activities, definitions, world, sends: Arc::new(Unnoted), process, settings };
        Ok(Alive { engine: Engine::start(parts).await?, scheduler, _world: sender })
    }
}

/// A process lives, dies and is started again by whoever keeps services running.
async fn live(process: Arc<Process>, maker: Maker) {
    // They do not start all at once.
    let first = process.ground.draw(|draw| draw.millis(0, 2000) * u32::from(maker.at > 0));
    tokio::time::sleep(first).await;
    loop {
        let life = process.begin();
        process.ground.line(&process.name, "begins", format_args!("life {}", life.number));
        tokio::select! {
            biased;
            () = life.dead.cancelled() => {}
            () = one_life(&life, &maker) => {}
        }
        process.publish(None);
        let pause = match process.ground.is_quiet() {
            true => Duration::from_secs(1),
            false => process.ground.draw(|draw| draw.millis(100, 15_000)),
        };
        tokio::time::sleep(pause).await;
    }
}

async fn one_life(life: &Arc<Life>, maker: &Maker) {
    let process = &life.process;
    match maker.engine(life).await {
        Ok(Alive { engine, scheduler, _world }) => {
            process.publish(Some(engine.shared().clone()));
            let jobs = async {
                if let Some(scheduler) = scheduler {
                    scheduler.run(life.stopped.clone()).await;
                }
            };
            let runs = async {
                life.stopped.cancelled().await;
                engine.stop().await;
            };
            tokio::join!(jobs, runs);
            process.ground.line(&process.name, "stopped", format_args!(""));
        }
        Err(error) => process.ground.line(&process.name, "cannot start", format_args!("{error}")),
    }
}
