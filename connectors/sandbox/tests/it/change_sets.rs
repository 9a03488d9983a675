//! The life of a change set.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, LISTED, PRODUCT, change, contract, on};

fn id_of(answer: &Value) -> &str {
    answer["ChangeSetId"].as_str().unwrap()
}

#[tokio::test]
async fn a_set_is_prepared_then_applied_then_succeeds() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "slow_processing", "preparing": "PT1M", "applying": "PT1M" }))
        .await;
    let started = desk.start(contract(desk.buyer())).await.ok();
    let status = async || desk.describe_set(id_of(&started)).await.ok()["Status"].clone();
    assert_eq!(status().await, "PREPARING");
    desk.advance("PT61S").await;
    assert_eq!(status().await, "APPLYING");
    desk.advance("PT1M").await;
    let ended = desk.describe_set(id_of(&started)).await.ok();
    assert_eq!(ended["Status"], "SUCCEEDED");
    assert_eq!(ended["ChangeSetName"], "Submitted by 510000000001");
    assert_eq!(ended["EndTime"], "2031-05-01T08:02:00Z");
    let offer = ended["ChangeSet"][0]["Entity"]["Identifier"].as_str().unwrap();
    let same = ended["ChangeSet"].as_array().unwrap().iter().all(|row| row["Entity"]["Identifier"] == offer);
    assert!(same, "references were resolved to the new offer");
}

#[tokio::test]
async fn nothing_is_visible_before_the_set_has_succeeded() {
    let desk = Desk::new().await;
    let started = desk.start(contract(desk.buyer())).await.ok();
    let running = desk.describe_set(id_of(&started)).await.ok();
    assert_eq!(running["ChangeSet"][0]["Entity"], json!({ "Type": "Offer@1.0" }));
    assert_eq!(running.get("EndTime"), None);
    assert_eq!(desk.get("/aws/offers").await["offers"].as_array().unwrap().len(), LISTED);
}

#[tokio::test]
async fn the_order_of_the_request_does_not_matter() {
    let desk = Desk::new().await;
    let mut changes = contract(desk.buyer());
    changes.reverse();
    let set = desk.run(changes).await;
    assert_eq!(set["Status"], "SUCCEEDED", "{set:#}");
}

#[tokio::test]
async fn one_bad_change_fails_the_whole_set() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let set = desk
        .run(vec![
            on(&offer, "UpdateInformation", json!({ "Name": "Renamed" })),
            on(&offer, "UpdateTargeting", json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } })),
        ])
        .await;
    assert_eq!(set["Status"], "FAILED");
    let entity = desk.describe_entity(&offer).await.ok();
    assert_eq!(entity["DetailsDocument"]["Name"], "Observability for Alder");
    assert_eq!(entity["EntityIdentifier"], format!("{offer}@1"));
}

#[tokio::test]
async fn a_reference_is_resolved_anywhere_in_the_details() {
    let desk = Desk::new().await;
    let set = desk
        .run(vec![
            change("CreateOffer", json!({ "ProductId": PRODUCT })),
            change("UpdateInformation", json!({ "Name": "$Make.Entity.Identifier" })),
        ])
        .await;
    let offer = set["ChangeSet"][0]["Entity"]["Identifier"].as_str().unwrap();
    let entity = desk.describe_entity(offer).await.ok();
    assert_eq!(entity["DetailsDocument"]["Name"], offer);
    assert_eq!(entity["DetailsDocument"]["State"], "Draft");
}

#[tokio::test]
async fn details_may_come_as_a_string() {
    let desk = Desk::new().await;
    let mut create = change("CreateOffer", json!({}));
    create.as_object_mut().unwrap().remove("DetailsDocument");
    create["Details"] = json!({ "ProductId": PRODUCT, "Name": "As a string" }).to_string().into();
    let offer = desk.made(vec![create]).await;
    assert_eq!(desk.describe_entity(&offer).await.ok()["DetailsDocument"]["Name"], "As a string");
}

