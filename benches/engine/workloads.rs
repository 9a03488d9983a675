//! The workloads that measure an engine that nobody disturbs. A seal is made beside them twice a second.

use std::{path::Path, sync::Arc, time::Duration};

use entente::{
    audit::{key::SealKey, seal},
    runner::{Answer, settings::Settings},
};
use entente_core::ids::RunId;
use entente_store::Verdict;
use jiff::Timestamp;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    closed_loop::{IN_FLIGHT, closed_loop},
    cost::{Bounds, Cost, Meter},
    kit,
};

/// Steps of one run of workload A: its beginning and five results.
const STEPS: usize = 5;

/// Under load a step costs at most this much, with some room for a busy machine; see `docs/performance.md`.
const LOADED: Bounds = Bounds { cpu_ms: 0.065, steps_per_commit: 16.0 };

/// A signal's three steps carry its message too, and most of their runs have left memory.
const SIGNALLED: Bounds = Bounds { cpu_ms: 0.08, steps_per_commit: 16.0 };

/// Alone, a step may cost a commit of its own.
const ALONE: Bounds = Bounds { cpu_ms: f64::INFINITY, steps_per_commit: 1.0 };

/// Runs of five empty steps, 64 in flight.
pub async fn a(path: &Path, runs: usize, anchor: f64) -> Cost {
    five_steps("a", path, runs, IN_FLIGHT, LOADED, anchor).await
}

/// As [`a`], one run at a time.
pub async fn one(path: &Path, runs: usize, anchor: f64) -> Cost {
    five_steps("one", path, runs, 1, ALONE, anchor).await
}

async fn five_steps(workload: &str, path: &Path, runs: usize, at_once: usize, bounds: Bounds, anchor: f64) -> Cost {
    let bench = Arc::new(kit::start(path, &[kit::STEPS], Settings::default()).await);
    let sealer = sealing(&bench, path);
    let meter = Meter::start(bench.tally.clone());
    let seconds = closed_loop(runs, at_once, |at| {
        let bench = bench.clone();
        async move {
            let run = kit::run_id();
            let last = bench.counter.after(run, 5);
            bench.submit(kit::started(run, "kit_steps", &format!("A-{at:07}"), json!({}))).await;
            assert!(last.await.is_ok(), "the fifth step was performed");
        }
    })
    .await;
    bench.all_ended().await;
    let cost = meter.stop(bounds);
    cost.print(workload, ("step", runs * STEPS), at_once, &seconds, anchor);
    sealer.abort();
    cost
}

/// Parked runs, 64 closed-loop signallers, two steps per signal.
pub async fn b(path: &Path, runs: usize, anchor: f64) -> Cost {
    let bench = Arc::new(kit::start(path, &[kit::SIGNAL], Settings::default()).await);
    let parked: Arc<Vec<RunId>> = Arc::new((0..runs).map(|_| kit::run_id()).collect());
    closed_loop(runs, IN_FLIGHT, |at| {
        let (bench, parked) = (bench.clone(), parked.clone());
        async move {
            bench.submit(kit::started(parked[at], "kit_signal", &format!("B-{at:07}"), json!({}))).await;
        }
    })
    .await;
    let sealer = sealing(&bench, path);
    let meter = Meter::start(bench.tally.clone());
    let seconds = closed_loop(runs, IN_FLIGHT, |at| {
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
    bench.all_ended().await;
    let cost = meter.stop(SIGNALLED);
    cost.print("b", ("signal", runs), IN_FLIGHT, &seconds, anchor);
    sealer.abort();
    cost
}

/// Seals beside the workload, as a serving installation does.
fn sealing(bench: &Arc<kit::Bench>, path: &Path) -> JoinHandle<()> {
    let (bench, path) = (bench.clone(), path.to_owned());
    tokio::spawn(async move {
        let Ok(key) = SealKey::beside(&path) else { return };
        loop {
            if let Err(error) = seal::seal(bench.store.as_ref(), &key, &path, Timestamp::now()).await {
                eprintln!("sealing failed: {error}");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    })
}
