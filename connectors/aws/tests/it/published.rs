//! Our change sets beside the requests that AWS publishes for offers of the same kind: the same changes, with the same contents.
//!
//! Source: <https://github.com/aws-samples/aws-marketplace-reference-code>, the folder `python/src/catalog_api/offers`

use std::{collections::BTreeMap, path::PathBuf};

use entente_port::{Marketplace, Write};
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    desk::call,
    offers::{create, document},
};

/// The published requests, where they are at hand. They belong to others and are not part of the repository.
const DATA: &str = "ENTENTE_FIDELITY_DATA";

/// What changes, by kind of change.
type Changes = BTreeMap<String, Value>;

/// The fields that every published offer shares.
fn offer(name: &str, description: &str, kind: &str, eula: Value, expires_on: &str, pricing: Value) -> Value {
    json!({
        "reference": "SAMPLE-1",
        "marketplace": "aws",
        "legal_entity": "acme-us",
        "product": { "id": "prod-1111111111111", "kind": kind },
        "buyer": { "name": "Sample", "accounts": ["111111111111", "222222222222"] },
        "name": name,
        "description": description,
        "currency": "USD",
        "pricing": pricing,
        "eula": eula,
        "expires_on": expires_on,
    })
}

fn custom() -> Value {
    json!({ "custom": { "url": "https://s3.amazonaws.com/sample-bucket/custom-eula.pdf", "sha256": "0".repeat(64) } })
}

fn standard() -> Value {
    json!({ "standard": { "version": "2022-07-14" } })
}

fn with(mut offer: Value, field: &str, value: Value) -> Value {
    offer[field] = value;
    offer
}

const AMI: &str = "Test private offer for AmiProduct using AWS Marketplace API Reference Code";
const AMI_ANNUAL: &str =
    "Test private offer with hourly annual pricing for AmiProduct using AWS Marketplace API Reference Code";
const AMI_HOURLY: &str =
    "Test private offer with hourly pricing for AmiProduct using AWS Marketplace API Reference Code";
const SAAS: &str = "Test private offer for SaaSProduct using AWS Marketplace API Reference Code";
const SAAS_SUBSCRIPTION: &str =
    "Test private offer with subscription pricing for SaaSProduct using AWS Marketplace API Reference Code";

fn contract(duration: &str, dimensions: Value) -> Value {
    json!({ "duration": duration, "dimensions": dimensions })
}

fn usage(dimensions: Value) -> Value {
    json!({ "dimensions": dimensions })
}

/// One thing to buy once.
fn one(key: &str, price: &str) -> Value {
    json!({ "key": key, "quantity": 1, "unit_price": price })
}

fn metered(key: &str, price: &str) -> Value {
    json!({ "key": key, "unit_price": price })
}

