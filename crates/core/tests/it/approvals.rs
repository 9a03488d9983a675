//! Rounds of approval: who may vote, what votes bind to, and what time does.

use entente_core::{
    calendar::Calendars,
    chart::step::StepError,
    event::{Actor, Body},
    policy::{
        RoundOutcome, VoteRefused,
        approvals::{Projection, Requirement, Round, Subject},
    },
    run::Command,
};
use serde_json::{Value, json};

use crate::{
    journey::{Journey, POLICY, actor, home, vote},
    policy::{now, policy, subject},
};

const WITH_APPROVALS: &str = r#"
chart: approved
version: 1
context: door
initial: draft
states:
  draft:
    tags: [waits_for:vendor]
    on: { open: review, revise: {}, cancel: dropped }
  review:
    invoke:
      src: approvals
      onDone: agreed
      onError: { declined: dropped, sent_back: draft, other: dropped }
    on: { cancel: dropped, revise: {}, knock: {} }
  agreed: { type: final, tags: [success] }
  dropped: { type: final, tags: [failure] }
"#;

/// A run in review of a door worth 60.00 EUR: the desk and two of finance must agree.
fn in_review() -> Journey {
    let mut run = Journey::begin_with(WITH_APPROVALS, json!({"amount": 6000}), None);
    run.named("open", Value::Null).unwrap();
    run
}

