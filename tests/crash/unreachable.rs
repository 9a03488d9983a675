//! A database that takes no writes while the marketplace answers.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;

use crate::{
    aws::{approved_with, label},
    house::{
        sandbox::{NO_POLLING, Sandbox},
        server::{AWAY, HANG, READY},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn row_90_nothing_is_sent_while_the_database_takes_no_write_and_everything_goes_on_once_it_does() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved_with(&sandbox, NO_POLLING).await;
    // Asked once, and to be asked again in a few seconds.
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "resource_in_use", "times": 1 })).await;
    let server = house.serve().await;
    let asked = async {
        while sandbox.asked("StartChangeSet").await == 0
            || house.intents(run).await.iter().all(|row| row.status != entente_store::IntentStatus::Waiting)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, asked).await.expect("the offer is sent");
    let locked = Connection::open(house.path("entente.db")).unwrap();
    locked.busy_timeout(Duration::from_secs(30)).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    server.says("a delivery could not be recorded").await;
    server.until_readiness(AWAY).await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 1, "what cannot be written down first is not sent");
    assert_eq!(house.row(run).await.snapshot.state, "creating", "reading goes on");
    locked.execute_batch("ROLLBACK").unwrap();
    house.state(run, "published").await;
    server.until_readiness(READY).await;
    server.stop().await;
    assert_eq!(sandbox.asked("StartChangeSet").await, 2);
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
    house.verify().await;
}
