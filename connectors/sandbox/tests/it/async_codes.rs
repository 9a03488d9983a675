//! Every asynchronous error code that the sandbox gives, each by the change that causes it.

use serde_json::{Value, json};

use crate::desk::{Desk, change, contract, fixed, instalments, on, pricing, schedule, upfront, usage, with, without};

/// The code of the only failing change, as (change type, code) pairs of the whole set.
async fn codes(desk: &Desk, changes: Vec<Value>) -> Vec<(String, String)> {
    let set = desk.run(changes).await;
    assert_eq!((&set["Status"], &set["FailureCode"]), (&json!("FAILED"), &json!("CLIENT_ERROR")), "{set:#}");
    let mut found = Vec::new();
    for row in set["ChangeSet"].as_array().unwrap() {
        for error in row["ErrorDetailList"].as_array().unwrap() {
            found.push((
                row["ChangeType"].as_str().unwrap().to_owned(),
                error["ErrorCode"].as_str().unwrap().to_owned(),
            ));
        }
    }
    found
}

async fn each_gives(rows: Vec<(&str, &str, Vec<Value>)>) {
    let desk = Desk::new().await;
    for (kind, code, changes) in rows {
        let found = codes(&desk, changes).await;
        assert!(found.contains(&(kind.to_owned(), code.to_owned())), "expected {kind}/{code}, found {found:?}");
    }
    assert_eq!(desk.get("/aws/offers").await["offers"].as_array().unwrap().len(), 5, "a failed set leaves no offer");
}

fn offer() -> Vec<Value> {
    contract("530000000001")
}

fn priced(model: &str, terms: Value) -> Vec<Value> {
    with(offer(), "UpdatePricingTerms", pricing(model, terms))
}

fn edited(term: Value, pointer: &str, value: Value) -> Value {
    let mut term = term;
    *term.pointer_mut(pointer).unwrap() = value;
    term
}

#[tokio::test]
async fn targeting() {
    let targeted = |details| with(offer(), "UpdateTargeting", details);
    let accounts = |list: Value| targeted(json!({ "PositiveTargeting": { "BuyerAccounts": list } }));
    let both = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000001"] }, "NegativeTargeting": { "CountryCodes": ["DE"] } });
    each_gives(vec![
        ("UpdateTargeting", "INVALID_BUYER_ACCOUNTS", accounts(json!(["000000000000"]))),
        ("UpdateTargeting", "INVALID_BUYER_ACCOUNTS", accounts(json!(["530000000001", "530000000001"]))),
        (
            "UpdateTargeting",
            "INVALID_COUNTRY_CODES",
            targeted(json!({ "NegativeTargeting": { "CountryCodes": ["XX"] } })),
        ),
        ("UpdateTargeting", "INVALID_TARGETING", targeted(both)),
    ])
    .await;
}

#[tokio::test]
async fn pricing_terms_that_do_not_go_together() {
    let trial = json!({ "Type": "FreeTrialPricingTerm", "Duration": "P14D", "Grants": [{ "DimensionKey": "Events" }] });
    each_gives(vec![
        ("UpdatePricingTerms", "DUPLICATE_TERM_TYPES", priced("Usage", json!([usage("1"), usage("2")]))),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_TERMS",
            priced("Contract", json!([upfront("1"), fixed("0", Some("P1Y"))])),
        ),
        ("UpdatePricingTerms", "INCOMPATIBLE_TERMS", priced("Contract", json!([fixed("10", Some("P1Y"))]))),
        ("UpdatePricingTerms", "INCOMPATIBLE_TERMS", priced("Usage", json!([usage("1"), trial]))),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_PRODUCT",
            priced("Contract", json!([upfront("1"), { "Type": "ByolPricingTerm" }])),
        ),
        ("UpdatePricingTerms", "INCOMPATIBLE_PRICING_MODEL", priced("Byol", json!([{ "Type": "ByolPricingTerm" }]))),
        ("UpdatePricingTerms", "INCOMPATIBLE_PRICING_MODEL", priced("Usage", json!([usage("1"), upfront("1")]))),
        ("UpdatePricingTerms", "MISSING_MANDATORY_TERMS", priced("Contract", json!([usage("1")]))),
        ("UpdatePricingTerms", "INCOMPATIBLE_RATES", priced("Free", json!([usage("0.01")]))),
        (
            "UpdatePricingTerms",
            "INVALID_CURRENCY_CODE",
            priced("Usage", json!([edited(usage("1"), "/CurrencyCode", json!("CHF"))])),
        ),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_CURRENCY_CODE",
            priced("Usage", json!([edited(usage("1"), "/CurrencyCode", json!("EUR"))])),
        ),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_CURRENCY_CODE",
            priced("Contract", json!([usage("1"), edited(upfront("1"), "/CurrencyCode", json!("EUR"))])),
        ),
        ("UpdatePricingTerms", "MISSING_DURATION", priced("Contract", json!([fixed("0", None)]))),
        ("UpdatePricingTerms", "INVALID_DURATION", priced("Contract", json!([fixed("0", Some("P6Y"))]))),
    ])
    .await;
}

