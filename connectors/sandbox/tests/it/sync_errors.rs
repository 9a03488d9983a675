//! What is refused at once, and how the answer says where.

use serde_json::{Value, json};

use crate::desk::{
    Desk, PRODUCT, authorization, change, change_of, contract, fixed, on, on_entity, pricing, upfront, with,
};

/// The field and the reason that a refusal names.
async fn refused_field(desk: &Desk, changes: Vec<Value>) -> (String, String) {
    let body = desk.start(changes).await.refused(422, "ValidationException");
    let field = &body["ValidationExceptionFieldList"][0];
    (field["Field"].as_str().unwrap().to_owned(), field["Reason"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_malformed_document_is_refused_with_its_field() {
    let desk = Desk::new().await;
    let offer = || contract("530000000001");
    let accounts: Vec<String> = (0..27).map(|n| format!("5300000{n:05}")).collect();
    let schedule: Vec<Value> = (0..61).map(|_| json!({ "ChargeDate": "2031-11-15", "ChargeAmount": "1" })).collect();
    let mut bad_price = upfront("1");
    bad_price["RateCards"][0]["RateCard"][0]["Price"] = json!(-1);
    let mut no_quantity = fixed("0", Some("P1Y"));
    no_quantity["Grants"][0] = json!({ "DimensionKey": "Seats" });
    let rows = [
        ("CreateOffer", json!({}), "ProductId"),
        ("CreateOffer", json!({ "ProductId": PRODUCT, "Name": "a < b" }), "Name"),
        ("CreateOffer", json!({ "ProductId": PRODUCT, "Naem": "x" }), "Naem"),
        ("UpdateInformation", json!({ "Name": "x".repeat(151) }), "Name"),
        ("UpdateInformation", json!({ "Description": "" }), "Description"),
        (
            "UpdateTargeting",
            json!({ "PositiveTargeting": { "BuyerAccounts": accounts } }),
            "PositiveTargeting/BuyerAccounts",
        ),
        (
            "UpdateTargeting",
            json!({ "PositiveTargeting": { "BuyerAccounts": ["12"] } }),
            "PositiveTargeting/BuyerAccounts/0",
        ),
        ("UpdatePricingTerms", pricing("Rent", json!([upfront("1")])), "PricingModel"),
        ("UpdatePricingTerms", pricing("Contract", json!([])), "Terms"),
        (
            "UpdatePricingTerms",
            pricing("Contract", json!([upfront("1.000000001")])),
            "Terms/0/RateCards/0/RateCard/0/Price",
        ),
        ("UpdatePricingTerms", pricing("Contract", json!([upfront("-1")])), "Terms/0/RateCards/0/RateCard/0/Price"),
        ("UpdatePricingTerms", pricing("Contract", json!([bad_price])), "Terms/0/RateCards/0/RateCard/0/Price"),
        ("UpdatePricingTerms", pricing("Contract", json!([no_quantity])), "Terms/0/Grants/0/MaxQuantity"),
        ("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-02-30" }), "AvailabilityEndDate"),
        ("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-06-30T00:00:00Z" }), "AvailabilityEndDate"),
        ("UpdateLegalTerms", json!({ "Terms": [] }), "Terms"),
        (
            "UpdatePaymentScheduleTerms",
            json!({ "Terms": [{ "Type": "PaymentScheduleTerm", "CurrencyCode": "USD", "Schedule": schedule }] }),
            "Terms/0/Schedule",
        ),
        (
            "UpdatePaymentScheduleTerms",
            json!({ "Terms": [{ "Type": "PaymentScheduleTerm", "CurrencyCode": "USD",
                "Schedule": [{ "ChargeDate": "2031-11-15", "ChargeAmount": "1.001" }] }] }),
            "Terms/0/Schedule/0/ChargeAmount",
        ),
        (
            "UpdateValidityTerms",
            json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "1 year" }] }),
            "Terms/0/AgreementDuration",
        ),
        ("ReleaseOffer", json!({ "Now": true }), "Now"),
    ];
    for (kind, details, field) in rows {
        let found = refused_field(&desk, with(offer(), kind, details)).await;
        assert_eq!(found, (field.to_owned(), "FieldValidationFailed".to_owned()), "{kind}");
    }
    assert_eq!(desk.get("/aws/effects").await["effects"], json!([]));
}

