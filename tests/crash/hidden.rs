//! Twins that nobody could see when the offer was published.

use entente_core::{ids::RunId, scope::Scope};
use entente_fake::{Fault, FaultPlan};
use entente_port::Capability;
use entente_store::{RunRow, TaskFilter};
use serde_json::json;

use crate::{
    aws::{self, label},
    classes::{self, applied, script},
    house::{House, sandbox::Sandbox},
};

/// The run knows of a second offer, and people are asked to look.
async fn reported(house: &House, run: RunId) {
    let knows = |row: &RunRow| row.snapshot.context["drift"].to_string().contains("created by the same step");
    house.until(run, "the twin is reported", knows).await;
    let filter = TaskFilter { run: Some(run), open_only: true, ..TaskFilter::default() };
    let tasks = house.store().tasks(&Scope::vendor(), &filter).await.unwrap();
    assert!(tasks.iter().any(|task| task.spec.kind == "review_drift"), "{tasks:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_33_a_first_offer_that_was_hidden_for_longer_than_documented_is_reported_when_it_shows() {
    let (template, run) = classes::approved("natural_key").await;
    let every_minute = "jobs:\n  drift: { cron: '* * * * *' }";
    let house = template.copy(&format!("{}\n{every_minute}", classes::connectors("natural_key"))).await;
    // Documented is one second.
    let faults: Vec<FaultPlan> = vec![Fault::Hide { seconds: 20 }.once()];
    script(&house, &faults);
    house.serve_until(Some("K5:marketplace.create_offer")).await.died().await;
    let server = house.serve().await;
    reported(&house, run).await;
    server.stop().await;
    assert_eq!(applied(&house, Capability::CreateOffer), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_33_a_hidden_twin_by_an_ignored_token_is_reported_when_it_shows() {
    let sandbox = Sandbox::start().await;
    let (house, run) = aws::approved(&sandbox).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT2H", "times": 1 })).await;
    house.serve_until(Some("K5:marketplace.create_offer")).await.died().await;
    let server = house.serve().await;
    house.state(run, "published").await;
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 2);
    sandbox.advance("PT3H").await;
    reported(&house, run).await;
    server.stop().await;
}
