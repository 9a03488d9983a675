//! P1 to P3 and P5, on runs that go well.

use std::{sync::Arc, time::Duration};

use entente::runner::Answer;
use entente_core::{
    audit::{Fingerprint, row_hash},
    run::{Record, fold},
    scope::Scope,
};
use entente_store::Verdict;
use serde_json::json;

use crate::kit::{self, Bench};

/// Every history row follows its predecessor, and the records fold to the stored run.
pub async fn proves_itself(bench: &Bench, run: entente_core::ids::RunId) {
    let row = bench.run(run).await;
    let history = bench.store.history(&Scope::vendor(), run, 1, 10_000).await.unwrap();
    assert_eq!(history.len() as u64, row.snapshot.seq, "every step is stored once");
    let mut previous = Fingerprint::ZERO;
    let mut records: Vec<Record> = Vec::new();
    for (at, stored) in history.iter().enumerate() {
        assert_eq!(stored.seq, at as u64 + 1, "steps have no gaps");
        assert_eq!(stored.prev_hash, previous.0);
        assert_eq!(stored.hash, row_hash(&previous, run, stored.seq, stored.record.as_bytes()).0);
        previous = Fingerprint(stored.hash);
        records.push(serde_json::from_str(&stored.record).unwrap());
    }
    assert_eq!(row.head, previous.0);
    assert_eq!(fold(&records).unwrap(), row.snapshot, "the fold of the records is the stored run");
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_five_steps_end_and_the_history_folds_to_the_stored_run() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[kit::STEPS], kit::settings()).await;
    let run = kit::run_id();
    let answer = bench.submit(kit::started(run, "kit_steps", "A-1", json!({}))).await;
    assert!(matches!(answer, Answer::Decided(Verdict::Accepted { seq: 1, .. })), "{answer:?}");
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.seq), ("done", 6));
    assert_eq!(bench.counter.total(), 5, "each step is performed once");
    proves_itself(&bench, run).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_activity_is_begun_once_however_often_what_was_left_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[kit::STEPS], kit::settings()).await;
    let shared = bench.engine.shared().clone();
    let looking = tokio::spawn(async move {
        loop {
            shared.recover_local.notify_one();
            tokio::task::yield_now().await;
        }
    });
    let runs: Vec<_> = (0..100).map(|_| kit::run_id()).collect();
    for (at, run) in runs.iter().enumerate() {
        let started = kit::started(*run, "kit_steps", &format!("A-{at}"), json!({}));
        bench.engine.submit(started, Duration::ZERO).await.unwrap();
    }
    for run in &runs {
        let row = bench.until(*run, |row| row.snapshot.ended).await;
        assert_eq!(row.snapshot.state, "done");
    }
    looking.abort();
    assert_eq!(bench.counter.total(), 5 * 100, "neither while it is performed, nor while its commit is under way");
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_the_same_key_has_one_effect_and_one_answer_and_another_body_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[kit::SIGNAL], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_signal", "A-1", json!({}))).await;
    let first = bench.submit(kit::named(run, "key-1", "go", json!({ "n": 1 }))).await;
    let again = bench.submit(kit::named(run, "key-1", "go", json!({ "n": 1 }))).await;
    assert_eq!(first, again);
    let other = bench.engine.submit(kit::named(run, "key-1", "go", json!({ "n": 2 })), Duration::from_secs(5)).await;
    assert!(matches!(other, Err(entente_store::Error::KeyReused { .. })), "{other:?}");
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.seq, &row.snapshot.context["n"]), (4, &json!(1)));
    let late = bench.submit(kit::named(run, "key-2", "go", json!({}))).await;
    assert!(
        matches!(late, Answer::Decided(Verdict::Noted { .. })),
        "row 37: too late is kept and has no effect: {late:?}"
    );
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_state_does_not_take_is_refused_with_what_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[kit::SIGNAL], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_signal", "A-1", json!({}))).await;
    let answer = bench.submit(kit::named(run, "k", "poke", json!({}))).await;
    let Answer::Decided(Verdict::Refused { code, reason }) = answer else { panic!("{answer:?}") };
    assert_eq!(code, "not_accepted");
    assert!(reason.contains("`waiting`") && reason.contains("`go`"), "{reason}");
    assert_eq!(bench.run(run).await.snapshot.seq, 1, "a refused event leaves no step");
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p5_an_engine_that_stops_and_starts_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let runs: Vec<_> = (0..50).map(|_| kit::run_id()).collect();
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    for (at, run) in runs.iter().enumerate() {
        bench.submit(kit::started(*run, "kit_signal", &format!("A-{at}"), json!({}))).await;
    }
    // Stored and never decided: the next owner finds them.
    let messages = runs.iter().map(|run| kit::named(*run, &format!("go/{run}"), "go", json!({}))).collect();
    let store = bench.store.clone();
    bench.engine.stop().await;
    store.append(&Scope::vendor(), messages).await.unwrap();
    drop((store, bench.store, bench.world));
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    for run in &runs {
        bench.until(*run, |row| row.snapshot.ended).await;
        proves_itself(&bench, *run).await;
    }
    assert_eq!(bench.counter.total(), 100);
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_at_once_share_commits() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Arc::new(kit::start(&folder.path().join("e.db"), &[kit::STEPS], kit::settings()).await);
    let runs: Vec<_> = (0..1000).map(|_| kit::run_id()).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for (at, run) in runs.iter().copied().enumerate() {
        let bench = bench.clone();
        tasks
            .spawn(async move { bench.submit(kit::started(run, "kit_steps", &format!("A-{at:04}"), json!({}))).await });
    }
    while let Some(answer) = tasks.join_next().await {
        assert!(matches!(answer.unwrap(), Answer::Decided(Verdict::Accepted { .. })));
    }
    for run in &runs {
        bench.until(*run, |row| row.snapshot.ended).await;
    }
    assert_eq!(bench.counter.total(), 5000);
    proves_itself(&bench, runs[17]).await;
}
