//! Offers of every pricing model, for the sandbox's SaaS product and its clock of May 2031.

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