fn refused(run: &mut Journey, actor: Actor, body: Body) -> VoteRefused {
    match run.offer_as(Some(actor), body) {
        Err(StepError::Vote(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_round_ends_well_when_everybody_asked_has_agreed() {
    let mut run = in_review();
    assert_eq!(run.tasks(), ["approval/desk", "approval/finance"]);
    run.vote("bob", "desk", "approve").unwrap();
    assert!(run.commands().contains(&Command::Close { tasks: vec!["approval/desk".into()] }));
    assert!(run.run.timers.is_empty(), "nobody is reminded of a settled row");
    run.vote("cy", "finance", "approve").unwrap();
    assert_eq!(run.tasks(), ["approval/finance"], "finance needs two");
    run.vote("dee", "finance", "approve").unwrap();
    assert_eq!((run.run.state.as_str(), run.via()), ("agreed", vec!["approval.vote", "onDone[0]"]));
    assert_eq!(run.run.approvals.as_ref().unwrap().outcome(), RoundOutcome::Approved, "the round stays as evidence");
}

#[test]
fn a_refusal_and_a_return_end_the_round_at_once() {
    let mut run = in_review();
    run.vote("bob", "desk", "reject").unwrap();
    assert_eq!((run.run.state.as_str(), run.via()), ("dropped", vec!["approval.vote", "onError.declined[0]"]));
    let mut run = in_review();
    run.vote("cy", "finance", "send_back").unwrap();
    assert_eq!(run.run.state, "draft");
    assert!(run.tasks().is_empty() && run.run.timers.is_empty());
    assert!(matches!(run.vote("bob", "desk", "approve"), Err(StepError::NotAccepted { .. })), "the round is over");
    run.named("open", Value::Null).unwrap();
    assert!(run.run.approvals.as_ref().unwrap().votes.is_empty(), "a new submission is a new round");
}

#[test]
fn votes_that_do_not_count_say_why() {
    let mut run = in_review();
    let revision = run.run.approvals.as_ref().unwrap().subject.revision.clone();
    let yes = || vote("approve", &revision);
    let stale = refused(&mut run, actor("bob", "desk"), vote("approve", "older"));
    assert!(matches!(stale, VoteRefused::StaleRevision { .. }));
    let own = refused(&mut run, actor("ada", "desk"), yes());
    assert_eq!(own, VoteRefused::Requester { person: "ada".parse().unwrap() });
    let proxy = Actor { on_behalf_of: Some("ada".parse().unwrap()), ..actor("bob", "desk") };
    assert_eq!(refused(&mut run, proxy, yes()), own, "nor through a delegate");
    let outsider = refused(&mut run, actor("eve", "guest"), yes());
    assert_eq!(outsider.to_string(), "`eve` does not hold the role `desk` that approval `desk` asks for");
    run.vote("cy", "finance", "approve").unwrap();
    assert!(matches!(refused(&mut run, actor("cy", "finance"), yes()), VoteRefused::AlreadyVoted { .. }));
    let for_cy = Actor { on_behalf_of: Some("cy".parse().unwrap()), ..actor("dee", "finance") };
    assert!(matches!(refused(&mut run, for_cy, yes()), VoteRefused::AlreadyVoted { .. }), "one voice is one voice");
    let both = Actor { roles: vec!["desk".parse().unwrap(), "finance".parse().unwrap()], ..actor("flo", "desk") };
    let which = refused(&mut run, both.clone(), yes());
    assert_eq!(which.to_string(), "`flo` may vote on `desk`, `finance`; say which");
    let row = |row: &str| {
        let data = json!({"verdict": "approve", "revision": revision, "row": row});
        Body::Named { name: "approval.vote".into(), data }
    };
    assert!(matches!(refused(&mut run, both.clone(), row("nosuch")), VoteRefused::NoSuchRow { .. }));
    run.offer_as(Some(both), row("desk")).unwrap();
    assert!(matches!(refused(&mut run, actor("bob", "desk"), row("desk")), VoteRefused::RowSettled { .. }));
    assert!(matches!(run.offer(yes()), Err(StepError::NoActor { .. })));
    let scribble =
        Body::Named { name: "approval.vote".into(), data: json!({"verdict": "maybe", "revision": revision}) };
    assert!(matches!(run.offer_as(Some(actor("bob", "desk")), scribble), Err(StepError::BadVote { .. })));
}

#[test]
fn a_role_decides_only_up_to_its_limit() {
    let limited = format!("{POLICY}limits: {{ desk: {{ EUR: 5000 }} }}\n");
    let mut run = Journey::begin_with(WITH_APPROVALS, json!({"amount": 6000}), None);
    run.policy = policy(&limited);
    run.named("open", Value::Null).unwrap();
    let revision = run.run.approvals.as_ref().unwrap().subject.revision.clone();
    let refusal = refused(&mut run, actor("bob", "desk"), vote("approve", &revision));
    assert_eq!(
        refusal.to_string(),
        "role `desk` may not decide on `desk`: 6000 is above its limit of 5000 minor units of EUR; it needs someone with a higher limit"
    );
    run.fire("approval/desk/escalate").unwrap();
    run.vote("head", "head", "approve").unwrap();
    assert!(!run.tasks().contains(&"approval/desk"), "the escalation role has the authority itself");
}

#[test]
fn a_time_out_reminds_and_escalates_and_never_approves() {
    let mut run = in_review();
    run.fire("approval/desk/remind").unwrap();
    assert!(
        matches!(run.commands(), [Command::Notify { notice, .. }, Command::Disarm { .. }] if notice == "approval.reminder")
    );
    let revision = run.run.approvals.as_ref().unwrap().subject.revision.clone();
    assert!(matches!(
        refused(&mut run, actor("gus", "head"), vote("approve", &revision)),
        VoteRefused::NotInRole { .. }
    ));
    run.fire("approval/desk/escalate").unwrap();
    assert_eq!(run.tasks(), ["approval/desk", "approval/desk/escalated", "approval/finance"]);
    assert_eq!(run.run.approvals.as_ref().unwrap().outcome(), RoundOutcome::Pending);
    run.wait(24 * 365);
    run.named("knock", json!({"times": 0})).unwrap();
    assert_eq!(run.run.state, "review");
    run.vote("gus", "head", "approve").unwrap();
    assert_eq!(run.tasks(), ["approval/finance"]);
}

/// P8: a change voids exactly the votes whose projection changed. One row per projection.
#[test]
fn p8_a_change_voids_exactly_the_votes_bound_to_what_changed() {
    let rows = [Projection::Commercial, Projection::Legal, Projection::Administrative];
    let requirement = |projection: Projection| Requirement {
        row: format!("{projection:?}").to_lowercase(),
        because: "the row always applies".into(),
        role: "desk".parse().unwrap(),
        quorum: 2,
        projection,
        remind_at: None,
        escalate_at: None,
        escalate_to: None,
        escalated: false,
    };
    for changed in
        [vec![Projection::Commercial], vec![Projection::Legal], vec![Projection::Administrative], rows.to_vec(), vec![]]
    {
        let mut run = Journey::begin_with(WITH_APPROVALS, Value::Null, None);
        run.named("open", Value::Null).unwrap();
        let policy = run.policy.clone();
        let mut round = Round::open(&policy, subject(json!({})), rows.map(requirement).to_vec(), now());
        for row in rows {
            let ballot = entente_core::policy::Ballot {
                person: "bob".parse().unwrap(),
                roles: vec!["desk".parse().unwrap()],
                on_behalf_of: None,
                row: Some(format!("{row:?}").to_lowercase()),
                verdict: entente_core::policy::approvals::Verdict::Approve,
                reason: String::new(),
                revision: "rev-1".into(),
                at: now(),
            };
            round.vote(&policy, ballot).unwrap();
        }
        let mut next = subject(json!({}));
        next.revision = "rev-2".into();
        for projection in &changed {
            next.projections.insert(*projection, "changed".into());
        }
        round.rebase(&policy, next, rows.map(requirement).to_vec());
        for (row, vote) in rows.iter().zip(&round.votes) {
            assert_eq!(vote.void, changed.contains(row), "{row:?} after a change of {changed:?}");
        }
    }
}

#[test]
fn a_revision_during_review_asks_again_for_what_it_touches() {
    let mut run = in_review();
    run.vote("bob", "desk", "approve").unwrap();
    run.vote("cy", "finance", "approve").unwrap();
    let old = run.run.approvals.as_ref().unwrap().subject.revision.clone();
    run.named("revise", json!({"amount": 5500})).unwrap();
    let round = run.run.approvals.clone().unwrap();
    let void: Vec<_> = round.votes.iter().map(|vote| (vote.row.as_str(), vote.void)).collect();
    assert_eq!(void, [("desk", true), ("finance", false)], "the desk bound to the price, finance to the keys");
    assert_eq!(run.tasks(), ["approval/desk", "approval/finance"], "the settled row is asked again");
    assert!(run.run.timers.len() == 2, "and its reminders are armed anew");
    let stale = vote("approve", &old);
    assert!(matches!(refused(&mut run, actor("dee", "finance"), stale), VoteRefused::StaleRevision { .. }));
    run.vote("dee", "finance", "approve").unwrap();
    run.vote("bob", "desk", "approve").unwrap();
    assert_eq!(run.run.state, "agreed");

    let mut run = in_review();
    run.named("revise", json!({"amount": 100})).unwrap();
    assert_eq!(run.tasks(), ["approval/desk"], "a row that no longer applies asks nobody");
    run.vote("bob", "desk", "approve").unwrap();
    assert_eq!(run.run.state, "agreed");
}

#[test]
fn whoever_asks_anew_loses_the_vote_he_gave() {
    let policy = policy(POLICY);
    let requirements = || policy.evaluate(&subject(json!({})), &Calendars::default(), &home(), now()).unwrap();
    let mut round = Round::open(&policy, subject(json!({})), requirements(), now());
    let bob = entente_core::policy::Ballot {
        person: "bob".parse().unwrap(),
        roles: vec!["desk".parse().unwrap()],
        on_behalf_of: None,
        row: None,
        verdict: entente_core::policy::approvals::Verdict::Approve,
        reason: String::new(),
        revision: "rev-1".into(),
        at: now(),
    };
    round.vote(&policy, bob).unwrap();
    let next = Subject { revision: "rev-2".into(), requester: "bob".parse().unwrap(), ..subject(json!({})) };
    round.rebase(&policy, next, requirements());
    assert!(round.votes[0].void);
}

#[test]
fn the_vote_of_somebody_who_gets_a_hand_in_it_is_void_even_where_nothing_else_changes() {
    let mut run = in_review();
    run.vote("bob", "desk", "approve").unwrap();
    run.vote("cy", "finance", "approve").unwrap();
    let shown = run.run.approvals.as_ref().unwrap().subject.revision.clone();
    run.named("knock", json!({"times": 0, "hand": "bob"})).unwrap();
    let round = run.run.approvals.clone().unwrap();
    assert_eq!(round.subject.revision, shown, "he left it as it was");
    let void: Vec<_> = round.votes.iter().map(|vote| (vote.person.as_str(), vote.void)).collect();
    assert_eq!(void, [("bob", true), ("cy", false)]);
    assert_eq!(run.tasks(), ["approval/desk", "approval/finance"], "somebody else is asked in his place");
    assert!(matches!(run.vote("bob", "desk", "approve"), Err(StepError::Vote(VoteRefused::Author { .. }))));
}
