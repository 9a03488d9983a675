//! Told to stop while calls are under way.

use entente_core::ids::RunId;
use entente_store::IntentStatus;
use serde_json::json;

use crate::{
    aws::label,
    house::{House, sandbox::Sandbox},
    paced::approved,
};

/// Calls under way when the process is asked to stop.
const CALLS: usize = 50;

/// The legal entities that sell: an account makes eight calls at a time.
const ENTITIES: [&str; 7] = ["acme-us", "acme-ca", "acme-uk", "acme-de", "acme-fr", "acme-in", "acme-jp"];

/// Fifty offers of as many products, approved, whose creation the marketplace performs at once and answers after `delay`.
async fn busy(sandbox: &Sandbox, delay: u64) -> (House, Vec<RunId>) {
    let entities: Vec<&str> = ENTITIES.into_iter().cycle().take(CALLS).collect();
    let (house, runs) = approved(sandbox, &entities).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "delay", "ms": delay, "applied_first": true })).await;
    (house, runs)
}

/// Waits until the marketplace has acted on all of it, and has answered none.
async fn under_way(sandbox: &Sandbox, house: &House, runs: &[RunId]) {
    while sandbox.effects().await.len() < CALLS {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(sending(house, runs).await, CALLS, "all of them wait for their answers");
}

/// How many of the runs' calls are under way, as far as is recorded.
async fn sending(house: &House, runs: &[RunId]) -> usize {
    let mut sending = 0;
    for run in runs {
        sending += house.intents(*run).await.iter().filter(|row| row.status == IntentStatus::Sending).count();
    }
    sending
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
async fn row_08_told_to_stop_while_fifty_calls_run_it_ends_well_and_loses_nothing() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox, 12_000).await;
    let server = house.serve().await;
    under_way(&sandbox, &house, &runs).await;
    server.stop().await;
    let asked = sandbox.asked("StartChangeSet").await;
    assert_eq!(sending(&house, &runs).await, 0, "what was under way was recorded");
    published_once(&sandbox, &house, &runs).await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 50, "{asked} before; nothing was sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_08_fifty_calls_that_outlast_the_shutdown_are_found_out_at_the_next_start() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox, 29_000).await;
    let server = house.serve().await;
    under_way(&sandbox, &house, &runs).await;
    server.stop().await;
    published_once(&sandbox, &house, &runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_08_killed_during_the_shutdown_of_fifty_calls_nothing_is_lost() {
    let sandbox = Sandbox::start().await;
    let (house, runs) = busy(&sandbox, 12_000).await;
    let server = house.serve_until(Some("K9:*")).await;
    under_way(&sandbox, &house, &runs).await;
    server.terminate().await;
    server.died().await;
    published_once(&sandbox, &house, &runs).await;
}