#[tokio::test]
async fn documents_of_resale_and_of_offer_sets_have_bounds_too() {
    let desk = Desk::new().await;
    let create =
        |name: &str, reseller: &str| json!({ "ProductId": PRODUCT, "Name": name, "ResellerAccountId": reseller });
    let accounts: Vec<String> = (0..26).map(|n| format!("5300000{n:05}")).collect();
    let buyers =
        json!({ "Terms": [{ "Type": "BuyerTargetingTerm", "PositiveTargeting": { "BuyerAccounts": accounts } }] });
    let charges: Vec<Value> = (0..61).map(|_| json!({ "ChargeDate": "2031-11-15", "ChargeAmount": "1" })).collect();
    let plan =
        json!({ "Terms": [{ "Type": "ResalePaymentScheduleTerm", "CurrencyCode": "USD", "Schedule": charges }] });
    let bulk =
        json!({ "ProductId": PRODUCT, "Name": "x", "ResellerAccountId": "520000000001", "BulkRequestId": "none" });
    let offers: Vec<Value> = (0..8).map(|n| json!({ "OfferId": format!("offer-{n}") })).collect();
    let (ra, set, offer) = ("ResaleAuthorization@1.0", "OfferSet@1.0", "Offer@1.0");
    let rows = [
        (ra, "CreateResaleAuthorization", create(&"x".repeat(101), "520000000001"), "Name"),
        (ra, "CreateResaleAuthorization", create("x", "52"), "ResellerAccountId"),
        (ra, "CreateResaleAuthorization", bulk, "BulkRequestId"),
        (ra, "UpdateInformation", json!({ "Description": "x".repeat(256) }), "Description"),
        (ra, "UpdateBuyerTargetingTerms", buyers, "Terms/0/PositiveTargeting/BuyerAccounts"),
        (ra, "UpdateAvailability", json!({ "OffersMaxQuantity": 2 }), "OffersMaxQuantity"),
        (
            ra,
            "UpdateBuyerValidityTerms",
            json!({ "Terms": [{ "Type": "BuyerValidityTerm" }] }),
            "Terms/0/MaximumAgreementStartDate",
        ),
        (ra, "UpdateLegalTerms", json!({ "Terms": [] }), "Terms"),
        (ra, "UpdatePricingTerms", pricing("Byol", json!([upfront("1")])), "PricingModel"),
        (ra, "UpdatePaymentScheduleTerms", plan, "Terms/0/Schedule"),
        (ra, "UpdateNetPaymentTerms", json!({}), "Terms"),
        (ra, "ReleaseResaleAuthorization", json!({ "Now": true }), "Now"),
        (ra, "RestrictResaleAuthorization", json!({ "Now": true }), "Now"),
        (set, "CreateOfferSet", json!({ "Name": "" }), "Name"),
        (set, "UpdateInformation", json!({ "BuyerNotes": "x".repeat(1001) }), "BuyerNotes"),
        (set, "AssociateOffers", json!({ "Offers": offers }), "Offers"),
        (set, "DisassociateOffers", json!({ "Offers": [] }), "Offers"),
        (set, "AssociateSolution", json!({ "SolutionId": "solution" }), "SolutionId"),
        (set, "DisassociateSolution", json!({}), "SolutionId"),
        (set, "ReleaseOfferSet", json!({ "Now": true }), "Now"),
        (offer, "CreateOfferUsingResaleAuthorization", json!({}), "ResaleAuthorizationId"),
        (
            offer,
            "CreateReplacementOfferUsingResaleAuthorization",
            json!({ "ResaleAuthorizationId": "r-1" }),
            "AgreementId",
        ),
        (offer, "UpdateMarkup", json!({ "Percentage": "-1" }), "Percentage"),
        (offer, "UpdateMarkup", json!({ "Percentage": "1.0000000001" }), "Percentage"),
        (offer, "UpdateMarkup", json!({ "Percentage": 5 }), "Percentage"),
        (
            offer,
            "UpdateCustomerVerificationTerms",
            json!({ "Terms": [{ "Type": "CustomerVerificationTerm" }] }),
            "Terms/0/ApprovalStrategy",
        ),
    ];
    for (entity, kind, details, field) in rows {
        let found = refused_field(&desk, vec![asked(entity, kind, details)]).await;
        assert_eq!(found, (field.to_owned(), "FieldValidationFailed".to_owned()), "{kind}");
    }
}

/// A change alone: documents are checked before it is asked whether their entity exists.
fn asked(entity: &str, kind: &str, details: Value) -> Value {
    match kind.starts_with("Create") {
        true => change_of(entity, kind, details),
        false => on_entity(entity, "some-id", kind, details),
    }
}

#[tokio::test]
async fn change_types_that_are_not_carried_say_so() {
    let desk = Desk::new().await;
    for (kind, entity) in [
        ("CreateProduct", "SaaSProduct@1.0"),
        ("AddDeliveryOptions", "SaaSProduct@1.0"),
        ("CreateOffer", "OfferSet@1.0"),
        ("CreateSubsidiaryAuthorization", "SubsidiaryAuthorization@1.0"),
        ("CreateOffer", "Offer@2.0"),
    ] {
        let mut request = change("CreateOffer", json!({ "ProductId": PRODUCT }));
        request["ChangeType"] = kind.into();
        request["Entity"]["Type"] = entity.into();
        let found = refused_field(&desk, vec![request]).await;
        assert_eq!(found, ("ChangeType".to_owned(), "UnknownOperation".to_owned()), "{kind}");
    }
}

