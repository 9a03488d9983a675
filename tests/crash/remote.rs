//! Bad answers of the marketplace, met by the running program.

use std::time::Duration;

use entente_core::{run::IncidentCode, scope::Scope};
use entente_store::TaskFilter;
use serde_json::json;

use crate::{
    aws::{approved, approved_with, connected, label, submitted},
    house::sandbox::{NO_POLLING, Sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn row_27_an_answer_that_comes_too_late_belongs_to_an_effect_that_is_adopted() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved(&sandbox).await;
    // Longer than the connector waits for any answer.
    sandbox
        .fault(json!({ "op": "StartChangeSet", "effect": "delay", "ms": 33_000, "applied_first": true, "times": 1 }))
        .await;
    let server = house.serve().await;
    house.state(run, "published").await;
    server.stop().await;
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
    assert_eq!(sandbox.asked("StartChangeSet").await, 2, "the same request was sent again, under its token");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_28_lost_broken_and_foreign_answers_end_in_one_effect() {
    for effect in [
        "lose_answer",
        "drop_request",
        "garbage_html",
        "truncated_json",
        "unknown_fields",
        "internal_error",
        "unavailable",
        "throttle",
        "resource_in_use",
    ] {
        let sandbox = Sandbox::at_rate("10").await;
        let (house, run) = approved(&sandbox).await;
        sandbox.fault(json!({ "op": "StartChangeSet", "effect": effect, "times": 2 })).await;
        sandbox.fault(json!({ "op": "DescribeChangeSet", "effect": effect, "times": 1 })).await;
        let server = house.serve().await;
        house.state(run, "published").await;
        server.kill().await;
        assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1, "{effect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_29_a_change_that_fails_after_it_was_accepted_gives_the_offer_back_with_the_code_and_the_field() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved(&sandbox).await;
    let code = "INVALID_AVAILABILITY_END_DATE";
    let failing = json!({ "op": "StartChangeSet", "effect": "fail_change_set", "code": code, "message": "The date is taken.", "change_type": "UpdateAvailability" });
    sandbox.fault(failing).await;
    let server = house.serve().await;
    let row = house.state(run, "refused").await;
    let refusal = &row.snapshot.context["refusal"];
    assert_eq!(refusal["code"], code, "{refusal:#}");
    assert_eq!(refusal["field"], "/expires_on", "{refusal:#}");
    let filter = TaskFilter { run: Some(run), open_only: true, ..TaskFilter::default() };
    let tasks = house.store().tasks(&Scope::vendor(), &filter).await.unwrap();
    assert!(tasks.iter().any(|task| task.spec.kind == "fix_refusal"), "{tasks:#?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_30_a_change_that_is_stuck_for_three_days_parks_its_run_and_is_polled_seldom() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved(&sandbox).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "stuck_change_set", "for": "P10D" })).await;
    let server = house.serve().await;
    house.state(run, "releasing").await;
    // Every hour it is polled once more and waits on; a single busy answer changes nothing, however many polls came before.
    for hour in 1..=12 {
        let polls = sandbox.asked("DescribeChangeSet").await;
        if hour == 12 {
            sandbox
                .fault(json!({ "op": "DescribeChangeSet", "effect": "throttle", "retry_after": 1, "times": 1 }))
                .await;
        }
        sandbox.advance("PT1H").await;
        while sandbox.asked("DescribeChangeSet").await == polls {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let row = house.row(run).await;
    assert_eq!((row.snapshot.state.as_str(), &row.snapshot.incident), ("releasing", &None), "{}", house.logs());
    sandbox.advance("P3D").await;
    let incident = house.parked(run).await.snapshot.incident.unwrap();
    assert_eq!(incident.code, IncidentCode::OutcomeUnknown);
    assert!(incident.message.contains("has not ended since"), "{incident:#?}");
    assert!(sandbox.asked("DescribeChangeSet").await < 100, "polling backs off");
    // The change ends after all, and a person lets the program look again.
    sandbox.advance("P10D").await;
    house.command("ada", &["incident", "retry", &label(&house, run).await, "--reason", "asked the marketplace"]).await;
    house.resumed(run, "published").await;
    server.stop().await;
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_31_refused_credentials_pause_the_account_with_one_alert_and_burn_no_attempt() {
    for effect in ["expired_token", "request_time_too_skewed"] {
        let sandbox = Sandbox::at_rate("60").await;
        let (house, run) = approved_with(&sandbox, NO_POLLING).await;
        sandbox.fault(json!({ "op": "StartChangeSet", "effect": effect })).await;
        let server = house.serve().await;
        while !house.notices().contains(&"connector_paused".to_owned()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Further refusals: more than an intent has attempts. Each restart forgets the pause of the one before.
        server.stop().await;
        for _ in 0..9 {
            let asked = sandbox.asked("StartChangeSet").await;
            let server = house.serve().await;
            while sandbox.asked("StartChangeSet").await == asked {
                sandbox.advance("PT2M").await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            server.stop().await;
        }
        assert_eq!(house.row(run).await.snapshot.incident, None);
        sandbox.heal().await;
        sandbox.fault(json!({ "op": "StartChangeSet", "effect": "throttle", "retry_after": 1, "times": 1 })).await;
        let server = house.serve().await;
        house.state(run, "published").await;
        server.stop().await;
        assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_31_the_account_goes_on_by_itself_once_its_credentials_are_accepted() {
    let sandbox = Sandbox::start().await;
    let house = connected(&sandbox, "").await;
    let (first, second) = (submitted(&sandbox, &house, "A-1").await, submitted(&sandbox, &house, "A-2").await);
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "expired_token" })).await;
    let server = house.serve().await;
    house.approve(first).await;
    house.approve(second).await;
    while !house.notices().contains(&"connector_paused".to_owned()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    sandbox.heal().await;
    let asked = sandbox.asked("StartChangeSet").await;
    house.state(first, "published").await;
    house.state(second, "published").await;
    server.stop().await;
    assert_eq!(asked, 1, "one refusal pauses the account: the other offer was not even tried");
    assert_eq!(house.notices().iter().filter(|name| *name == "connector_paused").count(), 1);
}
