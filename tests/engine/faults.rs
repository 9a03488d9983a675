//! Panics, poison, guards that cannot tell, charts that a binary lacks.

use entente::runner::Answer;
use entente_core::{
    event::{Body, Event, Resolution},
    run::IncidentCode,
};
use entente_store::{Message, Verdict};
use serde_json::json;

use crate::{kit, promises::proves_itself};

const PANICS: &str = r#"
chart: kit_panics
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.panic, onDone: done, onError: { other: failed } } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

const GUARDED: &str = r#"
chart: kit_guarded
version: 1
context: kit
initial: waiting
states:
  waiting: { tags: [waits_for:test], on: { go: [{ guard: explodes, target: done }, { target: failed }], stop: failed }, after: { P30D: failed } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

const UNDO: &str = r#"
chart: kit_undo
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.fail, onDone: done, onError: { rejected: undoing, other: failed } } }
  undoing: { invoke: { src: kit.undo, onDone: failed, onError: failed } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

fn resolve(run: entente_core::ids::RunId, id: &str, decision: Resolution) -> Message {
    let body = Body::Resolve { decision, reason: "a test decides".into() };
    let event = Event { source: "test".into(), id: id.into(), actor: None, body };
    Message { event, ..kit::named(run, id, "go", json!({})) }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_09_a_panic_in_one_activity_parks_its_run_and_a_hundred_others_end() {
    let folder = tempfile::tempdir().unwrap();
    let settings = entente::runner::settings::Settings { crashes_max: 3, ..kit::settings() };
    let bench = kit::start(&folder.path().join("e.db"), &[PANICS, kit::STEPS], settings).await;
    let sick = kit::run_id();
    bench.submit(kit::started(sick, "kit_panics", "X-1", json!({}))).await;
    let others: Vec<_> = (0..100).map(|_| kit::run_id()).collect();
    for run in &others {
        bench.submit(kit::started(*run, "kit_steps", &format!("S-{run}"), json!({}))).await;
    }
    for run in &others {
        bench.until(*run, |row| row.snapshot.ended).await;
    }
    let row = bench.until(sick, |row| row.snapshot.incident.is_some()).await;
    let incident = row.snapshot.incident.unwrap();
    assert_eq!(incident.code, IncidentCode::AttemptsExhausted);
    assert!(incident.message.contains("told to panic"), "{incident:?}");
    proves_itself(&bench, sick).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_cannot_be_evaluated_parks_the_run_and_never_counts_as_false() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[GUARDED], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_guarded", "G-1", json!({}))).await;
    bench.submit(kit::named(run, "go", "go", json!({}))).await;
    let row = bench.until(run, |row| row.snapshot.incident.is_some()).await;
    assert_eq!(
        (row.snapshot.state.as_str(), row.snapshot.incident.unwrap().code),
        ("waiting", IncidentCode::GuardFailed)
    );
    let refused = bench.submit(kit::named(run, "stop", "stop", json!({}))).await;
    assert!(matches!(&refused, Answer::Decided(Verdict::Refused { code, .. }) if code == "parked"), "{refused:?}");
    let resumed = bench.submit(resolve(run, "resume", Resolution::Resume)).await;
    assert!(matches!(resumed, Answer::Decided(Verdict::Accepted { .. })), "{resumed:?}");
    bench.until(run, |row| row.snapshot.incident.is_some() && row.snapshot.seq == 3).await;
    proves_itself(&bench, run).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_takes_the_branch_of_its_class() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[UNDO], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_undo", "U-1", json!({}))).await;
    let row = bench.until(run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), bench.counter.total()), ("failed", 2));
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_a_run_whose_names_this_binary_lacks_is_left_alone_and_goes_on_when_they_are_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_signal", "A-1", json!({}))).await;
    bench.engine.stop().await;
    drop((bench.store, bench.world));
    // The other binary knows no context `kit`.
    let stranger = kit::start_without_contexts(&path).await;
    let answer =
        stranger.engine.submit(kit::named(run, "go", "go", json!({})), std::time::Duration::from_millis(300)).await;
    assert!(matches!(answer, Ok(Answer::Stored { .. })), "stored, and left to a binary that can: {answer:?}");
    assert_eq!(stranger.run(run).await.snapshot.seq, 1);
    stranger.engine.stop().await;
    drop((stranger.store, stranger.world));
    let bench = kit::start(&path, &[kit::SIGNAL], kit::settings()).await;
    assert_eq!(bench.until(run, |row| row.snapshot.ended).await.snapshot.state, "done");
    bench.engine.stop().await;
}
