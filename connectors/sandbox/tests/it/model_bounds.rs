//! What the published shapes and the models allow, and no more: amounts, tags, filters, fields of errors.

use serde_json::{Value, json};

use crate::desk::{
    Desk, PRODUCT, change, contract, fixed, instalments, on, pricing, schedule, upfront, usage, with, without,
};
use crate::resale_desk::{instalment_authorization, resold};

fn support(policy: &str) -> Value {
    json!({ "Terms": [{ "Type": "SupportTerm", "RefundPolicy": policy }] })
}

fn verification(term: Value) -> Value {
    let mut whole = json!({ "Type": "CustomerVerificationTerm" });
    whole.as_object_mut().unwrap().extend(term.as_object().unwrap().clone());
    json!({ "Terms": [whole] })
}

fn fixed_increase(value: &str) -> Value {
    json!({ "Terms": [{ "Type": "RenewalTerm", "PriceIncrease": { "Type": "FixedPercentage", "Value": value } }] })
}

fn legal(document: Value) -> Value {
    json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [document] }] })
}

#[tokio::test]
async fn values_outside_the_published_shapes_are_refused_at_once() {
    let desk = Desk::new().await;
    let monthly = |price: &str| {
        let term = json!({ "Type": "RecurringPaymentTerm", "CurrencyCode": "USD", "BillingPeriod": "Monthly", "Price": price });
        pricing("Usage", json!([usage("1"), term]))
    };
    let rows = [
        ("UpdatePricingTerms", monthly("9.9999")),
        ("UpdatePricingTerms", pricing("Contract", json!([fixed("0.0001", Some("P1Y"))]))),
        ("UpdatePricingTerms", pricing("Contract", json!([upfront(".5")]))),
        ("UpdatePricingTerms", pricing("Usage", json!([usage("100000000.1")]))),
        ("UpdatePricingTerms", pricing("Usage", json!([usage("000000001")]))),
        ("UpdateSupportTerms", support("Rückgabe")),
        ("UpdateCustomerVerificationTerms", verification(json!({ "ApprovalStrategy": "AutoApproveOnExpiration" }))),
        (
            "UpdateCustomerVerificationTerms",
            verification(json!({ "ApprovalStrategy": "WaitForApproval", "ExpirationDuration": "P3D" })),
        ),
        ("UpdateMarkup", json!({ "Percentage": "5." })),
        ("UpdateMarkup", json!({ "Percentage": ".5" })),
        ("UpdateRenewalTerms", fixed_increase(".5")),
        ("UpdateRenewalTerms", fixed_increase("5.")),
        ("UpdateRenewalTerms", fixed_increase("05.00")),
    ];
    for (kind, details) in rows {
        let answer = desk
            .start(vec![change("CreateOffer", json!({ "ProductId": PRODUCT })), change(kind, details.clone())])
            .await;
        assert_eq!((answer.status, answer.error.as_deref()), (422, Some("ValidationException")), "{details}");
    }
    let allowed = [
        ("UpdateSupportTerms", support("Refunds within 30 days, © Nimbus™")),
        ("UpdateCustomerVerificationTerms", verification(json!({ "ApprovalStrategy": "WaitForApproval" }))),
        ("UpdateRenewalTerms", fixed_increase("100.00")),
        ("UpdatePricingTerms", pricing("Contract", json!([upfront("5.")]))),
        ("UpdateLegalTerms", legal(json!({ "Type": "StandardDsa" }))),
        ("UpdateLegalTerms", legal(json!({ "Type": "CustomDsa", "Url": "https://b.s3.amazonaws.com/dsa.pdf" }))),
    ];
    for (kind, details) in allowed {
        desk.made(with(contract(desk.buyer()), kind, details)).await;
    }
}

#[tokio::test]
async fn an_optional_member_may_be_null() {
    let desk = Desk::new().await;
    let validity = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P1Y", "AgreementStartDate": null, "AgreementEndDate": null }] });
    let information = json!({ "Name": "Observability", "Description": "Twelve months", "PreExistingAgreement": null });
    let changes = with(contract(desk.buyer()), "UpdateValidityTerms", validity);
    desk.made(with(changes, "UpdateInformation", information)).await;
    let none = with(contract(desk.buyer()), "UpdateInformation", json!({ "Name": null }));
    desk.start(none).await.refused(422, "ValidationException");
    let required = with(contract(desk.buyer()), "CreateOffer", json!({ "ProductId": null }));
    desk.start(required).await.refused(422, "ValidationException");
}

