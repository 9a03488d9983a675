//! Several engines on one database: each owns its part, and a part that changes hands loses nothing.

use std::{sync::Arc, time::Duration};

use entente::runner::{Answer, settings::Settings};
use entente_core::{context::Contexts, ids::RunId};
use entente_store::{LeaseKey, Verdict};
use serde_json::json;

use crate::{
    kit::{self, Bench},
    promises::proves_itself,
};

fn settings(version: &'static str) -> Settings {
    Settings { lease_ttl: Duration::from_secs(3), sole_runner: false, version, ..kit::settings() }
}

/// How many shards each process holds, in the order of the names.
async fn parts(bench: &Bench, names: &[&str]) -> Vec<usize> {
    let leases = bench.store.leases().await.unwrap();
    let held = |name: &&str| {
        let mine = |lease: &&entente_store::Lease| lease.owner.as_str() == *name && lease.key.0.starts_with("shard/");
        leases.iter().filter(mine).count()
    };
    names.iter().map(held).collect()
}

async fn until_parts(bench: &Bench, names: &[&str], wished: &[usize]) {
    let mut seen = Vec::new();
    for _ in 0..1500 {
        seen = parts(bench, names).await;
        if seen == wished {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{names:?} hold {seen:?}, not {wished:?}");
}

async fn owner(bench: &Bench, run: RunId) -> String {
    let key = LeaseKey::shard(run.shard());
    let leases = bench.store.leases().await.unwrap();
    leases.iter().find(|lease| lease.key == key).map(|lease| lease.owner.to_string()).unwrap_or_default()
}

fn first() -> String {
    format!("test-{}", std::process::id())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_engines_share_the_shards_and_every_run_is_driven_once_wherever_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::STEPS], settings("1")).await;
    let b = kit::join(&path, "peer-b", settings("1"), &bench.counter, kit::contexts()).await;
    let c = kit::join(&path, "peer-c", settings("1"), &bench.counter, kit::contexts()).await;
    let runs: Vec<RunId> = (0..60).map(|_| kit::run_id()).collect();
    for (at, run) in runs.iter().enumerate() {
        let engine = [&bench.engine, &b.engine, &c.engine][at % 3];
        let message = kit::started(*run, "kit_steps", &format!("A-{at}"), json!({}));
        engine.submit(message, Duration::from_millis(1)).await.unwrap();
    }
    until_parts(&bench, &[&first(), "peer-b", "peer-c"], &[85, 86, 85]).await;
    for run in &runs {
        bench.until(*run, |row| row.snapshot.ended).await;
        proves_itself(&bench, *run).await;
    }
    // A local activity may be begun by its old owner and again by the new one; nothing is left out.
    assert!(bench.counter.total() >= 5 * 60, "{}", bench.counter.total());
    c.engine.stop().await;
    until_parts(&bench, &[&first(), "peer-b"], &[128, 128]).await;
    b.engine.stop().await;
    until_parts(&bench, &[&first()], &[256]).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_went_to_another_owner_and_came_back_is_judged_by_what_it_has_become() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], settings("1")).await;
    let runs: Vec<RunId> = (0..24).map(|_| kit::run_id()).collect();
    for (at, run) in runs.iter().enumerate() {
        bench.submit(kit::started(*run, "kit_signal", &format!("A-{at}"), json!({}))).await;
    }
    let b = kit::join(&path, "peer-b", settings("1"), &bench.counter, kit::contexts()).await;
    until_parts(&bench, &[&first(), "peer-b"], &[128, 128]).await;
    let mut moved = Vec::new();
    for run in &runs {
        if owner(&bench, *run).await == "peer-b" {
            b.engine
                .submit(kit::named(*run, &format!("go/{run}"), "go", json!({})), Duration::from_secs(20))
                .await
                .unwrap();
            bench.until(*run, |row| row.snapshot.ended).await;
            moved.push(*run);
        }
    }
    assert!(!moved.is_empty(), "some of {} runs moved", runs.len());
    b.engine.stop().await;
    until_parts(&bench, &[&first()], &[256]).await;
    for run in moved {
        // Its first owner still remembers the run as waiting for this very message.
        let late = bench.submit(kit::named(run, &format!("late/{run}"), "go", json!({}))).await;
        assert!(matches!(late, Answer::Decided(Verdict::Refused { .. } | Verdict::Noted { .. })), "{late:?}");
        proves_itself(&bench, run).await;
    }
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_47_runs_that_a_newer_binary_has_written_are_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start_knowing(&path, &[kit::SIGNAL], settings("2"), kit::next_contexts()).await;
    let runs: Vec<RunId> = (0..24).map(|_| kit::run_id()).collect();
    for (at, run) in runs.iter().enumerate() {
        bench.submit(kit::started(*run, "kit_signal", &format!("A-{at}"), json!({}))).await;
    }
    let counter = Arc::new(kit::Counter::default());
    let old = kit::join(&path, "peer-old", settings("1"), &counter, kit::contexts()).await;
    until_parts(&bench, &[&first(), "peer-old"], &[128, 128]).await;
    for run in &runs {
        let go = kit::named(*run, &format!("go/{run}"), "go", json!({}));
        bench.engine.submit(go, Duration::from_millis(1)).await.unwrap();
    }
    for run in &runs {
        let row = bench.until(*run, |row| row.snapshot.ended).await;
        assert_eq!((row.snapshot.state.as_str(), row.snapshot.context_version), ("done", 2));
        proves_itself(&bench, *run).await;
    }
    assert_eq!(counter.total(), 0, "the old binary knows their chart, and did nothing with them");
    old.engine.stop().await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_whose_names_a_binary_lacks_go_to_one_that_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], settings("2")).await;
    let runs: Vec<RunId> = (0..24).map(|_| kit::run_id()).collect();
    for (at, run) in runs.iter().enumerate() {
        bench.submit(kit::started(*run, "kit_signal", &format!("A-{at}"), json!({}))).await;
    }
    let counter = Arc::new(kit::Counter::default());
    let old = kit::join(&path, "peer-old", settings("1"), &counter, Contexts::default()).await;
    until_parts(&bench, &[&first(), "peer-old"], &[128, 128]).await;
    for run in &runs {
        bench
            .engine
            .submit(kit::named(*run, &format!("go/{run}"), "go", json!({})), Duration::from_millis(1))
            .await
            .unwrap();
    }
    for run in &runs {
        bench.until(*run, |row| row.snapshot.ended).await;
    }
    assert_eq!(counter.total(), 0, "the old binary did nothing with them");
    // And it drives what it can: for each shard that it left, it has another.
    until_parts(&bench, &[&first(), "peer-old"], &[128, 128]).await;
    old.engine.stop().await;
    bench.engine.stop().await;
}
