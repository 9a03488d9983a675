//! How many steps per second the store commits, beside what raw SQLite commits on the same disk in the same minute.
//!
//! `cargo bench -p entente-store-sqlite -- [seconds] [folder] [workload]` prints one JSON line per workload. A step here is what the
//! runner's hot path writes: the run moves, one history row, one local intent closed, one opened. The anchor's
//! "transition" is one UPDATE and one INSERT by key. Compare ratios; absolute figures belong to a machine and an hour.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use entente_store::{
    Batch, Member, MemberOutcome,
    conformance::fixture::{World, local},
};
use entente_store_sqlite::{OpenOptions, SqliteStore};
use serde_json::json;

const STEPS_PER_RUN: u64 = 5;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3.0);
    let folder = match arguments.next() {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.expect("a folder for the database files");
    let only = arguments.next().unwrap_or_default();
    let time = Duration::from_secs_f64(seconds);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let wanted = |name: &str| name.contains(&only);
    for batch in [1, 64].into_iter().filter(|batch| wanted(&format!("anchor-{batch}"))) {
        anchor(folder.path(), time, batch);
    }
    if wanted("no-commit-64") {
        runtime.block_on(building(&folder.path().join("building.db"), time, 64));
    }
    for batch in [1, 64, 256].into_iter().filter(|batch| wanted(&format!("batch-{batch}"))) {
        runtime.block_on(batches(&folder.path().join(format!("batch-{batch}.db")), time, batch));
    }
    if wanted("callers-64") {
        runtime.block_on(callers(&folder.path().join("callers.db"), time, 64));
    }
}

/// What the disk and SQLite give: the batch of the raw prototype.
fn anchor(folder: &Path, time: Duration, batch: u64) {
    let mut conn = rusqlite::Connection::open(folder.join(format!("anchor-{batch}.db"))).expect("a file");
    conn.pragma_update(None, "journal_mode", "wal").expect("a pragma");
    conn.pragma_update(None, "synchronous", "FULL").expect("a pragma");
    conn.execute_batch(
        "CREATE TABLE inst (id INTEGER PRIMARY KEY, step INT NOT NULL DEFAULT 0, updated_at INT);
         CREATE TABLE step (id INTEGER PRIMARY KEY, inst INT, step INT, output TEXT);
         WITH RECURSIVE g (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < 10000) INSERT INTO inst (id) SELECT x FROM g;",
    )
    .expect("a schema");
    let mut measure = Measure::start(&format!("anchor-{batch}"));
    let mut random = 1u64;
    while measure.began.elapsed() < time {
        let tx = conn.transaction().expect("a transaction");
        {
            let mut update =
                tx.prepare_cached("UPDATE inst SET step = step + 1, updated_at = ?2 WHERE id = ?1").expect("SQL");
            let mut insert =
                tx.prepare_cached("INSERT INTO step (inst, step, output) VALUES (?1, 1, ?2)").expect("SQL");
            for n in 0..batch {
                random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let id = ((random >> 33) % 10000 + 1) as i64;
                update.execute((id, n as i64)).expect("an update");
                insert.execute((id, "[1,\"ok\"]")).expect("an insert");
            }
        }
        tx.commit().expect("a commit");
        measure.commit(batch);
    }
    measure.print();
}

/// A run's life, step by step, then the next run's.
struct Life<'w> {
    world: &'w World,
    lane: u64,
    born: u64,
    step: Member,
}

