//! Timers.

use std::sync::Arc;

use entente_core::event::TimerKey;
use jiff::{Timestamp, ToSpan};

use super::fixture::*;
use crate::{DueTimer, Store};

fn timer(name: &str) -> TimerKey {
    TimerKey(name.into())
}

/// Not a nanosecond before, and with the very instant for which it was armed: another one would count as re-armed.
pub async fn a_timer_comes_due_exactly_at_its_instant(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let due: Timestamp = "2027-03-14T06:59:59.123456789Z".parse().expect("an instant");
    let mut step = world.first("OFR-1");
    step.arm = vec![(timer("review/P5D"), due)];
    world.hold(&step).await;
    let before = due.checked_sub(1.nanosecond()).expect("an instant");
    assert!(world.store.due(&shards(), before, 10).await.expect("a read").is_empty());
    let expected = DueTimer { run: step.snapshot.run, key: timer("review/P5D"), due };
    for now in [due, due.checked_add(1.hour()).expect("an instant")] {
        let found = world.store.due(&shards(), now, 10).await.expect("a read");
        assert_eq!(found, std::slice::from_ref(&expected));
    }
    assert_eq!(world.store.next_due(&shards()).await.expect("a read"), Some(due));
}

/// A key has one instant.
pub async fn a_timer_is_rearmed_and_disarmed_with_its_step(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.arm = vec![(timer("a"), at(10)), (timer("b"), at(20))];
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.arm = vec![(timer("a"), at(30))];
    second.disarm = vec![timer("b"), timer("never armed")];
    world.hold(&second).await;
    assert_eq!(world.store.next_due(&shards()).await.expect("a read"), Some(at(30)));
    assert!(world.store.due(&shards(), at(29), 10).await.expect("a read").is_empty());
    let mut third = world.next(&second);
    third.disarm = vec![timer("a")];
    world.hold(&third).await;
    assert_eq!(world.store.next_due(&shards()).await.expect("a read"), None);
}

/// The owner of a shard serves its own timers.
pub async fn due_timers_come_earliest_first_for_the_shards_asked(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for n in [3, 1, 2, 0] {
        let mut step = world.first(&format!("R{n}"));
        step.arm = vec![(timer("t"), at(n))];
        world.hold(&step).await;
    }
    let due = world.store.due(&shards(), at(100), 3).await.expect("a read");
    assert_eq!(due.iter().map(|timer| timer.due).collect::<Vec<_>>(), [at(0), at(1), at(2)]);
    let own = world.store.due(&[run("R2").shard()], at(100), 10).await.expect("a read");
    assert!(own.iter().any(|timer| timer.run == run("R2")));
    assert!(own.iter().all(|timer| timer.run.shard() == run("R2").shard()));
    assert!(world.store.due(&[], at(100), 10).await.expect("a read").is_empty());
    assert_eq!(world.store.next_due(&[]).await.expect("a read"), None);
}
