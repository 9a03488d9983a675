//! P1 and P2: a step commits whole or not at all, once, in its place.

use std::sync::Arc;

use entente_core::{
    event::TimerKey,
    ids::{Fence, RunId},
    ledger::PostingAction,
    scope::Scope,
};
use serde_json::json;

use super::fixture::*;
use crate::{Batch, Consumed, LeaseKey, Member, MemberOutcome, RunFilter, Store, TaskFilter, Verdict};

/// P1: transition, history row, intents, timers, tasks, notices, keys, money, answers and messages, all at once.
pub async fn a_step_and_all_that_belongs_to_it_become_visible_together(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (scope, aws) = (Scope::vendor(), account("aws/acme-us"));
    let mut first = world.first("OFR-1");
    first.postings = vec![posting(PostingAction::Allocate, "emea", "budget", 1000)];
    world.hold(&first).await;
    let outcome = world.batch(Batch { appends: vec![message("OFR-1", "k1")], members: Vec::new() }).await;
    assert_eq!(outcome.appended.len(), 1);
    let step = full_step(&world, &first);
    world.hold(&step).await;

    let store = &world.store;
    let row = store.run(&scope, step.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!((row.snapshot, row.head), (step.snapshot.clone(), step.hash));
    assert_eq!((row.created_at, row.updated_at), (first.at, step.at));
    let history = store.history(&scope, step.snapshot.run, 2, 10).await.expect("a read");
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].seq, &history[0].record), (2, &step.record));
    assert_eq!((history[0].prev_hash, history[0].hash), (first.hash, step.hash));
    let intents = store.intents(&scope, step.snapshot.run).await.expect("a read");
    assert_eq!(intents.iter().map(|row| row.intent.clone()).collect::<Vec<_>>(), step.intents);
    assert_eq!(store.open_local(&shards(), 10).await.expect("a read").len(), 1);
    assert_eq!(store.open_remote(&aws, at(0), 10).await.expect("a read").len(), 1);
    assert_eq!(store.due(&shards(), at(500), 10).await.expect("a read").len(), 1);
    let tasks = store.tasks(&scope, &TaskFilter::default()).await.expect("a read");
    assert_eq!((tasks.len(), &tasks[0].spec), (1, &step.tasks[0]));
    assert_eq!(store.due_notices(at(500), 10).await.expect("a read").len(), 1);
    assert_eq!(store.run_by_key(&scope, &key("ref.crm", "Q-7", true)).await.expect("a read"), vec![step.snapshot.run]);
    let entries = store.entries(&scope, None, 0, 100).await.expect("a read");
    assert_eq!(entries.iter().filter(|entry| entry.seq == 2).count(), 2);
    let answered = store.message(&scope, "cli", "k1").await.expect("a read").expect("the message");
    assert_eq!(answered.verdict, Some(accepted(2)));
    let waiting = store.pending(&shards(), 0, 10).await.expect("a read");
    assert_eq!(waiting.iter().map(|pending| pending.message.event.id.as_str()).collect::<Vec<_>>(), ["sent-1"]);
}

/// A second step that does everything a step can do.
fn full_step(world: &World, first: &Member) -> Member {
    let mut step = world.next(first);
    step.intents = vec![local(2, 0), remote(2, 1, &account("aws/acme-us"))];
    step.arm = vec![(TimerKey("s2/P5D".into()), at(400))];
    step.tasks = vec![task("approval/deal_desk")];
    step.notices = vec![(0, "offer.published".into(), json!({ "to": "buyer" }))];
    step.keys = Some(vec![key("ref.crm", "Q-7", true)]);
    step.postings = vec![posting(PostingAction::Reserve, "emea", "claim/1", 400)];
    step.consumed = Some((Consumed::Stored(1), accepted(2)));
    step.sends = vec![message("OFR-2", "sent-1")];
    step
}