#[tokio::test]
async fn rate_cards_and_grants() {
    let card = |pointer: &str, value: Value| priced("Contract", json!([edited(upfront("1"), pointer, value)]));
    let twice = json!([{ "DimensionKey": "Seats", "Price": "1" }, { "DimensionKey": "Seats", "Price": "2" }]);
    let second = |duration: &str, key: &str| {
        let mut term = upfront("1");
        let mut another = term["RateCards"][0].clone();
        another["Selector"]["Value"] = duration.into();
        another["RateCard"][0]["DimensionKey"] = key.into();
        term["RateCards"].as_array_mut().unwrap().push(another);
        priced("Contract", json!([term]))
    };
    let many: Vec<Value> = (0..201).map(|n| json!({ "DimensionKey": format!("d{n}"), "Price": "1" })).collect();
    let grants: Vec<Value> = (0..201).map(|n| json!({ "DimensionKey": format!("d{n}"), "MaxQuantity": 1 })).collect();
    let granted = |list: Value| {
        let term = edited(fixed("0", Some("P1Y")), "/Grants", list);
        with(instalments("530000000001"), "UpdatePricingTerms", pricing("Contract", json!([term])))
    };
    each_gives(vec![
        ("UpdatePricingTerms", "DUPLICATE_DIMENSION_KEYS", card("/RateCards/0/RateCard", twice)),
        ("UpdatePricingTerms", "INVALID_RATE_CARD", card("/RateCards/0/RateCard/0/DimensionKey", json!("Nothing"))),
        ("UpdatePricingTerms", "INVALID_RATE_CARD", card("/RateCards/0/RateCard/0/DimensionKey", json!("Events"))),
        ("UpdatePricingTerms", "INVALID_RATE_CARD", card("/RateCards/0/RateCard/0/Price", json!("1.0001"))),
        ("UpdatePricingTerms", "INVALID_RATE_CARD", second("P24M", "Nothing")),
        ("UpdatePricingTerms", "DUPLICATE_SELECTORS", second("P12M", "Seats")),
        ("UpdatePricingTerms", "INVALID_SELECTOR_DURATION_VALUE", card("/RateCards/0/Selector/Value", json!("P61M"))),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_RATE_CARD_CONSTRAINTS",
            card("/RateCards/0/Constraints/QuantityConfiguration", json!("Disallowed")),
        ),
        ("UpdatePricingTerms", "TOO_MANY_RATES", card("/RateCards/0/RateCard", json!(many))),
        ("UpdatePricingTerms", "TOO_MANY_GRANTS", granted(json!(grants))),
        ("UpdatePricingTerms", "INVALID_GRANTS", granted(json!([{ "DimensionKey": "Events", "MaxQuantity": 1 }]))),
        (
            "UpdatePricingTerms",
            "DUPLICATE_DIMENSION_KEYS",
            granted(
                json!([{ "DimensionKey": "Seats", "MaxQuantity": 1 }, { "DimensionKey": "Seats", "MaxQuantity": 1 }]),
            ),
        ),
    ])
    .await;
}

#[tokio::test]
async fn legal_terms() {
    let legal = |document: Value| {
        with(offer(), "UpdateLegalTerms", json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [document] }] }))
    };
    each_gives(vec![
        (
            "UpdateLegalTerms",
            "INVALID_LEGAL_DOCUMENTS",
            legal(json!({ "Type": "StandardEula", "Version": "2019-04-24" })),
        ),
        (
            "UpdateLegalTerms",
            "INVALID_LEGAL_DOCUMENTS",
            legal(json!({ "Type": "CustomEula", "Url": "https://example.com/eula.pdf" })),
        ),
        (
            "UpdateLegalTerms",
            "INVALID_LEGAL_DOCUMENTS",
            legal(json!({ "Type": "CustomEula", "Url": "http://b.s3.amazonaws.com/e" })),
        ),
    ])
    .await;
}

