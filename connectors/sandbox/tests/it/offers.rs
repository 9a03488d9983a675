//! Offers: revisions, reading back, expiry and extension, console edits.

use serde_json::json;

use crate::desk::{Desk, PRODUCT, change, contract, instalments, on, with};

#[tokio::test]
async fn days_are_written_and_instants_are_read() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    let entity = desk.describe_entity(&offer).await.ok();
    let details = &entity["DetailsDocument"];
    assert_eq!(details["Rules"][1]["AvailabilityEndDate"], "2031-06-30T23:59:59.999Z");
    let terms = details["Terms"].as_array().unwrap();
    let plan = terms.iter().find(|term| term["Type"] == "PaymentScheduleTerm").unwrap();
    assert_eq!(plan["Schedule"][0], json!({ "ChargeDate": "2031-05-15T00:00:00.000Z", "ChargeAmount": "600.00" }));
    let parsed: serde_json::Value = serde_json::from_str(entity["Details"].as_str().unwrap()).unwrap();
    assert_eq!(&parsed, details);
}

#[tokio::test]
async fn each_set_makes_one_revision_and_old_ones_stay_readable() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    desk.made(vec![on(&offer, "UpdateInformation", json!({ "Name": "Second" }))]).await;
    assert_eq!(desk.describe_entity(&offer).await.ok()["EntityIdentifier"], format!("{offer}@2"));
    let first = desk.describe_entity(&format!("{offer}@1")).await.ok();
    assert_eq!(first["DetailsDocument"]["Name"], "Observability for Alder");
    desk.describe_entity(&format!("{offer}@3")).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn an_update_replaces_its_terms_as_a_whole_and_leaves_the_others() {
    let desk = Desk::new().await;
    let draft = desk.made(vec![change("CreateOffer", json!({ "ProductId": PRODUCT }))]).await;
    let support = |text: &str| json!({ "Terms": [{ "Type": "SupportTerm", "RefundPolicy": text }] });
    let net = json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P30D" }] });
    desk.made(vec![
        on(&draft, "UpdateSupportTerms", support("First")),
        on(&draft, "UpdateNetPaymentTerms", net.clone()),
    ])
    .await;
    desk.made(vec![on(&draft, "UpdateSupportTerms", support("Second"))]).await;
    let terms = desk.describe_entity(&draft).await.ok()["DetailsDocument"]["Terms"].clone();
    assert_eq!(terms, json!([net["Terms"][0], support("Second")["Terms"][0]]));
    desk.made(vec![on(&draft, "UpdateSupportTerms", json!({ "Terms": [] }))]).await;
    let terms = desk.describe_entity(&draft).await.ok()["DetailsDocument"]["Terms"].clone();
    assert_eq!(terms, net["Terms"]);
}

#[tokio::test]
async fn null_takes_a_pre_existing_agreement_away() {
    let desk = Desk::new().await;
    let draft = desk.made(vec![change("CreateOffer", json!({ "ProductId": PRODUCT }))]).await;
    let prior = json!({ "AcquisitionChannel": "External", "PricingModel": "Contract" });
    desk.made(vec![on(&draft, "UpdateInformation", json!({ "PreExistingAgreement": prior }))]).await;
    assert_eq!(desk.describe_entity(&draft).await.ok()["DetailsDocument"]["PreExistingAgreement"], prior);
    desk.made(vec![on(&draft, "UpdateInformation", json!({ "PreExistingAgreement": null }))]).await;
    assert_eq!(desk.describe_entity(&draft).await.ok()["DetailsDocument"].get("PreExistingAgreement"), None);
}

#[tokio::test]
async fn a_released_offer_can_be_extended_and_expired() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let end = |day: &str| vec![on(&offer, "UpdateAvailability", json!({ "AvailabilityEndDate": day }))];
    desk.made(end("2031-12-31")).await;
    assert_eq!(desk.get(&format!("/aws/offers/{offer}")).await["expired"], false);
    desk.made(end("2031-04-01")).await;
    assert_eq!(desk.get(&format!("/aws/offers/{offer}")).await["expired"], true);
    let accept = desk.post(&format!("/aws/buyers/{}/accept", desk.buyer()), json!({ "offer_id": offer })).await;
    assert_eq!(accept.status, 409);
    assert!(accept.body["message"].as_str().unwrap().contains("expired"));
}

#[tokio::test]
async fn the_duration_may_change_after_the_release() {
    let desk = Desk::new().await;
    let validity = |text: &str| json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": text }] });
    let offer = desk.made(with(contract(desk.buyer()), "UpdateValidityTerms", validity("P1Y"))).await;
    desk.made(vec![on(&offer, "UpdateValidityTerms", validity("P2Y"))]).await;
}

#[tokio::test]
async fn an_edit_in_the_console_is_another_revision() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let patch = json!({ "name": "Edited by hand", "availability_end_date": "2031-05-31" });
    let edited = desk.post(&format!("/aws/console/offers/{offer}"), patch).await.ok();
    assert_eq!(edited["revision"], 2);
    let entity = desk.describe_entity(&offer).await.ok();
    assert_eq!(entity["DetailsDocument"]["Name"], "Edited by hand");
    assert_eq!(desk.get(&format!("/aws/offers/{offer}")).await["revisions"][1]["by"], "console");
    let unknown = desk.post(&format!("/aws/console/offers/{offer}"), json!({ "nmae": "x" })).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.body["message"].as_str().unwrap().contains("nmae"));
}

#[tokio::test]
async fn a_saas_product_describes_its_dimensions() {
    let desk = Desk::new().await;
    let entity = desk.describe_entity(PRODUCT).await.ok();
    assert_eq!(entity["EntityType"], "SaaSProduct@1.0");
    assert_eq!(entity["DetailsDocument"]["Description"]["Visibility"], "Public");
    assert_eq!(entity["DetailsDocument"]["Dimensions"][0]["Types"], json!(["Entitled"]));
}
