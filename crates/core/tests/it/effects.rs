//! What becomes of invocations: results, failures, incidents, and effects whose state was left.

use entente_core::{
    chart::step::StepError,
    event::{Body, FailureClass, Resolution},
    ids::InvokeId,
    run::{Command, IncidentCode},
};
use serde_json::{Value, json};

use crate::journey::Journey;

pub const JOB: &str = r#"
chart: job
version: 1
context: door
initial: hanging
states:
  hanging:
    invoke:
      src: door.hang
      onDone: hung
      onError:
        rejected: failed
        other: failed
      compensate: door.take_down
    on: { cancel: cancelled }
  hung:
    tags: [waits_for:buyer]
    on:
      close: [{ target: paid, entry: [post.hold] }]
      ledger.refused: failed
    after: { P30D: failed }
  paid: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
  cancelled: { type: final, tags: [cancelled] }
"#;

#[test]
fn a_result_moves_the_run_and_its_output_reaches_the_context_first() {
    let mut job = Journey::begin(JOB);
    let invoke = InvokeId { seq: 1, n: 0 };
    let request = json!({"door": "front", "revision": 1});
    assert_eq!(job.commands(), [Command::Invoke { invoke, activity: "door.hang".into(), request }]);
    job.done(invoke, json!({"name": "back"})).unwrap();
    assert_eq!((job.run.state.as_str(), &job.run.context["name"]), ("hung", &json!("back")));
    assert!(job.run.invokes.is_empty());
    assert_eq!(job.done(invoke, Value::Null).unwrap_err(), StepError::UnknownInvoke { invoke });
}

#[test]
fn failures_take_their_branch_and_other_stands_only_for_what_it_may() {
    use FailureClass::*;
    for class in [Rejected, Conflict, NotFound, Unsupported, Declined, SentBack] {
        let mut job = Journey::begin(JOB);
        job.fail(job.open(), class).unwrap();
        assert_eq!(job.run.state, "failed", "{class:?}");
    }
    for (class, code) in [
        (OutcomeUnknown, IncidentCode::OutcomeUnknown),
        (Transient, IncidentCode::AttemptsExhausted),
        (Auth, IncidentCode::AttemptsExhausted),
        (Withheld, IncidentCode::Withheld),
    ] {
        let mut job = Journey::begin(JOB);
        let invoke = job.open();
        job.fail(invoke, class).unwrap();
        let incident = job.run.incident.clone().unwrap();
        assert_eq!((incident.code, incident.invoke), (code, Some(invoke)));
        assert_eq!(job.run.state, "hanging");
        assert!(job.run.invokes.contains_key(&invoke), "the intent stays open for whoever settles it");
    }
}

#[test]
fn people_are_told_once_that_a_write_is_held_back() {
    let mut job = Journey::begin(JOB);
    let invoke = job.open();
    job.fail(invoke, FailureClass::Withheld).unwrap();
    let since = job.run.incident.as_ref().unwrap().since;
    assert!(matches!(job.commands(), [Command::Notify { notice, .. }] if notice == "incident"));
    assert_eq!(job.run.invokes[&invoke].held_since, Some(since));
    job.wait(1);
    job.resolve(Resolution::Retry).unwrap();
    assert_eq!(job.commands(), [Command::Retry { invoke }]);
    assert_eq!(job.run.incident, None);
    job.fail(invoke, FailureClass::Withheld).unwrap();
    assert!(job.run.incident.as_ref().unwrap().since > since && job.commands().is_empty(), "parked, and no news");
    assert_eq!(job.run.invokes[&invoke].held_since, Some(since), "it counts from the first time");
    job.resolve(Resolution::Retry).unwrap();
    job.done(invoke, json!({"name": "back"})).unwrap();
    assert_eq!(job.run.state, "hung");
}

#[test]
fn an_incident_is_settled_by_hand() {
    let parked = || {
        let mut job = Journey::begin(JOB);
        job.fail(job.open(), FailureClass::OutcomeUnknown).unwrap();
        job
    };
    let mut job = parked();
    let invoke = job.open();
    job.resolve(Resolution::Retry).unwrap();
    assert_eq!(job.commands(), [Command::Retry { invoke }]);
    assert!(job.run.incident.is_none() && job.run.invokes.contains_key(&invoke));

    let mut job = parked();
    job.resolve(Resolution::Happened { output: json!({"name": "found"}) }).unwrap();
    assert_eq!((job.run.state.as_str(), &job.run.context["name"]), ("hung", &json!("found")));
    assert!(job.run.incident.is_none());

    let mut job = parked();
    job.resolve(Resolution::DidNotHappen { class: FailureClass::NotFound }).unwrap();
    assert_eq!((job.run.state.as_str(), job.via()), ("failed", vec!["onError.other[0]"]));

    let mut job = parked();
    let refusal = job.resolve(Resolution::Resume).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`resume` does not settle this incident (outcome_unknown); use `retry`, `happened`, `did_not_happen`"
    );

    let mut job = parked();
    let invoke = job.open();
    job.done(invoke, Value::Null).unwrap();
    assert_eq!(
        (job.run.state.as_str(), job.run.incident.is_none()),
        ("hung", true),
        "an answer that comes after all settles it"
    );
}

