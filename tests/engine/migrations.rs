//! Runs that move to another version of their chart while others go on, and contexts of older and newer programs.

use std::sync::Arc;

use async_trait::async_trait;
use entente::{
    activities::{Activity, Attempt, Call},
    audit::{key::SealKey, seal, verify},
    runner::{
        Answer, World,
        clock::{Clock as _, FollowingClock},
        moving::KIND,
        settings::Settings,
    },
    world::Policies,
};
use entente_core::{
    calendar::Calendars,
    chart::{migration::MIGRATE, step::VOTE},
    event::Actor,
    ids::RunId,
    policy::Policy,
    run::Record,
    scope::Scope,
};
use entente_store::{Message, StoredDocument, Verdict};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::{
    ground,
    kit::{self, Bench},
    promises::proves_itself,
};

const V1: &str = r#"
chart: kit_deal
version: 1
context: kit
initial: waiting
states:
  waiting: { tags: [waits_for:test], on: { go: asking, add: working }, after: { P30D: failed, kit.due: failed } }
  asking: { invoke: { src: approvals, onDone: finishing, onError: failed }, on: { cancel: failed } }
  working: { invoke: { src: kit.five, onDone: waiting, onError: failed } }
  finishing: { invoke: { src: kit.one, onDone: done, onError: failed } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

/// The next version has no `waiting` and no `working`, and finishes in another way.
const V2: &str = r#"
chart: kit_deal
version: 2
context: kit
initial: open
states:
  open: { tags: [waits_for:test], on: { go: asked }, after: { P30D: lapsed, kit.due: overdue } }
  asked: { invoke: { src: approvals, onDone: closing, onError: { other: refused } }, on: { cancel: refused } }
  closing: { invoke: { src: kit.two, onDone: won, onError: refused } }
  won: { type: final, tags: [success] }
  overdue: { type: final, tags: [failure] }
  lapsed: { type: final, tags: [failure] }
  refused: { type: final, tags: [failure] }
"#;

const WAY: &str = "
chart: kit_deal
from: 1
to: 2
states: { waiting: open, asking: asked }
context: count_parts
";

/// One approval, so that a test casts one vote.
const POLICY: &str = "
policy: private_offer
version: 2
rows: []
default: { id: second_look, role: deal_desk, projection: commercial }
";

/// Takes its time until the test lets it go.
struct Held(Arc<Semaphore>);

#[async_trait]
impl Activity for Held {
    fn name(&self) -> &'static str {
        "kit.five"
    }

    async fn perform(&self, _: &Call) -> Attempt {
        self.0.acquire().await.expect("nobody closes it").forget();
        Attempt::Done(Value::Null)
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A run on version 1.
async fn begun(bench: &Bench, label: &str, input: Value) -> RunId {
    let run = kit::run_id();
    let answer = bench.submit(kit::started_on(1, kit::started(run, "kit_deal", label, input))).await;
    assert!(matches!(answer, Answer::Decided(Verdict::Accepted { seq: 1, .. })), "{answer:?}");
    run
}

fn by(person: &str, role: &str, message: Message) -> Message {
    let actor = Actor { person: person.parse().unwrap(), roles: vec![role.parse().unwrap()], on_behalf_of: None };
    Message { event: entente_core::event::Event { actor: Some(actor), ..message.event }, ..message }
}

/// Stores the migration's text; its hash.
async fn stored(bench: &Bench, text: &str) -> String {
    let sha256 = hex::encode(Sha256::digest(text));
    let document = StoredDocument {
        kind: KIND.into(),
        name: "kit_deal/v1-to-v2".into(),
        version: 1,
        sha256: sha256.clone(),
        text: text.into(),
        by: "oz".into(),
        at: Timestamp::now(),
        active: false,
    };
    bench.store.put_document(&document).await.unwrap();
    sha256
}

/// The request to move a run.
fn request(run: RunId, key: &str, migration: &str) -> Message {
    let data = json!({ "from": 1, "to": 2, "migration": migration });
    by("oz", "operator", kit::named(run, &format!("{key}/{run}"), MIGRATE, data))
}

async fn verdict(bench: &Bench, message: Message) -> Verdict {
    match bench.submit(message).await {
        Answer::Decided(verdict) => verdict,
        other => panic!("{other:?}"),
    }
}

async fn records(bench: &Bench, run: RunId) -> Vec<Record> {
    let rows = bench.store.history(&Scope::vendor(), run, 1, 100).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect()
}

fn moves(records: &[Record]) -> usize {
    records.iter().filter(|record| record.via.first().is_some_and(|via| via == "migration.v1-to-v2")).count()
}

/// Nothing in the sealed history is otherwise than it was written.
async fn verifies(bench: &Bench, folder: &tempfile::TempDir, now: Timestamp) {
    let database = folder.path().join("e.db");
    let key = SealKey::beside(&database).unwrap();
    assert!(seal::seal(bench.store.as_ref(), &key, &database, now).await.unwrap() > 0);
    let report = verify::verify_stored(bench.store.as_ref(), Some(key.public())).await.unwrap();
    assert_eq!((report.findings, report.unsealed), (vec![], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_open_runs_move_to_the_next_version_when_they_are_at_rest_and_end_right_there() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FollowingClock::starting_at(at("2026-11-22T12:00:00Z"));
    clock.follow(at("2026-11-22T12:00:00Z"), 0);
    let gate = Arc::new(Semaphore::new(0));
    let path = folder.path().join("e.db");
    let bench = kit::start_doing(&path, &[V1, V2], Arc::new(clock.clone()), Held(gate.clone())).await;
    let policy = Policy::from_yaml("policy.yaml", POLICY).unwrap();
    bench.world.send(Arc::new(World { policies: Policies::new(policy), calendars: Calendars::default() })).unwrap();

    // One that waits with a deadline, one that people are asked about, one with something under way, one left alone.
    let waits = begun(&bench, "D-1", json!({ "due": "2026-11-25T12:00:00Z" })).await;
    let asked = begun(&bench, "D-2", json!({})).await;
    let busy = begun(&bench, "D-3", json!({})).await;
    let left = begun(&bench, "D-4", json!({})).await;
    bench.submit(kit::named(asked, "go", "go", json!({}))).await;
    bench.submit(kit::named(busy, "add", "add", json!({}))).await;
    let armed = bench.run(waits).await.snapshot.timers;
    let round = bench.run(asked).await.snapshot.approvals.unwrap();
    clock.follow(at("2026-11-23T12:00:00Z"), 0);

    let migration = stored(&bench, WAY).await;
    let moved = |state: &str, seq: u64| Verdict::Accepted { seq, state: state.into() };
    assert_eq!(verdict(&bench, request(waits, "first", &migration)).await, moved("open", 2));
    assert_eq!(verdict(&bench, request(asked, "first", &migration)).await, moved("asked", 3));
    let Verdict::Refused { code, reason } = verdict(&bench, request(busy, "first", &migration)).await else {
        panic!("what is under way keeps a run where it is")
    };
    assert_eq!(code, "not_migrated");
    assert!(reason.contains("`D-3` is not moved: `kit.five` is under way for state `working`"), "{reason}");
    assert_eq!(bench.run(busy).await.snapshot.chart.version, 1);

    // Deadlines keep their instants, the approvals their round; who asked is in the history.
    let after = bench.run(waits).await.snapshot;
    assert_eq!((after.chart.version, after.context["parts"].clone()), (2, json!(7)));
    assert_eq!(armed.len(), 2);
    let instants = |timers: &std::collections::BTreeMap<entente_core::event::TimerKey, Timestamp>| {
        timers.values().copied().collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(instants(&after.timers), instants(&armed));
    assert_eq!(bench.run(asked).await.snapshot.approvals, Some(round.clone()));
    let last = records(&bench, waits).await.pop().unwrap();
    assert_eq!((last.from.as_str(), last.to.as_str(), last.via.len()), ("waiting", "open", 1));
    assert_eq!(last.event.actor.map(|actor| actor.person.to_string()).as_deref(), Some("oz"));

    // Asked once more, nothing happens.
    for run in [waits, asked] {
        let again = verdict(&bench, request(run, "again", &migration)).await;
        assert!(matches!(again, Verdict::Noted { .. }), "{again:?}");
    }
    assert_eq!(bench.run(waits).await.snapshot.seq, 2);

    // In the next version, a vote on what was asked before counts.
    let vote = json!({ "verdict": "approve", "revision": round.subject.revision });
    bench.submit(by("bob", "deal_desk", kit::named(asked, "vote", VOTE, vote))).await;
    assert_eq!(bench.until(asked, |row| row.snapshot.ended).await.snapshot.state, "won");
    // What was under way ends in its own version, and the run moves then.
    gate.add_permits(1);
    bench.until(busy, |row| row.snapshot.state == "waiting").await;
    assert_eq!(verdict(&bench, request(busy, "later", &migration)).await, moved("open", 4));
    // The deadline of the first is the one that it was given in version 1; the others have theirs.
    clock.follow(at("2026-11-25T12:00:01Z"), 0);
    assert_eq!(bench.until(waits, |row| row.snapshot.ended).await.snapshot.state, "overdue");
    clock.follow(at("2026-12-23T12:00:01Z"), 0);
    assert_eq!(bench.until(left, |row| row.snapshot.ended).await.snapshot.state, "failed", "it stayed on version 1");
    assert_eq!(bench.until(busy, |row| row.snapshot.ended).await.snapshot.state, "lapsed");
    for (run, count) in [(waits, 1), (asked, 1), (busy, 1), (left, 0)] {
        assert_eq!(moves(&records(&bench, run).await), count);
        proves_itself(&bench, run).await;
    }
    assert_eq!(bench.counter.total(), 1, "only the way out of version 2 was performed, once");
    verifies(&bench, &folder, clock.now()).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_a_process_killed_between_two_moves_leaves_each_run_in_one_version_and_the_rest_is_moved_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let one_by_one = Settings { batch_max: 1, ..kit::settings() };
    let bench = kit::start(&path, &[V1, V2], one_by_one).await;
    let mut runs = Vec::new();
    for at in 0..40 {
        runs.push(begun(&bench, &format!("D-{at:02}"), json!({})).await);
    }
    let migration = stored(&bench, WAY).await;
    let requests =
        |key: &str, runs: &[RunId]| runs.iter().map(|run| request(*run, key, &migration)).collect::<Vec<_>>();
    // The command has asked for half of them when it ends, and the process ends while it moves those.
    let command = ground::beside(&path).await;
    command.append(&Scope::vendor(), requests("first", &runs[..20])).await.unwrap();
    bench.until(runs[0], |row| row.snapshot.chart.version == 2).await;
    let Bench { engine, store, world, .. } = bench;
    drop(engine);
    let mut counted = 0;
    for (at, run) in runs.iter().enumerate() {
        let row = store.run(&Scope::vendor(), *run).await.unwrap().unwrap().snapshot;
        let stands = (row.chart.version, row.seq, row.state.as_str());
        assert!(stands == (1, 1, "waiting") || at < 20 && stands == (2, 2, "open"), "{stands:?}");
        counted += usize::from(row.chart.version == 2);
    }
    assert!((1..=20).contains(&counted), "{counted}");
    drop((store, world));

    // The next process moves what was asked for; the command, given again, asks for all and moves the rest.
    let bench = kit::start(&path, &[V1, V2], kit::settings()).await;
    command.append(&Scope::vendor(), requests("second", &runs)).await.unwrap();
    for run in &runs {
        bench.until(*run, |row| row.snapshot.chart.version == 2).await;
        let third = verdict(&bench, request(*run, "third", &migration)).await;
        assert!(matches!(third, Verdict::Noted { .. }), "{third:?}");
        assert_eq!(moves(&records(&bench, *run).await), 1);
        proves_itself(&bench, *run).await;
    }
    verifies(&bench, &folder, Timestamp::now()).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_makes_no_sense_is_refused_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[V1], kit::settings()).await;
    let run = begun(&bench, "D-1", json!({})).await;
    let migration = stored(&bench, WAY).await;
    let nobody = kit::named(run, "nobody", MIGRATE, json!({ "from": 1, "to": 2, "migration": migration }));
    let unreadable = by("oz", "operator", kit::named(run, "unreadable", MIGRATE, json!({ "to": "two" })));
    let cases = [
        (nobody, "no_actor", "needs a person"),
        (unreadable, "input_refused", "cannot be read"),
        (request(run, "unstored", "0000"), "unknown_chart", "the migration of `kit_deal v1 to v2` is not stored"),
        (request(run, "unreleased", &migration), "unknown_chart", "kit_deal v2"),
    ];
    for (message, expected, words) in cases {
        match verdict(&bench, message).await {
            Verdict::Refused { code, reason } => {
                assert_eq!(code, expected, "{reason}");
                assert!(reason.contains(words), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    let row = bench.run(run).await;
    assert_eq!((row.snapshot.seq, row.snapshot.chart.version), (1, 1));
    bench.submit(kit::named(run, "go", "go", json!({}))).await;
    assert_eq!(bench.run(run).await.snapshot.seq, 2);
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_context_is_raised_by_its_next_step_and_what_was_written_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_signal", "A-1", json!({}))).await;
    let written = bench.store.history(&Scope::vendor(), run, 1, 1).await.unwrap();
    bench.engine.stop().await;
    drop((bench.store, bench.world));

    let bench = kit::start_knowing(&path, &[kit::SIGNAL], kit::settings(), kit::next_contexts()).await;
    let unread = bench.run(run).await;
    assert_eq!((unread.snapshot.context_version, &unread.snapshot.context["raised"]), (1, &Value::Null));
    bench.submit(kit::named(run, "go", "go", json!({}))).await;
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.context_version, &row.snapshot.context["raised"]), (2, &json!(2)));
    assert_eq!(row.snapshot.state, "done");
    assert_eq!(bench.store.history(&Scope::vendor(), run, 1, 1).await.unwrap(), written);
    proves_itself(&bench, run).await;
    bench.engine.stop().await;
}
