//! The in-memory model keeps the laws of every store.

use std::{sync::Arc, time::Duration};

use entente_core::scope::Scope;
use entente_store::{
    Leases, Runs, Store,
    conformance::fixture::{LONG, World, process, run},
    model::ModelStore,
};

async fn fresh() -> (Arc<dyn Store>, ()) {
    (Arc::new(ModelStore::new()), ())
}

entente_store::conformance_tests!(fresh);

#[tokio::test]
async fn a_clone_is_a_copy_of_the_database_to_go_back_to() {
    let store = Arc::new(ModelStore::new());
    let world = World::new(Arc::clone(&store) as Arc<dyn Store>).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let copy = ModelStore::clone(&store);
    world.hold(&world.next(&first)).await;
    let seq = async |store: &ModelStore| {
        store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").map(|row| row.snapshot.seq)
    };
    assert_eq!((seq(&store).await, seq(&copy).await), (Some(2), Some(1)));
}

#[tokio::test]
async fn a_lease_runs_out_when_the_lease_clock_passes_it_and_not_before() {
    let store = ModelStore::new();
    let key = entente_store::LeaseKey("job/seal".into());
    let first = store.acquire(&process("p1"), std::slice::from_ref(&key), LONG).await.expect("a write").remove(0);
    store.advance_lease_clock(LONG - Duration::from_nanos(1));
    assert!(store.acquire(&process("p2"), std::slice::from_ref(&key), LONG).await.expect("a write").is_empty());
    store.advance_lease_clock(Duration::from_nanos(1));
    assert!(!store.holds(&key, first.fence).await.expect("a read"));
    let second = store.acquire(&process("p2"), &[key], LONG).await.expect("a write").remove(0);
    assert!(second.fence > first.fence);
}
