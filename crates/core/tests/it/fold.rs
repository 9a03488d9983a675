//! Records make the snapshot, whatever happened; and whatever happens, a run stays on its chart.

use entente_core::{
    event::{Body, ChildEnd, FailureClass, Resolution},
    run::{Delta, FoldError, fold},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::journey::{Journey, actor, vote};

/// Every construct of the language in one chart.
const EVERYTHING: &str = r#"
chart: everything
version: 1
context: door
initial: draft
states:
  draft:
    tags: [waits_for:vendor]
    entry: [ask.confirm]
    on:
      open: review
      knock: [{ target: busy, guard: knocked_enough }, {}]
      schedule: {}
      revise: {}
      cancel: gone
    after: { P30D: gone, door.closes: gone }
  review:
    invoke:
      src: approvals
      onDone: busy
      onError: { declined: gone, sent_back: draft, other: gone }
    on: { revise: {}, cancel: gone, schedule: {} }
    after: { door.closes: { entry: [notify.closing_soon] } }
  busy:
    initial: hanging
    tags: [at_work]
    on: { cancel: { target: gone, entry: [send.children.cancel] }, schedule: {}, ledger.refused: draft }
    after: { door.closes: gone }
    states:
      hanging:
        invoke:
          src: door.hang
          onDone: busy.locking
          onError: { rejected: draft, other: gone }
          compensate: door.take_down
        after: { 16 working hours: gone }
      locking:
        entry: [start.lock, start.lock]
        join: { until: all, onDone: busy.paying, onError: gone }
        after: { PT72H: gone }
      paying:
        entry: [post.hold]
        invoke:
          src: door.paint
          onDone: { target: done, entry: [post.spend, notify.opened] }
          onError: { transient: { target: busy.paying }, other: gone }
          compensate: door.take_down
        after: { PT2H: gone }
  done: { type: final, tags: [success] }
  gone: { type: final, tags: [cancelled] }
"#;

#[derive(Debug, Clone)]
enum Move {
    Named(&'static str, Value),
    Vote(&'static str, &'static str, &'static str),
    Timer(usize),
    Done(usize, Value),
    Fail(usize, FailureClass),
    Child(usize, ChildEnd),
    Ledger,
    Resolve(Resolution),
    Stranger,
}

fn any_move() -> impl Strategy<Value = Move> {
    let named = prop_oneof![
        4 => Just(("open", json!({}))),
        3 => (0i64..4).prop_map(|times| ("knock", json!({ "times": times }))),
        2 => prop_oneof![Just(Value::Null), Just(json!("2027-02-01T00:00:00Z")), Just(json!("2026-01-01T00:00:00Z")), Just(json!("never"))]
            .prop_map(|at| ("schedule", json!({ "closes_at": at }))),
        2 => (1000i64..9000).prop_map(|amount| ("revise", json!({ "amount": amount }))),
        1 => Just(("cancel", json!({}))),
        1 => Just(("incident.park", json!({}))),
        1 => Just(("no.such.event", json!({}))),
    ];
    let class = proptest::sample::select(FailureClass::ALL.to_vec());
    let end = prop_oneof![3 => Just(ChildEnd::Succeeded), 1 => Just(ChildEnd::Failed), 1 => Just(ChildEnd::Cancelled)];
    let output = prop_oneof![
        Just(Value::Null),
        Just(json!({"name": "back"})),
        Just(json!({"closes_at": "2027-03-01T00:00:00Z"}))
    ];
    let person = proptest::sample::select(vec![
        ("bob", "desk"),
        ("cy", "finance"),
        ("dee", "finance"),
        ("gus", "head"),
        ("ada", "desk"),
    ]);
    let verdict = prop_oneof![6 => Just("approve"), 1 => Just("reject"), 1 => Just("send_back")];
    let resolution = prop_oneof![
        Just(Resolution::Retry),
        Just(Resolution::Resume),
        Just(Resolution::Happened { output: Value::Null }),
        class.clone().prop_map(|class| Resolution::DidNotHappen { class }),
    ];
    prop_oneof![
        5 => named.prop_map(|(name, data)| Move::Named(name, data)),
        4 => (person, verdict).prop_map(|((person, role), verdict)| Move::Vote(person, role, verdict)),
        2 => (0usize..6).prop_map(Move::Timer),
        5 => (0usize..3, output).prop_map(|(at, output)| Move::Done(at, output)),
        2 => (0usize..3, class).prop_map(|(at, class)| Move::Fail(at, class)),
        4 => (0usize..3, end).prop_map(|(at, end)| Move::Child(at, end)),
        1 => Just(Move::Ledger),
        2 => resolution.prop_map(Move::Resolve),
        1 => Just(Move::Stranger),
    ]
}

/// Makes a move. Refusals are as good as anything, as long as they change nothing; the journey checks each step taken.
fn make(run: &mut Journey, what: Move) {
    run.wait(1);
    let before = (run.run.clone(), run.records.len());
    let nth = |at: usize, len: usize| if len == 0 { None } else { Some(at % len) };
    let invoke = |run: &Journey, at: usize| {
        nth(at, run.run.invokes.len()).and_then(|at| run.run.invokes.keys().nth(at).copied())
    };
    let taken = match what {
        Move::Named(name, data) => run.named(name, data).is_ok(),
        Move::Vote(person, role, verdict) => run.vote(person, role, verdict).is_ok(),
        Move::Timer(at) => match nth(at, run.run.timers.len()).and_then(|at| run.run.timers.keys().nth(at).cloned()) {
            Some(key) => run.fire(&key.0).is_ok(),
            None => false,
        },
        Move::Done(at, output) => invoke(run, at).is_some_and(|id| run.done(id, output).is_ok()),
        Move::Fail(at, class) => invoke(run, at).is_some_and(|id| run.fail(id, class).is_ok()),
        Move::Child(at, end) => {
            match nth(at, run.run.children.len()).and_then(|at| run.run.children.keys().nth(at).copied()) {
                Some(child) => run.offer(Body::ChildEnded { child, end, state: "x".into() }).is_ok(),
                None => false,
            }
        }
        Move::Ledger => run.offer(Body::LedgerRefused { reason: "nothing is free".into(), cause: "x".into() }).is_ok(),
        Move::Resolve(decision) => run.resolve(decision).is_ok(),
        Move::Stranger => run.offer_as(Some(actor("eve", "guest")), vote("approve", "no such revision")).is_ok(),
    };
    if !taken {
        assert_eq!((run.run.clone(), run.records.len()), before, "a refused event changes nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_sequence_of_events_stays_on_the_chart_and_folds(moves in prop::collection::vec(any_move(), 0..60)) {
        let mut run = Journey::begin(EVERYTHING);
        for what in moves {
            make(&mut run, what);
        }
    }

    #[test]
    fn a_delta_turns_one_object_into_the_other(old in any_object(), new in any_object()) {
        let delta = Delta::between(&old, &new);
        let mut target = old.as_object().unwrap().clone();
        delta.apply(&mut target).unwrap();
        prop_assert_eq!(Value::Object(target), new.clone());
        prop_assert_eq!(delta.is_empty(), old == new);
        let stored: Delta = serde_json::from_str(&serde_json::to_string(&delta).unwrap()).unwrap();
        prop_assert_eq!(stored, delta);
    }
}

fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0i64..4).prop_map(Value::from),
        "[ab]".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-d]", value, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

#[test]
fn every_state_of_the_chart_is_reached_on_the_way_to_its_end() {
    let mut run = Journey::begin(EVERYTHING);
    run.named("revise", json!({"amount": 6000})).unwrap();
    run.named("open", json!({})).unwrap();
    run.vote("bob", "desk", "approve").unwrap();
    run.vote("cy", "finance", "approve").unwrap();
    run.vote("dee", "finance", "approve").unwrap();
    assert_eq!(run.run.state, "busy.hanging");
    run.done(run.open(), Value::Null).unwrap();
    assert_eq!(run.run.state, "busy.locking");
    for child in run.run.children.keys().copied().collect::<Vec<_>>() {
        run.offer(Body::ChildEnded { child, end: ChildEnd::Succeeded, state: "x".into() }).unwrap();
    }
    assert_eq!(run.run.state, "busy.paying");
    run.fail(run.open(), FailureClass::Transient).unwrap();
    assert_eq!(run.via(), ["onError.transient[0]"], "a branch of its own tries again under a new intent");
    run.done(run.open(), Value::Null).unwrap();
    assert!(run.run.ended && run.run.state == "done");
}

#[test]
fn records_that_do_not_belong_together_are_refused() {
    let mut run = Journey::begin(EVERYTHING);
    run.named("knock", json!({"times": 1})).unwrap();
    run.named("open", json!({})).unwrap();
    run.named("cancel", json!({})).unwrap();
    let records = run.records.clone();
    assert_eq!(fold(&records).unwrap(), run.run);
    assert_eq!(fold::<&entente_core::run::Record>([]).unwrap_err(), FoldError::Empty);
    let mut gap = records.clone();
    gap.remove(1);
    assert_eq!(fold(&gap).unwrap_err(), FoldError::Gap { expected: 2, found: 3 });
    let mut torn = records.clone();
    torn[3].from = "draft".into();
    assert!(matches!(fold(&torn), Err(FoldError::Torn { seq: 4, .. })));
    let mut misfit = records.clone();
    misfit[1].delta.within.insert("nothing".into(), Delta::default());
    assert!(matches!(fold(&misfit), Err(FoldError::Misfit { seq: 2, .. })));
    let mut broken = records;
    broken[1].delta.gone.push("home".into());
    assert!(matches!(fold(&broken), Err(FoldError::NotASnapshot { seq: 4, .. })));
}
