//! Workload C: as A, with sleeping runs in front. What they take of memory, and of everybody else's speed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use entente::runner::settings::Settings;
use serde_json::json;

use crate::{
    closed_loop::{IN_FLIGHT, closed_loop},
    cost::{Bounds, Cost, Meter},
    ground::work::resident_mb,
    kit, rounded,
    site::Site,
    workloads::{STEPS, end, run_through, sealing},
};

/// Megabytes that 50,000 sleeping runs may take.
const GROWTH_MB: f64 = 25.0;

/// Runs A, puts the sleepers to bed, runs A again. Returns whether the memory they take keeps within its bound.
///
/// It comes before all other workloads: memory that those have given back would hide what the sleepers take.
pub async fn measure(site: &Site, runs: usize, sleepers: usize) -> bool {
    let path = site.path("c");
    let idle = resident_mb();
    let bench = Arc::new(kit::start(&path, &[kit::STEPS, kit::SLEEP], Settings::default()).await);
    let sealer = sealing(&bench, &path);
    let (without, without_seconds) = a(&bench, "before", runs).await;
    let before = resident_mb();
    let admission = admit(&bench, sleepers).await;
    let with_sleepers = resident_mb();
    let (with, with_seconds) = a(&bench, "behind", runs).await;
    without.print(site, "c-without", ("step", runs * STEPS), IN_FLIGHT, &without_seconds, site.loaded);
    with.print(site, "c-with", ("step", runs * STEPS), IN_FLIGHT, &with_seconds, site.loaded);
    let growth = with_sleepers - before;
    let holds = growth <= GROWTH_MB || sleepers > 50_000;
    let line = json!({
        "engine": site.engine,
        "workload": "c",
        "sleepers": sleepers,
        "admitted_per_s": (sleepers as f64 / admission.as_secs_f64()).round(),
        "resident_mb": {
            "at_start": rounded(idle, 10.0),
            "before": rounded(before, 10.0),
            "with": rounded(with_sleepers, 10.0),
            "after": rounded(resident_mb(), 10.0),
        },
        "growth_mb": rounded(growth, 10.0),
        "a_with_to_without": rounded(with.steps_per_s() / without.steps_per_s(), 1e3),
        "bounds": { "growth_mb": GROWTH_MB },
        "exceeded": !holds,
    });
    println!("{line}");
    end(bench, sealer, &path).await;
    holds
}

async fn a(bench: &Arc<kit::Bench>, round: &'static str, runs: usize) -> (Cost, Vec<f64>) {
    let meter = Meter::start(bench.tally.clone()).await;
    let steps = bench.tally.read().steps + (runs * (STEPS + 1)) as u64;
    let seconds = run_through(bench, round, runs, IN_FLIGHT).await;
    bench.until_steps(steps).await;
    (meter.stop(Bounds::NONE).await, seconds)
}

/// Starts the sleeping runs, and says how long that took.
async fn admit(bench: &Arc<kit::Bench>, sleepers: usize) -> Duration {
    let (began, starter) = (Instant::now(), bench.clone());
    closed_loop(sleepers, IN_FLIGHT, move |at| {
        let bench = starter.clone();
        async move {
            bench.submit(kit::started(kit::run_id(), "kit_sleep", &format!("sleeper-{at:07}"), json!({}))).await;
        }
    })
    .await;
    began.elapsed()
}
