//! The private offer's workflow: its chart binds, its stories hold, its context stays readable.

mod context;
mod policy;

use std::{collections::BTreeSet, sync::Arc};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        diagram::mermaid,
        graph::Graph,
        lint::{EffectClass, Vocabulary},
        migration::Migration,
        model::Chart,
        paths,
        scenario::{self, Failed, Scenario, Told, Values, run_scenario},
        step::World,
    },
    context::private_offer::PrivateOfferContext,
    offer::attribution::{attribution, by_party},
    people::People,
    policy::Policy,
    run::Command,
};

use serde_json::json;

use crate::offer::example;

fn workflow(name: &str) -> String {
    let path = format!("{}/../../workflows/private_offer/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names that the chart asks a binary for.
fn vocabulary() -> Vocabulary {
    let notices = [
        "declined",
        "drifted",
        "ended",
        "expired",
        "expired_unapproved",
        "expiry_reminder",
        "extended",
        "extension_refused",
        "accepted",
        "amended",
        "amendment_refused",
        "preflight_failed",
        "published",
        "refused",
        "renewal_due",
        "renewed",
        "sent_back",
        "withdrawal_refused",
        "withdrawn",
    ];
    let activities = Vocabulary::default()
        .activity("offer.preflight", EffectClass::Local, &[])
        .activity("marketplace.create_offer", EffectClass::Irreversible, &["publishes"])
        .activity("marketplace.extend_offer", EffectClass::Irreversible, &[])
        .activity("marketplace.amend_offer", EffectClass::Irreversible, &[])
        .activity("marketplace.withdraw_offer", EffectClass::Irreversible, &[])
        .activity("marketplace.await_change", EffectClass::Reversible, &[]);
    notices.into_iter().fold(activities, Vocabulary::notice)
}

/// The newest version of the chart.
fn bound() -> BoundChart {
    bound_of(2)
}

fn bound_of(version: u32) -> BoundChart {
    let file = format!("v{version}.yaml");
    let chart = Chart::parse(&file, &workflow(&file)).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let bound = BoundChart::bind(Arc::new(chart), Arc::new(PrivateOfferContext), &vocabulary());
    bound.unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn policy() -> Policy {
    Policy::from_yaml("policy/v1.yaml", &workflow("policy/v1.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

fn calendars() -> Calendars {
    Calendars::from_yaml("calendars.yaml", &example("calendars.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

pub fn values() -> Values {
    scenario::values("values.yaml", &workflow("scenarios/values.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

fn tell(name: &str) -> Told {
    try_tell(name).unwrap_or_else(|failed| panic!("{failed}"))
}

fn try_tell(name: &str) -> Result<Told, Failed> {
    let text = workflow(&format!("scenarios/{name}"));
    let scenario = Scenario::from_yaml(name, &text, &values()).unwrap_or_else(|error| panic!("{error}"));
    let (policy, calendars) = (policy(), calendars());
    run_scenario(&bound(), &World { policy: &policy, calendars: &calendars }, &scenario)
}

fn scenarios() -> Vec<String> {
    let path = format!("{}/../../workflows/private_offer/scenarios", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter(|name| name != "values.yaml").collect();
    names.sort();
    names
}

#[test]
fn the_chart_proves_what_it_must() {
    let bound = bound();
    assert_eq!((bound.chart.name.as_str(), bound.chart.version), ("private_offer", 2));
    assert_eq!(bound_of(1).chart.version, 1, "runs that began with it finish on it");
}

#[test]
fn every_scenario_goes_as_told_and_together_they_visit_every_state() {
    let names = scenarios();
    assert!(names.len() >= 14, "{names:?}");
    let told: Vec<Result<Told, Failed>> = names.iter().map(|name| try_tell(name)).collect();
    let failed: Vec<String> = told.iter().filter_map(|told| told.as_ref().err()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let told = told.into_iter().flatten().flat_map(|told| told.records);
    let mut visited: BTreeSet<String> = told.flat_map(|record| [record.from, record.to]).collect();
    let bound = bound();
    visited.extend(visited.clone().iter().filter_map(|path| path.split_once('.')).map(|(outer, _)| outer.to_owned()));
    let unvisited: Vec<&String> = bound.chart.index.keys().filter(|path| !visited.contains(*path)).collect();
    assert!(unvisited.is_empty(), "no scenario comes to {unvisited:?}");
}

#[test]
fn what_was_told_of_the_first_version_still_goes_as_told() {
    let bound = bound_of(1);
    let (policy, calendars) = (policy(), calendars());
    let mut told = 0;
    for name in scenarios() {
        let scenario = Scenario::from_yaml(&name, &workflow(&format!("scenarios/{name}")), &values()).unwrap();
        if scenario.since > 1 {
            continue;
        }
        run_scenario(&bound, &World { policy: &policy, calendars: &calendars }, &scenario)
            .unwrap_or_else(|failed| panic!("{failed}"));
        told += 1;
    }
    assert!(told >= 18, "{told}");
}

#[test]
fn runs_of_the_first_version_may_move_to_the_second() {
    let migration = Migration::parse("v1-to-v2.yaml", &workflow("v1-to-v2.yaml")).unwrap();
    assert_eq!(migration.check(&bound_of(1).chart, &bound_of(2).chart, &PrivateOfferContext), []);
}

/// What the marketplace was asked to change, each time.
fn changes_asked_for(told: &Told) -> Vec<serde_json::Value> {
    let commands = told.records.iter().flat_map(|record| &record.commands);
    let asked = commands.filter_map(|command| match command {
        Command::Invoke { activity, request, .. } if activity == "marketplace.amend_offer" => Some(request.clone()),
        _ => None,
    });
    asked
        .map(|request| {
            ["name", "description", "duration", "expires_on"].map(|field| request[field].clone()).into_iter().collect()
        })
        .collect()
}

#[test]
fn an_amendment_asks_for_what_changes_and_takes_the_documents_place() {
    let told = tell("amended.yaml");
    assert_eq!(
        changes_asked_for(&told),
        [
            json!(["Platform for Globex, 2027", null, null, null]),
            json!(["Platform for Globex", null, "P18M", "2027-02-14"]),
        ]
    );
    let context = &told.snapshot.context;
    assert_eq!((&context["offer"]["term"]["duration"], context.get("amendment")), (&json!("P18M"), None));
    assert_eq!(
        (&context["remote"]["revision"], &context["facts"]["revision"]),
        (&context["revision"], &context["revision"])
    );
    assert_eq!(context["authors"], json!(["ada", "ben"]));
    assert_eq!(context["requester"], "ben");
}

#[test]
fn an_amendment_that_comes_to_nothing_leaves_the_document_as_it_was_accepted() {
    for name in ["amendment_refused.yaml", "amendment_forestalled.yaml"] {
        let context = tell(name).snapshot.context;
        assert_eq!(
            (&context["offer"]["name"], context["offer"].get("term")),
            (&json!("Platform for Globex"), None),
            "{name}"
        );
        assert_eq!(
            (&context["expiry"]["last_day"], &context["requester"]),
            (&json!("2027-01-31"), &json!("ada")),
            "{name}"
        );
    }
}

#[test]
fn every_edge_can_be_taken_and_the_ways_to_an_end_can_be_listed() {
    let bound = bound();
    let graph = Graph::new(&bound.chart);
    assert_eq!(paths::to_each_edge(&graph).len(), graph.edges().len());
    let ways = paths::loop_free(&graph).unwrap_or_else(|problem| panic!("{problem}"));
    let ends: BTreeSet<&str> = ways
        .iter()
        .filter_map(|way| way.places().last())
        .map(|end| bound.chart.state(end).unwrap().path.as_str())
        .collect();
    let finals: BTreeSet<&str> = bound.chart.states.iter().filter(|s| s.is_final).map(|s| s.path.as_str()).collect();
    assert_eq!(ends, finals);
}

#[test]
fn the_picture_beside_the_chart_is_the_chart() {
    let path = format!("{}/../../workflows/private_offer/diagram.mmd", env!("CARGO_MANIFEST_DIR"));
    let picture = mermaid(&bound().chart);
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == picture, "{path} is not current: run the tests once with UPDATE_DIAGRAMS=1");
}

#[test]
fn what_is_offered_again_has_the_last_day_that_the_buyer_was_given() {
    let told = tell("reissued_after_extension.yaml");
    let commands = told.records.iter().flat_map(|record| &record.commands);
    let sent = commands.filter_map(|command| match command {
        Command::Invoke { activity, request, .. } if activity == "marketplace.create_offer" => {
            request.pointer("/offer/expires_on")?.as_str()
        }
        _ => None,
    });
    assert_eq!(sent.collect::<Vec<_>>(), ["2027-01-31", "2027-02-28"]);
}

#[test]
fn a_scenario_that_goes_otherwise_names_its_line() {
    let text = workflow("scenarios/rejected.yaml").replace("expect: declined", "expect: ready");
    let scenario = Scenario::from_yaml("rejected.yaml", &text, &values()).unwrap();
    let (policy, calendars) = (policy(), calendars());
    let failed = run_scenario(&bound(), &World { policy: &policy, calendars: &calendars }, &scenario).unwrap_err();
    assert_eq!(failed.line, 9);
    assert!(failed.message.starts_with("state `ready` was expected, and the run went to `declined`"), "{failed}");
}

#[test]
fn a_scenario_with_an_unknown_value_is_refused() {
    let text = workflow("scenarios/rejected.yaml").replace("$contract_facts", "$facts");
    let error = Scenario::from_yaml("rejected.yaml", &text, &values()).unwrap_err();
    assert!(error.to_string().contains("there is no shared value `$facts`"), "{error}");
}

#[test]
fn the_example_people_can_satisfy_every_row_of_the_policy() {
    let people = People::from_yaml("people.yaml", &example("people.yaml")).unwrap_or_else(|error| panic!("{error}"));
    let obstacles = policy().check(&people, &"acme-us".parse().unwrap());
    assert!(obstacles.is_empty(), "{obstacles:?}");
}

#[test]
fn every_moment_between_draft_and_acceptance_belongs_to_a_party() {
    for name in scenarios() {
        let told = tell(&name);
        let spans = attribution(&told.records, told.now);
        let (first, last) = (told.records[0].at, told.records.last().unwrap().at);
        let covered: jiff::SignedDuration = spans.iter().map(|span| span.to.duration_since(span.from)).sum();
        assert_eq!(covered, last.max(told.now).duration_since(first), "{name}");
        assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from), "{name}: {spans:#?}");
        assert!(spans.iter().all(|span| span.party != "unknown"), "{name}: {spans:#?}");
    }
}

#[test]
fn a_wait_that_the_readiness_record_explains_belongs_to_whom_it_names() {
    let told = tell("accepted.yaml");
    let sums = by_party(&attribution(&told.records, told.now));
    let parties: Vec<&str> = sums.keys().map(String::as_str).collect();
    assert_eq!(parties, ["buyer_legal", "calendar"], "{sums:?}");
}
