//! Moving runs from version 1 of a chart to version 2: only at rest, and without losing a deadline.

use std::collections::BTreeMap;

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        migration::{MIGRATE, Migration, MigrationError, Passage, Plan},
        model::Chart,
        problem::Code,
        step::World,
    },
    event::{Event, TimerKey},
    ids::{InvokeId, RunId},
    policy::Policy,
    run::{ChartPin, Command, Decision, Incident, IncidentCode, OpenInvoke, Snapshot},
    scope::Home,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    journey::POLICY,
    support::{Door, bound, ctx, named},
};

const V1: &str = r#"
chart: door
version: 1
context: door
initial: shut
states:
  shut:
    after: { P5D: gone, door.closes: gone }
    on: { knock: measuring, open: ajar }
  measuring:
    invoke: { src: door.measure, onDone: ajar, onError: shut }
  ajar:
    after: { PT30M: shut }
    on: { close: shut }
  gone: { type: final }
"#;

const V2: &str = r#"
chart: door
version: 2
context: door
initial: closed
states:
  closed:
    tags: [quiet]
    after: { P5D: gone, door.closes: gone, P9D: gone }
    on: { open: open }
  measuring:
    invoke: { src: door.measure, onDone: open, onError: closed }
  open:
    initial: wide
    tags: [loud]
    states:
      wide:
        tags: ["owner:porter"]
        on: { close: closed, knock: measuring }
  gone: { type: final }
"#;

const GOOD: &str = "chart: door\nfrom: 1\nto: 2\nstates:\n  shut: closed\n  ajar: open.wide\ncontext: repaint\n";

fn migration(text: &str) -> Migration {
    Migration::parse("v1-to-v2.yaml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn run(state: &str) -> Snapshot {
    let chart = Chart::parse("v1.yaml", V1).unwrap();
    let mut context = ctx();
    context["closes_at"] = json!("2026-09-30T00:00:00Z");
    Snapshot {
        run: RunId(uuid::Uuid::nil()),
        label: "DOOR-1".into(),
        home: Home { legal_entity: "emea".parse().unwrap(), party: "vendor".parse().unwrap() },
        chart: ChartPin { name: "door".into(), version: 1, sha256: chart.sha256 },
        context_version: 2,
        seq: 7,
        state: state.into(),
        tags: Vec::new(),
        context,
        invokes: BTreeMap::new(),
        timers: BTreeMap::from([
            (TimerKey("shut/P5D".into()), at("2026-09-06T00:00:00Z")),
            (TimerKey("shut/door.closes".into()), at("2026-09-30T00:00:00Z")),
        ]),
        approvals: None,
        children: BTreeMap::new(),
        parent: None,
        incident: None,
        ended: false,
        tasks: Default::default(),
    }
}

fn asked() -> Event {
    named(MIGRATE, json!({"to": 2}))
}

fn now() -> Timestamp {
    at("2026-09-02T00:00:00Z")
}

fn v2() -> BoundChart {
    bound(V2)
}

fn apply(run: &Snapshot) -> Result<Decision, MigrationError> {
    let (from, to) = (Chart::parse("v1.yaml", V1).unwrap(), v2());
    let (policy, calendars) = (Policy::from_yaml("policy.yaml", POLICY).unwrap(), Calendars::default());
    let world = World { policy: &policy, calendars: &calendars };
    migration(GOOD).apply(run, &Passage { from: &from, to: &to, world: &world }, &asked(), now())
}

#[test]
fn a_migration_that_suits_both_charts_has_no_problems() {
    let (from, to) = (bound(V1), v2());
    assert_eq!(migration(GOOD).check(&from.chart, &to.chart, &Door), []);
}

#[test]
fn what_does_not_suit_is_told_with_its_place() {
    let (from, to) = (bound(V1), v2());
    let cases = [
        ("  ajar: open.wide\n", "", "1:1", Code::MigrationStates, "where state `ajar` goes"),
        ("open.wide", "wide", "6:9", Code::MigrationTarget, "no state `wide` in which a run can rest"),
        ("open.wide", "measuring", "6:9", Code::MigrationTarget, "no state `measuring` in which"),
        ("open.wide", "gone", "6:9", Code::MigrationTarget, "no state `gone` in which"),
        ("open.wide", "open.wide\n  attic: closed", "7:3", Code::MigrationTarget, "version 1 has no state `attic`"),
        ("to: 2", "to: 3", "1:1", Code::MigrationCharts, "from version 1 to 3, the charts are"),
        ("repaint", "repiant", "7:10", Code::MigrationContext, "no migration `repiant`"),
    ];
    for (old, new, place, code, cause) in cases {
        let text = GOOD.replace(old, new);
        let problems = migration(&text).check(&from.chart, &to.chart, &Door);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            problems.iter().any(|problem| {
                problem.code == code
                    && problem.to_string().starts_with(&format!("v1-to-v2.yaml:{place}: "))
                    && problem.cause.contains(cause)
            }),
            "{text}\n{told:#?}"
        );
    }
    let unknown = Migration::parse("v1-to-v2.yaml", &format!("{GOOD}when: now\n")).unwrap_err();
    assert_eq!(unknown[0].code, Code::UnknownKey);
}

