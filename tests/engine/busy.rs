//! Objects that are busy: left alone, ever longer, and not for ever.

use std::time::Duration;

use entente::activities::{Attempt, Recovered};
use entente_core::{
    event::{FailureClass, Resolution},
    run::IncidentCode,
};
use entente_store::RecoveryClass;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    doubt::{Bench, failure},
    promises::proves_itself,
};

fn busy() -> Attempt {
    Attempt::Busy { after: Duration::from_secs(5), why: failure(FailureClass::Conflict, "another change is under way") }
}

fn absent(_: u32) -> Recovered {
    Recovered::Absent { visibility: None, irreversible: true }
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_26_a_busy_object_is_waited_for_and_no_attempt_is_used_up() {
    let send = |number| if number <= 100 { busy() } else { Attempt::Done(json!({ "n": 1 })) };
    let bench = Bench::start(RecoveryClass::NaturalKey, send, absent).await;
    let row = bench.play().await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.incident), ("done", None));
    assert_eq!(bench.sends(), 101);
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_26_an_object_that_is_busy_for_a_day_is_put_before_a_person_with_what_was_sent() {
    let bench = Bench::start(RecoveryClass::NaturalKey, |_| busy(), absent).await;
    let incident = bench.play().await.snapshot.incident.unwrap();
    assert_eq!(incident.code, IncidentCode::AttemptsExhausted);
    assert!(incident.message.contains("busy since 2026-11-22T12:00:00Z: another change is under way"), "{incident:?}");
    let waited = incident.since.duration_since(noon());
    assert!(waited >= SignedDuration::from_hours(24) && waited < SignedDuration::from_hours(25), "{waited:?}");
    assert!(bench.sends() < 400, "it is asked ever less often: {}", bench.sends());
    let evidence = &incident.evidence["evidence"];
    assert_eq!((&evidence["operation"], &evidence["busy_since"]), (&json!("kit.one"), &json!(noon())));
    assert_eq!(evidence["last"]["message"], "another change is under way");
    assert_eq!(evidence["attempts"], json!(bench.sends()));
    proves_itself(&bench.engine, bench.run()).await;
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_has_it_tried_again_gives_it_another_day() {
    let bench = Bench::start(RecoveryClass::TokenDedup, |_| busy(), absent).await;
    let first = bench.play().await.snapshot.incident.unwrap();
    bench.settle("again", Resolution::Retry).await;
    let second = bench.play().await.snapshot.incident.unwrap();
    let waited = second.since.duration_since(first.since);
    assert!(waited >= SignedDuration::from_hours(24), "{waited:?}");
    assert!(second.message.contains("busy since"), "{second:?}");
    bench.settle("found", Resolution::Happened { output: Value::Null }).await;
    assert_eq!(bench.play().await.snapshot.state, "done");
    bench.engine.engine.stop().await;
}