#[tokio::test]
async fn availability_and_validity() {
    let validity = |term: Value| with(offer(), "UpdateValidityTerms", json!({ "Terms": [term] }));
    let dated = |start: &str, end: &str| {
        validity(json!({ "Type": "ValidityTerm", "AgreementStartDate": start, "AgreementEndDate": end }))
    };
    let duration = |text: &str| validity(json!({ "Type": "ValidityTerm", "AgreementDuration": text }));
    each_gives(vec![
        (
            "UpdateAvailability",
            "INVALID_AVAILABILITY_END_DATE",
            with(offer(), "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-04-30" })),
        ),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_DURATION", duration("P0D")),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_DURATION", duration("P5Y1D")),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_TIME_INTERVAL", dated("2032-01-01", "2031-12-01")),
        (
            "UpdateValidityTerms",
            "INVALID_AGREEMENT_TIME_INTERVAL",
            validity(json!({ "Type": "ValidityTerm", "AgreementDuration": "P1Y", "AgreementEndDate": "2032-12-01" })),
        ),
        (
            "UpdateValidityTerms",
            "MISSING_AGREEMENT_START_DATE",
            validity(json!({ "Type": "ValidityTerm", "AgreementEndDate": "2032-12-01" })),
        ),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_START_DATE", dated("2031-05-01", "2032-05-01")),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_START_DATE", dated("2031-06-30", "2032-05-01")),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_END_DATE", dated("2031-07-01", "2037-05-01")),
        ("UpdateAvailability", "INVALID_AVAILABILITY_END_DATE", dated("2031-05-02", "2031-06-30")),
    ])
    .await;
}

#[tokio::test]
async fn payment_terms() {
    let plan =
        |charges: &[(&str, &str)]| with(instalments("530000000001"), "UpdatePaymentScheduleTerms", schedule(charges));
    let euros = |mut details: Value| {
        details["Terms"][0]["CurrencyCode"] = "EUR".into();
        with(instalments("530000000001"), "UpdatePaymentScheduleTerms", details)
    };
    let net = json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P31D" }] });
    each_gives(vec![
        ("UpdatePaymentScheduleTerms", "DUPLICATE_CHARGE_DATES", plan(&[("2031-11-15", "1"), ("2031-11-15", "2")])),
        ("UpdatePaymentScheduleTerms", "INVALID_CHARGE_DATES", plan(&[("2031-04-30", "1")])),
        ("UpdatePaymentScheduleTerms", "INVALID_CHARGE_DATES", plan(&[("2032-05-02", "1")])),
        ("UpdatePaymentScheduleTerms", "TOO_MANY_BACKDATED_CHARGES", plan(&[("2031-05-15", "1"), ("2031-06-30", "2")])),
        ("UpdatePaymentScheduleTerms", "INCOMPATIBLE_CURRENCY_CODE", euros(schedule(&[("2031-11-15", "1")]))),
        (
            "UpdatePaymentScheduleTerms",
            "INCOMPATIBLE_TERMS",
            with(offer(), "UpdatePaymentScheduleTerms", schedule(&[("2031-11-15", "1")])),
        ),
        ("UpdateNetPaymentTerms", "INVALID_PAYMENT_DUE_PERIOD", with(offer(), "UpdateNetPaymentTerms", net)),
    ])
    .await;
}

