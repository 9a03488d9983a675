//! Many at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entente_core::scope::Scope;

use super::fixture::*;
use crate::{Appended, Batch, MemberOutcome, Store};

/// Work that happens to share a transaction shares nothing else.
pub async fn concurrent_batches_each_get_their_own_outcome(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    world.hold(&world.first("taken")).await;
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let mut bad = world.first(&format!("bad-{n}"));
                bad.snapshot.label = "taken".into();
                let good = world.first(&format!("good-{n}"));
                let appends = vec![message("taken", &format!("k{n}"))];
                let members = if n % 2 == 0 { vec![good] } else { vec![bad, good] };
                world.batch(Batch { appends, members }).await
            })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        let outcome = call.await.expect("a task");
        assert_eq!(outcome.appended.len(), 1);
        let (good, bad) = outcome.members.split_last().expect("outcomes");
        assert!(matches!(good, MemberOutcome::Committed { .. }), "{good:?}");
        assert_eq!(bad.len(), n % 2);
        assert!(bad.iter().all(|outcome| matches!(outcome, MemberOutcome::Refused { .. })), "{bad:?}");
    }
    assert_eq!(world.store.messages(&Scope::vendor(), run("taken")).await.expect("a read").len(), 40);
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// 16 owners of the same in-memory copy: one of them moves the run, the others are told that it has moved.
pub async fn a_run_raced_for_by_many_moves_once_per_step(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let mut step = world.first("OFR-1");
    for seq in 1..=5 {
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let (world, step) = (Arc::clone(&world), step.clone());
                tokio::spawn(async move { world.commit(vec![step]).await.remove(0) })
            })
            .collect();
        let mut moved = 0;
        for call in calls {
            match call.await.expect("a task") {
                MemberOutcome::Committed { .. } => moved += 1,
                outcome => assert_eq!(outcome, MemberOutcome::Stale { found: Some(seq) }),
            }
        }
        assert_eq!(moved, 1);
        step = world.next(&step);
    }
}

/// A reader beside a writer sees a run and its intent of the same step, or neither.
pub async fn reading_never_sees_half_a_step(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let mut step = world.first("OFR-1");
    step.intents = vec![local(1, 0)];
    world.hold(&step).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (store, done) = (Arc::clone(&world.store), Arc::clone(&done));
        tokio::spawn(async move {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) || reads == 0 {
                let open = store.open_local(&shards(), 10).await.expect("a read");
                assert_eq!(open.len(), 1, "one intent closed, one opened, in one commit");
                reads += 1;
                tokio::task::yield_now().await;
            }
        })
    };
    for _ in 0..50 {
        let mut next = world.next(&step);
        next.closed = Some(step.intents[0].invoke);
        next.intents = vec![local(next.snapshot.seq, 0)];
        world.hold(&next).await;
        step = next;
    }
    done.store(true, Ordering::Relaxed);
    reader.await.expect("the reader saw whole steps only");
}

/// More than one transaction or one lane takes at once; the first and the last are stored alike.
pub async fn large_batches_are_taken_whole(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let members: Vec<_> = (0..1500).map(|n| world.first(&format!("R-{n:04}"))).collect();
    let outcomes = world.commit(members).await;
    assert_eq!(outcomes.len(), 1500);
    assert!(all_committed(&outcomes));
    let messages: Vec<_> = (0..2500).map(|n| message("R-0000", &format!("k{n}"))).collect();
    let appended = world.store.append(&Scope::vendor(), messages).await.expect("a write");
    let numbers: Vec<i64> = appended
        .iter()
        .map(|answer| match answer {
            Appended::New(pending) => pending.no,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(numbers.len(), 2500);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    let rows = world.store.history_rows(1400, 1000).await.expect("a read");
    assert_eq!((rows.len(), rows[99].run), (100, run("R-1499")));
}