#[tokio::test]
async fn a_running_set_locks_its_entities() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let rename = || vec![on(&offer, "UpdateInformation", json!({ "Name": "Renamed" }))];
    let first = desk.start(rename()).await.ok();
    let body = desk.start(rename()).await.refused(423, "ResourceInUseException");
    let message = body["Message"].as_str().unwrap();
    assert!(message.contains(&offer) && message.contains(id_of(&first)), "{message}");
    desk.advance("PT1S").await;
    desk.start(rename()).await.ok();
}

#[tokio::test]
async fn a_set_can_be_cancelled_while_it_is_prepared() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let rename = vec![on(&offer, "UpdateInformation", json!({ "Name": "Renamed" }))];
    let started = desk.start(rename).await.ok();
    desk.query(Method::PATCH, "CancelChangeSet", "changeSetId", id_of(&started)).await.ok();
    desk.advance("PT1M").await;
    assert_eq!(desk.describe_set(id_of(&started)).await.ok()["Status"], "CANCELLED");
    assert_eq!(desk.describe_entity(&offer).await.ok()["EntityIdentifier"], format!("{offer}@1"));
}

#[tokio::test]
async fn a_set_that_is_applied_or_over_cannot_be_cancelled() {
    let desk = Desk::new().await;
    let set = desk.run(contract(desk.buyer())).await;
    let cancel = desk.query(Method::PATCH, "CancelChangeSet", "changeSetId", id_of(&set)).await;
    cancel.refused(423, "ResourceInUseException");
}

#[tokio::test]
async fn the_same_token_and_body_give_the_same_set() {
    let desk = Desk::new().await;
    let ask = |name: &str| json!({ "Catalog": "AWSMarketplace", "ChangeSet": contract(desk.buyer()), "ChangeSetName": name, "ClientRequestToken": "t-1" });
    let first = desk.catalog("StartChangeSet", ask("one")).await.ok();
    desk.advance("PT1S").await;
    let again = desk.catalog("StartChangeSet", ask("one")).await.ok();
    assert_eq!(first, again);
    desk.catalog("StartChangeSet", ask("two")).await.refused(422, "ValidationException");
    let effects = desk.get("/aws/effects").await;
    assert_eq!(effects["effects"].as_array().unwrap().len(), 1);
    assert_eq!(effects["effects"][0]["client_request_token"], "t-1");
    assert_eq!(effects["effects"][0]["change_set_name"], "one");
    assert_eq!(effects["effects"][0]["change_set_id"], first["ChangeSetId"]);
}

#[tokio::test]
async fn another_accounts_token_is_another_token() {
    let desk = Desk::new().await;
    let product = json!({ "id": "prod-resold", "kind": "SaaSProduct", "title": "Resold", "visibility": "Public",
        "dimensions": [], "owner": "520000000001" });
    desk.post("/aws/products", product).await.ok();
    let ask = |product: &str| {
        json!({ "Catalog": "AWSMarketplace", "ClientRequestToken": "t-1",
        "ChangeSet": [change("CreateOffer", json!({ "ProductId": product }))] })
    };
    let ours = desk.catalog("StartChangeSet", ask(PRODUCT)).await.ok();
    let theirs = desk.catalog_as("reseller", "StartChangeSet", ask("prod-resold")).await.ok();
    assert_ne!(id_of(&ours), id_of(&theirs));
    desk.describe_set(id_of(&theirs)).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn requests_are_kept_for_sixty_days() {
    let desk = Desk::new().await;
    let set = desk.run(contract(desk.buyer())).await;
    desk.advance("P59D").await;
    desk.describe_set(id_of(&set)).await.ok();
    desk.advance("P2D").await;
    desk.describe_set(id_of(&set)).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_clock_set_back_takes_running_sets_along() {
    let desk = Desk::new().await;
    let started = desk.start(contract(desk.buyer())).await.ok();
    desk.post("/clock", json!({ "now": "2023-01-01T00:00:00Z" })).await.ok();
    desk.advance("PT1S").await;
    assert_eq!(desk.describe_set(id_of(&started)).await.ok()["Status"], "SUCCEEDED");
}
