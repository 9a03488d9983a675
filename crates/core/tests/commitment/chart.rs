//! The life of a commitment: its chart binds, its stories hold, and nothing that was agreed is ever taken back.

use std::{collections::BTreeSet, sync::Arc};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        diagram::mermaid,
        graph::Graph,
        lint::{EffectClass, Vocabulary},
        model::Chart,
        paths,
        scenario::{self, Scenario, Told, Values, run_scenario},
        step::World,
    },
    commitment::Commitment,
    context::{
        ContextType as _,
        commitment::{CommitmentContext, Contract, Ended, revises},
    },
    policy::Policy,
};
use serde_json::{Value, json};

const NOTICES: [&str; 4] = ["commitment_alert", "commitment_due", "commitment_payment_due", "commitment_unread"];

fn path(name: &str) -> String {
    format!("{}/../../workflows/commitment/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bound() -> BoundChart {
    let names = Vocabulary::default().activity("commitment.look", EffectClass::Local, &[]);
    let names = NOTICES.into_iter().fold(names, Vocabulary::notice);
    let chart = Chart::parse("v1.yaml", &file("v1.yaml")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    BoundChart::bind(Arc::new(chart), Arc::new(CommitmentContext), &names)
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn values() -> Values {
    scenario::values("values.yaml", &file("scenarios/values.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

fn stories() -> Vec<Told> {
    let policy = include_str!("../../../../workflows/private_offer/policy/v1.yaml");
    let policy = Policy::from_yaml("policy.yaml", policy).unwrap();
    let calendars = Calendars::default();
    let world = World { policy: &policy, calendars: &calendars };
    let mut names: Vec<String> = std::fs::read_dir(path("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "values.yaml")
        .collect();
    names.sort();
    let tell = |name: &String| {
        let text = file(&format!("scenarios/{name}"));
        let scenario = Scenario::from_yaml(name, &text, &values()).unwrap_or_else(|error| panic!("{error}"));
        run_scenario(&bound(), &world, &scenario).map_err(|failed| failed.to_string())
    };
    let told: Vec<Result<Told, String>> = names.iter().map(tell).collect();
    let failed: Vec<&String> = told.iter().filter_map(|told| told.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    told.into_iter().flatten().collect()
}

#[test]
fn every_story_goes_as_told_and_together_they_visit_every_state() {
    let visited: BTreeSet<String> =
        stories().into_iter().flat_map(|told| told.records).flat_map(|record| [record.from, record.to]).collect();
    let bound = bound();
    // A choice is passed in the step that comes to it.
    let rests = |path: &&String| path.as_str() != "weighing";
    let unvisited: Vec<&String> =
        bound.chart.index.keys().filter(rests).filter(|path| !visited.contains(*path)).collect();
    assert!(unvisited.is_empty(), "no story comes to {unvisited:?}");
}

#[test]
fn every_edge_can_be_taken_and_every_end_is_reached() {
    let bound = bound();
    let graph = Graph::new(&bound.chart);
    assert_eq!(paths::to_each_edge(&graph).len(), graph.edges().len());
}

#[test]
fn the_picture_beside_the_chart_is_the_chart() {
    let picture = mermaid(&bound().chart);
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(path("diagram.mmd"), &picture).unwrap();
    }
    let stored = std::fs::read_to_string(path("diagram.mmd")).unwrap_or_default();
    assert!(stored == picture, "it is not current: run the tests once with UPDATE_DIAGRAMS=1");
}

/// A document of the stories.
fn document(name: &str) -> String {
    let values: Value = serde_saphyr::from_str(&file("scenarios/values.yaml")).unwrap();
    values[name]["document"].as_str().unwrap().to_owned()
}

fn commitment(text: &str) -> Commitment {
    Commitment::from_yaml("commitment.yaml", text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_revision_keeps_what_was_agreed_and_is_about_the_same() {
    let (text, amended) = (document("globex"), document("amended"));
    let old = commitment(&text);
    assert_eq!(revises(&commitment(&amended), &old), Ok(()));
    for (field, changed) in [
        ("/versions", amended.replace("1200000.00", "1100000.00")),
        ("/versions", text.replace("known_from: 2026-12-15", "known_from: 2026-12-16")),
        ("/commitment", text.replace("globex-2027", "globex-2028")),
        ("/party", text.replace("party: globex", "party: initech")),
        ("/cloud", text.replace("cloud: aws", "cloud: google")),
        ("/currency", text.replace("currency: USD", "currency: EUR")),
        ("/basis", text.replace("discounts: after", "discounts: before")),
    ] {
        let refused = revises(&commitment(&changed), &old).unwrap_err();
        assert_eq!(refused.field, field, "{refused}");
    }
}

#[test]
fn what_was_rolled_over_ends_ninety_days_after_that_was_said_however_often_it_is_looked_at() {
    let at = "2027-01-05T09:00:00Z".parse().unwrap();
    let context = CommitmentContext.init(&json!({ "document": document("globex") }), "CMT-2027-00001", at).unwrap();
    let mut contract: Contract = serde_json::from_value(context).unwrap();
    let until = |contract: &Contract| {
        let context = serde_json::to_value(contract).unwrap();
        CommitmentContext.deadline("commitment.rolled_over", &context).unwrap().map(|at| at.to_string())
    };
    assert_eq!(until(&contract), None);
    let at = "2027-12-01T09:00:00Z".parse().unwrap();
    contract.ending = Some(Ended { into: None, reason: "renegotiated".into(), by: None, at });
    assert_eq!(until(&contract).as_deref(), Some("2028-02-29T09:00:00Z"));
    contract.looked_at = Some("2028-01-30T09:00:00Z".parse().unwrap());
    assert_eq!(until(&contract).as_deref(), Some("2028-02-29T09:00:00Z"), "a look does not begin them anew");
}

#[test]
fn what_was_known_on_a_day_is_told_by_the_document_of_that_day() {
    let at = "2027-01-05T09:00:00Z".parse().unwrap();
    let context = CommitmentContext.init(&json!({ "document": document("globex") }), "CMT-2027-00001", at).unwrap();
    let mut contract: Contract = serde_json::from_value(context).unwrap();
    let mut second = contract.documents[0].clone();
    second.text = document("amended");
    // It was known since 20 June, and entered on 5 July: until then nobody here told its figures.
    second.at = "2027-07-05T09:00:00Z".parse().unwrap();
    contract.documents.push(second);
    let versions = |day: &str| contract.commitment_known_on(day.parse().unwrap()).unwrap().versions().len();
    assert_eq!([versions("2026-01-01"), versions("2027-07-04"), versions("2027-07-05")], [1, 1, 2]);
}
