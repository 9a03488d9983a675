//! Applications for what marketplaces pay: the chart is sound, its stories hold, and an amendment that is not made is undone.

use std::{collections::BTreeSet, sync::Arc};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        lint::{EffectClass, Vocabulary},
        model::Chart,
        scenario::{Scenario, Told, run_scenario},
        step::World,
    },
    context::funding::{GrantPaper, SheetContext},
    run::Command,
};
use serde_json::{Value, json};

use super::{file, policy, scenarios, values};

const WORKFLOW: &str = "partner_funding";

const NOTICES: [&str; 17] = [
    "approval_overdue",
    "check_failed",
    "declined",
    "funding_amendment_refused",
    "funding_claim_due",
    "funding_claim_overdue",
    "funding_granted",
    "funding_lapsed",
    "funding_needs_answer",
    "funding_paid",
    "funding_recall_refused",
    "funding_rejected",
    "funding_returned",
    "funding_sent",
    "refused",
    "sent_back",
    "withdrawal_refused",
];

fn bound() -> BoundChart {
    let here = ["funding.check", "marketplace.await_funding"];
    let there = ["apply_for", "update", "recall", "cancel"].map(|verb| format!("marketplace.{verb}_funding"));
    let seen = ["marketplace.submit_funding", "marketplace.amend_funding"];
    let names = here.into_iter().fold(Vocabulary::default(), |names, one| names.activity(one, EffectClass::Local, &[]));
    let names = there.iter().fold(names, |names, one| names.activity(one, EffectClass::Reversible, &[]));
    let names =
        seen.into_iter().fold(names, |names, one| names.activity(one, EffectClass::Irreversible, &["publishes"]));
    let names = NOTICES.into_iter().fold(names, Vocabulary::notice);
    let chart = Chart::parse("v1.yaml", &file(WORKFLOW, "v1.yaml")).unwrap();
    let bound = BoundChart::bind(Arc::new(chart), Arc::new(SheetContext::<GrantPaper>::default()), &names);
    bound.unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn tell(name: &str, text: &str) -> Told {
    let scenario = Scenario::from_yaml(name, text, &values(WORKFLOW)).unwrap_or_else(|error| panic!("{error}"));
    let calendars = Calendars::default();
    let told = run_scenario(&bound(), &World { policy: &policy(WORKFLOW), calendars: &calendars }, &scenario);
    told.unwrap_or_else(|failed| panic!("{failed}"))
}

/// The first steps of a story, one more than those that are told before a text.
fn until(name: &str, text: &str) -> Told {
    tell(name, &lines(&file(WORKFLOW, &format!("scenarios/{name}.yaml")), text, 1))
}

/// A story up to the line that has a text, that one and what follows it: `count` lines.
fn lines(story: &str, text: &str, count: usize) -> String {
    let before = story.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("no `{text}` is told"));
    story.lines().take(before + count).map(|line| format!("{line}\n")).collect()
}

fn leads(told: &Told) -> &Value {
    &told.snapshot.context["paper"]["details"]["ExpectedLeads"]
}

#[test]
fn every_story_of_an_application_goes_as_told_and_together_they_visit_every_state() {
    let told = scenarios(WORKFLOW).into_iter().map(|name| tell(&name, &file(WORKFLOW, &format!("scenarios/{name}"))));
    let visited: BTreeSet<String> =
        told.flat_map(|told| told.records).flat_map(|record| [record.from, record.to]).collect();
    let bound = bound();
    let unvisited: Vec<&String> = bound.chart.index.keys().filter(|path| !visited.contains(*path)).collect();
    assert!(unvisited.is_empty(), "no scenario comes to {unvisited:?}");
}

#[test]
fn the_picture_beside_the_chart_is_the_chart() {
    let path = super::path(WORKFLOW, "diagram.mmd");
    let picture = entente_core::chart::diagram::mermaid(&bound().chart);
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == picture, "{path} is not current: run the tests once with UPDATE_DIAGRAMS=1");
}

#[test]
fn an_amendment_that_people_declined_is_undone_and_the_review_read_anew() {
    let declined = until("amendment_declined", "vote: reject");
    assert_eq!((declined.snapshot.state.as_str(), leads(&declined)), ("in_review", &json!(40)));
    let commands = &declined.records.last().unwrap().commands;
    let seen = commands.iter().find_map(|command| match command {
        Command::Invoke { activity, request, .. } if activity == "marketplace.await_funding" => Some(&request["seen"]),
        _ => None,
    });
    assert_eq!(seen, Some(&Value::Null), "it is read at once");
    for given_up in ["field: /details/ExpectedLeads", "vote: send_back", "reason: the benefit is closed"] {
        let told = until("amendment_declined", given_up);
        let course = &told.snapshot.context["course"];
        assert_eq!((leads(&told), &course["standing"]), (&json!(40), &Value::Null), "{given_up}");
    }
    let overdue = until("amendment_declined", "after: P30D");
    assert_eq!(overdue.snapshot.context["course"]["standing"], Value::Null, "it is read anew");
    let next = lines(&file(WORKFLOW, "scenarios/amendment_declined.yaml"), "after: P30D", 2);
    assert_eq!(leads(&tell("amendment_declined", &next)), &json!(40), "the paper says so with what comes next");
    let read = until("amendment_declined", "output: $approved");
    assert_eq!((read.snapshot.state.as_str(), leads(&read)), ("granted", &json!(40)));
    assert_eq!(read.snapshot.context["course"]["amendment"], Value::Null);
}

#[test]
fn what_the_marketplace_did_not_take_is_looked_at_anew() {
    for (story, refused) in [
        ("too_late", "failed: marketplace.recall_funding"),
        ("too_late", "failed: marketplace.amend_funding"),
        ("too_late", "failed: marketplace.cancel_funding"),
    ] {
        let told = until(story, refused);
        assert_eq!(told.snapshot.context["course"]["standing"], Value::Null, "{refused}");
    }
}

#[test]
fn a_reminder_of_a_claim_is_not_armed_again_once_it_went_out() {
    let armed = |told: &Told| -> Vec<String> { told.snapshot.timers.keys().map(|key| key.0.clone()).collect() };
    let granted = until("reminded", "output: $approved");
    assert_eq!(armed(&granted), ["granted/grant.claim_by", "granted/grant.claim_soon"]);
    let again = until("reminded", "output: $approved, expect: granted, commands");
    assert_eq!(armed(&again), ["granted/grant.claim_by"]);
    let late = until("reminded", "after: P1D");
    assert_eq!(armed(&late), [] as [String; 0]);
}
