//! Codes of resale authorizations.

use serde_json::{Value, json};

use super::Witness;
use super::documents::edited;
use crate::desk::{change_of, fixed, on_entity, schedule, upfront, usage, with, without};
use crate::resale_desk::{AUTHORIZATION, authorization, instalment_authorization, licence, resale};

pub async fn run(witness: &mut Witness) {
    people(witness).await;
    days(witness).await;
    licences(witness).await;
    witness.give_all(prices()).await;
    instalments(witness).await;
    manufacturers_in_bad_standing(witness).await;
    releases(witness).await;
    what_the_release_freezes(witness).await;
}

fn made_with(kind: &str, details: Value) -> Vec<Value> {
    with(authorization(), kind, details)
}

fn buyers(accounts: Value) -> Value {
    json!({ "Terms": [{ "Type": "BuyerTargetingTerm", "PositiveTargeting": { "BuyerAccounts": accounts } }] })
}

async fn people(witness: &mut Witness) {
    for account in ["000000000000", "510000000001", "530000000001"] {
        let mut changes = authorization();
        changes[0]["DetailsDocument"]["ResellerAccountId"] = account.into();
        witness.gives("CreateResaleAuthorization", "INVALID_RESELLER_ACCOUNT", changes).await;
    }
    const CODE: &str = "INCOMPATIBLE_BUYER_TARGETING";
    let prior =
        json!({ "PreExistingBuyerAgreement": { "AcquisitionChannel": "External", "PricingModel": "Contract" } });
    witness.gives("UpdateInformation", CODE, made_with("UpdateInformation", prior.clone())).await;
    witness.gives("ReleaseResaleAuthorization", CODE, made_with("UpdateInformation", prior)).await;
    for account in ["000000000000", "510000000001"] {
        let changes = made_with("UpdateBuyerTargetingTerms", buyers(json!([account])));
        witness.gives("UpdateBuyerTargetingTerms", CODE, changes).await;
    }
}

async fn days(witness: &mut Witness) {
    let ended = made_with("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-04-30" }));
    witness.gives("UpdateAvailability", "INVALID_AVAILABILITY_END_DATE", ended).await;
    let start = |day: &str| json!({ "Terms": [{ "Type": "BuyerValidityTerm", "MaximumAgreementStartDate": day }] });
    for day in ["2031-05-01", "2034-05-02"] {
        let changes = made_with("UpdateBuyerValidityTerms", start(day));
        witness.gives("UpdateBuyerValidityTerms", "INVALID_MAXIMUM_AGREEMENT_START_DATE", changes).await;
    }
    let mut changes = made_with("UpdateBuyerValidityTerms", start("2031-08-01"));
    changes[0]["DetailsDocument"]["ProductId"] = "prod-ami0000000002".into();
    witness.gives("UpdateBuyerValidityTerms", "INCOMPATIBLE_PRODUCT", changes).await;
}

async fn licences(witness: &mut Witness) {
    let elsewhere = |kind: &str| json!({ "Type": kind, "Url": "https://example.com/eula.pdf" });
    let standard = || licence("BuyerLegalTerm", json!({ "Type": "StandardEula" }));
    for (code, terms) in [
        ("INVALID_BUYER_LEGAL_DOCUMENTS", json!([licence("BuyerLegalTerm", elsewhere("CustomEula"))])),
        (
            "INVALID_RESALE_LEGAL_DOCUMENTS",
            json!([standard(), licence("ResaleLegalTerm", elsewhere("CustomResellerContract"))]),
        ),
        ("MISSING_MANDATORY_TERMS", json!([licence("ResaleLegalTerm", json!({ "Type": "StandardResellerContract" }))])),
    ] {
        witness.gives("UpdateLegalTerms", code, made_with("UpdateLegalTerms", json!({ "Terms": terms }))).await;
    }
}

fn priced(model: &str, terms: &[Value]) -> Vec<Value> {
    let terms: Vec<Value> = terms.iter().cloned().map(resale).collect();
    made_with("UpdatePricingTerms", json!({ "PricingModel": model, "Terms": terms }))
}

