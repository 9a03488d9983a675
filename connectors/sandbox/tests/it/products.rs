//! AMI and container products: their dimensions, their offers, their laxer locks.

use reqwest::Method;
use serde_json::{Value, json};

use crate::codes::hourly::{AMI, hourly, hourly_and};
use crate::desk::{Desk, PRODUCT, contract, on_entity, pricing, upfront, with};

const CONTAINER: &str = "prod-cont000000001";

fn on_product(kind: &str, id: &str, change: &str, details: Value) -> Value {
    on_entity(kind, id, change, details)
}

fn version(title: &str) -> Value {
    json!({
        "Version": { "VersionTitle": title, "ReleaseNotes": "What is new" },
        "DeliveryOptions": [{ "Details": { "AmiDeliveryOptionDetails": { "UsageInstructions": "Launch it" } } }],
    })
}

#[tokio::test]
async fn products_of_every_kind_are_listed_and_described() {
    let desk = Desk::new().await;
    for (kind, count, id, dimension, unit) in [
        ("SaaSProduct", 1, PRODUCT, "Seats", "Units"),
        ("AmiProduct", 2, AMI, "t3.medium", "Hrs"),
        ("ContainerProduct", 2, CONTAINER, "Hours", "Hrs"),
    ] {
        let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": kind });
        let listed = desk.catalog("ListEntities", ask).await.ok();
        let rows = listed["EntitySummaryList"].as_array().unwrap();
        assert_eq!(rows.len(), count, "{kind}");
        assert_eq!(rows[0][format!("{kind}Summary")]["Visibility"], "Public");
        let entity = desk.describe_entity(id).await.ok();
        assert_eq!(entity["EntityType"], format!("{kind}@1.0"));
        let first = &entity["DetailsDocument"]["Dimensions"][0];
        assert_eq!((&first["Key"], &first["Unit"]), (&json!(dimension), &json!(unit)));
    }
}

#[tokio::test]
async fn ami_and_container_offers_are_sold_by_the_hour_by_the_year_and_by_contract() {
    let desk = Desk::new().await;
    let of = |product: &str, changes: Vec<Value>| with(changes, "CreateOffer", json!({ "ProductId": product }));
    let tasks = json!([{ "Type": "UsageBasedPricingTerm", "CurrencyCode": "USD",
        "RateCards": [{ "RateCard": [{ "DimensionKey": "Hours", "Price": "0.40" }] }] }]);
    for changes in [
        hourly(hourly_and(&[]), "P90D"),
        hourly(hourly_and(&["P365D"]), "P426D"),
        of("prod-ami0000000002", contract("530000000001")),
        of(CONTAINER, with(hourly(hourly_and(&[]), "P90D"), "UpdatePricingTerms", pricing("Usage", tasks))),
        of("prod-cont000000002", contract("530000000001")),
    ] {
        let offer = desk.made(changes).await;
        assert_eq!(desk.describe_entity(&offer).await.ok()["DetailsDocument"]["State"], "Released");
        desk.accepted(&offer).await;
    }
}

#[tokio::test]
async fn an_owner_s_own_licence_is_for_ami_products() {
    let desk = Desk::new().await;
    let own = json!([{ "Type": "ByolPricingTerm" }]);
    let changes = with(contract("530000000001"), "UpdatePricingTerms", pricing("Byol", own));
    let changes = with(changes, "CreateOffer", json!({ "ProductId": "prod-ami0000000002" }));
    let offer = desk.made(changes).await;
    let terms = desk.describe_entity(&offer).await.ok()["DetailsDocument"]["Terms"].clone();
    assert!(terms.as_array().unwrap().contains(&json!({ "Type": "ByolPricingTerm" })), "{terms}");
}

#[tokio::test]
async fn a_public_price_may_be_raised_after_the_release() {
    let desk = Desk::new().await;
    let offers = desk.get("/aws/offers").await;
    let public = offers["offers"].as_array().unwrap().iter().find(|offer| offer["product_id"] == "prod-cont000000002");
    let id = public.unwrap()["offer_id"].as_str().unwrap();
    let mut dearer = upfront("1300");
    dearer["RateCards"][0]["RateCard"][1]["Price"] = "1300".into();
    let terms = pricing("Contract", json!([dearer]));
    desk.made(vec![on_entity("Offer@1.0", id, "UpdatePricingTerms", terms)]).await;
}

