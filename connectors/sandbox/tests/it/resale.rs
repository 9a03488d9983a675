//! Resale: what a manufacturer authorizes, and what a reseller makes of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, PRODUCT, change, on, on_entity, schedule, with, without};
use crate::resale_desk::{AUTHORIZATION, RESELLER, authorization, instalment_authorization, resold, term};

const BUYER: &str = "530000000001";

async fn shared(desk: &Desk, role: &str) -> Vec<Value> {
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "ResaleAuthorization", "OwnershipType": "SHARED" });
    let listed = desk.catalog_as(role, "ListEntities", ask).await.ok();
    listed["EntitySummaryList"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_released_authorization_is_shared_with_its_reseller_and_nobody_else() {
    let desk = Desk::new().await;
    let draft = desk.made(without(authorization(), "ReleaseResaleAuthorization")).await;
    assert_eq!(shared(&desk, "reseller").await, Vec::<Value>::new());
    let read = async |role| desk.query_as(role, Method::GET, "DescribeEntity", "entityId", &draft).await;
    read("reseller").await.refused(403, "AccessDeniedException");
    desk.made(vec![on_entity(AUTHORIZATION, &draft, "ReleaseResaleAuthorization", json!({}))]).await;
    let rows = shared(&desk, "reseller").await;
    assert_eq!(rows[0]["EntityId"], draft.as_str());
    let summary = &rows[0]["ResaleAuthorizationSummary"];
    let told = [&summary["Status"], &summary["ResellerAccountID"], &summary["ManufacturerLegalName"]];
    assert_eq!(told, [&json!("Active"), &json!(RESELLER), &json!("Nimbus Software")]);
    assert_eq!((shared(&desk, "seller").await.len(), shared(&desk, "buyer").await.len()), (0, 0));
    let document = read("reseller").await.ok()["DetailsDocument"].clone();
    assert_eq!(document["OfferDetails"], json!({ "OfferExtendedStatus": "Not Started", "OfferCreatedCount": 0 }));
    assert_eq!(document["Dimensions"][0]["Key"], "Seats");
    read("buyer").await.refused(403, "AccessDeniedException");
}

#[tokio::test]
async fn an_offer_begins_with_the_terms_of_its_authorization() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let create = change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": held }));
    let offer = desk.made_as("reseller", vec![create]).await;
    let upfront = term(&desk, "reseller", &offer, "ConfigurableUpfrontPricingTerm").await;
    assert_eq!(upfront["RateCards"][0]["RateCard"][0], json!({ "DimensionKey": "Seats", "Price": "150" }));
    let licence = term(&desk, "reseller", &offer, "LegalTerm").await;
    assert_eq!(licence["Documents"], json!([{ "Type": "StandardEula", "Version": "2022-07-14" }]));
    let status = desk.describe_entity(&held).await.ok()["DetailsDocument"]["OfferDetails"].clone();
    assert_eq!(status, json!({ "OfferExtendedStatus": "Completed-Usable", "OfferCreatedCount": 1 }));
    desk.describe_entity(&offer).await.refused(403, "AccessDeniedException");
}

#[tokio::test]
async fn a_markup_raises_the_authorized_prices_and_not_what_was_raised_before() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let create = change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": held }));
    let offer = desk.made_as("reseller", vec![create]).await;
    for (percent, price) in [("5.0", "157.5"), ("12.345678901", "168.51851835"), ("0", "150")] {
        desk.made_as("reseller", vec![on(&offer, "UpdateMarkup", json!({ "Percentage": percent }))]).await;
        let upfront = term(&desk, "reseller", &offer, "ConfigurableUpfrontPricingTerm").await;
        assert_eq!(upfront["RateCards"][0]["RateCard"][0]["Price"], price, "{percent}");
    }
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "Offer",
        "EntityTypeFilters": { "OfferFilters": { "ResaleAuthorizationId": { "ValueList": [held] } } } });
    let listed = desk.catalog_as("reseller", "ListEntities", ask).await.ok();
    assert_eq!(listed["EntitySummaryList"][0]["EntityId"], offer.as_str());
}

#[tokio::test]
async fn instalments_are_raised_to_the_cent() {
    let desk = Desk::new().await;
    let held = desk.made(instalment_authorization()).await;
    let marked = with(resold(&held, BUYER), "UpdateMarkup", json!({ "Percentage": "12.5" }));
    let offer = desk.made_as("reseller", marked).await;
    let plan = term(&desk, "reseller", &offer, "PaymentScheduleTerm").await;
    let amounts: Vec<&Value> =
        plan["Schedule"].as_array().unwrap().iter().map(|charge| &charge["ChargeAmount"]).collect();
    assert_eq!(amounts, [&json!("675"), &json!("450.01")], "400.01 and an eighth are 450.01125");
}

