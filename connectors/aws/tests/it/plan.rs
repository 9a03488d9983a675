//! The exact request of each write: what a plan shows is what is sent.

use entente_core::{
    ids::effect_token,
    offer::{
        Offer,
        preflight::{self as general, PreflightFacts, preflight},
    },
};
use entente_port::{CallContext, Error, Marketplace, Severity, StepKey, Write};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::{
    desk::call,
    offers::{create, document, every_kind, every_model, instalments, replacement, upfront, usage},
};

const BUYER: &str = "444455556666";

fn aws() -> entente_aws::AwsMarketplace {
    entente_aws::connect(entente_aws::Config::new()).unwrap()
}

fn body(write: &Write) -> Value {
    let plan = aws().plan(&call(1), write).unwrap();
    assert_eq!(plan.len(), 1, "one change set");
    assert_eq!(plan[0].operation, "StartChangeSet");
    plan[0].body.clone()
}

fn kinds(body: &Value) -> Vec<&str> {
    body["ChangeSet"].as_array().unwrap().iter().map(|change| change["ChangeType"].as_str().unwrap()).collect()
}

fn details<'a>(body: &'a Value, kind: &str) -> &'a Value {
    let changes = body["ChangeSet"].as_array().unwrap();
    &changes.iter().find(|change| change["ChangeType"] == kind).unwrap_or_else(|| panic!("no {kind}"))["DetailsDocument"]
}

#[test]
fn an_upfront_contract_is_created_filled_in_and_released_in_one_set() {
    let body = body(&create(upfront(BUYER)));
    assert_eq!(
        kinds(&body),
        [
            "CreateOffer",
            "UpdateInformation",
            "UpdateTargeting",
            "UpdatePricingTerms",
            "UpdateLegalTerms",
            "UpdateAvailability",
            "ReleaseOffer"
        ]
    );
    assert_eq!(body["ChangeSet"][0]["Entity"], json!({ "Type": "Offer@1.0" }));
    assert_eq!(
        body["ChangeSet"][6]["Entity"],
        json!({ "Type": "Offer@1.0", "Identifier": "$CreateTheOffer.Entity.Identifier" })
    );
    assert_eq!(
        details(&body, "UpdatePricingTerms"),
        &json!({ "PricingModel": "Contract", "Terms": [{
            "Type": "ConfigurableUpfrontPricingTerm",
            "CurrencyCode": "USD",
            "RateCards": [{
                "Selector": { "Type": "Duration", "Value": "P12M" },
                "RateCard": [{ "DimensionKey": "Seats", "Price": "1200.5" }],
                "Constraints": { "MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed" },
            }],
        }] })
    );
    assert_eq!(details(&body, "UpdateAvailability"), &json!({ "AvailabilityEndDate": "2031-06-30" }));
    assert_eq!(details(&body, "ReleaseOffer"), &json!({}));
}

#[test]
fn instalments_become_grants_without_price_and_a_schedule_in_order() {
    let mut offer = instalments(BUYER);
    offer["pricing"]["contract"]["instalments"].as_array_mut().unwrap().reverse();
    let body = body(&create(offer));
    let term = &details(&body, "UpdatePricingTerms")["Terms"][0];
    assert_eq!(
        term,
        &json!({
            "Type": "FixedUpfrontPricingTerm", "CurrencyCode": "USD", "Price": "0.0", "Duration": "P12M",
            "Grants": [{ "DimensionKey": "Seats", "MaxQuantity": 10 }],
        })
    );
    assert_eq!(
        details(&body, "UpdatePaymentScheduleTerms")["Terms"][0]["Schedule"],
        json!([
            { "ChargeDate": "2031-06-15", "ChargeAmount": "6002.5" },
            { "ChargeDate": "2031-12-15", "ChargeAmount": "6002.5" },
        ])
    );
    assert_eq!(details(&body, "UpdateNetPaymentTerms")["Terms"][0]["PaymentDuePeriod"], "P45D");
}

#[test]
fn a_ramp_grants_its_highest_quantity() {
    let mut offer = instalments(BUYER);
    offer["pricing"]["contract"]["dimensions"][0]["ramp"] = json!([{ "after_months": 6, "quantity": 25 }]);
    let grants = details(&body(&create(offer)), "UpdatePricingTerms")["Terms"][0]["Grants"].clone();
    assert_eq!(grants, json!([{ "DimensionKey": "Seats", "MaxQuantity": 25 }]));
}

