//! Contexts that an older program wrote: read as they are meant, never rewritten, and left alone when they are newer.

use entente_core::{
    chart::step::StepError,
    context::{RaiseError, raised},
    event::Resolution,
    run::{Delta, IncidentCode, Snapshot},
};
use serde_json::{Value, json};

use crate::{journey::Journey, support::Door};

const BELL: &str = r#"
chart: bell
version: 1
context: door
initial: shut
states:
  shut:
    tags: [waits_for:buyer]
    on:
      knock: [{ target: open, guard: knocked_enough }, {}]
      cancel: gone
  open: { tags: [waits_for:buyer], on: { close: gone } }
  gone: { type: final }
"#;

/// A run as the program before this one wrote it: version 1 called `knocks` `rings`.
fn older(rings: Value) -> Journey {
    let mut run = Journey::begin(BELL);
    let fields = run.run.context.as_object_mut().unwrap();
    fields.remove("knocks");
    fields.insert("rings".into(), rings);
    run.run.context_version = 1;
    run.records[0].delta = Delta::of(None, &run.run);
    run
}

fn stored(run: &Snapshot) -> Value {
    serde_json::to_value(run).unwrap()
}

#[test]
fn the_first_step_under_a_newer_program_decides_on_the_raised_context_and_writes_it() {
    let mut run = older(json!(2));
    let first = run.records[0].clone();
    run.named("knock", json!({"times": 1})).unwrap();
    assert_eq!(run.run.state, "open", "two rings and one knock are three");
    assert_eq!((run.run.context_version, &run.run.context["knocks"]), (2, &json!(3)));
    assert_eq!(run.run.context.get("rings"), None);
    let change = &run.records[1].delta;
    assert_eq!(change.within["context"].gone, ["rings"]);
    assert_eq!(change.set["context_version"], json!(2));
    assert_eq!(run.records[0], first, "what was written before stays as it was");
    run.named("close", Value::Null).unwrap();
    assert!(run.run.ended);
}

#[test]
fn reading_raises_and_changes_nothing() {
    let run = older(json!(2));
    let before = stored(&run.run);
    assert_eq!(raised(&Door, &run.run).unwrap()["knocks"], json!(2));
    assert_eq!(stored(&run.run), before);
}

#[test]
fn a_context_from_a_newer_program_makes_no_step() {
    let mut run = Journey::begin(BELL);
    run.run.context_version = 3;
    let refused = run.named("knock", json!({"times": 3})).unwrap_err();
    let newer = RaiseError::Newer { context: "door".into(), stored: 3, known: 2 };
    assert_eq!(refused, StepError::Newer(newer));
    assert_eq!(run.run.seq, 1);
}

#[test]
fn a_context_that_cannot_be_raised_parks_the_run_with_the_event_kept() {
    let mut run = older(json!("many"));
    run.named("knock", json!({"times": 3})).unwrap();
    let incident = run.run.incident.clone().unwrap();
    assert_eq!(incident.code, IncidentCode::GuardFailed);
    assert!(incident.message.contains("could not be raised to `door` version 2"), "{}", incident.message);
    assert!(incident.message.contains("field `/rings`"), "{}", incident.message);
    assert_eq!(run.run.context_version, 1, "it stays as it was written");

    // Before the cause is mended, resuming changes nothing; afterwards the kept event is decided.
    let parked = run.run.clone();
    assert!(matches!(run.resolve(Resolution::Resume), Err(StepError::Parked { .. })));
    assert_eq!(run.run, parked);
    run.run.context["rings"] = json!(0);
    let whole = Snapshot { incident: None, ..run.run.clone() };
    run.records[0].delta = Delta::of(None, &whole);
    run.records[1].delta = Delta::of(Some(&whole), &run.run);
    run.resolve(Resolution::Resume).unwrap();
    assert_eq!((run.run.state.as_str(), run.run.context_version), ("open", 2));
}
