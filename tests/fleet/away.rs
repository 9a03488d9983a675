//! Rows 41 and 90: the database is away while processes serve. Their readiness says so, nothing is sent, and all goes on once it is back.

use std::time::Duration;

use entente_store::IntentStatus;
use serde_json::json;

use crate::{
    deaths::{attend, each_once, published},
    ground,
    house::{
        House,
        sandbox::{NO_POLLING, Sandbox},
        selling::{connected, label, submitted},
        server::{AWAY, HANG, READY},
    },
    parts::three,
    proxy::Proxy,
};

#[tokio::test(flavor = "multi_thread")]
async fn row_41_a_database_server_that_stops_at_once_under_load_takes_nothing_with_it_and_nobody_has_to_help() {
    ground::require_server();
    let database = crate::server::Server::start();
    let sandbox = Sandbox::at_rate("20").await;
    let house = House::on(&database.url, &sandbox.connectors()).await;
    let mut runs = Vec::new();
    for number in 0..6 {
        runs.push(submitted(&sandbox, &house, &format!("W-{number}")).await);
    }
    let processes = three(&house).await;
    processes[0].until_readiness(READY).await;
    for _ in 0..3 {
        attend(&house, &runs).await;
        database.stop_at_once();
        processes[0].until_readiness(AWAY).await;
        database.start_again();
        processes[0].until_readiness(READY).await;
    }
    published(&house, &runs).await;
    for process in processes {
        process.stop().await;
    }
    each_once(&sandbox, &house, &runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_90_nothing_is_sent_while_the_network_to_the_database_is_silent_and_everything_goes_on_after_it() {
    ground::require_server();
    let sandbox = Sandbox::start().await;
    let house = connected(&sandbox, NO_POLLING).await;
    let run = submitted(&sandbox, &house, "A-1").await;
    let wire = Proxy::to(&ground::url(&house.path("entente.db"))).await;
    house.reach_by(&wire.url);
    // Asked once, and to be asked again in a few seconds.
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "resource_in_use", "times": 1 })).await;
    let server = house.serve().await;
    house.approve(run).await;
    let asked = async {
        while sandbox.asked("StartChangeSet").await == 0
            || house.intents(run).await.iter().all(|row| row.status != IntentStatus::Waiting)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, asked).await.expect("the offer is sent");
    wire.silence(true);
    server.until_readiness(AWAY).await;
    // Long past the time of the next attempt.
    sandbox.advance("PT1H").await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 1, "who cannot see that the account is his sends nothing");
    assert_eq!(house.row(run).await.snapshot.state, "creating");
    wire.silence(false);
    house.state(run, "published").await;
    server.until_readiness(READY).await;
    server.stop().await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 2);
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
    house.verify().await;
}
