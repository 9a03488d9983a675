//! The offer that all tests sell.

use entente_core::offer::Offer;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::json;

/// A year of seats, paid on acceptance. `now` is business time: the offer stays open for months.
pub fn document(marketplace: &str, product: &str, buyer: &str, reference: &str, now: Timestamp) -> Offer {
    let last_day = now.to_zoned(TimeZone::UTC).date().saturating_add(75.days());
    let key = if marketplace == "aws" { "Seats" } else { "seats" };
    let value = json!({
        "reference": reference,
        "marketplace": marketplace,
        "legal_entity": "acme-us",
        "product": { "id": product, "kind": "saas" },
        "buyer": { "name": format!("Globex {reference}"), "accounts": [buyer] },
        "name": format!("Acme for Globex {reference}"),
        "description": "A year of Acme",
        "currency": "USD",
        "pricing": { "contract": {
            "duration": "P12M",
            "dimensions": [{ "key": key, "quantity": 10, "unit_price": "1200.50" }],
        } },
        "eula": { "standard": { "version": "2022-07-14" } },
        "expires_on": last_day.to_string(),
    });
    Offer::from_json(&value).unwrap()
}