fn prices() -> Vec<super::documents::Row> {
    const KIND: &str = "UpdatePricingTerms";
    let card = |pointer: &str, value: Value| priced("Contract", &[edited(upfront("1"), pointer, value)]);
    let fixed_with =
        |pointer: &str, value: Value| priced("Contract", &[edited(fixed("0.0", Some("P1Y")), pointer, value)]);
    let twice = json!([{ "DimensionKey": "Seats", "Price": "1" }, { "DimensionKey": "Seats", "Price": "2" }]);
    let rates: Vec<Value> = (0..201).map(|n| json!({ "DimensionKey": format!("d{n}"), "Price": "1" })).collect();
    let grants: Vec<Value> = (0..201).map(|n| json!({ "DimensionKey": format!("d{n}"), "MaxQuantity": 1 })).collect();
    let cards = upfront("1")["RateCards"][0].clone();
    let metered = json!([{ "DimensionKey": "Events", "MaxQuantity": 1 }]);
    vec![
        (KIND, "INVALID_CURRENCY_CODE", card("/CurrencyCode", json!("CHF"))),
        (KIND, "INCOMPATIBLE_PRODUCT", fixed_with("/Grants", metered)),
        (KIND, "DUPLICATE_DIMENSION_KEYS", card("/RateCards/0/RateCard", twice)),
        (KIND, "INVALID_RATE_CARD", card("/RateCards/0/RateCard/0/DimensionKey", json!("Nothing"))),
        (KIND, "INVALID_RATE_CARD", card("/RateCards/0/RateCard/0/Price", json!("1.0000001"))),
        (KIND, "TOO_MANY_RATES", card("/RateCards/0/RateCard", json!(rates))),
        (KIND, "DUPLICATE_SELECTORS", card("/RateCards", json!([cards, cards]))),
        (
            KIND,
            "INCOMPATIBLE_RATE_CARD_CONSTRAINTS",
            card("/RateCards/0/Constraints/QuantityConfiguration", json!("Disallowed")),
        ),
        (KIND, "TOO_MANY_RATE_CARDS", hourly_with_two_terms()),
        (KIND, "INCOMPATIBLE_TERMS", priced("Contract", &[upfront("1"), fixed("0.0", Some("P1Y"))])),
        (KIND, "INCOMPATIBLE_TERMS", fixed_with("/Price", json!("10"))),
        (KIND, "INCOMPATIBLE_TERMS", priced("Usage", &[upfront("1")])),
        (KIND, "TOO_MANY_GRANTS", fixed_with("/Grants", json!(grants))),
        (KIND, "INVALID_SELECTOR_DURATION_VALUE", card("/RateCards/0/Selector/Value", json!("P61M"))),
        (KIND, "INVALID_DURATION", fixed_with("/Duration", json!("P6Y"))),
        (KIND, "MISSING_DURATION", priced("Contract", &[fixed("0.0", None)])),
        (
            KIND,
            "INCOMPATIBLE_CURRENCY_CODE",
            priced("Contract", &[usage("1"), edited(upfront("1"), "/CurrencyCode", json!("EUR"))]),
        ),
    ]
}

fn hourly_with_two_terms() -> Vec<Value> {
    let terms = super::hourly::hourly_and(&["P365D", "P12M"]);
    let mut changes = priced("Usage", terms.as_array().unwrap());
    changes[0]["DetailsDocument"]["ProductId"] = super::hourly::AMI.into();
    changes
}

async fn instalments(witness: &mut Witness) {
    const KIND: &str = "UpdatePaymentScheduleTerms";
    let plan = |charges: &[(&str, &str)], currency: &str| {
        let mut plan = edited(schedule(charges), "/Terms/0/CurrencyCode", json!(currency));
        plan["Terms"][0] = resale(plan["Terms"][0].clone());
        plan
    };
    let new =
        |charges: &[(&str, &str)], currency: &str| with(instalment_authorization(), KIND, plan(charges, currency));
    let later = [("2031-11-15", "1")];
    let rows = vec![
        (KIND, "INCOMPATIBLE_TERMS", made_with(KIND, plan(&later, "USD"))),
        (KIND, "MISSING_MANDATORY_TERMS", without(instalment_authorization(), "UpdateAvailability")),
        (KIND, "DUPLICATE_CHARGE_DATES", new(&[("2031-11-15", "1"), ("2031-11-15", "2")], "USD")),
        (KIND, "INVALID_CHARGE_DATES", new(&[("2031-05-01", "1")], "USD")),
        (KIND, "INVALID_CURRENCY_CODE", new(&later, "CHF")),
        (KIND, "INCOMPATIBLE_CURRENCY_CODE", new(&later, "EUR")),
    ];
    witness.give_all(rows).await;
    let net = json!({ "Terms": [{ "Type": "ResaleNetPaymentTerm", "PaymentDuePeriod": "P31D" }] });
    witness.gives("UpdateNetPaymentTerms", "INCOMPATIBLE_TERMS", made_with("UpdateNetPaymentTerms", net)).await;
}

