//! Timers, and clocks that jump.

use std::sync::Arc;

use entente::runner::clock::FollowingClock;
use jiff::Timestamp;
use serde_json::json;

use crate::{kit, promises::proves_itself};

const TIMED: &str = r#"
chart: kit_timed
version: 1
context: kit
initial: waiting
states:
  waiting: { tags: [waits_for:test], on: { add: {}, poke: {} }, after: { PT1H: { entry: notify.incident }, P2D: late, kit.due: due } }
  late: { type: final, tags: [failure] }
  due: { type: final, tags: [success] }
"#;

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

async fn bench_at(folder: &tempfile::TempDir) -> (kit::Bench, FollowingClock) {
    let clock = FollowingClock::starting_at(noon());
    clock.follow(noon(), 0);
    let counter = Arc::new(kit::Counter::default());
    let path = folder.path().join("e.db");
    let bench = kit::start_with(&path, &[TIMED], kit::settings(), Arc::new(clock.clone()), counter).await;
    (bench, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_clock_that_jumps_forward_fires_due_timers_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, clock) = bench_at(&folder).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_timed", "T-1", json!({}))).await;
    clock.follow("2026-11-25T12:00:00Z".parse().unwrap(), 0);
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.seq), ("late", 3), "started, one hour, two days");
    proves_itself(&bench, run).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_clock_that_jumps_back_loses_no_timer_and_runs_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, clock) = bench_at(&folder).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_timed", "T-1", json!({}))).await;
    clock.follow("2026-11-22T13:00:01Z".parse().unwrap(), 0);
    bench.until(run, |row| row.snapshot.seq == 2).await;
    clock.follow("2026-11-22T11:00:00Z".parse().unwrap(), 0);
    bench.submit(kit::named(run, "poke", "poke", json!({}))).await;
    clock.follow("2026-11-22T13:30:00Z".parse().unwrap(), 0);
    bench.submit(kit::named(run, "poke2", "poke", json!({}))).await;
    assert_eq!(bench.run(run).await.snapshot.seq, 4, "the hour's timer ran once");
    clock.follow("2026-11-24T12:00:00Z".parse().unwrap(), 0);
    assert_eq!(bench.until(run, |row| row.snapshot.ended).await.snapshot.state, "late");
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_of_the_context_is_rearmed_in_the_step_that_changes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, clock) = bench_at(&folder).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_timed", "T-1", json!({ "due": "2026-11-22T12:10:00Z" }))).await;
    bench.submit(kit::named(run, "later", "add", json!({ "due": "2026-11-22T12:40:00Z" }))).await;
    clock.follow("2026-11-22T12:20:00Z".parse().unwrap(), 0);
    bench.submit(kit::named(run, "poke", "poke", json!({}))).await;
    assert!(!bench.run(run).await.snapshot.ended, "the old instant has lost its meaning");
    clock.follow("2026-11-22T12:40:00Z".parse().unwrap(), 0);
    assert_eq!(bench.until(run, |row| row.snapshot.ended).await.snapshot.state, "due");
    bench.engine.stop().await;
}
