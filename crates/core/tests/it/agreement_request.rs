//! Refunds, payments and early ends: their charts bind, their stories hold, their contexts stay readable.

mod context;
mod figures;

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
        problem::Code,
        scenario::{self, Failed, Scenario, Told, Values, run_scenario},
        step::World,
    },
    context::{
        ContextType, agreement_cancellation::AgreementCancellationContext,
        agreement_payment_request::AgreementPaymentRequestContext, billing_adjustment::BillingAdjustmentContext,
    },
    ids::LegalEntityId,
    offer::attribution::{attribution, by_party},
    people::People,
    policy::Policy,
};

use crate::offer::example;

/// The workflows.
const WORKFLOWS: [&str; 3] = ["billing_adjustment", "agreement_payment_request", "agreement_cancellation"];

fn path(workflow: &str, name: &str) -> String {
    format!("{}/../../workflows/{workflow}/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(workflow: &str, name: &str) -> String {
    let path = path(workflow, name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn context(workflow: &str) -> Arc<dyn ContextType> {
    match workflow {
        "billing_adjustment" => Arc::new(BillingAdjustmentContext::default()),
        "agreement_payment_request" => Arc::new(AgreementPaymentRequestContext::default()),
        _ => Arc::new(AgreementCancellationContext::default()),
    }
}

/// The names that the charts ask a binary for.
fn vocabulary() -> Vocabulary {
    let notices = [
        "approval_overdue",
        "cancellation_done",
        "cancellation_rejected",
        "check_failed",
        "declined",
        "payment_charged",
        "payment_expired",
        "payment_rejected",
        "refunded",
        "refused",
        "sent_back",
        "withdrawal_refused",
    ];
    let activities = Vocabulary::default()
        .activity("agreement.check_refund", EffectClass::Reversible, &[])
        .activity("agreement.check_payment", EffectClass::Reversible, &[])
        .activity("agreement.check_cancellation", EffectClass::Reversible, &[])
        .activity("marketplace.adjust_billing", EffectClass::Irreversible, &["money_out"])
        .activity("marketplace.request_payment", EffectClass::Irreversible, &["publishes"])
        .activity("marketplace.withdraw_payment", EffectClass::Reversible, &[])
        .activity("marketplace.cancel_agreement", EffectClass::Irreversible, &["publishes"])
        .activity("marketplace.await_change", EffectClass::Reversible, &[]);
    notices.into_iter().fold(activities, Vocabulary::notice)
}

fn try_bind(workflow: &str, text: &str) -> Result<BoundChart, Vec<entente_core::chart::problem::Problem>> {
    let chart = Chart::parse("v1.yaml", text)?;
    BoundChart::bind(Arc::new(chart), context(workflow), &vocabulary())
}

fn bound(workflow: &str) -> BoundChart {
    let bound = try_bind(workflow, &file(workflow, "v1.yaml"));
    bound.unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn policy(workflow: &str) -> Policy {
    Policy::from_yaml("policy/v1.yaml", &file(workflow, "policy/v1.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

fn values(workflow: &str) -> Values {
    let text = file(workflow, "scenarios/values.yaml");
    scenario::values("values.yaml", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn try_tell(workflow: &str, name: &str) -> Result<Told, Failed> {
    let text = file(workflow, &format!("scenarios/{name}"));
    let scenario = Scenario::from_yaml(name, &text, &values(workflow)).unwrap_or_else(|error| panic!("{error}"));
    let calendars = Calendars::from_yaml("calendars.yaml", &example("calendars.yaml")).unwrap();
    run_scenario(&bound(workflow), &World { policy: &policy(workflow), calendars: &calendars }, &scenario)
}

fn tell(workflow: &str, name: &str) -> Told {
    try_tell(workflow, name).unwrap_or_else(|failed| panic!("{failed}"))
}

fn scenarios(workflow: &str) -> Vec<String> {
    let files = std::fs::read_dir(path(workflow, "scenarios")).unwrap();
    let mut names: Vec<String> = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "values.yaml");
    names.sort();
    names
}

#[test]
fn the_charts_prove_what_they_must() {
    for workflow in WORKFLOWS {
        let bound = bound(workflow);
        assert_eq!((bound.chart.name.as_str(), bound.chart.version), (workflow, 1));
    }
}

#[test]
fn money_that_would_move_without_an_approval_of_its_revision_is_refused() {
    for (workflow, last) in [
        ("billing_adjustment", "      withdraw: cancelled\n\n  # ── Money"),
        ("agreement_payment_request", "      withdraw: cancelled\n\n  # ── With the buyer"),
    ] {
        let chart = file(workflow, "v1.yaml");
        for (what, unsound) in [
            ("no approval at all", chart.replace("onDone: approvals", "onDone: ready")),
            ("a change after the approval", chart.replace(last, &format!("      revise: sending\n{last}"))),
        ] {
            assert_ne!(unsound, chart, "{what}");
            let problems = try_bind(workflow, &unsound).unwrap_err();
            assert!(
                problems.iter().any(|problem| problem.code == Code::UnapprovedEffect),
                "{workflow}, {what}: {problems:#?}"
            );
        }
    }
}

#[test]
fn every_scenario_goes_as_told_and_together_they_visit_every_state() {
    for workflow in WORKFLOWS {
        let names = scenarios(workflow);
        let told: Vec<Result<Told, Failed>> = names.iter().map(|name| try_tell(workflow, name)).collect();
        let failed: Vec<String> = told.iter().filter_map(|told| told.as_ref().err()).map(ToString::to_string).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        let records = told.into_iter().flatten().flat_map(|told| told.records);
        let visited: BTreeSet<String> = records.flat_map(|record| [record.from, record.to]).collect();
        let bound = bound(workflow);
        let unvisited: Vec<&String> = bound.chart.index.keys().filter(|path| !visited.contains(*path)).collect();
        assert!(unvisited.is_empty(), "no scenario comes to {unvisited:?}");
    }
}

#[test]
fn every_edge_can_be_taken_and_every_end_is_reached() {
    for workflow in WORKFLOWS {
        let bound = bound(workflow);
        let graph = Graph::new(&bound.chart);
        assert_eq!(paths::to_each_edge(&graph).len(), graph.edges().len());
        let ways = paths::loop_free(&graph).unwrap_or_else(|problem| panic!("{problem}"));
        let ends: BTreeSet<&str> = ways.iter().filter_map(|way| way.places().last()).collect();
        let finals: BTreeSet<&str> =
            bound.chart.states.iter().filter(|s| s.is_final).map(|s| s.path.as_str()).collect();
        assert_eq!(ends, finals);
    }
}

#[test]
fn the_picture_beside_each_chart_is_the_chart() {
    for workflow in WORKFLOWS {
        let path = path(workflow, "diagram.mmd");
        let picture = mermaid(&bound(workflow).chart);
        if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == picture, "{path} is not current: run the tests once with UPDATE_DIAGRAMS=1");
    }
}

#[test]
fn the_people_of_the_examples_can_satisfy_every_policy() {
    let people = People::from_yaml("people.yaml", &example("people.yaml")).unwrap();
    let entity: LegalEntityId = "acme-us".parse().unwrap();
    for workflow in WORKFLOWS {
        let policy = policy(workflow);
        assert_eq!(policy.name, workflow);
        assert_eq!(policy.check(&people, &entity), [], "{workflow}");
    }
}

#[test]
fn the_days_that_a_buyer_takes_are_the_buyers() {
    let told = tell("agreement_cancellation", "cancelled.yaml");
    let shares = by_party(&attribution(&told.records, told.now));
    assert_eq!(shares.get("buyer").map(|time| time.as_hours()), Some(7 * 24), "{shares:?}");
}
