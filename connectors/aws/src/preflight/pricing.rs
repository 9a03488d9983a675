//! What an offer costs.

use entente_core::offer::{document::Contract, totals};
use rust_decimal::Decimal;

use super::{Breach, PRIVATE_OFFERS, QUOTAS, Rule, Subject, advice, breach, rule};
use crate::offers::{by_the_hour, upfront_price};

const CURRENCIES: [&str; 5] = ["USD", "AUD", "EUR", "GBP", "JPY"];
const USAGE_DECIMALS_MAX: u32 = 8;
const UPFRONT_DECIMALS_MAX: u32 = 3;
const PRICE_MAX: i64 = 100_000_000;
const AGREEMENT_VALUE_MAX: i64 = 1_000_000_000;
const TRIAL_DAYS_MAX: u32 = 90;

pub(super) const RULES: &[Rule] = &[
    rule("AWS-013", "a private offer is in USD, AUD, EUR, GBP or JPY", PRIVATE_OFFERS, currency),
    rule("AWS-014", "usage is priced in USD", PRIVATE_OFFERS, usage_currency),
    rule("AWS-015", "an upfront price has at most 3 decimals and is at most 100000000", PRIVATE_OFFERS, upfront_prices),
    rule("AWS-016", "a usage price has at most 8 decimals and is at most 100000000", PRIVATE_OFFERS, usage_prices),
    rule("AWS-017", "ramps and free months need instalments", PRIVATE_OFFERS, one_price_per_unit),
    rule("AWS-018", "an agreement is worth at most 1000000000 dollars", QUOTAS, value),
    rule("AWS-019", "a free trial lasts 1 to 90 days", FREE_TRIALS, trial),
    advice("AWS-020", "free trials belong to public offers", FREE_TRIALS, private_trial),
    advice("AWS-021", "quantities are fixed by instalments only", PRIVATE_OFFERS, open_quantities),
];

/// The page that documents free trials: in days, at most 90, as public offers.
const FREE_TRIALS: &str = "https://aws.amazon.com/blogs/awsmarketplace/create-free-trial-offer-saas-usage-based-pricing-products-aws-marketplace/";

/// A contract that is paid in full on acceptance.
fn upfront<'a>(subject: &'a Subject<'_>) -> Option<&'a Contract> {
    subject.offer.pricing.contract.as_ref().filter(|contract| contract.instalments.is_empty())
}

fn currency(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let currency = subject.offer.currency.code();
    if !CURRENCIES.contains(&currency) {
        let message = format!("AWS Marketplace takes no private offers in {currency}");
        breach(breaches, "/currency", message, format!("write one of {}", CURRENCIES.join(", ")));
    }
}

fn usage_currency(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let currency = subject.offer.currency.code();
    if subject.offer.pricing.usage.is_some() && currency != "USD" {
        let message = format!("usage cannot be priced in {currency}");
        breach(breaches, "/currency", message, "write USD, or sell the contract alone");
    }
}

fn upfront_prices(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(contract) = upfront(subject) else { return };
    for (at, dimension) in contract.dimensions.iter().enumerate() {
        let field = format!("/pricing/contract/dimensions/{at}/unit_price");
        check_price(&field, dimension.unit_price.decimal(), UPFRONT_DECIMALS_MAX, breaches);
    }
    for (nth, alternative) in contract.alternatives.iter().enumerate() {
        for (at, price) in alternative.dimensions.iter().enumerate() {
            let field = format!("/pricing/contract/alternatives/{nth}/dimensions/{at}/unit_price");
            check_price(&field, price.unit_price.decimal(), UPFRONT_DECIMALS_MAX, breaches);
        }
    }
}

fn usage_prices(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (at, dimension) in subject.offer.pricing.usage.iter().flat_map(|usage| &usage.dimensions).enumerate() {
        let field = format!("/pricing/usage/dimensions/{at}/unit_price");
        check_price(&field, dimension.unit_price.decimal(), USAGE_DECIMALS_MAX, breaches);
    }
}

fn check_price(field: &str, price: Decimal, decimals_max: u32, breaches: &mut Vec<Breach>) {
    if price.scale() > decimals_max {
        breach(
            breaches,
            field,
            format!("the price {price} has {} decimals", price.scale()),
            format!("write at most {decimals_max}"),
        );
    }
    if price > Decimal::from(PRICE_MAX) {
        breach(breaches, field, format!("the price {price} is too high"), format!("write at most {PRICE_MAX}"));
    }
}

fn one_price_per_unit(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(contract) = upfront(subject) else { return };
    for (at, dimension) in contract.dimensions.iter().enumerate() {
        if (!dimension.ramp.is_empty() || contract.free_months > 0) && upfront_price(contract, dimension).is_none() {
            let message = format!(
                "AWS has one price per unit and duration, and `{}` with its ramp or free months has none",
                dimension.key
            );
            breach(
                breaches,
                format!("/pricing/contract/dimensions/{at}"),
                message,
                "state `instalments`, which carry the ramp and the free months",
            );
        }
    }
}

fn value(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let too_much = totals::contract_total(subject.offer).map_or(true, |total| {
        subject.offer.currency.code() == "USD" && total.decimal() > Decimal::from(AGREEMENT_VALUE_MAX)
    });
    if too_much {
        let message = "the contract's total is more than one agreement can be worth";
        breach(
            breaches,
            "/pricing/contract",
            message,
            format!("stay within USD {AGREEMENT_VALUE_MAX}, or split the deal"),
        );
    }
}

fn trial(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(trial) = &subject.offer.pricing.free_trial else { return };
    let period = trial.duration;
    if period.years > 0 || period.months > 0 || !(1..=TRIAL_DAYS_MAX).contains(&period.days) {
        let message = format!("a free trial of `{period}` is not accepted");
        breach(
            breaches,
            "/pricing/free_trial/duration",
            message,
            format!("write 1 to {TRIAL_DAYS_MAX} days, such as P30D"),
        );
    }
}

fn open_quantities(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    // Where the document itself leaves the choice to the buyer, nobody expects otherwise.
    let expected_fixed = |contract: &&Contract| !contract.leaves_a_choice() && !by_the_hour(subject.offer);
    if upfront(subject).filter(expected_fixed).is_some() {
        let message = "AWS lets the buyer choose the quantities of an upfront contract while accepting";
        breach(breaches, "/pricing/contract", message, "to fix the quantities, state `instalments`; one is enough");
    }
}

fn private_trial(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if subject.offer.pricing.free_trial.is_some() {
        let message = "AWS documents free trials as public offers, and may refuse one in a private offer";
        breach(breaches, "/pricing/free_trial", message, "publish the trial as a public offer, and leave it out here");
    }
}
