//! What a step costs, counted in transactions, bytes of log and processor time: figures that other load on the machine
//! moves little or not at all. How long a step takes is never asserted; `docs/performance.md` gives that as ratios.

use std::sync::Arc;

use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::kit::{self, Bench};

#[cfg(target_os = "linux")]
#[path = "cost_apart.rs"]
mod apart;

/// Steps of one run: its beginning and five results.
const STEPS: u64 = 6;

/// Runs of five steps, `at_once` at a time; returns how many steps and commits that took.
async fn five_steps_each(bench: &Arc<Bench>, runs: u64, at_once: usize) -> (u64, u64) {
    let before = bench.tally.read();
    let (room, mut tasks) = (Arc::new(Semaphore::new(at_once)), JoinSet::new());
    for at in 0..runs {
        let permit = room.clone().acquire_owned().await.unwrap();
        let bench = bench.clone();
        tasks.spawn(async move {
            let run = kit::run_id();
            let last = bench.counter.after(run, 5);
            bench.submit(kit::started(run, "kit_steps", &format!("A-{at_once}-{at}"), json!({}))).await;
            last.await.expect("the fifth step is performed");
            drop(permit);
        });
    }
    tasks.join_all().await;
    bench.all_ended().await;
    let after = bench.tally.read();
    (after.steps - before.steps, after.commits - before.commits)
}

async fn start(folder: &tempfile::TempDir) -> Arc<Bench> {
    Arc::new(kit::start(&folder.path().join("e.db"), &[kit::STEPS], kit::settings()).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_runs_in_flight_share_their_commits() {
    let folder = tempfile::tempdir().unwrap();
    let (steps, commits) = five_steps_each(&start(&folder).await, 640, 64).await;
    assert_eq!(steps, 640 * STEPS, "a beginning and five results each, and no step twice");
    assert!(commits * 16 <= steps, "{steps} steps took {commits} commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_alone_takes_one_commit_per_step_and_none_to_store_what_it_answers_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (steps, commits) = five_steps_each(&start(&folder).await, 40, 1).await;
    assert_eq!(steps, 40 * STEPS);
    // Leases are renewed beside the steps, a few times in all.
    assert!(commits <= steps + 12, "{steps} steps took {commits} commits");
}
