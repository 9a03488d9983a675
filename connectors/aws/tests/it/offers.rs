//! Offers of every kind of product and pricing model, for the sandbox's products and its clock of May 2031.

use entente_core::offer::Offer;
use entente_port::Write;
use serde_json::{Value, json};

pub const PRODUCT: &str = "prod-saas000000001";

/// A year of seats, paid on acceptance.
pub fn upfront(buyer: &str) -> Value {
    json!({
        "reference": "ACME-2031-0042",
        "marketplace": "aws",
        "legal_entity": "acme-us",
        "product": { "id": PRODUCT, "kind": "saas", "dimensions": { "seats": "Seats" } },
        "buyer": { "name": "Globex", "accounts": [buyer] },
        "name": "Acme for Globex",
        "description": "A year of Acme",
        "currency": "USD",
        "pricing": { "contract": {
            "duration": "P12M",
            "dimensions": [{ "key": "seats", "quantity": 10, "unit_price": "1200.50" }],
        } },
        "eula": { "standard": { "version": "2022-07-14" } },
        "expires_on": "2031-06-30",
    })
}

/// The same, paid in two instalments.
pub fn instalments(buyer: &str) -> Value {
    let mut offer = upfront(buyer);
    offer["pricing"]["contract"]["instalments"] =
        json!([{ "date": "2031-06-15", "amount": "6002.50" }, { "date": "2031-12-15", "amount": "6002.50" }]);
    offer["payment_due_days"] = json!(45);
    offer
}

/// Metered events.
pub fn usage(buyer: &str) -> Value {
    let mut offer = upfront(buyer);
    offer["pricing"] = json!({ "usage": { "dimensions": [{ "key": "Events", "unit_price": "0.00125" }] } });
    offer["term"] = json!({ "duration": "P12M" });
    offer
}

/// Seats, and events beyond them.
pub fn contract_with_usage(buyer: &str) -> Value {
    let mut offer = upfront(buyer);
    offer["pricing"]["usage"] = json!({ "dimensions": [{ "key": "Events", "unit_price": "0.15" }] });
    offer["auto_renewal"] = json!({ "price_increase_percent": "3.5", "lockout_days": 30, "renewals_max": 2 });
    offer
}

/// Seats from a day on, to a day.
pub fn dated(buyer: &str) -> Value {
    let mut offer = instalments(buyer);
    offer["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" });
    offer["eula"] = json!({ "custom": {
        "url": "https://acme-legal.s3.amazonaws.com/eula.pdf",
        "sha256": "0".repeat(64),
    } });
    offer
}

/// An offer that replaces an agreement.
pub fn replacement(buyer: &str, agreement: &str) -> Value {
    let mut offer = instalments(buyer);
    offer["renewal"] = json!({ "of": agreement });
    offer["term"] = json!({ "end": "2032-12-31" });
    offer
}

pub const IMAGE: &str = "prod-ami0000000001";
pub const IMAGE_CONTRACT: &str = "prod-ami0000000002";
pub const CONTAINER: &str = "prod-cont000000001";
pub const CONTAINER_CONTRACT: &str = "prod-cont000000002";

/// Machines by the hour, or a year of them in advance.
pub fn hourly_or_yearly(buyer: &str) -> Value {
    let mut offer = hourly(buyer);
    offer["pricing"]["contract"] = json!({
        "duration": "P365D",
        "dimensions": [{ "key": "m5.large", "quantity": 1, "unit_price": "1250.50" }],
    });
    offer["term"] = json!({ "duration": "P650D" });
    offer
}

/// Machines by the hour.
pub fn hourly(buyer: &str) -> Value {
    let mut offer = usage(buyer);
    offer["product"] = json!({ "id": IMAGE, "kind": "machine_image" });
    offer["pricing"] = json!({ "usage": { "dimensions": [{ "key": "m5.large", "unit_price": "0.17" }] } });
    offer
}

/// A year of licences for a machine image.
pub fn licences(buyer: &str) -> Value {
    let mut offer = upfront(buyer);
    offer["product"] = json!({ "id": IMAGE_CONTRACT, "kind": "machine_image" });
    offer["pricing"]["contract"]["dimensions"][0]["key"] = json!("Seats");
    offer
}

/// Containers by the hour, in two countries.
pub fn containers(buyer: &str) -> Value {
    let mut offer = usage(buyer);
    offer["product"] = json!({ "id": CONTAINER, "kind": "container" });
    offer["pricing"] = json!({ "usage": { "dimensions": [{ "key": "Hours", "unit_price": "0.20" }] } });
    offer["countries"] = json!({ "only": ["DE", "US"] });
    offer
}

/// A year of licences for containers.
pub fn container_licences(buyer: &str) -> Value {
    let mut offer = licences(buyer);
    offer["product"] = json!({ "id": CONTAINER_CONTRACT, "kind": "container" });
    offer["pricing"]["contract"]["instalments"] = json!([{ "date": "2031-06-15", "amount": "12005.00" }]);
    offer
}

/// One tier of two, for a year or for two.
pub fn tiers(buyer: &str) -> Value {
    let mut offer = upfront(buyer);
    offer["pricing"]["contract"] = json!({
        "duration": "P12M",
        "choose": "one",
        "dimensions": [
            { "key": "seats", "quantity": 1, "unit_price": "1200.50" },
            { "key": "Premium", "quantity": 1, "unit_price": "2400.50" },
        ],
        "alternatives": [{ "duration": "P24M", "dimensions": [
            { "key": "seats", "unit_price": "2000.50" },
            { "key": "Premium", "unit_price": "4000.50" },
        ] }],
    });
    offer["refund_policy"] = json!("Refunds within 30 days of acceptance.");
    offer
}

/// Seats by instalments and events as they come, renewing by itself with a rise that is settled later.
pub fn renewing(buyer: &str) -> Value {
    let mut offer = instalments(buyer);
    offer["pricing"]["usage"] = json!({ "dimensions": [{ "key": "Events", "unit_price": "0.15" }] });
    offer["auto_renewal"] = json!({
        "price_increase_percent": "4.5",
        "lockout_days": 30,
        "renewals_max": 3,
        "adjustable": { "min_percent": "1.5", "max_percent": "8.5", "until_days": 60 },
        "instalments": [
            { "after_months": 1, "percent": "50.5", "day_of_month": 15 },
            { "after_months": 7, "percent": "49.5", "day_of_month": 15 },
        ],
    });
    offer
}

/// An offer of each kind of product, and of each way to sell it, beside those of [`every_model`].
pub fn every_kind(buyer: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("machine image, hourly", hourly(buyer)),
        ("machine image, hourly or yearly", hourly_or_yearly(buyer)),
        ("machine image, contract", licences(buyer)),
        ("containers", containers(buyer)),
        ("containers, contract", container_licences(buyer)),
        ("tiers and durations", tiers(buyer)),
        ("renewing in full", renewing(buyer)),
    ]
}

pub fn every_model(buyer: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("upfront", upfront(buyer)),
        ("instalments", instalments(buyer)),
        ("usage", usage(buyer)),
        ("contract with usage", contract_with_usage(buyer)),
        ("dated", dated(buyer)),
    ]
}

pub fn document(value: Value) -> Offer {
    serde_json::from_value(value).unwrap()
}

pub fn create(value: Value) -> Write {
    Write::CreateOffer { offer: Box::new(document(value)) }
}
