//! Commitment cards: the chart binds, its stories hold, and what its runs know is hashes, days and people.

mod context;

use std::{collections::BTreeSet, sync::Arc};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        diagram::mermaid,
        graph::Graph,
        lint::Vocabulary,
        model::Chart,
        paths,
        scenario::{self, Scenario, Told, Values, run_scenario},
        step::World,
    },
    context::commitment_card::CommitmentCardContext,
    policy::Policy,
};

use crate::offer::example;

fn path(name: &str) -> String {
    format!("{}/../../workflows/commitment_card/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bound() -> BoundChart {
    let chart = Chart::parse("v1.yaml", &file("v1.yaml")).unwrap();
    let bound =
        BoundChart::bind(Arc::new(chart), Arc::new(CommitmentCardContext), &Vocabulary::default().notice("card_asks"));
    bound.unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn values() -> Values {
    scenario::values("values.yaml", &file("scenarios/values.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

fn tell(name: &str) -> Told {
    let scenario = Scenario::from_yaml(name, &file(&format!("scenarios/{name}")), &values());
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let calendars = Calendars::from_yaml("calendars.yaml", &example("calendars.yaml")).unwrap();
    let policy = Policy::from_yaml("policy/v1.yaml", &file("policy/v1.yaml")).unwrap();
    run_scenario(&bound(), &World { policy: &policy, calendars: &calendars }, &scenario)
        .unwrap_or_else(|failed| panic!("{failed}"))
}

#[test]
fn every_scenario_goes_as_told_and_together_they_visit_every_state() {
    let mut names: Vec<String> = std::fs::read_dir(path("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "values.yaml")
        .collect();
    names.sort();
    let records = names.iter().flat_map(|name| tell(name).records);
    let visited: BTreeSet<String> = records.flat_map(|record| [record.from, record.to]).collect();
    let bound = bound();
    let unvisited: Vec<&String> = bound.chart.index.keys().filter(|path| !visited.contains(*path)).collect();
    assert!(unvisited.is_empty(), "no scenario comes to {unvisited:?}");
}

#[test]
fn every_edge_can_be_taken_and_the_only_end_is_reached() {
    let bound = bound();
    let graph = Graph::new(&bound.chart);
    assert_eq!(paths::to_each_edge(&graph).len(), graph.edges().len());
    let ways = paths::loop_free(&graph).unwrap_or_else(|problem| panic!("{problem}"));
    let ends: BTreeSet<&str> = ways.iter().filter_map(|way| way.places().last()).collect();
    assert_eq!(ends, BTreeSet::from(["closed"]));
}

#[test]
fn the_picture_beside_the_chart_is_the_chart() {
    let picture = mermaid(&bound().chart);
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(path("diagram.mmd"), &picture).unwrap();
    }
    let stored = std::fs::read_to_string(path("diagram.mmd")).unwrap_or_default();
    assert!(stored == picture, "diagram.mmd is not current: run the tests once with UPDATE_DIAGRAMS=1");
}
