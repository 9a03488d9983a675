//! P3: a message has one effect and one answer.

use std::sync::Arc;

use entente_core::{event::Body, scope::Scope};
use serde_json::json;

use super::fixture::*;
use crate::{Appended, Batch, Consumed, LeaseKey, MemberOutcome, Message, Store, Verdict};

async fn append(store: &Arc<dyn Store>, messages: Vec<Message>) -> Vec<Appended> {
    store.append(&Scope::vendor(), messages).await.expect("the store takes messages")
}

fn no(appended: &Appended) -> i64 {
    match appended {
        Appended::New(pending) => pending.no,
        Appended::Again { no, .. } => *no,
        Appended::KeyReused => panic!("the key was reused"),
    }
}

/// In one call, in two calls, before and after the answer.
pub async fn the_same_key_and_body_have_one_effect_and_the_same_answer(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let twice = append(&world.store, vec![message("OFR-1", "k1"), message("OFR-1", "k1")]).await;
    let first = no(&twice[0]);
    assert!(matches!(twice[0], Appended::New(_)));
    assert_eq!(twice[1], Appended::Again { no: first, verdict: None });
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Stored(first), accepted(1)));
    world.hold(&step).await;
    let mut later = message("OFR-1", "k1");
    later.at = at(999);
    let again = append(&world.store, vec![later]).await;
    assert_eq!(
        again,
        [Appended::Again { no: first, verdict: Some(accepted(1)) }],
        "a repetition is accepted later, it is the same"
    );
    let all = world.store.messages(&Scope::vendor(), run("OFR-1")).await.expect("a read");
    assert_eq!((all.len(), all[0].message.at), (1, at(0)));
}

/// Everything that the sender chose is the body. The label of a new run is ours.
pub async fn a_used_key_with_another_body_is_refused(store: Arc<dyn Store>) {
    append(&store, vec![message("OFR-1", "k1")]).await;
    let change: [fn(&mut Message); 4] = [
        |message| message.event.body = Body::Named { name: "submit".into(), data: json!({ "by": "another" }) },
        |message| message.run = run("OFR-2"),
        |message| message.expect_seq = Some(3),
        |message| message.expect_revision = Some("other".into()),
    ];
    for change in change {
        let mut other = message("OFR-1", "k1");
        change(&mut other);
        assert_eq!(append(&store, vec![other]).await, [Appended::KeyReused]);
    }
    let home = home("acme-us", "vendor");
    append(&store, vec![start("OFR-3", "k2", home.clone())]).await;
    let mut repeated = start("OFR-3", "k2", home);
    if let Some(start) = &mut repeated.start {
        start.label = "OFR-4".into();
    }
    assert!(matches!(append(&store, vec![repeated]).await[..], [Appended::Again { .. }]));
    let stored = store.message(&Scope::vendor(), "cli", "k1").await.expect("a read").expect("the message");
    assert_eq!(stored.message, message("OFR-1", "k1"));
}

/// Row 35 at the store: in parallel too.
pub async fn ten_senders_of_one_key_have_one_effect(store: Arc<dyn Store>) {
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { append(&store, vec![message("OFR-1", "k1")]).await })
        })
        .collect();
    let mut new = 0;
    for call in calls {
        new += call.await.expect("a task").iter().filter(|appended| matches!(appended, Appended::New(_))).count();
    }
    assert_eq!(new, 1);
    assert_eq!(store.messages(&Scope::vendor(), run("OFR-1")).await.expect("a read").len(), 1);
}

/// Waiting is the absence of a verdict.
pub async fn a_message_waits_until_a_step_answers_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let number = no(&append(&world.store, vec![message("OFR-1", "k1")]).await[0]);
    let waiting = world.store.pending(&shards(), 0, 10).await.expect("a read");
    assert_eq!(
        waiting.iter().map(|pending| (pending.no, &pending.message)).collect::<Vec<_>>(),
        [(number, &message("OFR-1", "k1"))]
    );
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Stored(number), accepted(1)));
    world.hold(&step).await;
    assert!(world.store.pending(&shards(), 0, 10).await.expect("a read").is_empty());
    let answered = world.store.message(&Scope::vendor(), "cli", "k1").await.expect("a read").expect("the message");
    assert_eq!((answered.no, answered.verdict), (number, Some(accepted(1))));
}

