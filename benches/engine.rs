//! The engine on the embedded store, through the whole of it: inbox, step, commit, history, delivery, sealing.
//!
//! `cargo bench --bench engine -- [RUNS]` prints one JSON object per line: the raw SQLite anchor first (one update and one
//! insert per transition, 64 in a transaction, `synchronous=FULL`), then
//! workload A (five empty steps, 64 runs in flight) and workload B (parked runs, 64 closed-loop signallers, two steps each).
//! Rates are meant as ratios to the anchor of the same run.

#[path = "../tests/kit/mod.rs"]
mod kit;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use entente::{
    audit::{key::SealKey, seal},
    runner::{Answer, settings::Settings},
};
use entente_core::{ids::RunId, scope::Scope};
use entente_store::{RunFilter, Verdict};
use jiff::Timestamp;
use serde_json::json;
use sqlx::{Connection as _, Executor as _};
use tokio::{sync::Semaphore, task::JoinSet};

const IN_FLIGHT: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runs = std::env::args().filter_map(|word| word.parse::<usize>().ok()).next().unwrap_or(20_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let anchor = anchor(&folder.path().join("anchor.db")).await?;
        println!("{}", json!({ "engine": "sqlite-wal-full", "batch": 64, "transitions_per_s": anchor.round() }));
        workload_a(&folder.path().join("a.db"), runs, anchor).await?;
        workload_b(&folder.path().join("b.db"), runs, anchor).await
    })
}

/// The physical limit: what one writer with a bare driver gets out of the same file system.
async fn anchor(path: &Path) -> Result<f64, Box<dyn std::error::Error>> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut conn = sqlx::SqliteConnection::connect_with(&options).await?;
    conn.execute("CREATE TABLE inst (id INTEGER PRIMARY KEY, step INTEGER NOT NULL DEFAULT 0, at INTEGER)").await?;
    conn.execute("CREATE TABLE step (id INTEGER PRIMARY KEY, inst INTEGER, step INTEGER, output TEXT)").await?;
    conn.execute("WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < 10000) INSERT INTO inst (id) SELECT x FROM g").await?;
    let (began, mut transitions, mut draw) = (Instant::now(), 0u64, 1u64);
    while began.elapsed() < Duration::from_secs(3) {
        // One statement for the whole transaction keeps the driver's hand-overs out of the anchor.
        let mut text = String::from("BEGIN IMMEDIATE;");
        for _ in 0..IN_FLIGHT {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let id = (draw >> 33) % 10_000 + 1;
            text.push_str(&format!("UPDATE inst SET step = step + 1, at = {transitions} WHERE id = {id};INSERT INTO step (inst, step, output) VALUES ({id}, 1, '[1,\"ok\"]');"));
            transitions += 1;
        }
        text.push_str("COMMIT;");
        conn.execute(sqlx::AssertSqlSafe(text)).await?;
    }
    Ok(transitions as f64 / began.elapsed().as_secs_f64())
}

/// Seals beside the workload, as a serving installation does.
async fn sealing(bench: Arc<kit::Bench>, path: std::path::PathBuf) {
    let Ok(key) = SealKey::beside(&path) else { return };
    loop {
        if let Err(error) = seal::seal(bench.store.as_ref(), &key, &path, Timestamp::now()).await {
            eprintln!("sealing failed: {error}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn workload_a(path: &Path, runs: usize, anchor: f64) -> Result<(), Box<dyn std::error::Error>> {
    let bench = Arc::new(kit::start(path, &[kit::STEPS], Settings::default()).await);
    let sealer = tokio::spawn(sealing(bench.clone(), path.to_path_buf()));
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let latencies = closed_loop(runs, |at| {
        let bench = bench.clone();
        async move {
            let run = kit::run_id();
            let last = bench.counter.after(run, 5);
            bench.submit(kit::started(run, "kit_steps", &format!("A-{at:07}"), json!({}))).await;
            assert!(last.await.is_ok(), "the fifth step was performed");
        }
    })
    .await;
    all_ended(&bench).await?;
    report("a", runs, runs * 5, began.elapsed(), cpu_seconds() - cpu, latencies, anchor);
    sealer.abort();
    Ok(())
}

async fn workload_b(path: &Path, runs: usize, anchor: f64) -> Result<(), Box<dyn std::error::Error>> {
    let bench = Arc::new(kit::start(path, &[kit::SIGNAL], Settings::default()).await);
    let parked: Arc<Vec<RunId>> = Arc::new((0..runs).map(|_| kit::run_id()).collect());
    closed_loop(runs, |at| {
        let (bench, parked) = (bench.clone(), parked.clone());
        async move {
            bench.submit(kit::started(parked[at], "kit_signal", &format!("B-{at:07}"), json!({}))).await;
        }
    })
    .await;
    let sealer = tokio::spawn(sealing(bench.clone(), path.to_path_buf()));
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let latencies = closed_loop(runs, |at| {
        let (bench, parked) = (bench.clone(), parked.clone());
        async move {
            let run = parked[at];
            let last = bench.counter.after(run, 2);
            let answer = bench.submit(kit::named(run, &format!("go/{run}"), "go", json!({}))).await;
            assert!(matches!(answer, Answer::Decided(Verdict::Accepted { .. })), "{answer:?}");
            assert!(last.await.is_ok(), "the second step was performed");
        }
    })
    .await;
    all_ended(&bench).await?;
    report("b", runs, runs, began.elapsed(), cpu_seconds() - cpu, latencies, anchor);
    sealer.abort();
    Ok(())
}

/// Waits until every run's last step is on disk: the clock stops only then.
async fn all_ended(bench: &kit::Bench) -> Result<(), entente_store::Error> {
    let open = RunFilter { ended: Some(false), limit: 1, ..RunFilter::default() };
    while !bench.store.runs(&Scope::vendor(), &open).await?.rows.is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Runs `count` pieces of work, [`IN_FLIGHT`] at a time; returns each one's seconds, ascending.
async fn closed_loop<F, W>(count: usize, work: F) -> Vec<f64>
where
    F: Fn(usize) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = JoinSet::new();
    for at in 0..count {
        let Ok(permit) = room.clone().acquire_owned().await else { break };
        let piece = work(at);
        tasks.spawn(async move {
            let began = Instant::now();
            piece.await;
            drop(permit);
            began.elapsed().as_secs_f64()
        });
    }
    let mut seconds: Vec<f64> = tasks.join_all().await;
    seconds.sort_by(f64::total_cmp);
    seconds
}

fn report(workload: &str, runs: usize, units: usize, took: Duration, cpu: f64, seconds: Vec<f64>, anchor: f64) {
    let at = |share: f64| {
        seconds.get(((seconds.len() as f64 * share) as usize).min(seconds.len() - 1)).copied().unwrap_or(0.0) * 1e3
    };
    let rate = units as f64 / took.as_secs_f64();
    let line = json!({
        "engine": "entente-sqlite",
        "workload": workload,
        "w": runs,
        "in_flight": IN_FLIGHT,
        "per_s": rate.round(),
        "ratio_to_anchor": (rate / anchor * 1000.0).round() / 1000.0,
        "p50_ms": (at(0.5) * 100.0).round() / 100.0,
        "p99_ms": (at(0.99) * 100.0).round() / 100.0,
        "cpu_ms_per_unit": (cpu * 1e3 / units as f64 * 10_000.0).round() / 10_000.0,
    });
    println!("{line}");
}

/// User and system seconds of this process so far, as the kernel counts them.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
