//! Codes that depend on what there was before: products, sellers, released offers, agreements.

use serde_json::{Value, json};

use super::Witness;
use super::documents::{edited, offer, priced};
use crate::desk::{
    PRODUCT, change, contract, fixed, instalments, on, pricing, schedule, upfront, usage, with, without,
};

pub async fn run(witness: &mut Witness) {
    products_that_take_no_offers(witness).await;
    products_of_other_kinds(witness).await;
    products_sold_in_some_countries(witness).await;
    sellers_in_bad_standing(witness).await;
    what_the_release_freezes(witness).await;
    replacements(witness).await;
    public_offers(witness).await;
}

async fn products_that_take_no_offers(witness: &mut Witness) {
    for (visibility, public_offer, kind) in
        [("Draft", false, "CreateOffer"), ("Restricted", false, "CreateOffer"), ("Limited", false, "ReleaseOffer")]
    {
        let dimensions =
            json!([{ "key": "Seats", "types": ["Entitled"] }, { "key": "Premium", "types": ["Entitled"] }]);
        let product = json!({ "id": "prod-other", "kind": "SaaSProduct", "visibility": visibility,
            "dimensions": dimensions, "public_offer": public_offer });
        witness.desk.post("/aws/products", product).await.ok();
        let changes = with(offer(), "CreateOffer", json!({ "ProductId": "prod-other" }));
        witness.gives(kind, "INCOMPATIBLE_PRODUCT", changes).await;
    }
}

async fn products_of_other_kinds(witness: &mut Witness) {
    let of = |product: &str, kind: &str, details: Value| {
        with(with(offer(), "CreateOffer", json!({ "ProductId": product })), kind, details)
    };
    let start = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-01", "AgreementEndDate": "2032-07-01" }] });
    let support = json!({ "Terms": [{ "Type": "SupportTerm", "RefundPolicy": "Within a week" }] });
    let net = json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P30D" }] });
    let renewal = json!({ "Terms": [{ "Type": "RenewalTerm", "PriceIncrease": { "Type": "FixedPercentage", "Value": "3.00" } }] });
    let countries = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000001"], "CountryCodes": ["DE"] } });
    for (product, kind, details) in [
        ("prod-ami0000000002", "UpdateValidityTerms", start),
        ("prod-ami0000000002", "UpdateRenewalTerms", renewal),
        ("prod-mlearn0000001", "UpdateSupportTerms", support),
        ("prod-mlearn0000001", "UpdateNetPaymentTerms", net),
        ("prod-data000000001", "UpdateTargeting", countries),
    ] {
        witness.gives(kind, "INCOMPATIBLE_PRODUCT", of(product, kind, details)).await;
    }
}

async fn products_sold_in_some_countries(witness: &mut Witness) {
    let product = json!({ "id": "prod-local", "kind": "SaaSProduct", "countries": ["DE", "FR"] });
    witness.desk.post("/aws/products", product).await.ok();
    let targeted = |details: Value| {
        vec![change("CreateOffer", json!({ "ProductId": "prod-local" })), change("UpdateTargeting", details)]
    };
    let elsewhere = json!({ "PositiveTargeting": { "CountryCodes": ["DE", "US"] } });
    witness.gives("UpdateTargeting", "INCOMPATIBLE_COUNTRY_CODES", targeted(elsewhere)).await;
    let excluding = json!({ "NegativeTargeting": { "CountryCodes": ["FR"] } });
    witness.gives("UpdateTargeting", "MISSING_COUNTRY_CODES", targeted(excluding)).await;
}

/// A seller without a bank for a currency, without verification, without tax information.
async fn sellers_in_bad_standing(witness: &mut Witness) {
    let standing = |standing: Value| json!({ "role": "seller", "name": "Nimbus Software", "account_id": "510000000001", "standing": standing });
    let euros = || {
        let plan = edited(schedule(&[("2031-11-15", "1")]), "/Terms/0/CurrencyCode", json!("EUR"));
        let term = edited(fixed("0", Some("P1Y")), "/CurrencyCode", json!("EUR"));
        let priced = with(instalments("530000000001"), "UpdatePricingTerms", pricing("Contract", json!([term])));
        with(priced, "UpdatePaymentScheduleTerms", plan)
    };
    for (told, code) in [
        (json!({ "payment_currencies": ["USD"] }), "INCOMPATIBLE_PAYMENT_SETTINGS"),
        (json!({ "verified": false }), "INCOMPATIBLE_SELLER_VERIFICATION"),
    ] {
        witness.desk.post("/accounts", standing(told)).await.ok();
        for kind in ["UpdatePricingTerms", "UpdatePaymentScheduleTerms", "ReleaseOffer"] {
            witness.gives(kind, code, euros()).await;
        }
    }
    witness.desk.post("/accounts", standing(json!({ "tax_information": false }))).await.ok();
    witness.gives("ReleaseOffer", "INVALID_TAX_INFORMATION", offer()).await;
    witness.desk.post("/accounts", standing(json!({}))).await.ok();
}

