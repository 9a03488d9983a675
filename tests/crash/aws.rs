//! kill -9 at every crash point while an offer goes to the marketplace's own protocol, whose tokens may fail.

use entente_core::{event::Resolution, ids::RunId, run::IncidentCode};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::house::{House, sandbox::Sandbox};

pub use crate::house::selling::{connected, label, offer_id, submitted};

const CREATE: &str = "marketplace.create_offer";

/// An installation whose offer is approved, and whose next step is to create it.
pub async fn approved(sandbox: &Sandbox) -> (House, RunId) {
    approved_with(sandbox, "").await
}

/// The same, with more configuration.
pub async fn approved_with(sandbox: &Sandbox, more: &str) -> (House, RunId) {
    let house = connected(sandbox, more).await;
    let run = submitted(sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.state(run, "approvals").await;
    server.stop().await;
    house.approve(run).await;
    (house, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_01_02_03_04_killed_at_every_point_the_offer_is_published_once() {
    let first = Sandbox::start().await;
    let (template, run) = approved(&first).await;
    let each = ["K1", "K2", "K3", "K4", "K5", "K6", "K8"].map(|point| {
        let template = &template;
        async move {
            let sandbox = Sandbox::start().await;
            let house = template.copy(&sandbox.connectors()).await;
            house.serve_until(Some(&format!("{point}:{CREATE}"))).await.died().await;
            let server = house.serve().await;
            house.state(run, "published").await;
            server.stop().await;
            let effects = sandbox.applied(&label(&house, run).await).await;
            assert_eq!(effects.len(), 1, "killed at {point}: {effects:#?}");
            let standing: Vec<Value> =
                sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].clone()).collect();
            assert_eq!(standing, [json!(offer_id(&house, run).await)], "the stored id is the marketplace's, {point}");
            house.verify().await;
        }
    });
    join_all(each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_03_killed_while_it_waits_for_the_change_the_offer_is_published_once() {
    let first = Sandbox::start().await;
    let (template, run) = approved(&first).await;
    let each = ["K2", "K4", "K5", "K6", "K8"].map(|point| {
        let template = &template;
        async move {
            let sandbox = Sandbox::start().await;
            let house = template.copy(&sandbox.connectors()).await;
            house.serve_until(Some(&format!("{point}:marketplace.await_change"))).await.died().await;
            let server = house.serve().await;
            house.state(run, "published").await;
            server.stop().await;
            assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1, "killed at {point}");
        }
    });
    join_all(each).await;
}

/// Killed after the send at a marketplace that forgets every token; gives the incident's evidence.
async fn twin_reported(more: &[Value], forward: Option<&str>) -> (Sandbox, House, RunId) {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved(&sandbox).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    for fault in more {
        sandbox.fault(fault.clone()).await;
    }
    house.serve_until(Some(&format!("K5:{CREATE}"))).await.died().await;
    let server = house.serve().await;
    house.state(run, "releasing").await;
    if let Some(time) = forward {
        sandbox.advance(time).await;
    }
    let incident = house.parked(run).await.snapshot.incident.unwrap();
    server.stop().await;
    let effects = sandbox.applied(&label(&house, run).await).await;
    assert_eq!(effects.len(), 2, "the marketplace ignored the token: {effects:#?}");
    assert_eq!(incident.code, IncidentCode::OutcomeUnknown);
    for effect in effects {
        let change = effect["change_set_id"].as_str().unwrap();
        assert!(incident.evidence.to_string().contains(change), "both twins are named: {incident:#?}");
    }
    (sandbox, house, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_03_a_token_that_the_marketplace_ignores_makes_a_twin_that_is_found_and_put_before_a_person() {
    let (sandbox, house, run) = twin_reported(&[], None).await;
    let offers = sandbox.offers().await;
    assert_eq!(offers.len(), 2);
    // The person has removed one by hand, and says which one stays.
    let keeps = offers[0]["offer_id"].as_str().unwrap();
    let output = json!({ "offer_id": keeps, "at": sandbox.now().await });
    house.settle(run, "decision", Resolution::Happened { output }).await;
    let server = house.serve().await;
    house.resumed(run, "published").await;
    server.stop().await;
    assert_eq!(offer_id(&house, run).await, keeps);
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_03_a_twin_that_can_be_seen_only_later_is_found_all_the_same() {
    let hide = json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT20M" });
    twin_reported(&[hide], Some("PT1H")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_33_an_offer_that_cannot_be_seen_for_an_hour_is_neither_sent_again_nor_given_up() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved(&sandbox).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT1H" })).await;
    house.serve_until(Some(&format!("K5:{CREATE}"))).await.died().await;
    let server = house.serve().await;
    house.state(run, "releasing").await;
    let polls = sandbox.asked("DescribeChangeSet").await;
    sandbox.advance("PT30M").await;
    while sandbox.asked("DescribeChangeSet").await < polls + 2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    house.state(run, "releasing").await;
    sandbox.advance("PT1H").await;
    house.state(run, "published").await;
    server.stop().await;
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
}
