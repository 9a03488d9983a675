//! Partners, funds, requests, claims and payouts: their charts bind, their stories hold, their money adds up.

mod advances;
mod barred;
mod context;
mod grant;
mod joint;
mod orders;
mod random;
mod revisions;
mod shares;
mod versions;

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
        problem::{Code, Problem},
        scenario::{self, Failed, Scenario, Told, Values, run_scenario},
        step::World,
    },
    context::{
        ContextType,
        funding::{
            AccrualPaper, ClaimPaper, FundPaper, OrderPaper, PartnerPaper, PayoutPaper, RequestPaper, SheetContext,
        },
    },
    policy::Policy,
};

/// The workflows.
const WORKFLOWS: [&str; 7] =
    ["partner_onboarding", "fund_period", "mdf_request", "mdf_claim", "payout_run", "accrual_run", "supplier_order"];

/// The notices that the charts may send.
const NOTICES: [&str; 57] = [
    "accrual_disputed",
    "accrual_earned",
    "accrual_settled",
    "advance_called_in",
    "advance_proven",
    "amendment_refused",
    "approval_overdue",
    "bank_changed",
    "bank_confirmed",
    "bank_silent",
    "claim_approved",
    "claim_disputed",
    "claim_due",
    "claim_held",
    "claim_paid",
    "clawback_waived",
    "claw_back",
    "declined",
    "dispute_resolved",
    "file_written",
    "fund_changed",
    "fund_closed",
    "fund_open",
    "fund_over",
    "ledger_refused",
    "invoice_accepted",
    "invoice_held",
    "nothing_to_pay",
    "order_cancelled",
    "order_closed",
    "order_expired",
    "order_issued",
    "order_overdue",
    "order_paid",
    "order_refused",
    "partner_active",
    "partner_left",
    "partner_suspended",
    "payment_returned",
    "payout_failed",
    "proof_due",
    "proof_put_off",
    "rebate_due",
    "recovered",
    "recovery_due",
    "recovery_escalated",
    "recovery_overdue",
    "request_amended",
    "request_cancelled",
    "request_expired",
    "request_granted",
    "request_held",
    "rules_failed",
    "sent_back",
    "settlement_declined",
    "waiting_for_funds",
    "withdrawn",
];

fn path(workflow: &str, name: &str) -> String {
    format!("{}/../../workflows/{workflow}/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(workflow: &str, name: &str) -> String {
    let path = path(workflow, name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn context(workflow: &str) -> Arc<dyn ContextType> {
    match workflow {
        "partner_onboarding" => Arc::new(SheetContext::<PartnerPaper>::default()),
        "fund_period" => Arc::new(SheetContext::<FundPaper>::default()),
        "mdf_request" => Arc::new(SheetContext::<RequestPaper>::default()),
        "mdf_claim" => Arc::new(SheetContext::<ClaimPaper>::default()),
        "payout_run" => Arc::new(SheetContext::<PayoutPaper>::default()),
        "supplier_order" => Arc::new(SheetContext::<OrderPaper>::default()),
        _ => Arc::new(SheetContext::<AccrualPaper>::default()),
    }
}

/// The newest version of a workflow's chart.
fn newest(workflow: &str) -> u32 {
    match workflow {
        "mdf_claim" => 3,
        "mdf_request" => 2,
        _ => 1,
    }
}

/// The names that the charts ask a binary for.
fn vocabulary() -> Vocabulary {
    let local = [
        "fund.check",
        "fund.look",
        "mdf.assess",
        "request.look",
        "claim.tell_request",
        "payout.gather",
        "payout.release",
        "payout.tell",
        "accrual.check",
        "accrual.look",
        "order.check",
        "order.match",
    ];
    let names = Vocabulary::default().activity("payout.write_file", EffectClass::Irreversible, &["money_out"]);
    let names = local.into_iter().fold(names, |names, one| names.activity(one, EffectClass::Local, &[]));
    NOTICES.into_iter().fold(names, Vocabulary::notice)
}

fn try_bind(workflow: &str, text: &str) -> Result<BoundChart, Vec<Problem>> {
    let chart = Chart::parse("v1.yaml", text)?;
    BoundChart::bind(Arc::new(chart), context(workflow), &vocabulary())
}

fn bound(workflow: &str) -> BoundChart {
    let bound = try_bind(workflow, &file(workflow, &format!("v{}.yaml", newest(workflow))));
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
    let calendars = Calendars::default();
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
        assert_eq!((bound.chart.name.as_str(), bound.chart.version), (workflow, newest(workflow)));
    }
}

#[test]
fn a_file_for_the_bank_without_an_approval_of_what_it_pays_is_refused() {
    let chart = file("payout_run", "v1.yaml");
    for (what, unsound) in [
        ("no approval at all", chart.replace("target: approvals }", "target: writing }")),
        ("a change after the approval", chart.replace("      withdraw: releasing", "      revise: writing")),
    ] {
        assert_ne!(unsound, chart, "{what}");
        let problems = try_bind("payout_run", &unsound).unwrap_err();
        assert!(problems.iter().any(|problem| problem.code == Code::UnapprovedEffect), "{what}: {problems:#?}");
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
        // Whoever is in a state is in the one around it.
        let around = visited.iter().filter_map(|state| state.split_once('.')).map(|(outer, _)| outer.to_owned());
        let visited: BTreeSet<String> = visited.iter().cloned().chain(around).collect();
        let bound = bound(workflow);
        let unvisited: Vec<&String> = bound.chart.index.keys().filter(|path| !visited.contains(*path)).collect();
        assert!(unvisited.is_empty(), "{workflow}: no scenario comes to {unvisited:?}");
    }
}

#[test]
fn the_stories_take_every_edge_that_money_or_people_can_take() {
    for workflow in WORKFLOWS {
        let told = scenarios(workflow).into_iter().flat_map(|name| tell(workflow, &name).records);
        let taken: BTreeSet<(String, String)> =
            told.flat_map(|record| record.via.into_iter().map(move |via| (record.from.clone(), via))).collect();
        let bound = bound(workflow);
        let missing: Vec<String> = bound
            .chart
            .states
            .iter()
            .flat_map(|state| state.on.keys().map(move |event| (&state.path, event)))
            .filter(|(_, event)| *event != "note")
            .filter(|(state, event)| {
                let via = format!("on.{event}[");
                let inside = |from: &str| from.split_once('.').is_some_and(|(outer, _)| outer == *state);
                !taken.iter().any(|(from, taken)| (from == *state || inside(from)) && taken.starts_with(&via))
            })
            .map(|(state, event)| format!("{state}: {event}"))
            .collect();
        assert!(missing.is_empty(), "{workflow}: no story has {missing:#?}");
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