/// A step that answers an answered message is refused, and moves nothing.
pub async fn a_message_is_answered_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let number = no(&append(&world.store, vec![message("OFR-1", "k1")]).await[0]);
    let mut first = world.first("OFR-1");
    first.consumed = Some((Consumed::Stored(number), accepted(1)));
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.consumed = Some((Consumed::Stored(number), accepted(2)));
    let outcomes = world.commit(vec![second]).await;
    assert!(matches!(outcomes[0], MemberOutcome::Refused { .. }), "{outcomes:?}");
    let row = world.store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").expect("the run");
    assert_eq!(row.snapshot.seq, 1);
}

/// A message that is stored together with the step that answers it waits for nobody.
pub async fn a_message_can_be_answered_by_the_batch_that_appends_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Appended(1), accepted(1)));
    let appends = vec![message("OFR-2", "other"), message("OFR-1", "k1")];
    let outcome = world.batch(Batch { appends, members: vec![step] }).await;
    assert!(matches!(outcome.members[..], [MemberOutcome::Committed { .. }]), "{outcome:?}");
    let answered = world.store.message(&Scope::vendor(), "cli", "k1").await.expect("a read").expect("the message");
    assert_eq!((answered.no, answered.verdict), (no(&outcome.appended[1]), Some(accepted(1))));
    let waiting = world.store.pending(&shards(), 0, 10).await.expect("a read");
    assert_eq!(waiting.iter().map(|pending| pending.no).collect::<Vec<_>>(), [no(&outcome.appended[0])]);
}

/// It is one message to whoever sends it again, the steps of the same batch included.
pub async fn a_step_sends_no_second_message_under_a_key_that_comes_with_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (mut sender, mut other) = (world.first("OFR-1"), world.first("OFR-3"));
    sender.consumed = Some((Consumed::Appended(0), accepted(1)));
    sender.sends = vec![message("OFR-2", "k2"), message("OFR-1", "k1")];
    other.sends = vec![Message { expect_seq: Some(9), ..message("OFR-2", "k2") }];
    let appends = vec![message("OFR-1", "k1"), message("OFR-2", "k2")];
    let outcome = world.batch(Batch { appends, members: vec![sender, other] }).await;
    let MemberOutcome::Committed { sent } = &outcome.members[0] else { panic!("{outcome:?}") };
    assert_eq!(sent.iter().map(|pending| pending.no).collect::<Vec<_>>(), [no(&outcome.appended[1])]);
    assert!(matches!(outcome.members[1], MemberOutcome::Refused { .. }), "another body: {outcome:?}");
    for (run_name, verdict) in [("OFR-1", Some(accepted(1))), ("OFR-2", None)] {
        let all = world.store.messages(&Scope::vendor(), run(run_name)).await.expect("a read");
        assert_eq!(all.into_iter().map(|message| message.verdict).collect::<Vec<_>>(), [verdict]);
    }
}

/// A message that came before makes no second step, whether it has been answered, waits, or had another body.
pub async fn a_batch_does_not_answer_a_message_that_came_before(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    append(&world.store, vec![message("OFR-1", "k1")]).await;
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Appended(0), accepted(1)));
    let other_body = Message { expect_seq: Some(9), ..message("OFR-1", "k1") };
    for again in [message("OFR-1", "k1"), other_body] {
        let outcome = world.batch(Batch { appends: vec![again], members: vec![step.clone()] }).await;
        assert_eq!(outcome.members, [MemberOutcome::OutOfTurn]);
        assert!(!matches!(outcome.appended[0], Appended::New(_)));
    }
    assert!(world.store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_none());
}

