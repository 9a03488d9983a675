//! Told to stop while calls are under way.

use entente_core::ids::RunId;
use serde_json::json;

use crate::{
    aws::{connected, label},
    house::{House, offer::document, sandbox::Sandbox},
};

/// Several offers of several products, approved, whose creation the marketplace answers slowly.
async fn busy(sandbox: &Sandbox) -> (House, Vec<RunId>) {
    let house = connected(sandbox, "").await;
    let mut runs = Vec::new();
    for (number, id) in sandbox.list_products(6).await.iter().enumerate() {
        let offer = document("aws", id, &sandbox.buyer(), &format!("B-{number}"), sandbox.now().await);
        runs.push(house.submit(&offer).await);
    }
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "delay", "ms": 2000, "applied_first": true })).await;
    (house, runs)
}

/// Waits until the marketplace has acted and its answers are under way.
async fn under_way(sandbox: &Sandbox, house: &House, runs: &[RunId]) {
    for run in runs {
        house.approve(*run).await;
    }
    while sandbox.effects().await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn published_once(sandbox: &Sandbox, house: &House, runs: &[RunId]) {
    sandbox.heal().await;
    let server = house.serve().await;
    for run in runs {
        house.state(*run, "published").await;
        let effects = sandbox.applied(&label(house, *run).await).await;
        assert_eq!(effects.len(), 1, "{effects:#?}");
    }
    server.stop().await;
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_08_told_to_stop_while_calls_run_it_ends_well_and_loses_nothing() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox).await;
    let server = house.serve().await;
    under_way(&sandbox, &house, &runs).await;
    server.stop().await;
    let asked = sandbox.asked("StartChangeSet").await;
    for run in &runs {
        let open: Vec<_> = house
            .intents(*run)
            .await
            .into_iter()
            .filter(|row| row.status == entente_store::IntentStatus::Sending)
            .collect();
        assert!(open.is_empty(), "what was under way was recorded: {open:#?}");
    }
    published_once(&sandbox, &house, &runs).await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 6, "{asked} before; nothing was sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_08_a_call_that_outlasts_the_shutdown_is_found_out_at_the_next_start() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox).await;
    sandbox.heal().await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "delay", "ms": 29_000, "applied_first": true })).await;
    let server = house.serve().await;
    under_way(&sandbox, &house, &runs).await;
    server.stop().await;
    published_once(&sandbox, &house, &runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_08_killed_during_the_shutdown_nothing_is_lost() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox).await;
    let server = house.serve_until(Some("K9:*")).await;
    under_way(&sandbox, &house, &runs).await;
    server.terminate().await;
    server.died().await;
    published_once(&sandbox, &house, &runs).await;
}