#[tokio::test]
async fn several_requests_for_an_ami_may_be_prepared_and_are_applied_one_after_the_other() {
    let desk = Desk::new().await;
    let slow = json!({ "op": "StartChangeSet", "effect": "slow_processing", "preparing": "PT1M", "applying": "PT1H" });
    desk.fault(slow).await;
    let mut started = Vec::new();
    for title in ["2.0", "3.0"] {
        let answer = desk.start(vec![on_product("AmiProduct@1.0", AMI, "AddDeliveryOptions", version(title))]).await;
        started.push(answer.ok()["ChangeSetId"].as_str().unwrap().to_owned());
        desk.advance("PT1S").await;
    }
    desk.advance("PT2M").await;
    let statuses = async || {
        let mut found = Vec::new();
        for id in &started {
            found.push(desk.describe_set(id).await.ok()["Status"].as_str().unwrap().to_owned());
        }
        found
    };
    assert_eq!(statuses().await, ["APPLYING", "PREPARING"]);
    let third = vec![on_product("AmiProduct@1.0", AMI, "AddDeliveryOptions", version("4.0"))];
    desk.start(third).await.refused(423, "ResourceInUseException");
    desk.advance("PT1H").await;
    assert_eq!(statuses().await, ["SUCCEEDED", "APPLYING"]);
    desk.advance("PT2H").await;
    assert_eq!(statuses().await, ["SUCCEEDED", "SUCCEEDED"]);
    let versions = desk.describe_entity(AMI).await.ok()["DetailsDocument"]["Versions"].clone();
    let titles: Vec<&Value> = versions.as_array().unwrap().iter().map(|version| &version["VersionTitle"]).collect();
    assert_eq!(titles, ["1.0", "2.0", "3.0"]);
}

#[tokio::test]
async fn other_products_take_one_request_at_a_time() {
    let desk = Desk::new().await;
    let rename = |title: &str| {
        vec![on_product("SaaSProduct@1.0", PRODUCT, "UpdateInformation", json!({ "ProductTitle": title }))]
    };
    desk.start(rename("Second")).await.ok();
    desk.start(rename("Third")).await.refused(423, "ResourceInUseException");
    desk.advance("PT1S").await;
    let description = desk.describe_entity(PRODUCT).await.ok()["DetailsDocument"]["Description"].clone();
    assert_eq!(description["ProductTitle"], "Second");
    let foreign = rename("Mine");
    desk.start_as("reseller", foreign).await.refused(403, "AccessDeniedException");
    let mistyped = vec![on_product("AmiProduct@1.0", PRODUCT, "UpdateInformation", json!({ "ProductTitle": "x" }))];
    desk.start(mistyped).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_validation_judges_and_changes_nothing() {
    let desk = Desk::new().await;
    let ask = |changes: Vec<Value>| json!({ "Catalog": "AWSMarketplace", "Intent": "VALIDATE", "ChangeSet": changes });
    let add = on_product("AmiProduct@1.0", AMI, "AddDeliveryOptions", version("2.0"));
    let started = desk.catalog("StartChangeSet", ask(vec![add])).await.ok();
    desk.advance("PT1S").await;
    let ended = desk.describe_set(started["ChangeSetId"].as_str().unwrap()).await.ok();
    assert_eq!((&ended["Status"], &ended["Intent"]), (&json!("SUCCEEDED"), &json!("VALIDATE")));
    let versions = desk.describe_entity(AMI).await.ok()["DetailsDocument"]["Versions"].clone();
    assert_eq!(versions.as_array().unwrap().len(), 1);
    let container = on_product("ContainerProduct@1.0", CONTAINER, "AddDeliveryOptions", version("2.0"));
    desk.catalog("StartChangeSet", ask(vec![container])).await.refused(422, "ValidationException");
    desk.catalog("StartChangeSet", ask(contract(desk.buyer()))).await.refused(422, "ValidationException");
}

#[tokio::test]
async fn a_running_request_for_a_product_can_be_cancelled_while_it_is_prepared() {
    let desk = Desk::new().await;
    let add = vec![on_product("AmiProduct@1.0", AMI, "AddDeliveryOptions", version("2.0"))];
    let started = desk.start(add).await.ok();
    desk.query(Method::PATCH, "CancelChangeSet", "changeSetId", started["ChangeSetId"].as_str().unwrap()).await.ok();
    desk.advance("PT1M").await;
    assert_eq!(desk.describe_entity(AMI).await.ok()["EntityIdentifier"], format!("{AMI}@1"));
}