/// Version 1 asks people, version 2 as well, and joins its children in another state.
const ASKING: &str = r#"
chart: door
version: 1
context: door
initial: shut
states:
  shut: { tags: [waits_for:vendor], on: { open: review, cancel: gone } }
  review:
    invoke: { src: approvals, onDone: gone, onError: gone }
    on: { cancel: gone }
  gone: { type: final }
"#;

const JOINING: &str = r#"
chart: door
version: 2
context: door
initial: shut
states:
  shut: { tags: [waits_for:vendor], on: { open: review, cancel: gone, lock: joining } }
  review:
    invoke: { src: approvals, onDone: gone, onError: gone }
    on: { cancel: gone }
  joining:
    entry: [start.lock]
    join: { until: all, onDone: gone, onError: gone }
    after: { P5D: gone }
  gone: { type: final }
"#;

#[test]
fn who_waits_for_people_or_children_moves_only_to_where_one_does() {
    let (from, to) = (bound(ASKING), bound(JOINING));
    let told = |shut: &str, review: &str| {
        let text = format!("chart: door\nfrom: 1\nto: 2\nstates:\n  shut: {shut}\n  review: {review}\n");
        let problems = migration(&text).check(&from.chart, &to.chart, &Door);
        problems.iter().map(|problem| (problem.code, problem.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(told("shut", "review"), []);
    let cases = [
        ("review", "review", "5:9: a run in `shut` waits for events, one in `review` of version 2 for approvals"),
        ("joining", "review", "5:9: a run in `shut` waits for events, one in `joining` of version 2 for its children"),
        ("shut", "shut", "6:11: a run in `review` waits for approvals, one in `shut` of version 2 for events"),
    ];
    for (shut, review, expected) in cases {
        let found = told(shut, review);
        assert!(matches!(found.as_slice(), [(Code::MigrationKind, text)] if text.contains(expected)), "{found:#?}");
    }
    let text = GOOD.replace("  ajar: open.wide\n", "");
    let gap = migration(&text.replace("  shut: closed", "  shut: shut")).check(&from.chart, &to.chart, &Door);
    assert!(gap.iter().any(|problem| problem.cause.contains("where state `review` goes")), "{gap:#?}");
}

#[test]
fn a_run_keeps_its_context_type() {
    let (from, to) = (bound(V1), v2());
    let other = Chart { context: "window".into(), ..(*from.chart).clone() };
    let problems = migration(GOOD).check(&other, &to.chart, &Door);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, Code::MigrationCharts);
    assert!(problems[0].cause.contains("about the context `window`, version 2 about `door`"), "{problems:#?}");
}

#[test]
fn only_runs_at_rest_are_planned_to_move() {
    let migration = migration(GOOD);
    let moved = Plan::Move { from: "shut".into(), to: "closed".into() };
    assert_eq!(migration.plan(&run("shut")), moved);

    let mut busy = run("measuring");
    let open = OpenInvoke {
        activity: "door.measure".into(),
        state: "measuring".into(),
        ..serde_json::from_value(json!({"activity": "", "state": ""})).unwrap()
    };
    busy.invokes.insert(InvokeId { seq: 7, n: 0 }, open);
    match migration.plan(&busy) {
        Plan::NotAtRest(reason) => assert!(reason.contains("`door.measure` is under way"), "{reason}"),
        other => panic!("{other:?}"),
    }

    let mut parked = run("shut");
    parked.incident = Some(Incident {
        code: IncidentCode::ByHand,
        message: "held".into(),
        invoke: None,
        evidence: Value::Null,
        since: at("2026-09-01T00:00:00Z"),
        event: None,
    });
    assert!(matches!(migration.plan(&parked), Plan::NotAtRest(_)));

    let unmapped = Plan::Unmapped { state: "cellar".into() };
    assert_eq!(migration.plan(&run("cellar")), unmapped);

    let mut ended = run("gone");
    ended.ended = true;
    assert_eq!(migration.plan(&ended), Plan::Elsewhere);
    let mut other = run("shut");
    other.chart.version = 2;
    assert_eq!(migration.plan(&other), Plan::Elsewhere);
}

#[test]
fn a_moved_run_keeps_its_durations_and_has_its_other_deadlines_computed() {
    let before = run("shut");
    let moved = apply(&before).unwrap();
    let after = &moved.snapshot;
    assert_eq!((after.chart.version, after.state.as_str(), after.seq), (2, "closed", 8));
    assert_eq!(moved.record.via, ["migration.v1-to-v2"]);
    assert_eq!((moved.record.from.as_str(), moved.record.to.as_str()), ("shut", "closed"));
    assert_eq!(after.tags, ["quiet"]);
    assert_eq!(after.context["code"], json!("fresh"), "the named context migration was applied");
    let timers: Vec<(&str, String)> = after.timers.iter().map(|(key, due)| (key.0.as_str(), due.to_string())).collect();
    let expected = [
        ("closed/P5D", "2026-09-06T00:00:00Z".to_owned()),
        ("closed/P9D", "2026-09-11T00:00:00Z".to_owned()),
        ("closed/door.closes", "2026-09-30T00:00:00Z".to_owned()),
    ];
    assert_eq!(timers, expected);
    let disarmed = moved.record.commands.iter().filter(|c| matches!(c, Command::Disarm { .. })).count();
    let armed = moved.record.commands.iter().filter(|c| matches!(c, Command::Arm { .. })).count();
    assert_eq!((disarmed, armed), (2, 3));
}

#[test]
fn a_run_moves_into_a_compound_state_with_the_tags_of_both() {
    let mut before = run("ajar");
    before.timers.clear();
    before.tasks.insert("confirm".into(), "ajar".into());
    let moved = apply(&before).unwrap();
    assert_eq!(moved.snapshot.state, "open.wide");
    assert_eq!(moved.snapshot.tags, ["owner:porter", "loud"]);
    assert_eq!(moved.snapshot.tasks["confirm"], "open.wide", "the task stays open");
    assert_eq!(moved.record.commands, []);
}

#[test]
fn an_older_context_is_raised_before_it_is_migrated() {
    let mut before = run("shut");
    before.context_version = 1;
    if let Some(fields) = before.context.as_object_mut() {
        fields.remove("knocks");
        fields.insert("rings".into(), json!(5));
    }
    let moved = apply(&before).unwrap();
    assert_eq!(moved.snapshot.context["knocks"], json!(5));
    assert_eq!(moved.snapshot.context_version, 2);
}

#[test]
fn a_run_that_is_not_planned_to_move_is_left_alone_with_the_reason() {
    match apply(&run("cellar")) {
        Err(error @ MigrationError::NotPlanned { .. }) => {
            assert_eq!(error.to_string(), "the migration does not map state `cellar`")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_binary_that_lacks_a_name_says_which_chart_state_and_activity() {
    use entente_core::chart::lint::Vocabulary;
    let chart = Chart::parse("door@1", V1).unwrap();
    let problems = BoundChart::bind(chart.into(), crate::support::door(), &Vocabulary::default()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].cause.contains(
        "state `measuring` of chart `door` version 1 invokes the activity `door.measure`, which this binary \
         does not have"
    ));
}