async fn what_the_release_freezes(witness: &mut Witness) {
    let dated = |start: &str, end: &str| json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": start, "AgreementEndDate": end }] });
    let dates = dated("2031-07-01", "2032-07-01");
    let offer = witness.desk.made(with(contract(witness.desk.buyer()), "UpdateValidityTerms", dates)).await;
    let accounts = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } });
    let legal = json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [{ "Type": "StandardEula", "Version": "2022-07-14" }] }] });
    let prior = json!({ "PreExistingAgreement": { "AcquisitionChannel": "External", "PricingModel": "Contract" } });
    let rows = [
        ("UpdateTargeting", accounts, "INCOMPATIBLE_TARGETING"),
        ("UpdatePricingTerms", pricing("Contract", json!([upfront("1")])), "INVALID_UPDATE_REQUEST"),
        ("UpdateLegalTerms", legal, "INCOMPATIBLE_TERMS"),
        ("UpdateSupportTerms", json!({ "Terms": [] }), "INCOMPATIBLE_TERMS"),
        ("UpdatePaymentScheduleTerms", json!({ "Terms": [] }), "INCOMPATIBLE_TERMS"),
        ("UpdateNetPaymentTerms", json!({ "Terms": [] }), "INCOMPATIBLE_TERMS"),
        ("UpdateRenewalTerms", json!({ "Terms": [] }), "INVALID_UPDATE_REQUEST"),
        ("UpdateMarkup", json!({ "Percentage": "1" }), "INCOMPATIBLE_TERMS"),
        ("UpdateInformation", prior, "INCOMPATIBLE_PRE_EXISTING_AGREEMENT"),
        ("UpdateValidityTerms", dated("2031-07-02", "2032-07-01"), "INCOMPATIBLE_AGREEMENT_START_DATE"),
        ("UpdateValidityTerms", dated("2031-07-01", "2032-07-02"), "INCOMPATIBLE_AGREEMENT_END_DATE"),
        ("ReleaseOffer", json!({}), "INVALID_UPDATE_REQUEST"),
    ];
    // Whatever is documented for drafts alone is among them.
    for kind in super::only_for_drafts("Offer@1.0") {
        assert!(rows.iter().any(|(known, _, _)| *known == kind), "{kind} is not tried after the release");
    }
    for (kind, details, code) in rows {
        witness.gives(kind, code, vec![on(&offer, kind, details)]).await;
    }
    // The frozen schedule must still fit.
    let paid = witness.desk.made(instalments(witness.desk.buyer())).await;
    let later = vec![on(&paid, "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-12-31" }))];
    witness.gives("UpdateAvailability", "INVALID_AVAILABILITY_END_DATE", later).await;
}

fn replacement(agreement: &str) -> Vec<Value> {
    let end = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2033-01-31" }] });
    let mut changes = with(instalments("530000000001"), "UpdateValidityTerms", end);
    changes[0] = change("CreateReplacementOffer", json!({ "AgreementId": agreement }));
    without(changes, "UpdateTargeting")
}

async fn replacements(witness: &mut Witness) {
    let by_use = witness.desk.made(priced("Usage", json!([usage("1")]))).await;
    let by_use = witness.desk.accepted(&by_use).await;
    witness.gives("CreateReplacementOffer", "INCOMPATIBLE_AGREEMENT", replacement(&by_use)).await;
    let held = witness.desk.released().await;
    let agreement = witness.desk.accepted(&held).await;
    let new = |kind: &str, details: Value| with(replacement(&agreement), kind, details);
    let other = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } });
    let starting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-01", "AgreementEndDate": "2033-01-31" }] });
    let lasting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P1Y" }] });
    let usage = pricing("Usage", json!([usage("1")]));
    let rows = [
        ("UpdateTargeting", "INCOMPATIBLE_TARGETING", new("UpdateTargeting", other)),
        ("UpdateValidityTerms", "INCOMPATIBLE_AGREEMENT_START_DATE", new("UpdateValidityTerms", starting)),
        ("UpdateValidityTerms", "INCOMPATIBLE_AGREEMENT", new("UpdateValidityTerms", lasting)),
        ("ReleaseOffer", "MISSING_AGREEMENT_END_DATE", without(replacement(&agreement), "UpdateValidityTerms")),
        ("UpdatePricingTerms", "INCOMPATIBLE_AGREEMENT", new("UpdatePricingTerms", usage)),
    ];
    witness.give_all(rows.into()).await;
    // A buyer changed by hand in the console is noticed at the release.
    let draft = witness.desk.made(without(replacement(&agreement), "ReleaseOffer")).await;
    let path = format!("/aws/console/offers/{draft}");
    witness.desk.post(&path, json!({ "buyer_accounts": ["530000000002"] })).await.ok();
    witness.gives("ReleaseOffer", "INCOMPATIBLE_TARGETING", vec![on(&draft, "ReleaseOffer", json!({}))]).await;
    // The product is taken off the market after its agreement was made.
    let restricted = json!({ "id": PRODUCT, "kind": "SaaSProduct", "visibility": "Restricted", "public_offer": false });
    let product = witness.desk.get("/aws/products").await["products"]
        .as_array()
        .unwrap()
        .iter()
        .find(|product| product["id"] == PRODUCT)
        .unwrap()["dimensions"]
        .clone();
    witness.desk.post("/aws/products", restricted).await.ok();
    witness.gives("CreateReplacementOffer", "INCOMPATIBLE_PRODUCT", replacement(&agreement)).await;
    let listed = json!({ "id": PRODUCT, "kind": "SaaSProduct", "dimensions": product });
    witness.desk.post("/aws/products", listed).await.ok();
}

async fn public_offers(witness: &mut Witness) {
    let offers = witness.desk.get("/aws/offers").await;
    let public = |offer: &&Value| offer["public"] == true && offer["product_id"] == PRODUCT;
    let id = offers["offers"].as_array().unwrap().iter().find(public).unwrap()["offer_id"].as_str().unwrap().to_owned();
    let end = vec![on(&id, "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-12-31" }))];
    witness.gives("UpdateAvailability", "INVALID_AVAILABILITY_END_DATE", end).await;
    let mut mixed = upfront("1500");
    mixed["RateCards"][0]["RateCard"][1]["Price"] = "900".into();
    let changed = vec![on(&id, "UpdatePricingTerms", pricing("Contract", json!([mixed])))];
    witness.gives("UpdatePricingTerms", "INVALID_PRICE_CHANGE", changed).await;
}