/// Each published request, and the write that means the same.
fn writes() -> Vec<(&'static str, Write)> {
    let micro = |price: &str| usage(json!([metered("t2.micro", price)]));
    let year = contract("P365D", json!([one("t2.micro", "220.00")]));
    let hourly = offer(AMI, AMI_HOURLY, "machine_image", standard(), "2025-01-01", json!({ "usage": micro("0.15") }));
    let pricing = json!({ "usage": micro("0.17"), "contract": year });
    let annual = offer(AMI, AMI_ANNUAL, "machine_image", custom(), "2023-12-31", pricing);
    let users = json!({ "contract": contract("P12M", json!([one("ReadOnlyUsers", "220.00")])) });
    let ami_contract = offer(AMI, AMI_ANNUAL, "machine_image", custom(), "2023-12-31", users);
    let saas = |pricing: Value| offer(SAAS, SAAS_SUBSCRIPTION, "saas", custom(), "2023-12-31", pricing);
    let two = |basic: &str, premium: &str| json!([one("BasicService", basic), one("PremiumService", premium)]);
    let mut tiers = contract("P12M", two("120.00", "200.00"));
    tiers["choose"] = json!("one");
    let workloads =
        |small: &str, medium: &str| usage(json!([metered("WorkloadSmall", small), metered("WorkloadMedium", medium)]));
    let both = json!({ "contract": contract("P12M", two("150", "300")), "usage": workloads("0.15", "0.25") });
    let metered_only = with(saas(json!({ "usage": workloads("0.13", "0.22") })), "term", json!({ "duration": "P30D" }));
    let late = date(2026, 1, 1);
    let extend = Write::ExtendOffer { offer_id: id(), expires_on: late, offer: Box::new(document(hourly.clone())) };
    let (name, description) = (Some("New offer name".to_owned()), Some("New offer description".to_owned()));
    vec![
        ("ami-hourly-private-offer", create(with(hourly, "term", json!({ "duration": "P30D" })))),
        ("ami-hourly-annual-private-offer", create(with(annual, "term", json!({ "duration": "P650D" })))),
        ("ami-contract-private-offer", create(ami_contract)),
        ("saas-tiered-contract-private-offer", create(saas(json!({ "contract": tiers })))),
        ("saas-contract-payg-private-offer", create(saas(both))),
        ("saas-usage-private-offer", create(metered_only)),
        ("replacement-private-offer-contract", create(replacement())),
        ("extend-private-offer", extend),
        (
            "update-offer-name-description",
            Write::AmendOffer { offer_id: id(), name, description, duration: None, expires_on: None },
        ),
    ]
}

fn id() -> String {
    "offer-1111111111111".to_owned()
}

fn replacement() -> Value {
    let mut bought = contract("P12M", json!([{ "key": "BasicService", "quantity": 2, "unit_price": "0" }]));
    bought["instalments"] = json!([{ "date": "2024-01-01", "amount": "0" }]);
    let name = "Test replacement offer for SaaSProduct using AWS Marketplace API Reference Codes";
    let description = "Test private replacement offer with contract pricing for SaaSProduct";
    let offer = offer(name, description, "saas", standard(), "2023-12-31", json!({ "contract": bought }));
    let ending = with(offer, "term", json!({ "end": "2024-01-30" }));
    with(ending, "renewal", json!({ "of": "agmt-1111111111111111111111111", "as": "amendment" }))
}

