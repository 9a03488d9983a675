//! Intents: written before anything happens outside, ended once.

use std::sync::Arc;

use entente_core::{
    event::{Body, Outcome},
    ids::{Fence, InvokeId, RunId},
    scope::Scope,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fixture::*;
use crate::{AttemptState, Consumed, IntentRow, IntentStatus, LeaseKey, Member, MemberOutcome, Settlement, Store};

fn done(run: RunId, invoke: InvokeId) -> Settlement {
    Settlement { run, invoke, outcome: Outcome::Done { output: json!({ "offer": "offer-1" }) }, at: at(9) }
}

fn sending(at: Timestamp) -> AttemptState {
    AttemptState {
        status: IntentStatus::Sending,
        counts: true,
        not_before: None,
        notes: Value::Null,
        sent_at: Some(at),
    }
}

async fn only(world: &World, run: RunId) -> IntentRow {
    let mut rows = world.store.intents(&Scope::vendor(), run).await.expect("a read");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// A run with one remote intent, and its account's lease.
async fn with_remote(world: &World, name: &str) -> (Member, LeaseKey, Fence) {
    let aws = account("aws/acme-us");
    let mut step = world.first(name);
    step.intents = vec![remote(1, 0, &aws)];
    world.hold(&step).await;
    let (key, fence) = world.account_lease(&aws).await;
    (step, key, fence)
}

/// A new owner finds what its predecessor left open, and nothing else.
pub async fn a_local_intent_is_open_until_the_step_that_closes_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.intents = vec![local(1, 0)];
    world.hold(&first).await;
    let open = world.store.open_local(&[first.snapshot.run.shard()], 10).await.expect("a read");
    assert_eq!(open.iter().map(|row| (row.run, &row.intent)).collect::<Vec<_>>(), [(first.snapshot.run, &local(1, 0))]);
    assert_eq!((open[0].status, open[0].attempts, open[0].label.as_str()), (IntentStatus::Ready, 0, "OFR-1"));
    assert!(world.store.open_local(&[], 10).await.expect("a read").is_empty());
    let mut second = world.next(&first);
    second.closed = Some(InvokeId { seq: 1, n: 0 });
    second.intents = vec![local(2, 0)];
    world.hold(&second).await;
    let open = world.store.open_local(&shards(), 10).await.expect("a read");
    assert_eq!(open.iter().map(|row| row.intent.invoke).collect::<Vec<_>>(), [InvokeId { seq: 2, n: 0 }]);
}

/// What was recorded of one local intent is not said of the next, whatever a store keeps of its row.
pub async fn a_local_intent_that_gives_way_leaves_the_next_one_fresh(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.intents = vec![local(1, 0)];
    world.hold(&first).await;
    let run = first.snapshot.run;
    let tried = AttemptState { notes: json!({ "seen": ["x"] }), not_before: Some(at(8)), ..sending(at(5)) };
    let key = LeaseKey::shard(run.shard());
    let recorded = world.store.record_attempt(run, InvokeId { seq: 1, n: 0 }, &key, first.fence, tried).await;
    assert!(recorded.expect("a write"));

    let mut second = world.next(&first);
    second.closed = Some(InvokeId { seq: 1, n: 0 });
    second.intents = vec![remote(2, 0, &account("aws/acme-us")), local(2, 1), local(2, 2)];
    world.hold(&second).await;
    let rows = world.store.intents(&Scope::vendor(), run).await.expect("a read");
    assert_eq!(rows.iter().map(|row| row.intent.clone()).collect::<Vec<_>>(), second.intents);
    for row in rows {
        assert_eq!((row.status, row.attempts, row.orphaned), (IntentStatus::Ready, 0, false));
        assert_eq!((row.first_sent_at, row.not_before, row.notes), (None, None, Value::Null));
    }

    let mut third = world.next(&second);
    third.closed = Some(InvokeId { seq: 2, n: 2 });
    third.intents = vec![local(3, 0)];
    world.hold(&third).await;
    let open = async || -> Vec<InvokeId> {
        let rows = world.store.open_local(&shards(), 10).await.expect("a read");
        rows.into_iter().map(|row| row.intent.invoke).collect()
    };
    let mut left = open().await;
    left.sort();
    assert_eq!(left, [InvokeId { seq: 2, n: 1 }, InvokeId { seq: 3, n: 0 }]);
    let mut fourth = world.next(&third);
    fourth.closed = Some(InvokeId { seq: 3, n: 0 });
    fourth.voids = vec![InvokeId { seq: 2, n: 1 }];
    world.hold(&fourth).await;
    assert_eq!(open().await, []);
    assert_eq!(only(&world, run).await.intent, second.intents[0], "the remote one stays");
}

/// What was said to the outside stays readable.
pub async fn a_remote_intent_stays_as_evidence(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let run = first.snapshot.run;
    let invoke = InvokeId { seq: 1, n: 0 };
    let sent = world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").expect("it was open");
    let mut second = world.next(&first);
    second.closed = Some(invoke);
    second.consumed = Some((Consumed::Stored(sent.no), accepted(2)));
    world.hold(&second).await;
    let row = only(&world, run).await;
    assert_eq!((row.status, row.intent), (IntentStatus::Settled, first.intents[0].clone()));
    assert!(world.store.open_remote(&account("aws/acme-us"), at(999), 10).await.expect("a read").is_empty());
}

/// Across runs, whatever the order of their ids.
pub async fn remote_intents_come_in_the_order_of_their_commits(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (aws, other) = (account("aws/acme-us"), account("aws/acme-eu"));
    for n in 0..8 {
        let mut step = world.first(&format!("R{n}"));
        step.intents = vec![remote(1, 0, &aws), remote(1, 1, &other), remote(1, 2, &aws)];
        world.hold(&step).await;
    }
    let open = world.store.open_remote(&aws, at(0), 100).await.expect("a read");
    let order: Vec<(String, u32)> = open.into_iter().map(|row| (row.label, row.intent.invoke.n)).collect();
    let expected: Vec<(String, u32)> = (0..8).flat_map(|n| [(format!("R{n}"), 0), (format!("R{n}"), 2)]).collect();
    assert_eq!(order, expected);
    assert_eq!(world.store.open_remote(&aws, at(0), 3).await.expect("a read").len(), 3);
}

/// While a call waits for its next attempt, later calls about the same object wait behind it; others go on.
pub async fn nothing_overtakes_an_earlier_call_about_the_same_object(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let aws = account("aws/acme-us");
    let mut step = world.first("OFR-1");
    step.intents = ["product-1", "product-1", "product-2"]
        .into_iter()
        .zip(0..)
        .map(|(entity, n)| crate::Intent { entity: Some(entity.into()), ..remote(1, n, &aws) })
        .collect();
    world.hold(&step).await;
    let (key, fence) = world.account_lease(&aws).await;
    let waiting = AttemptState { status: IntentStatus::Waiting, not_before: Some(at(30)), ..sending(at(1)) };
    assert!(
        world
            .store
            .record_attempt(step.snapshot.run, InvokeId { seq: 1, n: 0 }, &key, fence, waiting)
            .await
            .expect("a write")
    );
    let open = async |now| -> Vec<u32> {
        let rows = world.store.open_remote(&aws, now, 10).await.expect("a read");
        rows.into_iter().map(|row| row.intent.invoke.n).collect()
    };
    assert_eq!(open(at(29)).await, [2]);
    assert_eq!(open(at(30)).await, [0, 1, 2]);
}

/// Fault row 11 at the store: the loser of a lease writes nothing.
pub async fn an_attempt_is_recorded_under_a_living_fence_only(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let (run, invoke) = (first.snapshot.run, InvokeId { seq: 1, n: 0 });
    let record = async |key: &LeaseKey, fence, state| {
        world.store.record_attempt(run, invoke, key, fence, state).await.expect("a write")
    };
    assert!(record(&key, fence, sending(at(5))).await);
    let state = AttemptState {
        status: IntentStatus::Waiting,
        not_before: Some(at(8)),
        notes: json!({ "seen": ["x"] }),
        ..sending(at(6))
    };
    assert!(record(&key, fence, state).await);
    let row = only(&world, run).await;
    assert_eq!((row.status, row.attempts, row.not_before), (IntentStatus::Waiting, 2, Some(at(8))));
    assert_eq!((row.first_sent_at, row.notes), (Some(at(5)), json!({ "seen": ["x"] })));
    let uncounted = AttemptState { counts: false, ..sending(at(7)) };
    assert!(record(&key, fence, uncounted).await);
    assert_eq!(only(&world, run).await.attempts, 2);

    world.store.release(&[(key.clone(), fence)]).await.expect("a release");
    assert!(!record(&key, fence, sending(at(9))).await, "given back");
    let taken = world.store.acquire(&process("owner-2"), std::slice::from_ref(&key), LONG).await.expect("a lease");
    assert!(!record(&key, fence, sending(at(9))).await, "taken by another");
    assert!(world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").is_none());
    assert!(record(&key, taken[0].fence, sending(at(9))).await);
    assert!(!record(&LeaseKey("none".into()), taken[0].fence, sending(at(9))).await, "another lease's fence");
    assert_eq!(only(&world, run).await.attempts, 3);
}

/// P1 for the way back.
pub async fn a_settlement_and_its_result_become_visible_together(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let (run, invoke) = (first.snapshot.run, InvokeId { seq: 1, n: 0 });
    let settlement = done(run, invoke);
    let pending = world.store.settle(&key, fence, settlement.clone()).await.expect("a write").expect("it was open");
    assert_eq!(pending.message.event.body, Body::Result { invoke, outcome: settlement.outcome });
    assert_eq!((pending.message.run, pending.message.at), (run, settlement.at));
    assert_eq!(world.store.pending(&[run.shard()], 0, 10).await.expect("a read"), [pending]);
    assert_eq!(only(&world, run).await.status, IntentStatus::Settled);
}

/// A second result never reaches the run.
pub async fn an_intent_settles_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let (run, invoke) = (first.snapshot.run, InvokeId { seq: 1, n: 0 });
    assert!(world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").is_some());
    assert!(world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").is_none());
    let absent = InvokeId { seq: 7, n: 0 };
    assert!(world.store.settle(&key, fence, done(run, absent)).await.expect("a write").is_none());
    assert!(!world.store.record_attempt(run, invoke, &key, fence, sending(at(9))).await.expect("a write"));
    assert_eq!(world.store.messages(&Scope::vendor(), run).await.expect("a read").len(), 1);
}

/// Nothing was sent, nothing needs resolving.
pub async fn an_intent_that_was_never_sent_can_be_forgotten(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    let aws = account("aws/acme-us");
    first.intents = vec![remote(1, 0, &aws), local(1, 1)];
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.voids = first.intents.iter().map(|intent| intent.invoke).collect();
    world.hold(&second).await;
    assert!(world.store.open_local(&shards(), 10).await.expect("a read").is_empty());
    assert!(world.store.open_remote(&aws, at(999), 10).await.expect("a read").is_empty());
    let (key, fence) = world.account_lease(&aws).await;
    let (run, invoke) = (first.snapshot.run, first.intents[0].invoke);
    assert!(!world.store.record_attempt(run, invoke, &key, fence, sending(at(9))).await.expect("a write"));
    assert!(world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").is_none());
}

/// It must still be resolved, for a run that no longer waits for it.
pub async fn an_intent_that_may_have_been_sent_is_kept_as_orphaned(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let (run, invoke) = (first.snapshot.run, InvokeId { seq: 1, n: 0 });
    assert!(world.store.record_attempt(run, invoke, &key, fence, sending(at(5))).await.expect("a write"));
    let mut second = world.next(&first);
    second.voids = vec![invoke];
    world.hold(&second).await;
    let row = only(&world, run).await;
    assert_eq!((row.status, row.orphaned), (IntentStatus::Sending, true));
    assert_eq!(world.store.open_remote(&account("aws/acme-us"), at(9), 10).await.expect("a read").len(), 1);
    assert!(world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").is_some());
}

/// The body stays the same, the result of the second round has a key of its own.
pub async fn a_retry_offers_the_same_request_with_fresh_attempts(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, key, fence) = with_remote(&world, "OFR-1").await;
    let (run, invoke) = (first.snapshot.run, InvokeId { seq: 1, n: 0 });
    assert!(world.store.record_attempt(run, invoke, &key, fence, sending(at(5))).await.expect("a write"));
    let failed = world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").expect("it was open");
    let mut second = world.next(&first);
    second.consumed = Some((Consumed::Stored(failed.no), accepted(2)));
    second.closed = Some(invoke);
    second.snapshot.incident = Some(incident(invoke));
    world.hold(&second).await;
    let mut third = world.next(&second);
    third.snapshot.incident = None;
    third.retries = vec![invoke];
    world.hold(&third).await;
    let row = only(&world, run).await;
    assert_eq!((row.status, row.attempts, row.not_before), (IntentStatus::Ready, 0, None));
    assert_eq!((row.intent, row.first_sent_at), (first.intents[0].clone(), Some(at(5))));
    let again = world.store.settle(&key, fence, done(run, invoke)).await.expect("a write").expect("it is open again");
    assert_ne!(again.message.event.id, failed.message.event.id);
    assert_eq!(world.store.pending(&[run.shard()], 0, 10).await.expect("a read"), [again]);
}

/// A closed local intent is gone, unless a person may still ask for it.
pub async fn a_local_intent_can_be_retried_while_an_incident_holds_the_run(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.intents = vec![local(1, 0)];
    world.hold(&first).await;
    let invoke = first.intents[0].invoke;
    let mut second = world.next(&first);
    second.closed = Some(invoke);
    second.snapshot.incident = Some(incident(invoke));
    world.hold(&second).await;
    assert!(world.store.open_local(&shards(), 10).await.expect("a read").is_empty());
    let mut third = world.next(&second);
    third.snapshot.incident = None;
    third.retries = vec![invoke];
    world.hold(&third).await;
    let open = world.store.open_local(&shards(), 10).await.expect("a read");
    assert_eq!(open.iter().map(|row| &row.intent).collect::<Vec<_>>(), [&first.intents[0]]);
    let mut fourth = world.next(&third);
    fourth.closed = Some(invoke);
    world.hold(&fourth).await;
    assert!(world.store.open_local(&shards(), 10).await.expect("a read").is_empty());
}

/// A run must not wait for an invocation that nobody will deliver.
pub async fn a_retry_of_nothing_is_refused(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.retries = vec![InvokeId { seq: 1, n: 0 }];
    let outcomes = world.commit(vec![second]).await;
    assert!(matches!(outcomes[0], MemberOutcome::Refused { .. }), "{outcomes:?}");
}

/// `None`: something is due at once.
pub async fn accounts_with_work_tell_when_it_is_due(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (aws, gcp) = (account("aws/acme-us"), account("google/acme-us"));
    assert!(world.store.accounts_with_work().await.expect("a read").is_empty());
    let mut step = world.first("OFR-1");
    step.intents = vec![remote(1, 0, &aws), remote(1, 1, &aws), remote(1, 2, &gcp), local(1, 3)];
    world.hold(&step).await;
    let work = async || world.store.accounts_with_work().await.expect("a read");
    assert_eq!(work().await, [(aws.clone(), None), (gcp.clone(), None)]);
    let (key, fence) = world.account_lease(&aws).await;
    for (n, minute) in [(0, 40), (1, 30)] {
        let waiting = AttemptState { status: IntentStatus::Waiting, not_before: Some(at(minute)), ..sending(at(1)) };
        let invoke = InvokeId { seq: 1, n };
        assert!(world.store.record_attempt(step.snapshot.run, invoke, &key, fence, waiting).await.expect("a write"));
    }
    assert_eq!(work().await, [(aws, Some(at(30))), (gcp, None)]);
}
