//! How many steps per second the store commits, and what each costs the server.
//!
//! `ENTENTE_BENCH_POSTGRES=postgres://user@host/empty_database cargo bench -p entente-store-postgres -- [seconds] [workload]`
//! prints one JSON line per workload. A step here is what the runner's hot path writes: the run moves, one history row of
//! 400 bytes, one local intent closed, one opened. Compare ratios with `pgbench` in the same minute; absolute figures
//! belong to a machine and an hour.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use entente_store::{
    Batch, Member, MemberOutcome,
    conformance::fixture::{World, local},
};
use entente_store_postgres::{OpenOptions, PostgresStore};
use serde_json::json;

const STEPS_PER_RUN: u64 = 5;

const SERVER: &str = "ENTENTE_BENCH_POSTGRES";

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3.0);
    let only = arguments.next().unwrap_or_default();
    let time = Duration::from_secs_f64(seconds);
    let url =
        std::env::var(SERVER).unwrap_or_else(|_| panic!("{SERVER} names no database: give the URL of an empty one"));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let wanted = |name: &str| name.contains(&only);
    runtime.block_on(async {
        let store = PostgresStore::open(&url, OpenOptions::default()).await.expect("the store opens");
        let world = Arc::new(World::new(Arc::new(store.clone())).await);
        let drawn = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.as_millis());
        for batch in [1, 64, 256].into_iter().filter(|batch| wanted(&format!("batch-{batch}"))) {
            batches(&store, &world, &format!("{drawn}-{batch}"), time, batch).await;
        }
        if wanted("callers-64") {
            callers(&store, &world, &format!("{drawn}-c"), time, 64).await;
        }
        store.close().await;
    });
}

/// A run's life, step by step, then the next run's.
struct Life<'w> {
    world: &'w World,
    name: String,
    born: u64,
    step: Member,
}

impl<'w> Life<'w> {
    fn new(world: &'w World, name: String) -> Life<'w> {
        let step = first(world, &name, 0);
        Life { world, name, born: 0, step }
    }

    fn advance(&mut self) {
        let seq = self.step.snapshot.seq;
        if seq == STEPS_PER_RUN {
            self.born += 1;
            self.step = first(self.world, &self.name, self.born);
            return;
        }
        let mut next = self.world.next(&self.step);
        next.record = record(seq + 1);
        next.closed = self.step.intents.first().map(|intent| intent.invoke);
        next.snapshot.ended = next.snapshot.seq == STEPS_PER_RUN;
        if !next.snapshot.ended {
            next.intents = vec![local(next.snapshot.seq, 0)];
        }
        self.step = next;
    }
}

fn record(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"delta":"{}"}}"#, "y".repeat(400))
}

fn first(world: &World, name: &str, born: u64) -> Member {
    let mut step = world.first(&format!("RUN-{name}-{born:06}"));
    step.snapshot.context =
        json!({ "offer": { "name": "A private offer", "buyer": "123456789012", "notes": "x".repeat(120) } });
    step.record = record(1);
    step.intents = vec![local(1, 0)];
    step
}

/// One caller that hands over whole batches, as the runner does.
async fn batches(store: &PostgresStore, world: &World, name: &str, time: Duration, batch: u64) {
    let mut lives: Vec<Life<'_>> = (0..batch).map(|lane| Life::new(world, format!("{name}-{lane:03}"))).collect();
    let mut measure = Measure::start(store, &format!("batch-{batch}")).await;
    while measure.began.elapsed() < time {
        let members = lives.iter().map(|life| life.step.clone()).collect();
        let outcome = world.store.commit(Arc::new(Batch { appends: Vec::new(), members })).await.expect("a commit");
        assert!(outcome.members.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. })));
        measure.commit();
        lives.iter_mut().for_each(Life::advance);
    }
    measure.print(store).await;
}

/// Many callers with one step each: the writer gathers them.
async fn callers(store: &PostgresStore, world: &Arc<World>, name: &str, time: Duration, callers: u64) {
    let measure = Measure::start(store, &format!("callers-{callers}")).await;
    let began = measure.began;
    let tasks: Vec<_> = (0..callers)
        .map(|lane| {
            let (world, name) = (Arc::clone(world), format!("{name}-{lane:03}"));
            tokio::spawn(async move {
                let mut life = Life::new(&world, name);
                while began.elapsed() < time {
                    let batch = Batch { appends: Vec::new(), members: vec![life.step.clone()] };
                    world.store.commit(Arc::new(batch)).await.expect("a commit");
                    life.advance();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a caller");
    }
    measure.print(store).await;
}

/// Steps, commits, log and processor time since the start.
struct Measure {
    name: String,
    began: Instant,
    cpu: f64,
    tally: entente_store_postgres::Tally,
    wal: u64,
    slowest: Duration,
    last: Instant,
}

impl Measure {
    async fn start(store: &PostgresStore, name: &str) -> Measure {
        let (tally, wal) = (store.tally().read(), store.wal_bytes().await.expect("a read"));
        let began = Instant::now();
        Measure { name: name.to_owned(), began, cpu: cpu_ms(), tally, wal, slowest: Duration::ZERO, last: began }
    }

    fn commit(&mut self) {
        self.slowest = self.slowest.max(self.last.elapsed());
        self.last = Instant::now();
    }

    async fn print(&self, store: &PostgresStore) {
        let seconds = self.began.elapsed().as_secs_f64();
        let (tally, wal) = (store.tally().read(), store.wal_bytes().await.expect("a read"));
        let (steps, commits) = (tally.steps - self.tally.steps, tally.commits - self.tally.commits);
        let line = json!({
            "workload": self.name,
            "steps_per_s": (steps as f64 / seconds).round(),
            "commits": commits,
            "wal_bytes_per_step": (wal - self.wal) / steps.max(1),
            "own_cpu_ms_per_step": ((cpu_ms() - self.cpu) / steps as f64 * 10_000.0).round() / 10_000.0,
            "slowest_commit_ms": (self.slowest.as_secs_f64() * 10_000.0).round() / 10.0,
        });
        println!("{line}");
    }
}

/// This process's processor time, user and system, in milliseconds (Linux; elsewhere 0).
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) * 10.0
}
