//! What a buyer would pay, before accepting.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{acceptance, money};
use crate::aws::cbor::timestamp;
use crate::aws::offer::Offer;
use crate::aws::term::Term;

/// The charge summary of a choice within an offer.
pub(super) fn summary(
    offer: &Offer,
    duration: Option<&str>,
    quantities: Option<&BTreeMap<String, u64>>,
    now: Timestamp,
) -> Result<Value, String> {
    let term = offer.terms.iter().find_map(|term| match term {
        Term::ConfigurableUpfrontPricingTerm(term) => Some(term),
        _ => None,
    });
    let choice = term.map(|term| acceptance::configure(term, duration, quantities)).transpose()?;
    let charges = money::charges(&offer.terms, choice.as_ref(), now, now, None);
    let value: Decimal = charges.iter().map(|(_, amount)| *amount).sum();
    let expected: Vec<Value> = charges
        .iter()
        .map(|(at, amount)| {
            let timing = if *at <= now { "ON_ACCEPTANCE" } else { "SCHEDULED" };
            json!({ "time": timestamp(*at), "amount": amount.to_string(), "timing": timing })
        })
        .collect();
    let currency = offer.terms.iter().find_map(Term::currency).unwrap_or("USD");
    Ok(json!({
        "currencyCode": currency,
        "newAgreementValue": money::rounded(value).to_string(),
        "expectedCharges": expected,
    }))
}
