//! Row 11: two processes believe they hold a lease; the fence decides, at every moment.

use std::{sync::Arc, time::Duration};

use entente_core::scope::Scope;
use entente_store::{
    AttemptState, IntentStatus, LeaseKey, Leases, MemberOutcome, Outbox, Runs,
    conformance::fixture::{World, account, all_committed, at, process, remote},
};

use crate::{
    contention::blocked,
    database::{Database, number, sql},
};

/// The lease has run out while the old owner's commit is under way. The new owner gets it only when that commit is
/// done: it never sees a run that still moves under the old fence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_11_a_new_owner_waits_for_the_commit_that_read_the_old_fence() {
    let database = Database::migrated().await;
    let (one, two) = (database.open().await, database.open().await);
    let world = Arc::new(World::new(Arc::new(one)).await);
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let lease = LeaseKey::shard(first.snapshot.run.shard());
    let mut other = database.connect().await;
    sql(&mut other, "UPDATE leases SET expires = 0").await;
    sql(&mut other, "BEGIN; SELECT 1 FROM runs FOR UPDATE").await;
    let stepping = {
        let (world, next) = (Arc::clone(&world), world.next(&first));
        tokio::spawn(async move { world.commit(vec![next]).await })
    };
    let mut watch = database.connect().await;
    blocked(&mut watch, 1).await;
    let taking = {
        let (store, lease) = (two.clone(), lease.clone());
        tokio::spawn(async move { store.acquire(&process("p2"), &[lease], Duration::from_secs(3600)).await })
    };
    blocked(&mut watch, 2).await;
    assert_eq!(number(&mut watch, "SELECT count(*) FROM leases WHERE owner = 'p2'").await, 0);
    sql(&mut other, "COMMIT").await;
    let taken = taking.await.expect("a task").expect("a write");
    assert!(taken[0].fence > first.fence);
    assert!(all_committed(&stepping.await.expect("a task")), "it was there before the fence passed");
    let second = two.run(&Scope::vendor(), first.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!(second.snapshot.seq, 2, "the new owner begins where the old one ended");
}

/// The other way round: what comes after the change of owner changes nothing, by whichever way it writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_11_an_old_owner_writes_nothing_after_the_change() {
    let database = Database::migrated().await;
    let (one, two) = (database.open().await, database.open().await);
    let aws = account("aws/acme-us");
    let world = World::new(Arc::new(one.clone())).await;
    let mut first = world.first("OFR-1");
    first.intents = vec![remote(1, 0, &aws)];
    world.hold(&first).await;
    let (key, fence) = world.account_lease(&aws).await;
    let mut other = database.connect().await;
    sql(&mut other, "UPDATE leases SET expires = 0").await;
    let leases = [LeaseKey::shard(first.snapshot.run.shard()), key.clone()];
    assert_eq!(two.acquire(&process("p2"), &leases, Duration::from_secs(3600)).await.expect("a write").len(), 2);
    assert_eq!(world.commit(vec![world.next(&first)]).await, [MemberOutcome::Fenced]);
    let sending = AttemptState {
        status: IntentStatus::Sending,
        counts: true,
        not_before: None,
        notes: serde_json::Value::Null,
        sent_at: Some(at(1)),
    };
    let (run, invoke) = (first.snapshot.run, first.intents[0].invoke);
    assert!(!one.record_attempt(run, invoke, &key, fence, sending).await.expect("a write"));
    let intents = two.intents(&Scope::vendor(), run).await.expect("a read");
    assert_eq!((intents[0].status, intents[0].attempts), (IntentStatus::Ready, 0));
}