#[tokio::test]
async fn instead_of_a_markup_a_reseller_may_write_his_own_instalments() {
    let desk = Desk::new().await;
    let held = desk.made(instalment_authorization()).await;
    let ours = schedule(&[("2031-05-15", "600.00"), ("2031-11-15", "500.00")]);
    let offer = desk.made_as("reseller", with(resold(&held, BUYER), "UpdatePaymentScheduleTerms", ours)).await;
    let agreement = desk.accepted(&offer).await;
    let described = desk.agreement("reseller", "DescribeAgreement", json!({ "agreementId": agreement })).await.ok();
    assert_eq!(described["estimatedCharges"]["agreementValue"], "1100.00");
    assert_eq!(described["proposer"]["accountId"], RESELLER);
}

#[tokio::test]
async fn the_manufacturer_hears_of_released_offers_of_his_product() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let offer = desk.made_as("reseller", resold(&held, BUYER)).await;
    let events = desk.get("/aws/events").await;
    let told: Vec<(&Value, &Value)> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["detail-type"] == "Offer Released" && event["detail"]["offer"]["id"] == offer.as_str())
        .map(|event| (&event["account"], &event["detail"]["sellerOfRecord"]["accountId"]))
        .collect();
    let seller = json!("510000000001");
    assert_eq!(told, [(&json!(RESELLER), &json!(RESELLER)), (&seller, &json!(RESELLER))]);
}

#[tokio::test]
async fn a_restriction_leaves_existing_offers_alone() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let draft = desk.made_as("reseller", without(resold(&held, BUYER), "ReleaseOffer")).await;
    desk.made(vec![on_entity(AUTHORIZATION, &held, "RestrictResaleAuthorization", json!({}))]).await;
    desk.made_as("reseller", vec![on(&draft, "ReleaseOffer", json!({}))]).await;
    desk.accepted(&draft).await;
}

#[tokio::test]
async fn an_agreement_is_replaced_under_an_authorization() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let offer = desk.made_as("reseller", resold(&held, BUYER)).await;
    let agreement = desk.accepted(&offer).await;
    let paid = desk.made(instalment_authorization()).await;
    let details = json!({ "ResaleAuthorizationId": paid, "AgreementId": agreement });
    let create = change("CreateReplacementOfferUsingResaleAuthorization", details);
    let end = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2032-05-31" }] });
    let mut changes = without(resold(&paid, BUYER), "UpdateTargeting");
    changes[0] = create.clone();
    let replacement = desk.made_as("reseller", with(changes, "UpdateValidityTerms", end)).await;
    desk.accepted(&replacement).await;
    let ended = desk.agreement("reseller", "DescribeAgreement", json!({ "agreementId": agreement })).await.ok();
    assert_eq!(ended["status"], "REPLACED");
    let gone = desk.start_as("reseller", vec![create]).await.refused(422, "ValidationException");
    assert_eq!(gone["ValidationExceptionFieldList"][0]["Field"], "AgreementId");
}

#[tokio::test]
async fn what_is_not_the_resellers_is_refused_at_once() {
    let desk = Desk::new().await;
    let create =
        |held: &str| vec![change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": held }))];
    desk.start_as("reseller", create("resaleauthz-nowhere")).await.refused(404, "ResourceNotFoundException");
    let draft = desk.made(without(authorization(), "ReleaseResaleAuthorization")).await;
    desk.start_as("reseller", create(&draft)).await.refused(403, "AccessDeniedException");
    let held = desk.made(authorization()).await;
    desk.start_as("seller", create(&held)).await.refused(403, "AccessDeniedException");
    desk.start_as("reseller", authorization()).await.refused(403, "AccessDeniedException");
    let direct = vec![change("CreateOffer", json!({ "ProductId": PRODUCT }))];
    desk.start_as("reseller", direct).await.refused(403, "AccessDeniedException");
    desk.post("/aws/products", json!({ "id": "prod-unlisted", "kind": "SaaSProduct", "visibility": "Draft" }))
        .await
        .ok();
    let mut early = authorization();
    early[0]["DetailsDocument"]["ProductId"] = "prod-unlisted".into();
    let body = desk.start(early).await.refused(422, "ValidationException");
    assert_eq!(body["ValidationExceptionFieldList"][0]["Field"], "ProductId");
}