impl<'w> Life<'w> {
    fn new(world: &'w World, lane: u64) -> Life<'w> {
        Life { world, lane, born: 0, step: first(world, lane, 0) }
    }

    fn advance(&mut self) {
        if self.step.snapshot.seq == STEPS_PER_RUN {
            self.born += 1;
            self.step = first(self.world, self.lane, self.born);
            return;
        }
        let mut next = self.world.next(&self.step);
        next.closed = self.step.intents.first().map(|intent| intent.invoke);
        next.snapshot.ended = next.snapshot.seq == STEPS_PER_RUN;
        if !next.snapshot.ended {
            next.intents = vec![local(next.snapshot.seq, 0)];
        }
        self.step = next;
    }
}

fn first(world: &World, lane: u64, born: u64) -> Member {
    let mut step = world.first(&format!("RUN-{born:06}-{lane:03}"));
    step.snapshot.context =
        json!({ "offer": { "name": "A private offer", "buyer": "123456789012", "notes": "x".repeat(120) } });
    step.record = format!(r#"{{"seq":1,"delta":"{}"}}"#, "y".repeat(400));
    step.intents = vec![local(1, 0)];
    step
}

async fn open(path: &Path) -> World {
    let store = SqliteStore::open(path, OpenOptions::default()).await.expect("a new store");
    World::new(Arc::new(store)).await
}

/// What making the batches costs by itself: to be taken off the figures below.
async fn building(path: &Path, time: Duration, batch: u64) {
    let world = open(path).await;
    let mut lives: Vec<Life<'_>> = (0..batch).map(|lane| Life::new(&world, lane)).collect();
    let mut measure = Measure::start(&format!("no-commit-{batch}"));
    while measure.began.elapsed() < time {
        let members: Vec<Member> = lives.iter().map(|life| life.step.clone()).collect();
        measure.commit(members.len() as u64);
        lives.iter_mut().for_each(Life::advance);
    }
    measure.print();
}

/// One caller that hands over whole batches, as the runner does.
async fn batches(path: &Path, time: Duration, batch: u64) {
    let world = open(path).await;
    let mut lives: Vec<Life<'_>> = (0..batch).map(|lane| Life::new(&world, lane)).collect();
    let mut measure = Measure::start(&format!("batch-{batch}"));
    while measure.began.elapsed() < time {
        let members = lives.iter().map(|life| life.step.clone()).collect();
        let outcome = world.store.commit(Arc::new(Batch { appends: Vec::new(), members })).await.expect("a commit");
        assert!(outcome.members.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. })));
        measure.commit(batch);
        lives.iter_mut().for_each(Life::advance);
    }
    measure.print();
}

/// Many callers with one step each: the writer gathers them.
async fn callers(path: &Path, time: Duration, callers: u64) {
    let world = Arc::new(open(path).await);
    let mut measure = Measure::start(&format!("callers-{callers}"));
    let began = measure.began;
    let tasks: Vec<_> = (0..callers)
        .map(|lane| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let (mut life, mut steps) = (Life::new(&world, lane), 0);
                while began.elapsed() < time {
                    let batch = Batch { appends: Vec::new(), members: vec![life.step.clone()] };
                    world.store.commit(Arc::new(batch)).await.expect("a commit");
                    life.advance();
                    steps += 1;
                }
                steps
            })
        })
        .collect();
    for task in tasks {
        measure.transitions += task.await.expect("a caller");
    }
    measure.print();
}

/// Transitions, commits and processor time since the start.
struct Measure {
    name: String,
    began: Instant,
    cpu: f64,
    transitions: u64,
    commits: u64,
    slowest: Duration,
    last: Instant,
}

impl Measure {
    fn start(name: &str) -> Measure {
        let began = Instant::now();
        Measure {
            name: name.to_owned(),
            began,
            cpu: cpu_ms(),
            transitions: 0,
            commits: 0,
            slowest: Duration::ZERO,
            last: began,
        }
    }

    fn commit(&mut self, transitions: u64) {
        self.transitions += transitions;
        self.commits += 1;
        self.slowest = self.slowest.max(self.last.elapsed());
        self.last = Instant::now();
    }

    fn print(&self) {
        let seconds = self.began.elapsed().as_secs_f64();
        let line = json!({
            "workload": self.name,
            "transitions_per_s": (self.transitions as f64 / seconds).round(),
            "commits": self.commits,
            "cpu_ms_per_transition": ((cpu_ms() - self.cpu) / self.transitions as f64 * 10_000.0).round() / 10_000.0,
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