#[tokio::test]
async fn renewal_terms() {
    let term = |extra: Value| {
        let mut term =
            json!({ "Type": "RenewalTerm", "PriceIncrease": { "Type": "FixedPercentage", "Value": "3.00" } });
        term.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "Terms": [term] })
    };
    let renewal = |extra: Value| with(offer(), "UpdateRenewalTerms", term(extra));
    let range = |least: &str, most: &str, deadline: Option<&str>| {
        let range = json!({ "MinValue": least, "MaxValue": most, "DefaultValue": "5.00" });
        let mut extra = json!({ "PriceIncrease": { "Type": "PercentageRange", "Range": range } });
        if let Some(deadline) = deadline {
            extra["AdjustmentDeadline"] = deadline.into();
        }
        renewal(extra)
    };
    let template = |entries: Value| {
        let template = json!([{ "Type": "PaymentScheduleTermTemplate", "Schedule": entries }]);
        with(instalments("530000000001"), "UpdateRenewalTerms", term(json!({ "TermTemplates": template })))
    };
    let part = |offset: &str, percent: &str| json!({ "ChargeDateOffset": offset, "ChargePercentage": percent });
    each_gives(vec![
        (
            "UpdateRenewalTerms",
            "MISSING_PRICE_INCREASE",
            with(offer(), "UpdateRenewalTerms", json!({ "Terms": [{ "Type": "RenewalTerm" }] })),
        ),
        ("UpdateRenewalTerms", "INVALID_PERCENTAGE_RANGE", range("6.00", "9.00", Some("P30D"))),
        ("UpdateRenewalTerms", "MISSING_ADJUSTMENT_DEADLINE", range("1.00", "9.00", None)),
        (
            "UpdateRenewalTerms",
            "INVALID_ADJUSTMENT_DEADLINE",
            renewal(json!({ "LockoutPeriod": "P30D", "AdjustmentDeadline": "P30D" })),
        ),
        ("UpdateRenewalTerms", "INVALID_LOCKOUT_PERIOD", renewal(json!({ "LockoutPeriod": "P366D" }))),
        (
            "UpdateRenewalTerms",
            "INCOMPATIBLE_TERMS",
            with(priced("Usage", json!([usage("1")])), "UpdateRenewalTerms", term(json!({}))),
        ),
        (
            "UpdateRenewalTerms",
            "MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE",
            with(instalments("530000000001"), "UpdateRenewalTerms", term(json!({}))),
        ),
        ("UpdateRenewalTerms", "INVALID_CHARGE_PERCENTAGES", template(json!([part("P0M", "50"), part("P6M", "49")]))),
        (
            "UpdateRenewalTerms",
            "DUPLICATE_CHARGE_DATE_OFFSETS",
            template(json!([part("P6M", "50"), part("P6M", "50")])),
        ),
        ("UpdateRenewalTerms", "INVALID_CHARGE_DATE_OFFSETS", template(json!([part("P1M", "50"), part("P20D", "50")]))),
        ("UpdateRenewalTerms", "INVALID_CHARGE_DATE_OFFSETS", template(json!([part("P12M", "100")]))),
        (
            "UpdateRenewalTerms",
            "INVALID_DAY_OF_MONTH",
            template(json!([{ "ChargeDateOffset": "P10D", "ChargePercentage": "100", "DayOfMonth": 1 }])),
        ),
    ])
    .await;
}

#[tokio::test]
async fn releases_of_incomplete_offers() {
    let nameless = with(offer(), "UpdateInformation", json!({ "Description": "No name" }));
    let undescribed = with(offer(), "UpdateInformation", json!({ "Name": "No description" }));
    let unscheduled = priced("Contract", json!([fixed("0", Some("P1Y"))]));
    let public = without(without(offer(), "UpdateTargeting"), "UpdateAvailability");
    each_gives(vec![
        ("ReleaseOffer", "MISSING_NAME", nameless),
        ("ReleaseOffer", "MISSING_DESCRIPTION", undescribed),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", without(offer(), "UpdatePricingTerms")),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", without(offer(), "UpdateLegalTerms")),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", unscheduled),
        ("ReleaseOffer", "MISSING_BUYER_ACCOUNTS", without(offer(), "UpdateTargeting")),
        ("ReleaseOffer", "MISSING_AVAILABILITY_END_DATE", without(offer(), "UpdateAvailability")),
        ("ReleaseOffer", "TOO_MANY_OFFERS", public),
    ])
    .await;
}

#[tokio::test]
async fn products_that_take_no_offers() {
    let desk = Desk::new().await;
    for (visibility, public_offer, kind) in
        [("Draft", false, "CreateOffer"), ("Restricted", false, "CreateOffer"), ("Limited", false, "ReleaseOffer")]
    {
        let dimensions = json!([{ "key": "Seats", "name": "Seats", "types": ["Entitled"] }, { "key": "Premium", "name": "P", "types": ["Entitled"] }]);
        let product = json!({ "id": "prod-other", "kind": "SaaSProduct", "title": "Other", "visibility": visibility,
            "dimensions": dimensions, "public_offer": public_offer });
        desk.post("/aws/products", product).await.ok();
        let found = codes(&desk, with(offer(), "CreateOffer", json!({ "ProductId": "prod-other" }))).await;
        assert!(found.contains(&(kind.to_owned(), "INCOMPATIBLE_PRODUCT".to_owned())), "{visibility}: {found:?}");
    }
}