#[test]
fn free_months_lower_an_upfront_price_where_that_is_exact_and_are_refused_where_it_is_not() {
    let mut offer = upfront(BUYER);
    offer["pricing"]["contract"]["free_months"] = json!(3);
    let body = body(&create(offer.clone()));
    assert_eq!(
        details(&body, "UpdatePricingTerms").pointer("/Terms/0/RateCards/0/RateCard/0/Price"),
        Some(&json!("900.375"))
    );
    offer["pricing"]["contract"]["free_months"] = json!(5);
    offer["pricing"]["contract"]["dimensions"][0]["unit_price"] = json!("1000");
    let refused = aws().plan(&call(1), &create(offer)).unwrap_err();
    let Error::Rejected { field, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(field.as_deref(), Some("/pricing/contract/dimensions/0"));
}

#[test]
fn usage_is_priced_per_unit_and_its_agreement_has_a_duration() {
    let body = body(&create(usage(BUYER)));
    let terms = details(&body, "UpdatePricingTerms");
    assert_eq!(terms["PricingModel"], "Usage");
    assert_eq!(
        terms["Terms"][0]["RateCards"][0]["RateCard"],
        json!([{ "DimensionKey": "Events", "Price": "0.00125" }])
    );
    assert_eq!(details(&body, "UpdateValidityTerms")["Terms"][0]["AgreementDuration"], "P12M");
}

#[test]
fn a_free_trial_grants_what_it_names_or_everything_that_has_a_price() {
    let mut offer = upfront(BUYER);
    offer["pricing"]["usage"] = json!({ "dimensions": [{ "key": "Events", "unit_price": "1" }] });
    offer["pricing"]["free_trial"] = json!({ "duration": "P30D" });
    let trial = |offer: &Value| details(&body(&create(offer.clone())), "UpdatePricingTerms")["Terms"][2].clone();
    let everything = json!([{ "DimensionKey": "Events" }, { "DimensionKey": "Seats" }]);
    assert_eq!(trial(&offer), json!({ "Type": "FreeTrialPricingTerm", "Duration": "P30D", "Grants": everything }));
    offer["pricing"]["free_trial"]["grants"] = json!([{ "key": "seats", "quantity": 3 }]);
    assert_eq!(trial(&offer)["Grants"], json!([{ "DimensionKey": "Seats", "MaxQuantity": 3 }]));
}

#[test]
fn a_replacement_names_its_agreement_and_neither_product_nor_buyer() {
    let body = body(&create(replacement(BUYER, "agmt-1")));
    assert_eq!(details(&body, "CreateReplacementOffer"), &json!({ "AgreementId": "agmt-1" }));
    assert!(!kinds(&body).contains(&"UpdateTargeting"));
    assert_eq!(details(&body, "UpdatePricingTerms")["Terms"][0].get("Duration"), None, "its end date is its duration");
    assert_eq!(details(&body, "UpdateValidityTerms")["Terms"][0]["AgreementEndDate"], "2032-12-31");
}

#[test]
fn the_token_is_ours_and_the_name_is_our_key_within_the_services_bounds() {
    for (_, offer) in every_model(BUYER) {
        let body = body(&create(offer));
        assert_eq!(body["ClientRequestToken"], json!(call(1).token.to_string()));
        let name = body["ChangeSetName"].as_str().unwrap();
        assert_eq!(
            name,
            "entente ACME-2031-0042 (-n-code-label- 00000000-0000-0000-0000-000000000042:1.0".replace('(', "-")
        );
    }
}

#[test]
fn long_and_odd_labels_never_hide_which_step_it_is() {
    let named = |label: &str, n: u64| {
        let CallContext { token, key } = call(n);
        let call = CallContext { token, key: StepKey { label: label.to_owned(), ..key } };
        let plan = aws().plan(&call, &create(upfront(BUYER))).unwrap();
        plan[0].body["ChangeSetName"].as_str().unwrap().to_owned()
    };
    for label in ["", "   ", &"x".repeat(500), "日本語", "a\nb\t\"c\"", "-"] {
        let (one, two) = (named(label, 1), named(label, u64::MAX));
        assert_ne!(one, two, "{label}");
        for name in [one, two] {
            assert!((1..=100).contains(&name.len()), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || " _+=.:@-".contains(c)), "{name}");
        }
    }
}

#[test]
fn an_offer_is_withdrawn_by_a_past_last_day_that_is_always_the_same() {
    let body = body(&Write::WithdrawOffer { offer_id: "offer-1".to_owned() });
    assert_eq!(kinds(&body), ["UpdateAvailability"]);
    assert_eq!(body["ChangeSet"][0]["Entity"]["Identifier"], "offer-1");
    assert_eq!(details(&body, "UpdateAvailability")["AvailabilityEndDate"], entente_aws::WITHDRAWN_ON.to_string());
}

#[test]
fn an_extension_that_frozen_terms_forbid_is_refused_before_it_is_sent() {
    let extend = |offer: Value, to| {
        let write =
            Write::ExtendOffer { offer_id: "offer-1".to_owned(), expires_on: to, offer: Box::new(document(offer)) };
        aws().plan(&call(1), &write)
    };
    assert!(extend(instalments(BUYER), date(2031, 12, 14)).is_ok());
    let mut dated = upfront(BUYER);
    dated["term"] = json!({ "start": "2031-07-10", "end": "2031-12-31" });
    for (offer, to) in [(instalments(BUYER), date(2031, 12, 15)), (dated, date(2031, 7, 10))] {
        let refused = extend(offer, to).unwrap_err();
        assert!(
            matches!(&refused, Error::Rejected { field: Some(field), reason, .. } if field == "/expires_on" && reason.contains("make a new one")),
            "{refused:?}"
        );
    }
}

