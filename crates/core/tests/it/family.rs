//! Runs that start runs and wait for them.

use entente_core::{
    chart::step::StepError,
    event::{Body, ChildEnd, Resolution},
    run::Command,
};
use serde_json::Value;

use crate::journey::{Journey, run_id};

const FAMILY: &str = r#"
chart: family
version: 1
context: door
initial: locks
states:
  locks:
    entry: [start.lock, start.lock]
    join: { until: UNTIL, onDone: { target: safe, entry: [send.children.turn] }, onError: unsafe }
    on: { cancel: { target: unsafe, entry: [send.children.cancel] } }
  safe: { type: final }
  unsafe: { type: final, tags: [failure] }
"#;

#[test]
fn a_join_waits_for_children() {
    use ChildEnd::*;
    let cases: [(&str, &[ChildEnd], &str); 8] = [
        ("all", &[Succeeded], "locks"),
        ("all", &[Succeeded, Succeeded], "safe"),
        ("all", &[Failed], "unsafe"),
        ("any", &[Failed], "locks"),
        ("any", &[Failed, Cancelled], "unsafe"),
        ("any", &[Succeeded], "safe"),
        ("knocked_enough", &[Succeeded], "locks"),
        ("knocked_enough", &[Succeeded, Succeeded], "unsafe"),
    ];
    for (until, ends, state) in cases {
        let mut family = Journey::begin(&FAMILY.replace("UNTIL", until));
        let children: Vec<_> = family.run.children.keys().copied().collect();
        let starts = family.commands().iter().filter(|c| matches!(c, Command::Start { .. })).count();
        assert_eq!((children.len(), starts), (2, 2));
        for (child, end) in children.iter().zip(ends) {
            family.offer(Body::ChildEnded { child: *child, end: *end, state: "x".into() }).unwrap();
        }
        assert_eq!(family.run.state, state, "{until} {ends:?}");
        if (until, state) == ("any", "safe") {
            let turned = family.commands().iter().filter(|c| matches!(c, Command::Send { .. })).count();
            assert_eq!(turned, 1, "only the child still under way is told");
        }
    }
    let mut family = Journey::begin(&FAMILY.replace("UNTIL", "all"));
    let stranger = Body::ChildEnded { child: run_id(99), end: Succeeded, state: "x".into() };
    assert_eq!(family.offer(stranger).unwrap_err(), StepError::UnknownChild { child: run_id(99) });
}

#[test]
fn a_child_that_ends_while_its_parent_is_parked_counts_afterwards() {
    let mut family = Journey::begin(&FAMILY.replace("UNTIL", "any"));
    let child = *family.run.children.keys().next().unwrap();
    family.named("incident.park", Value::Null).unwrap();
    family.offer(Body::ChildEnded { child, end: ChildEnd::Succeeded, state: "x".into() }).unwrap();
    assert_eq!(family.run.state, "locks");
    family.resolve(Resolution::Resume).unwrap();
    assert_eq!(family.run.state, "safe");
}
