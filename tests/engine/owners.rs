//! An owner whose leases went to another: its writes are refused, it lets go, and it counts them.

use std::{sync::atomic::Ordering, time::Duration};

use entente::runner::{Answer, settings::Settings};
use entente_store::{Lease, LeaseKey, Verdict};
use serde_json::json;

use crate::{
    kit::{self, Bench},
    promises::proves_itself,
};

/// Long enough that no renewal comes in between by itself.
const TTL: Duration = Duration::from_secs(3600);

/// Another process takes every lease that this one believes to hold.
async fn stolen(bench: &Bench) -> Vec<Lease> {
    let held = bench.store.leases().await.unwrap();
    let keys: Vec<LeaseKey> = held.iter().map(|lease| lease.key.clone()).collect();
    bench.store.release(&held.into_iter().map(|lease| (lease.key, lease.fence)).collect::<Vec<_>>()).await.unwrap();
    let taken = bench.store.acquire(&"another".parse().unwrap(), &keys, TTL).await.unwrap();
    assert_eq!(taken.len(), keys.len());
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn row_11_the_older_owners_writes_are_refused_and_counted_and_what_it_had_to_decide_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { lease_ttl: TTL, ..kit::settings() };
    let bench = kit::start(&folder.path().join("e.db"), &[kit::SIGNAL], settings).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_signal", "A-1", json!({}))).await;
    let shared = bench.engine.shared();
    assert_eq!(shared.stale_fences.load(Ordering::Relaxed), 0);

    let taken = stolen(&bench).await;
    let go = kit::named(run, "go", "go", json!({}));
    let answer = bench.engine.submit(go.clone(), Duration::from_millis(500)).await.unwrap();
    assert!(matches!(answer, Answer::Stored { .. }), "kept for the owner to decide: {answer:?}");
    assert_eq!(bench.run(run).await.snapshot.seq, 1, "the step changed nothing");
    assert!(shared.stale_fences.load(Ordering::Relaxed) >= 1);
    assert_eq!(bench.counter.total(), 0, "and nothing followed from it");

    // The other one gives them back, and this one looks again.
    bench.store.release(&taken.into_iter().map(|lease| (lease.key, lease.fence)).collect::<Vec<_>>()).await.unwrap();
    shared.renew.notify_one();
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.seq, bench.counter.total()), ("done", 4, 2));
    let again = bench.submit(go).await;
    assert!(matches!(again, Answer::Decided(Verdict::Accepted { seq: 2, .. })), "{again:?}");
    proves_itself(&bench, run).await;
    bench.engine.stop().await;
}