async fn manufacturers_in_bad_standing(witness: &mut Witness) {
    let standing = |standing: Value| json!({ "role": "seller", "account_id": "510000000001", "standing": standing });
    let mut euros = instalment_authorization();
    for change in &mut euros {
        if change["DetailsDocument"]["Terms"][0]["CurrencyCode"] == "USD" {
            change["DetailsDocument"]["Terms"][0]["CurrencyCode"] = "EUR".into();
        }
    }
    for (told, code) in [
        (json!({ "payment_currencies": ["USD"] }), "INCOMPATIBLE_PAYMENT_SETTINGS"),
        (json!({ "verified": false }), "INCOMPATIBLE_SELLER_VERIFICATION"),
    ] {
        witness.desk.post("/accounts", standing(told)).await.ok();
        for kind in ["UpdatePricingTerms", "UpdatePaymentScheduleTerms"] {
            witness.gives(kind, code, euros.clone()).await;
        }
    }
    witness.desk.post("/accounts", standing(json!({}))).await.ok();
}

async fn releases(witness: &mut Witness) {
    const KIND: &str = "ReleaseResaleAuthorization";
    let unscheduled = without(instalment_authorization(), "UpdatePaymentScheduleTerms");
    let rows = vec![
        (KIND, "MISSING_MANDATORY_TERMS", without(authorization(), "UpdatePricingTerms")),
        (KIND, "MISSING_MANDATORY_TERMS", without(authorization(), "UpdateLegalTerms")),
        (KIND, "INCOMPATIBLE_PRICING_TERM", unscheduled),
    ];
    witness.give_all(rows).await;
    let product = json!({ "id": "prod-gone", "kind": "SaaSProduct", "visibility": "Restricted",
        "dimensions": [{ "key": "Seats" }, { "key": "Premium" }] });
    witness.desk.post("/aws/products", product).await.ok();
    let mut gone = authorization();
    gone[0]["DetailsDocument"]["ProductId"] = "prod-gone".into();
    witness.gives(KIND, "INCOMPATIBLE_PRODUCT", gone).await;
}

async fn what_the_release_freezes(witness: &mut Witness) {
    const CODE: &str = "INCOMPATIBLE_STATUS";
    let active = witness.desk.made(authorization()).await;
    let net = json!({ "Terms": [{ "Type": "ResaleNetPaymentTerm", "PaymentDuePeriod": "P30D" }] });
    let start = json!({ "Terms": [{ "Type": "BuyerValidityTerm", "MaximumAgreementStartDate": "2031-08-01" }] });
    let legal = json!({ "Terms": [licence("BuyerLegalTerm", json!({ "Type": "StandardEula" }))] });
    let rows = [
        ("UpdateInformation", json!({ "Name": "Renamed" })),
        ("UpdateBuyerTargetingTerms", buyers(json!(["530000000001"]))),
        ("UpdateAvailability", json!({ "AvailabilityEndDate": "2032-01-01" })),
        ("UpdateBuyerValidityTerms", start),
        ("UpdateLegalTerms", legal),
        ("UpdatePricingTerms", json!({ "PricingModel": "Contract", "Terms": [resale(upfront("1"))] })),
        ("UpdatePaymentScheduleTerms", json!({ "Terms": [] })),
        ("UpdateNetPaymentTerms", net),
        ("ReleaseResaleAuthorization", json!({})),
    ];
    for kind in super::only_for_drafts(AUTHORIZATION) {
        assert!(rows.iter().any(|(known, _)| *known == kind), "{kind} is not tried after the release");
    }
    for (kind, details) in rows {
        witness.gives(kind, CODE, vec![on_entity(AUTHORIZATION, &active, kind, details)]).await;
    }
    let restrict = |id: &str| vec![on_entity(AUTHORIZATION, id, "RestrictResaleAuthorization", json!({}))];
    let create = authorization()[0]["DetailsDocument"].clone();
    let draft = witness.desk.made(vec![change_of(AUTHORIZATION, "CreateResaleAuthorization", create)]).await;
    witness.gives("RestrictResaleAuthorization", CODE, restrict(&draft)).await;
    witness.desk.made(restrict(&active)).await;
    witness.gives("RestrictResaleAuthorization", CODE, restrict(&active)).await;
    let short =
        witness.desk.made(made_with("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-05-02" }))).await;
    witness.desk.advance("P3D").await;
    witness.gives("RestrictResaleAuthorization", CODE, restrict(&short)).await;
}
