//! Runs that a binary does not know how to drive: told at its start, and left alone.

use std::{sync::Arc, time::Duration};

use entente::runner::{Answer, left};
use entente_core::{context::Contexts, ids::RunId};
use serde_json::json;

use crate::kit::{self, Kit};

async fn left_by(bench: &kit::Bench) -> Vec<left::Left> {
    left::all(bench.store.as_ref(), &bench.engine.shared().definitions).await.unwrap()
}

async fn go(bench: &kit::Bench, run: RunId) -> Answer {
    bench.engine.submit(kit::named(run, "go", "go", json!({})), Duration::from_millis(300)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_runs_whose_chart_this_binary_lacks_are_named_at_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    for number in 1..=5 {
        bench.submit(kit::started(kit::run_id(), "kit_signal", &format!("A-{number}"), json!({}))).await;
    }
    assert!(left_by(&bench).await.is_empty());
    let pin = bench.engine.shared().definitions.pin("kit_signal", None).await.unwrap();
    bench.engine.stop().await;
    drop((bench.store, bench.world));

    // The other binary knows no context `kit`.
    let stranger = kit::start_without_contexts(&path).await;
    let left = left_by(&stranger).await;
    assert_eq!((left.len(), left[0].runs, &left[0].chart), (1, 5, &pin));
    assert_eq!(left[0].labels, ["A-1", "A-2", "A-3"], "some are named");
    let words = left[0].words();
    assert!(words.starts_with("5 runs of chart `kit_signal` v1 (") && words.contains(&pin.sha256[..12]), "{words}");
    assert!(words.contains("no context type `kit`"), "{words}");
    while stranger.engine.shared().unfit().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stranger.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_of_a_version_to_come_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    bench.engine.stop().await;
    drop((bench.store, bench.world));
    let later = Contexts::default().with(Arc::new(Kit { version: 2 }));
    let peer = kit::join(&path, "later", kit::settings(), &Arc::default(), later).await;
    let run = kit::run_id();
    let begun = kit::started(run, "kit_signal", "L-1", json!({}));
    peer.engine.submit(begun, Duration::from_secs(20)).await.unwrap();
    peer.engine.stop().await;
    drop(peer.store);

    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    let left = left_by(&bench).await;
    assert_eq!((left.len(), left[0].context_version, &left[0].labels[..]), (1, 2, &["L-1".to_owned()][..]));
    assert!(left[0].words().contains("its context is of version 2, this binary knows them up to 1"), "{left:?}");
    assert!(matches!(go(&bench, run).await, Answer::Stored { .. }), "stored, and left to a binary that can");
    assert_eq!(bench.run(run).await.snapshot.seq, 1);
    bench.engine.stop().await;
}
