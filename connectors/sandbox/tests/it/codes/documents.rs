//! Documents of an offer that fail by themselves, each with the code of its failure.

use serde_json::{Value, json};

use crate::desk::{contract, fixed, instalments, pricing, schedule, upfront, usage, with, without};

/// What is asked, and which change fails with which code.
pub type Row = (&'static str, &'static str, Vec<Value>);

pub fn offer() -> Vec<Value> {
    contract("530000000001")
}

pub fn priced(model: &str, terms: Value) -> Vec<Value> {
    with(offer(), "UpdatePricingTerms", pricing(model, terms))
}

pub fn edited(term: Value, pointer: &str, value: Value) -> Value {
    let mut term = term;
    *term.pointer_mut(pointer).unwrap() = value;
    term
}

pub fn targeting() -> Vec<Row> {
    let targeted = |details| with(offer(), "UpdateTargeting", details);
    let accounts = |list: Value| targeted(json!({ "PositiveTargeting": { "BuyerAccounts": list } }));
    let both = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000001"] }, "NegativeTargeting": { "CountryCodes": ["DE"] } });
    vec![
        ("UpdateTargeting", "INVALID_BUYER_ACCOUNTS", accounts(json!(["000000000000"]))),
        ("UpdateTargeting", "INVALID_BUYER_ACCOUNTS", accounts(json!(["530000000001", "530000000001"]))),
        (
            "UpdateTargeting",
            "INVALID_COUNTRY_CODES",
            targeted(json!({ "NegativeTargeting": { "CountryCodes": ["XX"] } })),
        ),
        ("UpdateTargeting", "INVALID_TARGETING", targeted(both)),
        ("UpdateTargeting", "INCOMPATIBLE_BUYER_ACCOUNTS", accounts(json!(["530000000001", "510000000001"]))),
    ]
}

pub fn pricing_terms_that_do_not_go_together() -> Vec<Row> {
    let trial = json!({ "Type": "FreeTrialPricingTerm", "Duration": "P14D", "Grants": [{ "DimensionKey": "Events" }] });
    vec![
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
    ]
}

pub fn rate_cards_and_grants() -> Vec<Row> {
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
    vec![
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
    ]
}

pub fn legal_terms() -> Vec<Row> {
    let legal = |document: Value| {
        with(offer(), "UpdateLegalTerms", json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [document] }] }))
    };
    vec![
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
        (
            "UpdateLegalTerms",
            "LIMIT_EXCEEDED_LEGAL_DOCUMENT_SIZE",
            legal(json!({ "Type": "CustomEula", "Url": "https://b.s3.amazonaws.com/too-large.pdf" })),
        ),
    ]
}

/// A public trial that also says how long its agreement lasts.
fn trial_with_validity() -> Vec<Value> {
    let trial = json!({ "Type": "FreeTrialPricingTerm", "Duration": "P14D", "Grants": [{ "DimensionKey": "Events" }] });
    let lasting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P30D" }] });
    let public = without(without(priced("Free", json!([trial])), "UpdateTargeting"), "UpdateAvailability");
    with(public, "UpdateValidityTerms", lasting)
}

pub fn availability_and_validity() -> Vec<Row> {
    let validity = |term: Value| with(offer(), "UpdateValidityTerms", json!({ "Terms": [term] }));
    let dated = |start: &str, end: &str| {
        validity(json!({ "Type": "ValidityTerm", "AgreementStartDate": start, "AgreementEndDate": end }))
    };
    let duration = |text: &str| validity(json!({ "Type": "ValidityTerm", "AgreementDuration": text }));
    vec![
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
        (
            "UpdateAvailability",
            "MISSING_AVAILABILITY_END_DATE",
            with(offer(), "UpdateAvailability", json!({ "AvailabilityEndDate": null })),
        ),
        ("UpdateValidityTerms", "INCOMPATIBLE_TERMS", trial_with_validity()),
    ]
}

pub fn payment_terms() -> Vec<Row> {
    let plan =
        |charges: &[(&str, &str)]| with(instalments("530000000001"), "UpdatePaymentScheduleTerms", schedule(charges));
    let euros = |mut details: Value| {
        details["Terms"][0]["CurrencyCode"] = "EUR".into();
        with(instalments("530000000001"), "UpdatePaymentScheduleTerms", details)
    };
    let swiss = |mut details: Value| {
        details["Terms"][0]["CurrencyCode"] = "CHF".into();
        with(instalments("530000000001"), "UpdatePaymentScheduleTerms", details)
    };
    let net = json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P31D" }] });
    vec![
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
        ("UpdatePaymentScheduleTerms", "INVALID_CURRENCY_CODE", swiss(schedule(&[("2031-11-15", "1")]))),
    ]
}

pub fn renewal_terms() -> Vec<Row> {
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
    let whole = json!([{ "Type": "PaymentScheduleTermTemplate", "Schedule": [part("P0M", "100")] }]);
    let unscheduled_template = term(json!({ "TermTemplates": whole }));
    vec![
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
        ("UpdateRenewalTerms", "MISSING_MANDATORY_TERMS", with(offer(), "UpdateRenewalTerms", unscheduled_template)),
    ]
}

pub fn releases_of_incomplete_offers() -> Vec<Row> {
    let nameless = with(offer(), "UpdateInformation", json!({ "Description": "No name" }));
    let undescribed = with(offer(), "UpdateInformation", json!({ "Name": "No description" }));
    let unscheduled = priced("Contract", json!([fixed("0", Some("P1Y"))]));
    let public = without(without(offer(), "UpdateTargeting"), "UpdateAvailability");
    vec![
        ("ReleaseOffer", "MISSING_NAME", nameless),
        ("ReleaseOffer", "MISSING_DESCRIPTION", undescribed),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", without(offer(), "UpdatePricingTerms")),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", without(offer(), "UpdateLegalTerms")),
        ("ReleaseOffer", "MISSING_MANDATORY_TERMS", unscheduled),
        ("ReleaseOffer", "MISSING_BUYER_ACCOUNTS", without(offer(), "UpdateTargeting")),
        ("ReleaseOffer", "MISSING_AVAILABILITY_END_DATE", without(offer(), "UpdateAvailability")),
        ("ReleaseOffer", "TOO_MANY_OFFERS", public),
    ]
}