#[test]
fn leaving_a_state_voids_its_intent_and_a_late_effect_is_undone() {
    let mut job = Journey::begin(JOB);
    let invoke = job.open();
    job.named("cancel", Value::Null).unwrap();
    assert!(job.run.ended);
    assert_eq!(job.commands(), [Command::Void { invoke }]);
    job.done(invoke, json!({"name": "late"})).unwrap();
    let undo = InvokeId { seq: 3, n: 0 };
    let request = json!({"door": "late", "revision": 1});
    assert_eq!(job.commands(), [Command::Invoke { invoke: undo, activity: "door.take_down".into(), request }]);
    assert_eq!(job.run.invokes[&undo].compensates, Some(invoke));
    job.done(undo, Value::Null).unwrap();
    assert!(job.run.invokes.is_empty() && job.run.ended);
}

#[test]
fn a_voided_intent_just_ends() {
    let mut job = Journey::begin(JOB);
    let invoke = job.open();
    job.named("cancel", Value::Null).unwrap();
    job.fail(invoke, FailureClass::NotFound).unwrap();
    assert!(job.commands().is_empty() && job.run.invokes.is_empty());
    assert_eq!(job.via(), ["late.no_effect"]);
}

#[test]
fn an_effect_that_nothing_undoes_gets_an_owner() {
    let chart = JOB.replace("door.hang", "door.paint").replace("      compensate: door.take_down\n", "");
    let asked = |job: &Journey| {
        let task =
            job.commands().iter().find_map(|c| if let Command::Ask { task } = c { Some(task.clone()) } else { None });
        task.map(|task| task.key)
    };
    let mut job = Journey::begin(&chart);
    let invoke = job.open();
    job.named("cancel", Value::Null).unwrap();
    job.done(invoke, Value::Null).unwrap();
    assert_eq!(asked(&job).as_deref(), Some("effect_without_owner/1.0"));

    let mut job = Journey::begin(JOB);
    let invoke = job.open();
    job.named("cancel", Value::Null).unwrap();
    job.fail(invoke, FailureClass::OutcomeUnknown).unwrap();
    assert_eq!(asked(&job).as_deref(), Some("effect_without_owner/1.0"), "unknown is not nothing");

    let mut job = Journey::begin(JOB);
    let invoke = job.open();
    job.named("cancel", Value::Null).unwrap();
    job.done(invoke, Value::Null).unwrap();
    let undo = *job.run.invokes.keys().next().unwrap();
    job.fail(undo, FailureClass::Rejected).unwrap();
    assert_eq!(
        asked(&job).as_deref(),
        Some("effect_without_owner/1.0"),
        "a failed undoing is the first effect's business"
    );
}

#[test]
fn a_refused_posting_comes_back_as_an_event() {
    let mut job = Journey::begin(JOB);
    job.done(job.open(), Value::Null).unwrap();
    let refused = Body::LedgerRefused { reason: "3 EUR are free".into(), cause: "test/2".into() };
    let before = job.run.clone();
    job.named("close", Value::Null).unwrap();
    assert!(job.commands().iter().any(|c| matches!(c, Command::Post { .. })));
    // The store rolls the step back: the run is where it was.
    job.run = before;
    job.records.pop();
    let key = entente_core::event::TimerKey("hung/P30D".into());
    assert!(job.run.timers.contains_key(&key));
    job.rolled_back();
    job.offer(refused).unwrap();
    assert_eq!((job.run.state.as_str(), job.via()), ("failed", vec!["on.ledger.refused[0]"]));
}

#[test]
fn whatever_comes_with_the_reason_to_park_is_kept_as_evidence() {
    let parked = |data: Value| {
        let mut job = Journey::begin(JOB);
        job.named("incident.park", data).unwrap();
        let incident = job.run.incident.unwrap();
        (incident.message, incident.evidence)
    };
    let (message, evidence) = parked(json!({ "reason": "steps are lost", "effects": [{ "change": "cs-1" }] }));
    assert_eq!(message, "`somebody` parked the run: steps are lost");
    assert_eq!(evidence, json!({ "effects": [{ "change": "cs-1" }] }));
    assert_eq!(parked(json!({ "reason": "wait" })).1, Value::Null, "a reason alone is the message");
}
