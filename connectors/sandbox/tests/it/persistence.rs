//! A sandbox with a state file is the same one after it was stopped or killed.

use entente_sandbox::{Config, Error, start};
use serde_json::json;

use crate::desk::{Desk, stopped};

fn at(folder: &tempfile::TempDir) -> Config {
    Config { state: Some(folder.path().join("world.json")), ..stopped() }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(at(&folder)).await;
    let offer = desk.released().await;
    let agreement = desk.accepted(&offer).await;
    desk.fault(json!({ "op": "DescribeEntity", "effect": "unavailable", "skip": 1, "times": 1 })).await;
    desk.advance("PT1H").await;
    let before = (desk.get("/aws/effects").await, desk.get("/aws/agreements").await, desk.get("/clock").await);
    desk.running.shutdown().await;
    let desk = Desk::with(at(&folder)).await;
    assert_eq!((desk.get("/aws/effects").await, desk.get("/aws/agreements").await, desk.get("/clock").await), before);
    desk.describe_entity(&offer).await.ok();
    desk.describe_entity(&offer).await.refused(503, "ServiceUnavailableException");
    assert_eq!(desk.get(&format!("/aws/offers/{offer}")).await["agreements"], json!([agreement]));
}

#[tokio::test]
async fn what_was_answered_is_on_disk_without_a_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let first = Desk::with(at(&folder)).await;
    let ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": crate::desk::contract(first.buyer()), "ClientRequestToken": "t" });
    let started = first.catalog("StartChangeSet", ask.clone()).await.ok();
    // The file as a kill at this moment would leave it.
    let killed = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("world.json"), killed.path().join("world.json")).unwrap();
    let second = Desk::with(at(&killed)).await;
    assert_eq!(second.catalog("StartChangeSet", ask).await.ok(), started, "the token is remembered");
    second.advance("PT1S").await;
    let set = second.describe_set(started["ChangeSetId"].as_str().unwrap()).await.ok();
    assert_eq!(set["Status"], "SUCCEEDED", "the set goes on where it was");
}

#[tokio::test]
async fn a_file_that_is_no_snapshot_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    std::fs::write(&path, "not a world").unwrap();
    let error = start(at(&folder)).await.unwrap_err();
    assert!(matches!(error, Error::State(_)));
    assert!(error.to_string().contains("world.json"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a world");
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused() {
    let desk = Desk::new().await;
    let error = start(Config { listen: desk.running.addr(), ..stopped() }).await.unwrap_err();
    assert!(error.to_string().contains(&desk.running.addr().to_string()));
}
