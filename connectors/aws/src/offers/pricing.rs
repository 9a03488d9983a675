//! What an offer costs, as `UpdatePricingTerms` states it. Amounts are decimal texts.

use entente_core::offer::{
    Offer, Period,
    document::{Choice, Contract, ContractDimension, PricingModel, ProductKind},
    totals,
};
use entente_port::{Error, Result};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::failure::MARKETPLACE;

/// The most decimals of a price for a duration.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html>
pub(crate) const UPFRONT_DECIMALS_MAX: u32 = 3;

/// Whether the offer sells machines or containers by the hour. Their contract, if there is one, is a price for paying in advance
/// that the buyer may choose instead of the hourly one; SaaS calls usage beside a contract a contract.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/userguide/ami-products-pricing.html>
pub(crate) fn by_the_hour(offer: &Offer) -> bool {
    matches!(offer.product.kind, ProductKind::MachineImage | ProductKind::Container) && offer.pricing.usage.is_some()
}

/// The details of `UpdatePricingTerms`.
pub(super) fn details(offer: &Offer) -> Result<Value> {
    let model = match offer.pricing.model() {
        Some(_) if by_the_hour(offer) => "Usage",
        Some(PricingModel::Contract | PricingModel::ContractWithUsage) => "Contract",
        Some(PricingModel::Usage) => "Usage",
        None => return Err(refused("/pricing", "the offer has no price; state `contract`, `usage` or both")),
    };
    let mut terms = Vec::new();
    terms.extend(usage(offer));
    if let Some(contract) = &offer.pricing.contract {
        terms.push(if contract.instalments.is_empty() {
            configurable(offer, contract)?
        } else {
            fixed(offer, contract)
        });
    }
    terms.extend(free_trial(offer));
    Ok(json!({ "PricingModel": model, "Terms": terms }))
}

fn usage(offer: &Offer) -> Option<Value> {
    let usage = offer.pricing.usage.as_ref()?;
    let priced = usage.dimensions.iter();
    let rates: Vec<Value> =
        priced.map(|dimension| rate(offer, &dimension.key, dimension.unit_price.decimal())).collect();
    Some(
        json!({ "Type": "UsageBasedPricingTerm", "CurrencyCode": offer.currency, "RateCards": [{ "RateCard": rates }] }),
    )
}

/// A contract that is paid in full on acceptance: the buyer states quantities, tier and duration while accepting.
fn configurable(offer: &Offer, contract: &Contract) -> Result<Value> {
    let mut rates = Vec::new();
    for (at, dimension) in contract.dimensions.iter().enumerate() {
        let price = upfront_price(contract, dimension).ok_or_else(|| {
            refused(
                &format!("/pricing/contract/dimensions/{at}"),
                "AWS Marketplace has one price per unit and duration, with at most 3 decimals, and this dimension's price, ramp or \
                 free months do not make one; round the price, or state `instalments`",
            )
        })?;
        rates.push(rate(offer, &dimension.key, price));
    }
    let mut cards = vec![rate_card(contract, contract.duration, rates)];
    cards.extend(contract.alternatives.iter().map(|other| {
        let rates = other.dimensions.iter().map(|row| rate(offer, &row.key, row.unit_price.decimal())).collect();
        rate_card(contract, other.duration, rates)
    }));
    Ok(json!({ "Type": "ConfigurableUpfrontPricingTerm", "CurrencyCode": offer.currency, "RateCards": cards }))
}

/// The prices of one duration. AWS lets the buyer choose several dimensions and their quantities, or one of one.
fn rate_card(contract: &Contract, duration: Period, rates: Vec<Value>) -> Value {
    let open = if contract.choose == Choice::One { "Disallowed" } else { "Allowed" };
    json!({
        "Selector": { "Type": "Duration", "Value": duration.to_string() },
        "RateCard": rates,
        "Constraints": { "MultipleDimensionSelection": open, "QuantityConfiguration": open },
    })
}

fn rate(offer: &Offer, key: &str, price: Decimal) -> Value {
    json!({ "DimensionKey": offer.marketplace_key(key), "Price": price.to_string() })
}

/// The price of one unit for the whole duration, if it is exact: a ramp has none, free months may have none.
pub(crate) fn upfront_price(contract: &Contract, dimension: &ContractDimension) -> Option<Decimal> {
    if !dimension.ramp.is_empty() {
        return None;
    }
    let units = totals::unit_months(contract, dimension);
    let value = dimension.unit_price.decimal().checked_mul(Decimal::from(units.charged))?;
    let parts = Decimal::from(dimension.quantity).checked_mul(Decimal::from(totals::months(contract)))?;
    let price = value.checked_div(parts)?.round_dp(UPFRONT_DECIMALS_MAX).normalize();
    (price.checked_mul(parts)? == value).then_some(price)
}

/// A contract that is paid by schedule: the quantities are granted, and the price stands in the schedule.
fn fixed(offer: &Offer, contract: &Contract) -> Value {
    let grant = |dimension: &ContractDimension| {
        let most = dimension
            .ramp
            .iter()
            .map(|step| step.quantity)
            .chain([dimension.quantity])
            .max()
            .unwrap_or(dimension.quantity);
        json!({ "DimensionKey": offer.marketplace_key(&dimension.key), "MaxQuantity": most })
    };
    let grants: Vec<Value> = contract.dimensions.iter().map(grant).collect();
    let mut term =
        json!({ "Type": "FixedUpfrontPricingTerm", "CurrencyCode": offer.currency, "Price": "0.0", "Grants": grants });
    // Where the agreement has an end date, that date is its duration.
    let dated = offer.renewal.is_some() || offer.term.is_some_and(|term| term.end.is_some() || term.start.is_some());
    if let (false, Some(fields)) = (dated, term.as_object_mut()) {
        fields.insert("Duration".to_owned(), Value::from(contract.duration.to_string()));
    }
    term
}

/// A free trial grants what it names, or everything that has a price.
fn free_trial(offer: &Offer) -> Option<Value> {
    let trial = offer.pricing.free_trial.as_ref()?;
    let named = trial
        .grants
        .iter()
        .map(|grant| json!({ "DimensionKey": offer.marketplace_key(&grant.key), "MaxQuantity": grant.quantity }));
    let contract =
        offer.pricing.contract.iter().flat_map(|contract| contract.dimensions.iter().map(|dimension| &dimension.key));
    let usage = offer.pricing.usage.iter().flat_map(|usage| usage.dimensions.iter().map(|dimension| &dimension.key));
    let priced: std::collections::BTreeSet<&str> =
        contract.chain(usage).map(|key| offer.marketplace_key(key)).collect();
    let grants: Vec<Value> = match trial.grants.is_empty() {
        true => priced.into_iter().map(|key| json!({ "DimensionKey": key })).collect(),
        false => named.collect(),
    };
    Some(json!({ "Type": "FreeTrialPricingTerm", "Duration": trial.duration.to_string(), "Grants": grants }))
}

fn refused(field: &str, reason: &str) -> Error {
    Error::Rejected { marketplace: MARKETPLACE, field: Some(field.to_owned()), code: None, reason: reason.to_owned() }
}
