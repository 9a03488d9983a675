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
    anchor::Anchor,
    closed_loop::{IN_FLIGHT, closed_loop},
    cost::{Bounds, Cost, Meter},
    ground, kit,
    site::Site,
};

/// Steps of one run of workload A beside its beginning.
pub const STEPS: usize = 5;

/// Runs of five empty steps, 64 in flight.
pub async fn a(site: &Site, runs: usize) -> Cost {
    five_steps(site, "a", runs, IN_FLIGHT, site.loaded_bounds(), site.loaded).await
}

/// As [`a`], one run at a time.
pub async fn one(site: &Site, runs: usize) -> Cost {
    five_steps(site, "one", runs, 1, site.alone_bounds(), site.alone).await
}

async fn five_steps(site: &Site, workload: &str, runs: usize, at_once: usize, bounds: Bounds, anchor: Anchor) -> Cost {
    let path = site.path(workload);
    let bench = Arc::new(kit::start(&path, &[kit::STEPS], Settings::default()).await);
    let sealer = sealing(&bench, &path);
    let meter = Meter::start(bench.tally.clone()).await;
    let seconds = run_through(&bench, "A", runs, at_once).await;
    bench.all_ended().await;
    let cost = meter.stop(bounds).await;
    cost.print(site, workload, ("step", runs * STEPS), at_once, &seconds, anchor);
    end(bench, sealer, &path).await;
    cost
}

/// Starts `runs` runs of five steps, `at_once` at a time, each when the fifth step of one before it was performed.
pub async fn run_through(bench: &Arc<kit::Bench>, round: &'static str, runs: usize, at_once: usize) -> Vec<f64> {
    let bench = bench.clone();
    closed_loop(runs, at_once, move |at| {
        let bench = bench.clone();
        async move {
            let run = kit::run_id();
            let last = bench.counter.after(run, 5);
            bench.submit(kit::started(run, "kit_steps", &format!("{round}-{at:07}"), json!({}))).await;
            assert!(last.await.is_ok(), "the fifth step was performed");
        }
    })
    .await
}

/// Parked runs, 64 closed-loop signallers, two steps per signal.
pub async fn b(site: &Site, runs: usize) -> Cost {
    let path = site.path("b");
    let bench = Arc::new(kit::start(&path, &[kit::SIGNAL], Settings::default()).await);
    let parked: Arc<Vec<RunId>> = Arc::new((0..runs).map(|_| kit::run_id()).collect());
    let (to_park, starter) = (parked.clone(), bench.clone());
    closed_loop(runs, IN_FLIGHT, move |at| {
        let (bench, parked) = (starter.clone(), to_park.clone());
        async move {
            bench.submit(kit::started(parked[at], "kit_signal", &format!("B-{at:07}"), json!({}))).await;
        }
    })
    .await;
    let sealer = sealing(&bench, &path);
    let meter = Meter::start(bench.tally.clone()).await;
    let signaller = bench.clone();
    let seconds = closed_loop(runs, IN_FLIGHT, move |at| {
        let (bench, parked) = (signaller.clone(), parked.clone());
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
    let cost = meter.stop(site.signalled_bounds()).await;
    cost.print(site, "b", ("signal", runs), IN_FLIGHT, &seconds, site.loaded);
    end(bench, sealer, &path).await;
    cost
}

/// Seals beside the workload, as a serving installation does.
pub fn sealing(bench: &Arc<kit::Bench>, path: &Path) -> JoinHandle<()> {
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

/// Stops the engine, so that the next workload has the machine to itself.
pub async fn end(bench: Arc<kit::Bench>, sealer: JoinHandle<()>, path: &Path) {
    sealer.abort();
    // Only a task that was stopped still held the other share of it.
    let _stopped = sealer.await;
    match Arc::try_unwrap(bench) {
        Ok(bench) => bench.engine.stop().await,
        Err(_) => eprintln!("warning: the engine of this workload runs on beside the next: a signaller still holds it"),
    }
    ground::forget(path).await;
}