#[test]
fn an_amendment_sends_what_changes_and_nothing_is_no_amendment() {
    let amend = |name: Option<&str>, description: Option<&str>| Write::AmendOffer {
        offer_id: "offer-1".to_owned(),
        name: name.map(str::to_owned),
        description: description.map(str::to_owned),
        duration: None,
        expires_on: None,
    };
    assert_eq!(details(&body(&amend(None, Some("New"))), "UpdateInformation"), &json!({ "Description": "New" }));
    assert!(matches!(aws().plan(&call(1), &amend(None, None)), Err(Error::Rejected { .. })));
}

#[test]
fn writes_about_one_offer_and_offers_on_one_product_follow_each_other() {
    let aws = aws();
    let offer = |id: &str| Write::WithdrawOffer { offer_id: id.to_owned() };
    assert_eq!(aws.entity(&create(upfront(BUYER))), aws.entity(&create(usage(BUYER))));
    assert_ne!(aws.entity(&offer("offer-1")), aws.entity(&offer("offer-2")));
}

/// Every field of an offer that money hangs on, with its value.
fn commercial(offer: &Value) -> Vec<(String, Value)> {
    fn leaves(at: String, value: &Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| leaves(format!("{at}/{name}"), value, found))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, value)| leaves(format!("{at}/{n}"), value, found))
            }
            leaf => found.push((at, leaf.clone())),
        }
    }
    let mut found = Vec::new();
    let roots = [
        "product",
        "buyer/accounts",
        "currency",
        "pricing",
        "term",
        "expires_on",
        "payment_due_days",
        "auto_renewal",
        "refund_policy",
        "countries",
    ];
    for root in roots {
        if let Some(value) = offer.pointer(&format!("/{root}")) {
            leaves(format!("/{root}"), value, &mut found);
        }
    }
    // The kind only picks the rules, the buyer of a plain contract chooses how many units he takes, and a name for a dimension
    // that has no price is never used.
    let chosen = offer.pointer("/pricing/contract/instalments").is_none();
    let unused = |field: &str| {
        let named = field.strip_prefix("/product/dimensions/");
        named.is_some_and(|name| !offer["pricing"].to_string().contains(&format!("\"{name}\"")))
    };
    found.retain(|(field, _)| field != "/product/kind" && !(chosen && field.ends_with("/quantity")) && !unused(field));
    found
}

/// Another value of the same kind.
fn another(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return json!(value.as_i64().unwrap() + 1) };
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        return json!(day.tomorrow().unwrap());
    }
    json!(match text {
        "USD" => "EUR".to_owned(),
        "P12M" => "P24M".to_owned(),
        number if number.contains('.') => format!("1{number}"),
        name => format!("{}7", &name[..name.len() - 1]),
    })
}

/// What is said against an offer before anything is sent.
fn errors(offer: &Offer) -> Vec<String> {
    let now = crate::desk::START.parse().unwrap();
    let facts = PreflightFacts::on(date(2031, 5, 1));
    let general = preflight(offer, &facts).into_iter().filter(|finding| finding.severity == general::Severity::Error);
    let theirs = aws().validate(offer, now, None).into_iter().filter(|finding| finding.severity == Severity::Error);
    general.map(|finding| finding.rule).chain(theirs.map(|finding| finding.rule)).collect()
}

#[test]
fn every_field_that_money_hangs_on_changes_the_request_and_its_token_or_is_refused() {
    // The runner hashes the request; the request itself tells as much.
    let token = |offer: &Value| {
        let request = json!({ "marketplace": "aws", "offer": offer }).to_string();
        effect_token(call(1).key.run, call(1).key.invoke, "marketplace.create_offer", &request)
    };
    for (model, offer) in every_model(BUYER).into_iter().chain(every_kind(BUYER)) {
        let (sent, known) = (body(&create(offer.clone())), errors(&document(offer.clone())));
        assert_eq!(known, [] as [&str; 0], "{model}");
        let fields = commercial(&offer);
        assert!(fields.len() >= 6, "{model}: {fields:?}");
        for (field, value) in fields {
            let mut changed = offer.clone();
            *changed.pointer_mut(&field).unwrap() = another(&value);
            let what = format!("{model}, {field}: {value} becomes {}", another(&value));
            assert_ne!(token(&changed), token(&offer), "{what}");
            let Ok(read) = Offer::from_json(&changed) else { continue };
            let refused = !errors(&read).is_empty();
            match aws().plan(&call(1), &Write::CreateOffer { offer: Box::new(read) }) {
                Ok(plan) => assert!(refused || plan[0].body != sent, "{what}: nobody would notice"),
                Err(Error::Rejected { .. }) => {}
                Err(other) => panic!("{what}: {other:?}"),
            }
        }
    }
}
