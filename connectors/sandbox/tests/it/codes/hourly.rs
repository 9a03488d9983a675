//! Codes of products that are paid by the hour: AMIs and containers.

use serde_json::{Value, json};

use super::Witness;
use crate::desk::{contract, pricing, with};

pub const AMI: &str = "prod-ami0000000001";

/// Prices by the hour, and for a term beside them.
pub fn hourly_and(durations: &[&str]) -> Value {
    let card = |duration: &&str| {
        json!({
            "Selector": { "Type": "Duration", "Value": duration },
            "RateCard": [{ "DimensionKey": "m5.large", "Price": "220.00" }],
            "Constraints": { "MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed" },
        })
    };
    let hourly = json!({
        "Type": "UsageBasedPricingTerm", "CurrencyCode": "USD",
        "RateCards": [{ "RateCard": [{ "DimensionKey": "m5.large", "Price": "0.17" }] }],
    });
    let annual = json!({
        "Type": "ConfigurableUpfrontPricingTerm", "CurrencyCode": "USD",
        "RateCards": durations.iter().map(card).collect::<Vec<_>>(),
    });
    if durations.is_empty() { json!([hourly]) } else { json!([hourly, annual]) }
}

/// A complete hourly offer, accepted until 30 June and lasting some days.
pub fn hourly(terms: Value, lasting: &str) -> Vec<Value> {
    let changes = with(contract("530000000001"), "CreateOffer", json!({ "ProductId": AMI }));
    let changes = with(changes, "UpdatePricingTerms", pricing("Usage", terms));
    let validity = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": lasting }] });
    with(changes, "UpdateValidityTerms", validity)
}

pub async fn run(witness: &mut Witness) {
    let rows = vec![
        ("UpdatePricingTerms", "INCOMPATIBLE_SELECTOR_DURATION", hourly(hourly_and(&["P12M"]), "P650D")),
        ("UpdatePricingTerms", "TOO_MANY_RATE_CARDS", hourly(hourly_and(&["P365D", "P12M"]), "P650D")),
        // 60 days until the offer ends and 365 of the term are 425.
        ("UpdatePricingTerms", "INVALID_AGREEMENT_DURATION", hourly(hourly_and(&["P365D"]), "P425D")),
        ("UpdateValidityTerms", "INVALID_AGREEMENT_DURATION", hourly(hourly_and(&["P365D"]), "P425D")),
    ];
    witness.give_all(rows).await;
}