/// What was stored for a run first is decided first; the later message is stored and waits.
pub async fn a_batch_does_not_answer_out_of_turn(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    append(&world.store, vec![message("OFR-1", "k1"), message("OFR-2", "k2")]).await;
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Appended(0), accepted(1)));
    let outcome = world.batch(Batch { appends: vec![message("OFR-1", "k3")], members: vec![step] }).await;
    assert_eq!(outcome.members, [MemberOutcome::OutOfTurn]);
    assert!(matches!(outcome.appended[0], Appended::New(_)));
    assert_eq!(world.store.pending(&shards(), 0, 10).await.expect("a read").len(), 3);
    assert!(world.store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_none());
}

/// The owner of the shard answers, nobody else; the first answer stays.
pub async fn a_verdict_without_a_step_needs_the_fence_of_its_shard(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let number = no(&append(&world.store, vec![message("OFR-1", "k1")]).await[0]);
    let (shard, fence) = (run("OFR-1").shard(), world.fence(run("OFR-1")));
    let refused = Verdict::Refused { code: "not_now".into(), reason: "it waits for the buyer".into() };
    let verdict = async || {
        let read = world.store.message(&Scope::vendor(), "cli", "k1").await.expect("a read");
        read.expect("the message").verdict
    };
    let stale = entente_core::ids::Fence(fence.0 + 1);
    world.store.answer(&[(shard, stale)], vec![(number, refused.clone())]).await.expect("an answer");
    assert_eq!(verdict().await, None);
    world.store.answer(&[(shard, fence)], vec![(number, refused.clone())]).await.expect("an answer");
    assert_eq!(verdict().await, Some(refused.clone()));
    world.store.answer(&[(shard, fence)], vec![(number, accepted(1))]).await.expect("an answer");
    assert_eq!(verdict().await, Some(refused));
}

/// A start and a message, in the order sent, with the numbers under which they are stored.
pub async fn what_a_step_sends_waits_in_the_receivers_inbox(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut parent = world.first("OFR-1");
    parent.sends = vec![start("child", "run/OFR-1/1.0", home("acme-us", "vendor")), message("child", "run/OFR-1/1.1")];
    let outcomes = world.commit(vec![parent.clone()]).await;
    let MemberOutcome::Committed { sent } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(
        sent.iter().map(|pending| &pending.message).collect::<Vec<_>>(),
        parent.sends.iter().collect::<Vec<_>>()
    );
    assert_eq!(&world.store.pending(&[run("child").shard()], 0, 10).await.expect("a read"), sent);
}

/// `after` and `limit` walk through everything once.
pub async fn waiting_messages_come_in_order_and_in_portions(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let batch = Batch { appends: (0..10).map(|n| message("OFR-1", &format!("k{n}"))).collect(), members: Vec::new() };
    assert_eq!(world.batch(batch).await.appended.len(), 10);
    let (mut ids, mut after) = (Vec::new(), 0);
    loop {
        let portion = world.store.pending(&shards(), after, 3).await.expect("a read");
        let Some(last) = portion.last() else { break };
        after = last.no;
        ids.extend(portion.into_iter().map(|pending| pending.message.event.id));
    }
    assert_eq!(ids, (0..10).map(|n| format!("k{n}")).collect::<Vec<_>>());
}

/// An owner of some shards sees its own work only.
pub async fn what_waits_is_told_by_shard(store: Arc<dyn Store>) {
    let messages: Vec<Message> = (0..20).map(|n| message(&format!("R{n}"), &format!("k{n}"))).collect();
    append(&store, messages.clone()).await;
    let mut seen = 0;
    for shard in shards() {
        let waiting = store.pending(&[shard], 0, 100).await.expect("a read");
        assert!(waiting.iter().all(|pending| pending.message.run.shard() == shard));
        seen += waiting.len();
    }
    assert_eq!(seen, 20);
    assert!(store.pending(&[], 0, 100).await.expect("a read").is_empty());
    let before = store.change_marker().await.expect("a read");
    assert!(store.change_marker().await.expect("a read") >= before);
    assert!(store.holds(&LeaseKey("none".into()), entente_core::ids::Fence(1)).await.is_ok_and(|held| !held));
}