/// P2.
pub async fn steps_count_from_one_without_gaps_and_hash_their_predecessors(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut step = world.first("OFR-1");
    world.hold(&step).await;
    for _ in 0..6 {
        step = world.next(&step);
        world.hold(&step).await;
    }
    let rows = world.store.history(&Scope::vendor(), step.snapshot.run, 0, 100).await.expect("a read");
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    let mut head = [0; 32];
    for row in &rows {
        assert_eq!(row.prev_hash, head);
        head = row.hash;
    }
    let run = world.store.run(&Scope::vendor(), step.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!((run.head, run.snapshot.seq), (head, 7));
    let tail = world.store.history(&Scope::vendor(), step.snapshot.run, 3, 2).await.expect("a read");
    assert_eq!(tail.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 4]);
}

/// The same step twice has one effect; a step from nowhere has none.
pub async fn a_stale_step_is_left_out_and_told_where_the_run_stands(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.first("OFR-1");
    let second = world.next(&first);
    let third = world.next(&second);
    world.hold(&first).await;
    world.hold(&second).await;
    assert_eq!(world.commit(vec![second.clone()]).await, [MemberOutcome::Stale { found: Some(2) }]);
    assert_eq!(world.commit(vec![first.clone()]).await, [MemberOutcome::Stale { found: Some(2) }]);
    world.hold(&third).await;
    let orphan = world.next(&world.first("OFR-2"));
    assert_eq!(world.commit(vec![orphan]).await, [MemberOutcome::Stale { found: None }]);
    let rows = world.store.history(&Scope::vendor(), first.snapshot.run, 1, 100).await.expect("a read");
    assert_eq!(rows.len(), 3);
}

/// The database compares the fencing token in the step's own transaction.
pub async fn a_step_under_a_passed_fence_is_left_out(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let lease = LeaseKey::shard(first.snapshot.run.shard());
    world.store.release(&[(lease.clone(), world.fence(first.snapshot.run))]).await.expect("a release");
    let late = world.next(&first);
    assert_eq!(world.commit(vec![late.clone()]).await, [MemberOutcome::Fenced], "given back");
    let taken = world.store.acquire(&process("owner-2"), &[lease], LONG).await.expect("a lease");
    assert_eq!(world.commit(vec![late.clone()]).await, [MemberOutcome::Fenced], "taken by another");
    let mut renewed = late;
    renewed.fence = taken[0].fence;
    world.hold(&renewed).await;
}

/// No lease, no write.
pub async fn a_step_without_any_lease_is_left_out(store: Arc<dyn Store>) {
    let first = World::new(Arc::clone(&store)).await;
    let mut member = first.first("OFR-1");
    let lease = LeaseKey::shard(member.snapshot.run.shard());
    store.release(&[(lease, member.fence)]).await.expect("a release");
    for fence in [member.fence, Fence(0), Fence(99)] {
        member.fence = fence;
        assert_eq!(first.commit(vec![member.clone()]).await, [MemberOutcome::Fenced]);
    }
    assert!(store.run(&Scope::vendor(), member.snapshot.run).await.expect("a read").is_none());
}

