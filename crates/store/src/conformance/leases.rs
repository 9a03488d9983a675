//! Leases on the database's own clock. A time to live of zero has run out at once, so no law waits for a clock.

use std::{sync::Arc, time::Duration};

use entente_core::ids::Fence;

use super::fixture::*;
use crate::{LeaseKey, Store};

fn key(name: &str) -> LeaseKey {
    LeaseKey(name.into())
}

async fn take(store: &Arc<dyn Store>, owner: &str, name: &str, ttl: Duration) -> Option<Fence> {
    let held = store.acquire(&process(owner), &[key(name)], ttl).await.expect("a write");
    assert!(held.iter().all(|lease| lease.owner == process(owner) && lease.key == key(name)));
    held.first().map(|lease| lease.fence)
}

/// While it lasts, nobody else gets it; 16 that try at once have one winner.
pub async fn a_lease_has_one_holder(store: Arc<dyn Store>) {
    let calls: Vec<_> = (0..16)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { take(&store, &format!("p{n}"), "job/seal", LONG).await.is_some() })
        })
        .collect();
    let mut winners = 0;
    for call in calls {
        winners += usize::from(call.await.expect("a task"));
    }
    assert_eq!(winners, 1);
    let leases = store.leases().await.expect("a read");
    assert_eq!((leases.len(), &leases[0].key), (1, &key("job/seal")));
    assert!(leases[0].remaining > Duration::ZERO && leases[0].remaining <= LONG);
}

/// By running out, and by being given back.
pub async fn a_change_of_holder_raises_the_fence(store: Arc<dyn Store>) {
    let first = take(&store, "p1", "job/seal", Duration::ZERO).await.expect("it is free");
    assert!(!store.holds(&key("job/seal"), first).await.expect("a read"), "it has run out");
    let second = take(&store, "p2", "job/seal", LONG).await.expect("it has run out");
    assert!(second > first);
    assert!(store.holds(&key("job/seal"), second).await.expect("a read"));
    assert!(!store.holds(&key("job/seal"), first).await.expect("a read"));
    store.release(&[(key("job/seal"), second)]).await.expect("a write");
    assert!(!store.holds(&key("job/seal"), second).await.expect("a read"));
    let third = take(&store, "p2", "job/seal", LONG).await.expect("it was given back");
    assert!(third > second, "what was given back comes with a new fence, to the same process too");
}

/// Taking again extends.
pub async fn a_holder_that_takes_again_keeps_its_fence(store: Arc<dyn Store>) {
    let first = take(&store, "p1", "job/seal", Duration::ZERO).await.expect("it is free");
    let again = take(&store, "p1", "job/seal", LONG).await.expect("it is its own");
    assert_eq!(first, again);
    assert_eq!(take(&store, "p2", "job/seal", LONG).await, None);
    assert!(store.holds(&key("job/seal"), first).await.expect("a read"));
}

/// A fence that has passed extends nothing and gives nothing back.
pub async fn a_lease_is_renewed_and_given_back_with_its_fence_only(store: Arc<dyn Store>) {
    let old = take(&store, "p1", "a", Duration::ZERO).await.expect("it is free");
    let new = take(&store, "p2", "a", LONG).await.expect("it has run out");
    let other = take(&store, "p2", "b", Duration::ZERO).await.expect("it is free");
    let renewed =
        store.renew(&[(key("a"), old), (key("b"), other), (key("none"), other)], LONG).await.expect("a write");
    assert_eq!(renewed, [key("b")]);
    assert!(store.holds(&key("b"), other).await.expect("a read"));
    store.release(&[(key("a"), old)]).await.expect("a write");
    assert!(store.holds(&key("a"), new).await.expect("a read"));
    store.release(&[(key("a"), new), (key("b"), other)]).await.expect("a write");
    assert!(store.leases().await.expect("a read").is_empty());
}