/// What each published request says about prices and durations, which is where the kinds differ.
fn stated(file: &str) -> Changes {
    let usage = |rates: Value| json!({ "Type": "UsageBasedPricingTerm", "CurrencyCode": "USD", "RateCards": [{ "RateCard": rates }] });
    let rate = |key: &str, price: &str| json!({ "DimensionKey": key, "Price": price });
    let upfront = |duration: &str, open: &str, rates: Value| {
        let card = json!({
            "Selector": { "Type": "Duration", "Value": duration },
            "RateCard": rates,
            "Constraints": { "MultipleDimensionSelection": open, "QuantityConfiguration": open },
        });
        json!({ "Type": "ConfigurableUpfrontPricingTerm", "CurrencyCode": "USD", "RateCards": [card] })
    };
    let pricing = |model: &str, terms: Value| ("UpdatePricingTerms", json!({ "PricingModel": model, "Terms": terms }));
    let lasts = |period: &str| {
        ("UpdateValidityTerms", json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": period }] }))
    };
    let micro = |price: &str| usage(json!([rate("t2.micro", price)]));
    let services = |one: &str, two: &str| json!([rate("BasicService", one), rate("PremiumService", two)]);
    let workloads = |one: &str, two: &str| usage(json!([rate("WorkloadSmall", one), rate("WorkloadMedium", two)]));
    let changes = match file {
        "ami-hourly-private-offer" => vec![pricing("Usage", json!([micro("0.15")])), lasts("P30D")],
        "ami-hourly-annual-private-offer" => {
            let year = upfront("P365D", "Allowed", json!([rate("t2.micro", "220.00")]));
            vec![pricing("Usage", json!([micro("0.17"), year])), lasts("P650D")]
        }
        "ami-contract-private-offer" => {
            vec![pricing("Contract", json!([upfront("P12M", "Allowed", json!([rate("ReadOnlyUsers", "220.00")]))]))]
        }
        "saas-tiered-contract-private-offer" => {
            vec![pricing("Contract", json!([upfront("P12M", "Disallowed", services("120.00", "200.00"))]))]
        }
        "saas-contract-payg-private-offer" => {
            let contract = upfront("P12M", "Allowed", services("150", "300"));
            vec![pricing("Contract", json!([workloads("0.15", "0.25"), contract]))]
        }
        "saas-usage-private-offer" => vec![pricing("Usage", json!([workloads("0.13", "0.22")])), lasts("P30D")],
        "replacement-private-offer-contract" => vec![
            pricing(
                "Contract",
                json!([{
                    "Type": "FixedUpfrontPricingTerm", "CurrencyCode": "USD", "Price": "0.0",
                    "Grants": [{ "DimensionKey": "BasicService", "MaxQuantity": 2 }],
                }]),
            ),
            ("UpdateValidityTerms", json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2024-01-30" }] })),
            (
                "UpdatePaymentScheduleTerms",
                json!({ "Terms": [{
                    "Type": "PaymentScheduleTerm", "CurrencyCode": "USD",
                    "Schedule": [{ "ChargeDate": "2024-01-01", "ChargeAmount": "0" }],
                }] }),
            ),
            ("CreateReplacementOffer", json!({ "AgreementId": "agmt-1111111111111111111111111" })),
        ],
        "extend-private-offer" => vec![("UpdateAvailability", json!({ "AvailabilityEndDate": "2026-01-01" }))],
        "update-offer-name-description" => {
            vec![("UpdateInformation", json!({ "Name": "New offer name", "Description": "New offer description" }))]
        }
        other => panic!("nothing is stated about {other}"),
    };
    changes.into_iter().map(|(kind, details)| (kind.to_owned(), plain(&details))).collect()
}

/// The changes of a request by kind. A set holds each kind once; order and names within it are the sender's.
fn changes(request: &Value) -> Changes {
    let changes = request["ChangeSet"].as_array().unwrap();
    let by_kind: Changes = changes
        .iter()
        .map(|change| (change["ChangeType"].as_str().unwrap().to_owned(), plain(&change["DetailsDocument"])))
        .collect();
    assert_eq!(by_kind.len(), changes.len());
    assert!(changes.iter().all(|change| change["Entity"]["Type"] == "Offer@1.0"));
    by_kind
}

/// The same with one form of each decimal.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<Decimal>() {
            Ok(number) if text.len() < 12 => json!(number.normalize().to_string()),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

fn ours(write: &Write) -> Changes {
    let aws = entente_aws::connect(entente_aws::Config::new()).unwrap();
    changes(&aws.plan(&call(1), write).unwrap()[0].body)
}

#[test]
fn an_offer_of_each_kind_states_what_the_published_request_states() {
    for (file, write) in writes() {
        let ours = ours(&write);
        for (kind, details) in stated(file) {
            assert_eq!(ours.get(&kind), Some(&details), "{file}: {kind}");
        }
    }
}

#[test]
fn an_offer_of_each_kind_is_the_published_request_where_that_is_at_hand() {
    let Some(folder) = std::env::var_os(DATA).map(PathBuf::from) else {
        eprintln!("skipped: {DATA} names no data");
        return;
    };
    for (file, write) in writes() {
        let path = ["requests", "aws/requests"].map(|inner| folder.join(inner).join(format!("{file}.json")));
        let text = path.iter().find_map(|path| std::fs::read_to_string(path).ok());
        let published: Value = serde_json::from_str(&text.unwrap_or_else(|| panic!("no {file}"))).unwrap();
        assert_eq!(ours(&write), changes(&published), "{file}");
    }
}
