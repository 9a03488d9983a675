//! What one event does to a run.

use entente_core::{
    chart::step::{StepError, accepted},
    event::{Body, ChildEnd, Resolution},
    ids::InvokeId,
    run::{Command, IncidentCode},
};
use serde_json::{Value, json};

use crate::{
    effects::JOB,
    journey::{Journey, run_id},
};

const HALL: &str = r#"
chart: hall
version: 1
context: door
initial: shut
states:
  shut:
    tags: [waits_for:buyer]
    on:
      knock:
        - { target: open, guard: knocked_enough, entry: [notify.opened] }
        - {}
      lock: bolted
      cancel: gone
    after:
      P5D: gone
      door.closes: gone
  open:
    entry: [ask.confirm]
    on: { close: shut }
    after:
      8 working hours: shut
  bolted:
    initial: key
    tags: [locked]
    on: { cancel: gone }
    after: { PT1H: gone }
    states:
      key:
        tags: [waits_for:vendor]
        on: { unlock: bolted.code }
        after: { PT30M: gone }
      code:
        tags: [waits_for:vendor]
        on: { unlock: shut }
  gone: { type: final, tags: [cancelled] }
"#;

#[test]
fn the_first_transition_whose_guard_holds_is_taken_on_the_context_after_the_event() {
    let mut hall = Journey::begin(HALL);
    hall.named("knock", json!({"times": 2})).unwrap();
    assert_eq!((hall.run.state.as_str(), hall.via()), ("shut", vec!["on.knock[1]"]));
    hall.named("knock", json!({"times": 1})).unwrap();
    assert_eq!((hall.run.state.as_str(), hall.via()), ("open", vec!["on.knock[0]"]));
    assert!(hall.commands().iter().any(|c| matches!(c, Command::Notify { notice, .. } if notice == "opened")));
}

#[test]
fn an_internal_transition_resets_no_timer() {
    let mut hall = Journey::begin(HALL);
    let armed = hall.run.timers.clone();
    hall.wait(24);
    hall.named("knock", json!({"times": 1})).unwrap();
    assert_eq!(hall.run.timers, armed);
    assert!(hall.commands().is_empty());
}

#[test]
fn a_named_deadline_follows_the_context_and_fires_once() {
    let taking_schedules = HALL.replacen("lock: bolted", "lock: bolted\n      schedule: {}", 1);
    let mut hall = Journey::begin(&taking_schedules.replace("door.closes: gone", "door.closes: {}"));
    let key = "shut/door.closes";
    let schedule = |at: &str| json!({ "closes_at": at });
    assert!(!hall.run.timers.keys().any(|k| k.0 == key), "absent means not armed");
    hall.named("schedule", schedule("2027-02-01T00:00:00Z")).unwrap();
    hall.fire(key).unwrap();
    assert_eq!(hall.run.state, "shut");
    hall.named("knock", json!({"times": 1})).unwrap();
    assert!(!hall.run.timers.keys().any(|k| k.0 == key), "what has fired stays fired until it moves");
    hall.named("schedule", schedule("2027-03-01T00:00:00Z")).unwrap();
    assert!(hall.run.timers.keys().any(|k| k.0 == key), "moved, it is armed again");
    hall.named("schedule", Value::Null).unwrap();
    assert!(!hall.run.timers.keys().any(|k| k.0 == key), "gone from the context, it is disarmed");
}

#[test]
fn a_deadline_that_leads_back_to_its_own_state_fires_once() {
    let mut hall = Journey::begin_with(
        &HALL.replace("door.closes: gone", "door.closes: shut"),
        json!({"closes_at": "2027-01-05T00:00:00Z"}),
        None,
    );
    hall.fire("shut/door.closes").unwrap();
    assert_eq!(hall.run.state, "shut");
    assert_eq!(hall.run.timers.keys().map(|key| key.0.as_str()).collect::<Vec<_>>(), ["shut/P5D"]);
}