/// Six ways to be bad among 64; the others do not notice.
pub async fn one_bad_step_among_sixty_four_fails_alone(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut owner = world.first("owner");
    owner.keys = Some(vec![key("ref.crm", "Q-1", true)]);
    world.hold(&owner).await;
    let spoil: [fn(&mut Member); 7] = [
        |member| member.snapshot.seq = 5,
        |member| member.fence = Fence(member.fence.0 + 1),
        |member| member.postings = vec![posting(PostingAction::Reserve, "empty", "claim/1", 1)],
        |member| member.keys = Some(vec![key("ref.crm", "Q-1", true)]),
        |member| member.snapshot.label = "owner".into(),
        |member| member.consumed = Some((Consumed::Stored(4711), Verdict::Noted { reason: "no such message".into() })),
        |member| member.retries = vec![local(9, 9).invoke],
    ];
    let mut refusals = Vec::new();
    for (round, spoil) in spoil.into_iter().enumerate() {
        let mut members: Vec<Member> = (0..64).map(|n| world.first(&format!("R{round}-{n:02}"))).collect();
        spoil(&mut members[37]);
        let outcomes = world.commit(members.clone()).await;
        refusals.push(outcomes[37].clone());
        let others: Vec<MemberOutcome> =
            outcomes.iter().enumerate().filter(|(at, _)| *at != 37).map(|(_, o)| o.clone()).collect();
        assert!(all_committed(&others), "round {round}: {others:?}");
        assert_eq!(stored(&world, &members).await, 63, "round {round}");
    }
    assert_eq!(refusals[0], MemberOutcome::Stale { found: None });
    assert_eq!(refusals[1], MemberOutcome::Fenced);
    assert!(matches!(&refusals[2], MemberOutcome::LedgerRefused { .. }), "{:?}", refusals[2]);
    assert_eq!(refusals[3], MemberOutcome::KeyTaken { key: key("ref.crm", "Q-1", true), by: "owner".into() });
    for refusal in &refusals[4..] {
        assert!(matches!(refusal, MemberOutcome::Refused { .. }), "{refusal:?}");
    }
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

async fn stored(world: &World, members: &[Member]) -> usize {
    let ids: Vec<RunId> = members.iter().map(|member| member.snapshot.run).collect();
    let mut found = 0;
    for id in ids {
        found += usize::from(world.store.run(&Scope::vendor(), id).await.expect("a read").is_some());
    }
    found
}

/// A batch has one step per run.
pub async fn a_run_stepped_twice_in_one_batch_moves_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.first("OFR-1");
    let second = world.next(&first);
    let outcomes = world.commit(vec![first.clone(), second]).await;
    assert!(matches!(outcomes[0], MemberOutcome::Committed { .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], MemberOutcome::Refused { .. }), "{outcomes:?}");
    let row = world.store.run(&Scope::vendor(), first.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!(row.snapshot.seq, 1);
}

/// P1, seen from the refused side.
pub async fn a_refused_step_leaves_nothing_behind(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let scope = Scope::vendor();
    let mut first = world.first("OFR-1");
    first.postings = vec![posting(PostingAction::Allocate, "emea", "budget", 1000)];
    world.hold(&first).await;
    world.batch(Batch { appends: vec![message("OFR-1", "k1")], members: Vec::new() }).await;
    let mut step = full_step(&world, &first);
    step.postings.push(posting(PostingAction::Reserve, "emea", "claim/2", 601));
    let outcomes = world.commit(vec![step.clone()]).await;
    assert!(matches!(&outcomes[0], MemberOutcome::LedgerRefused { reason } if reason.contains("6.00")), "{outcomes:?}");

    let store = &world.store;
    let page = store.runs(&scope, &RunFilter::default()).await.expect("a read");
    assert_eq!((page.rows.len(), page.rows[0].snapshot.seq), (1, 1));
    assert_eq!(store.history(&scope, step.snapshot.run, 1, 10).await.expect("a read").len(), 1);
    assert!(store.intents(&scope, step.snapshot.run).await.expect("a read").is_empty());
    assert_eq!(store.next_due(&shards()).await.expect("a read"), None);
    assert!(store.tasks(&scope, &TaskFilter::default()).await.expect("a read").is_empty());
    assert!(store.due_notices(at(500), 10).await.expect("a read").is_empty());
    assert!(store.run_by_key(&scope, &key("ref.crm", "Q-7", true)).await.expect("a read").is_empty());
    assert_eq!(store.entries(&scope, None, 0, 100).await.expect("a read").len(), 2, "the allocation alone");
    let message = store.message(&scope, "cli", "k1").await.expect("a read").expect("the message");
    assert_eq!(message.verdict, None);
    assert!(store.message(&scope, "cli", "sent-1").await.expect("a read").is_none());
    step.postings.pop();
    world.hold(&step).await;
}