#[tokio::test]
async fn errors_have_no_empty_members() {
    let desk = Desk::new().await;
    let rows = [
        vec![change("UpdateInformation", json!({}))],
        vec![change("UpdateInformation", json!([]))],
        vec![change("", json!({}))],
        vec![change("ReleaseOffer", json!("text"))],
    ];
    for mut changes in rows {
        changes.insert(0, change("CreateOffer", json!({ "ProductId": PRODUCT })));
        let body = desk.start(changes).await.refused(422, "ValidationException");
        for field in body["ValidationExceptionFieldList"].as_array().unwrap() {
            let members = field.as_object().unwrap();
            assert!(members.values().all(|value| value != ""), "{field}");
            assert!(["DetailsDocument", "ChangeType"].contains(&members["Field"].as_str().unwrap()), "{field}");
        }
    }
}

#[tokio::test]
async fn tags_of_a_request_have_the_bounds_of_all_tags() {
    let desk = Desk::new().await;
    let changes = contract(desk.buyer());
    let many: Vec<Value> = (0..201).map(|n| json!({ "Key": format!("k{n}"), "Value": "v" })).collect();
    for tags in [json!(many), json!([{ "Key": "k".repeat(129), "Value": "" }]), json!([{ "Key": "a#b", "Value": "" }])]
    {
        let ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": changes, "ChangeSetTags": tags });
        desk.catalog("StartChangeSet", ask).await.refused(422, "ValidationException");
    }
}

#[tokio::test]
async fn lists_filter_and_sort_as_their_model_says() {
    let desk = Desk::new().await;
    let ask = |kind: &str, extra: Value| {
        let mut ask = json!({ "Catalog": "AWSMarketplace", "EntityType": kind });
        ask.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ask
    };
    let sorted =
        |kind: &str, by: &str| ask(kind, json!({ "EntityTypeSort": { format!("{kind}Sort"): { "SortBy": by } } }));
    let filtered =
        |kind: &str, filters: Value| ask(kind, json!({ "EntityTypeFilters": { format!("{kind}Filters"): filters } }));
    let values = |list: Value| json!({ "ValueList": list });
    for good in [
        sorted("SaaSProduct", "DeliveryOptionTypes"),
        sorted("ContainerProduct", "CompatibleAWSServices"),
        sorted("ExpressPrivateOfferConfiguration", "State"),
        filtered("ExpressPrivateOfferConfiguration", json!({ "State": values(json!(["ACTIVE"])) })),
        filtered("SubsidiaryAuthorization", json!({ "Status": values(json!(["Active"])) })),
        filtered("DataProduct", json!({ "Visibility": values(json!(["Unavailable"])) })),
    ] {
        desk.catalog("ListEntities", good).await.ok();
    }
    let wild = |text: &str| json!({ "WildCardValue": text });
    for bad in [
        sorted("SaaSProduct", "Name"),
        sorted("AmiProduct", "DeliveryOptionTypes"),
        filtered("SaaSProduct", json!({ "DeliveryOptionTypes": values(json!(["SaaS"])) })),
        filtered("SaaSProduct", json!({ "Visibility": values(json!(["Unavailable"])) })),
        filtered("Offer", json!({ "State": values(json!(["Sold"])) })),
        filtered("Offer", json!({ "Name": wild("a"), "BuyerAccounts": wild("5") })),
        filtered("SubsidiaryAuthorization", json!({ "Name": wild("ab") })),
    ] {
        desk.catalog("ListEntities", bad).await.refused(422, "ValidationException");
    }
}