#[test]
fn a_move_inside_a_compound_state_keeps_the_outer_timers() {
    let mut hall = Journey::begin(HALL);
    hall.named("lock", json!({"code": "1"})).unwrap();
    assert_eq!(hall.run.state, "bolted.key");
    assert_eq!(hall.run.tags, ["waits_for:vendor", "locked"]);
    let outer = hall.run.timers.iter().find(|(key, _)| key.0 == "bolted/PT1H").map(|(_, due)| *due);
    hall.named("unlock", Value::Null).unwrap();
    assert_eq!(hall.run.state, "bolted.code");
    assert_eq!(hall.run.timers.len(), 1);
    assert_eq!(hall.run.timers.values().next().copied(), outer);
    hall.named("cancel", Value::Null).unwrap();
    assert!(hall.run.ended, "the outer state takes what the inner one does not");
}

#[test]
fn a_task_is_closed_when_the_state_that_asked_is_left() {
    let mut hall = Journey::begin(HALL);
    hall.named("knock", json!({"times": 3})).unwrap();
    assert_eq!(hall.tasks(), ["confirm"]);
    hall.fire("open/8 working hours").unwrap();
    assert!(hall.commands().contains(&Command::Close { tasks: vec!["confirm".into()] }));
    assert!(hall.tasks().is_empty());
}

#[test]
fn refused_events_leave_no_record_and_say_why() {
    let mut hall = Journey::begin(HALL);
    let refusal = hall.named("unlock", Value::Null).unwrap_err();
    assert_eq!(refusal.to_string(), "state `shut` does not take `unlock` now; it takes `cancel`, `knock`, `lock`");
    assert_eq!(accepted(&hall.bound, &hall.run), ["cancel", "knock", "lock"]);
    let mut picky =
        Journey::begin(&HALL.replacen("lock: bolted", "lock: { target: bolted, when: \"ctx.knocks > 2\" }", 1));
    let refusal = picky.named("lock", json!({"code": "1"})).unwrap_err();
    assert_eq!(refusal.to_string(), "state `shut` takes `lock` only under `ctx.knocks > 2`, which does not hold now");
    let key = hall.run.timers.keys().next().unwrap().clone();
    let stale = hall.offer(Body::Timer { key, due: hall.now });
    assert!(matches!(stale, Err(StepError::StaleTimer { .. })));
    let invoke = InvokeId { seq: 9, n: 0 };
    assert_eq!(hall.done(invoke, Value::Null).unwrap_err(), StepError::UnknownInvoke { invoke });
    assert!(matches!(hall.resolve(Resolution::Retry), Err(StepError::NoIncident)));
    hall.named("cancel", Value::Null).unwrap();
    let late = hall.named("knock", json!({"times": 1})).unwrap_err();
    assert_eq!(late.to_string(), "noted: the run has ended in state `gone`");
    assert_eq!(hall.records.len(), 2);
}

#[test]
fn an_end_is_told_to_the_parent_by_its_tags() {
    let mut hall = Journey::begin_with(HALL, Value::Null, Some(run_id(7)));
    hall.named("cancel", Value::Null).unwrap();
    let body = Body::ChildEnded { child: hall.run.run, end: ChildEnd::Cancelled, state: "gone".into() };
    assert!(hall.commands().contains(&Command::Send { to: run_id(7), body }));
}

