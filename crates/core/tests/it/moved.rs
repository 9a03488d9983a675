//! Runs that go on in another version of their chart: what they keep, and that they end right.

use entente_core::{
    chart::migration::{Change, MigrationError},
    policy::approvals::Verdict,
};
use serde_json::{Value, json};

use crate::journey::Journey;

const V1: &str = r#"
chart: sale
version: 1
context: door
initial: draft
states:
  draft:
    tags: [waits_for:vendor]
    on: { open: review, knock: {}, cancel: dropped, unlock: measuring }
    after:
      P5D: dropped
      door.closes: [{ guard: is_locked, target: dropped }, {}]
  review:
    invoke:
      src: approvals
      onDone: agreed
      onError: { declined: dropped, sent_back: draft, other: dropped }
    on: { cancel: dropped }
    after: { P30D: dropped }
  measuring:
    invoke: { src: door.measure, onDone: draft, onError: draft }
  agreed: { type: final, tags: [success] }
  dropped: { type: final, tags: [failure] }
"#;

/// The same with other names, one more deadline, and a state that nobody rests in who has knocked enough.
const V2: &str = r#"
chart: sale
version: 2
context: door
initial: begun
states:
  begun:
    tags: [waits_for:vendor, early]
    on: { open: asked.all, cancel: lost }
    after:
      P5D: lost
      P9D: lost
      door.closes: [{ guard: is_locked, target: lost }, {}]
    always: [{ guard: knocked_enough, target: asked.all }]
  asked:
    initial: all
    on: { cancel: lost }
    after: { P30D: lost }
    states:
      all:
        tags: [asking]
        invoke: { src: approvals, onDone: won, onError: { other: lost } }
  won: { type: final, tags: [success] }
  lost: { type: final, tags: [failure] }
"#;

const WAY: &str = "chart: sale\nfrom: 1\nto: 2\nstates: { draft: begun, review: asked.all }\n";

fn repainting() -> String {
    format!("{WAY}context: repaint\n")
}

/// A run in review of a door worth 60.00 EUR, on which the desk has agreed already.
fn in_review() -> Journey {
    let mut run = Journey::begin_with(V1, json!({"amount": 6000}), None);
    run.named("open", Value::Null).unwrap();
    run.vote("bob", "desk", "approve").unwrap();
    run
}

#[test]
fn approvals_under_way_move_with_their_votes_tasks_and_reminders() {
    let mut run = Journey::begin_with(V1, json!({"amount": 6000}), None);
    run.named("open", Value::Null).unwrap();
    let (timers, tasks) = (run.run.timers.clone(), run.run.tasks.clone());
    run.vote("cy", "finance", "approve").unwrap();
    let before = run.run.clone();
    run.migrate(WAY, V2).unwrap();
    assert_eq!(run.run.state, "asked.all");
    assert_eq!(run.run.tags, ["asking"]);
    assert_eq!((&run.run.approvals, &run.run.tasks), (&before.approvals, &tasks));
    assert_eq!(run.run.invokes.values().map(|open| open.state.as_str()).collect::<Vec<_>>(), ["asked.all"]);
    let change = Change::between(&before, &run.run);
    let kept: Vec<&str> = change.kept.iter().map(|kept| kept.deadline.as_str()).collect();
    assert_eq!(kept, ["P30D", "desk/escalate", "desk/remind"]);
    assert_eq!((change.added.len(), change.changed.len(), change.dropped.len()), (0, 0, 0));
    assert_eq!(run.run.timers.len(), timers.len());
    run.fire("approval/desk/remind").unwrap();
    run.vote("bob", "desk", "approve").unwrap();
    run.vote("dee", "finance", "approve").unwrap();
    assert_eq!((run.run.state.as_str(), run.via()), ("won", vec!["approval.vote", "onDone[0]"]));
}

#[test]
fn a_migrated_revision_voids_the_votes_on_what_changed_and_no_others() {
    let mut run = in_review();
    let before = run.run.approvals.clone().unwrap();
    run.migrate(&repainting(), V2).unwrap();
    assert_eq!(run.via(), ["migration.v1-to-v2", "approval.rebase"]);
    let round = run.run.approvals.clone().unwrap();
    assert_ne!(round.subject.revision, before.subject.revision);
    assert_eq!(round.votes.len(), 1, "the code is in no projection that the desk looked at");
    assert!(round.votes.iter().all(|vote| vote.verdict == Verdict::Approve));
    run.vote("cy", "finance", "approve").unwrap();
    run.vote("dee", "finance", "approve").unwrap();
    assert_eq!(run.run.state, "won");
}

#[test]
fn what_has_passed_stays_passed_and_what_runs_keeps_its_instant() {
    let mut run = Journey::begin_with(V1, json!({"closes_at": "2027-01-05T00:00:00Z"}), None);
    run.fire("draft/door.closes").unwrap();
    let span = *run.run.timers.values().next().unwrap();
    run.wait(24);
    let before = run.run.clone();
    run.migrate(WAY, V2).unwrap();
    let change = Change::between(&before, &run.run);
    let named = |deadlines: &[entente_core::chart::migration::Deadline]| {
        deadlines.iter().map(|one| (one.deadline.clone(), one.due.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(named(&change.kept), [("P5D".to_owned(), span.to_string())]);
    assert_eq!(named(&change.added), [("P9D".to_owned(), "2027-01-15T00:00:00Z".to_owned())]);
    assert_eq!((change.changed, change.dropped), (vec![], vec![]));
    run.fire("begun/P5D").unwrap();
    assert_eq!(run.run.state, "lost");
}

#[test]
fn a_condition_that_holds_in_the_new_version_is_not_waited_for() {
    let mut run = Journey::begin(V1);
    run.named("knock", json!({"times": 3})).unwrap();
    run.migrate(WAY, V2).unwrap();
    assert_eq!((run.run.state.as_str(), run.run.tags.as_slice()), ("asked.all", ["asking".to_owned()].as_slice()));
    assert_eq!(run.via(), ["migration.v1-to-v2", "always[0]"]);
    assert_eq!(run.tasks(), ["approval/desk"], "the round is opened by the chart, not by the move");
}

#[test]
fn what_is_under_way_keeps_a_run_where_it_is_and_afterwards_it_moves() {
    let mut run = Journey::begin(V1);
    run.named("unlock", Value::Null).unwrap();
    let refused = run.migrate(WAY, V2).unwrap_err();
    assert!(matches!(&refused, MigrationError::NotPlanned(reason) if reason.contains("`door.measure` is under way")));
    assert_eq!(run.run.chart.version, 1);
    run.done(run.open(), Value::Null).unwrap();
    run.migrate(WAY, V2).unwrap();
    assert_eq!((run.run.chart.version, run.run.state.as_str()), (2, "begun"));
    let again = run.migrate_again(WAY).unwrap_err();
    assert_eq!(again.to_string(), "it has ended, or is pinned to another chart or version");
}

#[test]
fn a_context_that_lacks_what_the_new_version_looks_at_does_not_move() {
    let mut run = Journey::begin_with(V1, json!({"amount": "much"}), None);
    let refused = run.migrate(WAY, V2).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "its context does not fit the new version: it is not a whole number (field `/amount`)"
    );
    assert_eq!(run.run.seq, 1);
}