#[tokio::test]
async fn a_future_start_is_for_saas_only() {
    let desk = Desk::new().await;
    let term = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-01", "AgreementEndDate": "2032-07-01" }] });
    let changes =
        with(with(offer(), "CreateOffer", json!({ "ProductId": "prod-ami0000000001" })), "UpdateValidityTerms", term);
    let found = codes(&desk, changes).await;
    assert_eq!(found, [("UpdateValidityTerms".to_owned(), "INCOMPATIBLE_PRODUCT".to_owned())]);
}

#[tokio::test]
async fn what_the_release_freezes() {
    let desk = Desk::new().await;
    let dated = |start: &str, end: &str| json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": start, "AgreementEndDate": end }] });
    let offer = desk.made(with(contract(desk.buyer()), "UpdateValidityTerms", dated("2031-07-01", "2032-07-01"))).await;
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
        ("UpdateInformation", prior, "INCOMPATIBLE_PRE_EXISTING_AGREEMENT"),
        ("UpdateValidityTerms", dated("2031-07-02", "2032-07-01"), "INCOMPATIBLE_AGREEMENT_START_DATE"),
        ("UpdateValidityTerms", dated("2031-07-01", "2032-07-02"), "INCOMPATIBLE_AGREEMENT_END_DATE"),
        ("ReleaseOffer", json!({}), "INVALID_UPDATE_REQUEST"),
    ];
    for (kind, details, code) in rows {
        let found = codes(&desk, vec![on(&offer, kind, details)]).await;
        assert_eq!(found, [(kind.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn replacements() {
    let desk = Desk::new().await;
    let replace = |agreement: &str| {
        let end = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2033-01-31" }] });
        let mut changes = with(instalments("530000000001"), "UpdateValidityTerms", end);
        changes[0] = change("CreateReplacementOffer", json!({ "AgreementId": agreement }));
        without(changes, "UpdateTargeting")
    };
    let pay_as_you_go = desk.made(with(offer(), "UpdatePricingTerms", pricing("Usage", json!([usage("1")])))).await;
    let by_use = desk.accepted(&pay_as_you_go).await;
    let found = codes(&desk, replace(&by_use)).await;
    assert_eq!(found, [("CreateReplacementOffer".to_owned(), "INCOMPATIBLE_AGREEMENT".to_owned())]);
    let held = desk.released().await;
    let agreement = desk.accepted(&held).await;
    let other = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } });
    let starting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-01", "AgreementEndDate": "2033-01-31" }] });
    let lasting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P1Y" }] });
    let rows = [
        ("UpdateTargeting", "INCOMPATIBLE_TARGETING", with(replace(&agreement), "UpdateTargeting", other)),
        (
            "UpdateValidityTerms",
            "INCOMPATIBLE_AGREEMENT_START_DATE",
            with(replace(&agreement), "UpdateValidityTerms", starting),
        ),
        ("UpdateValidityTerms", "INCOMPATIBLE_AGREEMENT", with(replace(&agreement), "UpdateValidityTerms", lasting)),
        ("ReleaseOffer", "MISSING_AGREEMENT_END_DATE", without(replace(&agreement), "UpdateValidityTerms")),
        (
            "UpdatePricingTerms",
            "INCOMPATIBLE_AGREEMENT",
            with(replace(&agreement), "UpdatePricingTerms", pricing("Usage", json!([usage("1")]))),
        ),
    ];
    for (kind, code, changes) in rows {
        let found = codes(&desk, changes).await;
        assert!(found.contains(&(kind.to_owned(), code.to_owned())), "expected {kind}/{code}, found {found:?}");
    }
}

#[tokio::test]
async fn moving_the_end_of_a_public_offer() {
    let desk = Desk::new().await;
    let offers = desk.get("/aws/offers").await;
    let public = offers["offers"].as_array().unwrap().iter().find(|offer| offer["public"] == true).unwrap();
    let id = public["offer_id"].as_str().unwrap();
    let found = codes(&desk, vec![on(id, "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-12-31" }))]).await;
    assert_eq!(found, [("UpdateAvailability".to_owned(), "INVALID_AVAILABILITY_END_DATE".to_owned())]);
}

#[tokio::test]
async fn extending_past_a_second_charge_date_is_refused() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    let found =
        codes(&desk, vec![on(&offer, "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-12-31" }))]).await;
    assert_eq!(found, [("UpdateAvailability".to_owned(), "INVALID_AVAILABILITY_END_DATE".to_owned())]);
}