#[test]
fn a_guard_that_cannot_tell_parks_the_run_as_it_stood_and_resume_asks_again() {
    let chart = HALL.replace("guard: knocked_enough", "guard: cannot_tell");
    let mut hall = Journey::begin(&chart);
    let before = hall.run.context.clone();
    hall.named("knock", json!({"times": 3})).unwrap();
    let incident = hall.run.incident.clone().unwrap();
    assert_eq!(incident.code, IncidentCode::GuardFailed);
    assert_eq!((&hall.run.context, hall.run.state.as_str()), (&before, "shut"));
    assert!(matches!(hall.named("cancel", Value::Null), Err(StepError::Parked { .. })));
    let key = hall.run.timers.keys().next().unwrap().clone();
    let due = hall.run.timers[&key];
    assert!(
        matches!(hall.offer(Body::Timer { key, due }), Err(StepError::Parked { .. })),
        "a timer waits, still armed"
    );
    hall.resolve(Resolution::Resume).unwrap();
    assert_eq!(hall.run.incident.as_ref().unwrap().event, incident.event, "still the same event after a failed resume");
    hall.bound = crate::support::bound(HALL);
    hall.run.chart.sha256.clone_from(&hall.bound.chart.sha256);
    hall.records.clear();
    let world = entente_core::chart::step::World { policy: &hall.policy, calendars: &hall.calendars };
    let event = entente_core::event::Event {
        source: "test".into(),
        id: "r".into(),
        actor: None,
        body: Body::Resolve { decision: Resolution::Resume, reason: "mended".into() },
    };
    let resumed = entente_core::chart::step::step(&hall.bound, &world, &hall.run, &event, hall.now).unwrap();
    assert_eq!(resumed.snapshot.state, "open");
    assert!(resumed.snapshot.incident.is_none());
}

#[test]
fn whoever_keeps_the_installation_running_hears_of_every_run_that_parks() {
    let told = |hall: &Journey| {
        let incident = hall.run.incident.as_ref().unwrap();
        let data = json!({ "code": incident.code, "message": incident.message });
        hall.commands().contains(&Command::Notify { notice: "incident".into(), data })
    };
    let hall =
        Journey::begin(&HALL.replace("  shut:\n", "  shut:\n    always: { guard: cannot_tell, target: open }\n"));
    assert!((hall.run.seq, told(&hall)) == (1, true), "in its first step: {:?}", hall.commands());
    let mut hall = Journey::begin(&HALL.replace("guard: knocked_enough", "guard: cannot_tell"));
    hall.named("knock", json!({"times": 3})).unwrap();
    assert!(told(&hall), "in a later one");
    hall.resolve(Resolution::Resume).unwrap();
    assert!(told(&hall), "again, when what was done about it did not help");
    let mut hall = Journey::begin(HALL);
    hall.named("incident.park", json!({"reason": "the buyer asked us to wait"})).unwrap();
    assert!(told(&hall), "by hand");
}

#[test]
fn a_person_parks_a_run_and_lets_it_go_on() {
    let mut hall = Journey::begin(HALL);
    hall.named("incident.park", json!({"reason": "the buyer asked us to wait"})).unwrap();
    let incident = hall.run.incident.as_ref().unwrap();
    assert_eq!(
        (incident.code, incident.message.as_str()),
        (IncidentCode::ByHand, "`somebody` parked the run: the buyer asked us to wait")
    );
    hall.resolve(Resolution::Resume).unwrap();
    assert!(hall.run.incident.is_none());
    hall.named("knock", json!({"times": 1})).unwrap();
}

#[test]
fn eventless_transitions_are_followed_and_a_circle_is_refused() {
    let chart = |back: &str| {
        format!(
            r#"
chart: spin
version: 1
context: door
initial: wait
states:
  wait:
    tags: [waits_for:buyer]
    on: {{ open: left, cancel: done }}
  left: {{ always: right }}
  right:
    tags: [waits_for:buyer]
    on: {{ cancel: done }}
    always: {back}
  done: {{ type: final }}
"#
        )
    };
    let mut spin = Journey::begin(&chart("[{ target: done, guard: is_locked }]"));
    spin.named("open", Value::Null).unwrap();
    assert_eq!((spin.run.state.as_str(), spin.via()), ("right", vec!["on.open[0]", "always[0]"]));
    // The lint refuses such a chart; a step takes no harm from one that was never linted.
    let mut spin = Journey::unchecked(&chart("left"));
    assert!(matches!(spin.named("open", Value::Null), Err(StepError::Livelock { .. })));
}

#[test]
fn another_chart_than_the_pinned_one_is_refused() {
    let mut hall = Journey::begin(HALL);
    hall.bound = crate::support::bound(JOB);
    assert!(matches!(hall.named("knock", Value::Null), Err(StepError::WrongChart { .. })));
}