fn codes(set: &Value) -> Vec<&str> {
    let rows = set["ChangeSet"].as_array().unwrap().iter();
    rows.flat_map(|row| row["ErrorDetailList"].as_array().into_iter().flatten())
        .map(|error| error["ErrorCode"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_start_date_needs_an_end_date() {
    let desk = Desk::new().await;
    let alone = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-10" }] });
    let set = desk.run(with(contract(desk.buyer()), "UpdateValidityTerms", alone)).await;
    assert_eq!(codes(&set), ["INVALID_AGREEMENT_TIME_INTERVAL"]);
}

#[tokio::test]
async fn yen_are_not_divided() {
    let desk = Desk::new().await;
    let yen = |mut term: Value| {
        term["CurrencyCode"] = "JPY".into();
        term
    };
    let set = desk
        .run(with(contract(desk.buyer()), "UpdatePricingTerms", pricing("Contract", json!([yen(upfront("100.50"))]))))
        .await;
    assert_eq!(codes(&set), ["INVALID_RATE_CARD"]);
    let mut plan = schedule(&[("2031-11-15", "100.50")]);
    plan["Terms"][0] = yen(plan["Terms"][0].clone());
    let offer = with(
        instalments(desk.buyer()),
        "UpdatePricingTerms",
        pricing("Contract", json!([yen(fixed("0.0", Some("P12M")))])),
    );
    let set = desk.run(with(offer, "UpdatePaymentScheduleTerms", plan)).await;
    assert_eq!(codes(&set), ["INCOMPATIBLE_CURRENCY_CODE"]);
    desk.made(with(contract(desk.buyer()), "UpdatePricingTerms", pricing("Contract", json!([yen(upfront("100.00"))]))))
        .await;
}

#[tokio::test]
async fn a_released_public_offer_may_change_its_terms_and_not_become_private() {
    let desk = Desk::new().await;
    let offers = desk.get("/aws/offers").await;
    let public = |offer: &&Value| offer["public"] == true && offer["product_id"] == PRODUCT;
    let id = offers["offers"].as_array().unwrap().iter().find(public).unwrap()["offer_id"].as_str().unwrap().to_owned();
    desk.made(vec![
        on(&id, "UpdateTargeting", json!({ "NegativeTargeting": { "CountryCodes": ["FR"] } })),
        on(&id, "UpdateSupportTerms", support("Within a week")),
        on(&id, "UpdateLegalTerms", legal(json!({ "Type": "StandardEula", "Version": "2022-07-14" }))),
        on(&id, "UpdateRenewalTerms", fixed_increase("3.00")),
    ])
    .await;
    let buyers = json!({ "PositiveTargeting": { "BuyerAccounts": [desk.buyer()] } });
    let set = desk.run(vec![on(&id, "UpdateTargeting", buyers)]).await;
    assert_eq!(codes(&set), ["INCOMPATIBLE_TARGETING"]);
}

#[tokio::test]
async fn a_reseller_may_write_his_instalments_in_any_order() {
    let desk = Desk::new().await;
    let held = desk.made(instalment_authorization()).await;
    let id = desk.made_as("reseller", without(resold(&held, desk.buyer()), "ReleaseOffer")).await;
    let own = schedule(&[("2031-11-15", "450.00"), ("2031-05-15", "650.00")]);
    desk.made_as("reseller", vec![on(&id, "UpdatePaymentScheduleTerms", own)]).await;
}

#[tokio::test]
async fn an_adjustment_is_in_the_smallest_unit_at_most_and_is_read_by_its_id() {
    let desk = Desk::new().await;
    let mut yen = upfront("100");
    yen["CurrencyCode"] = "JPY".into();
    let yen = with(contract(desk.buyer()), "UpdatePricingTerms", pricing("Contract", json!([yen])));
    for (offer, currency, amount) in [(contract(desk.buyer()), "USD", "0.001"), (yen, "JPY", "1.5")] {
        let id = desk.accepted(&desk.made(offer).await).await;
        let ask = json!({ "agreementId": id, "groupBy": "INVOICE_ID" });
        let invoices = desk.agreement("seller", "ListAgreementInvoiceLineItems", ask).await.ok();
        let invoice = &invoices["agreementInvoiceLineItemGroupSummaries"][0]["invoiceId"];
        let entry = json!({ "agreementId": id, "originalInvoiceId": invoice, "adjustmentAmount": amount,
            "currencyCode": currency, "adjustmentReasonCode": "TEST_ENVIRONMENT_CHARGES", "clientToken": "t-1" });
        let ask = json!({ "billingAdjustmentRequestEntries": [entry] });
        let answer = desk.agreement("seller", "BatchCreateBillingAdjustmentRequest", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], "INVALID_ADJUSTMENT_AMOUNT");
        let answer = desk.agreement("seller", "GetBillingAdjustmentRequest", json!({ "agreementId": id })).await;
        answer.refused(400, "ValidationException");
    }
}