#[tokio::test]
async fn a_set_has_one_to_twenty_changes_each_type_once_per_entity() {
    let desk = Desk::new().await;
    let create = change("CreateOffer", json!({ "ProductId": PRODUCT }));
    desk.start(Vec::new()).await.refused(422, "ValidationException");
    desk.start(vec![create.clone(); 21]).await.refused(422, "ValidationException");
    let rename = |name: &str| change("UpdateInformation", json!({ "Name": name }));
    let found = refused_field(&desk, vec![create.clone(), rename("one"), rename("two")]).await;
    assert_eq!(found, ("ChangeType".to_owned(), "Other".to_owned()));
    let mut unnamed = create;
    unnamed.as_object_mut().unwrap().remove("ChangeName");
    let found = refused_field(&desk, vec![unnamed, rename("one")]).await;
    assert_eq!(found.0, "Entity/Identifier");
}

#[tokio::test]
async fn details_that_are_no_json_cannot_be_parsed() {
    let desk = Desk::new().await;
    let mut create = change("CreateOffer", json!({}));
    create.as_object_mut().unwrap().remove("DetailsDocument");
    create["Details"] = "{ not json".into();
    let found = refused_field(&desk, vec![create]).await;
    assert_eq!(found, ("Details".to_owned(), "CannotParse".to_owned()));
}

#[tokio::test]
async fn unknown_and_foreign_objects() {
    let desk = Desk::new().await;
    let create = |product: &str| vec![change("CreateOffer", json!({ "ProductId": product }))];
    desk.start(create("prod-nowhere")).await.refused(404, "ResourceNotFoundException");
    let ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": create(PRODUCT) });
    desk.catalog_as("reseller", "StartChangeSet", ask).await.refused(403, "AccessDeniedException");
    let rename = json!({ "Name": "Mine now" });
    desk.start(vec![on("offer-nowhere", "UpdateInformation", rename.clone())])
        .await
        .refused(404, "ResourceNotFoundException");
    let in_set = change("CreateOffer", json!({ "ProductId": PRODUCT, "OfferSetId": "offerset-nowhere" }));
    desk.start(vec![in_set]).await.refused(404, "ResourceNotFoundException");
    let offer = desk.released().await;
    let ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": [on(&offer, "UpdateInformation", rename)] });
    desk.catalog_as("reseller", "StartChangeSet", ask).await.refused(403, "AccessDeniedException");
    let replace = vec![change("CreateReplacementOffer", json!({ "AgreementId": "agmt-nowhere" }))];
    desk.start(replace).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn the_envelope_is_checked() {
    let desk = Desk::new().await;
    let create = change("CreateOffer", json!({ "ProductId": PRODUCT }));
    let extras = [
        json!({ "Catalog": "Elsewhere" }),
        json!({ "ChangeSetName": "no/slashes" }),
        json!({ "ChangeSetName": "x".repeat(101) }),
        json!({ "ClientRequestToken": "with space" }),
        json!({ "Intent": "VALIDATE" }),
        json!({ "Intent": "GUESS" }),
    ];
    for extra in extras {
        let mut ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": [create] });
        ask.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        desk.catalog("StartChangeSet", ask).await.refused(422, "ValidationException");
    }
}

#[tokio::test]
async fn a_caller_must_be_known_and_scoped() {
    let desk = Desk::new().await;
    let url = format!("{}/ListEntities", desk.running.aws_url());
    let seller = authorization("AKIASBOX510000000001");
    let elsewhere = seller.replace("us-east-1", "eu-west-1");
    let other_service = seller.replace("aws-marketplace", "s3");
    let rows = [
        (None, "MissingAuthenticationTokenException"),
        (Some(authorization("AKIANOBODY")), "UnrecognizedClientException"),
        (Some(elsewhere), "InvalidSignatureException"),
        (Some(other_service), "InvalidSignatureException"),
    ];
    for (authorization, code) in rows {
        let mut request = desk.http.post(&url).body(r#"{"Catalog":"AWSMarketplace","EntityType":"Offer"}"#);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["x-amzn-errortype"].to_str().unwrap()), (403, code));
    }
}

#[tokio::test]
async fn too_many_open_change_sets_are_refused() {
    let config = entente_sandbox::Config { open_change_sets_max: 2, ..crate::desk::stopped() };
    let desk = Desk::with(config).await;
    let create = || vec![change("CreateOffer", json!({ "ProductId": PRODUCT }))];
    desk.start(create()).await.ok();
    desk.start(create()).await.ok();
    desk.start(create()).await.refused(402, "ServiceQuotaExceededException");
    desk.advance("PT1S").await;
    desk.start(create()).await.ok();
}

#[tokio::test]
async fn a_body_that_is_no_json_is_not_read() {
    let desk = Desk::new().await;
    let request = desk.http.post(format!("{}/StartChangeSet", desk.running.aws_url())).body("<xml/>");
    let response = request.header("authorization", authorization("AKIASBOX510000000001")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(response.headers()["x-amzn-errortype"], "SerializationException");
}
