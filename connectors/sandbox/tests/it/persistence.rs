//! A sandbox with a state file is the same one after it was stopped or killed.

use entente_sandbox::{Config, Error, start};
use serde_json::json;

use crate::desk::{Desk, change_of, stopped, with};
use crate::resale_desk::{instalment_authorization, resold};

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
async fn the_whole_catalogue_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(at(&folder)).await;
    let limited = json!({ "Terms": [{ "Type": "BuyerTargetingTerm", "PositiveTargeting": { "BuyerAccounts": ["530000000001"] } }] });
    let start = json!({ "Terms": [{ "Type": "BuyerValidityTerm", "MaximumAgreementStartDate": "2031-08-01" }] });
    let changes = with(instalment_authorization(), "UpdateBuyerTargetingTerms", limited);
    let held = desk.made(with(changes, "UpdateBuyerValidityTerms", start)).await;
    desk.made_as("reseller", resold(&held, "530000000001")).await;
    desk.made(vec![change_of("OfferSet@1.0", "CreateOfferSet", json!({ "Name": "Everything" }))]).await;
    let standing = json!({ "verified": false });
    desk.post("/accounts", json!({ "role": "reseller", "account_id": "520000000002", "standing": standing }))
        .await
        .ok();
    let parts = [
        "/accounts",
        "/aws/resale-authorizations",
        "/aws/offer-sets",
        "/aws/solutions",
        "/aws/offers",
        "/aws/products",
    ];
    let seen = async |desk: &Desk| {
        let mut seen = Vec::new();
        for part in parts {
            seen.push(desk.get(part).await);
        }
        seen
    };
    let before = seen(&desk).await;
    desk.running.shutdown().await;
    assert_eq!(seen(&Desk::with(at(&folder)).await).await, before);
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
