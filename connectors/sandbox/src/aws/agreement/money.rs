//! What an accepted offer costs: exact amounts, and when each is due.

use jiff::{Span, Timestamp, tz::TimeZone};
use rust_decimal::{Decimal, RoundingStrategy};

use super::Configuration;
use crate::aws::term::{ConfigurableUpfrontPricing, Term};
use crate::period;

/// Months that an open-ended monthly fee is charged ahead.
const OPEN_ENDED_MONTHS: i32 = 12;

/// Cents (or what the currency has), halves away from zero.
pub(super) fn rounded(amount: Decimal) -> Decimal {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    amount
}

/// The price of a choice of dimensions.
pub(super) fn configured(term: &ConfigurableUpfrontPricing, choice: &Configuration) -> Decimal {
    let card = term.rate_cards.iter().find(|card| card.selector.value.as_str() == choice.selector);
    let prices = card.map(|card| card.rate_card.as_slice()).unwrap_or_default();
    let total = choice.quantities.iter().filter_map(|(key, quantity)| {
        let price = prices.iter().find(|item| item.dimension_key == *key)?;
        price.price.value().checked_mul(Decimal::from(*quantity))
    });
    rounded(total.sum())
}

/// Every amount of an agreement with its time. What would be due before the acceptance is due with it.
pub(super) fn charges(
    terms: &[Term],
    choice: Option<&Configuration>,
    accepted_at: Timestamp,
    start: Timestamp,
    end: Option<Timestamp>,
) -> Vec<(Timestamp, Decimal)> {
    let mut charges: Vec<(Timestamp, Decimal)> = Vec::new();
    for term in terms {
        match term {
            Term::PaymentScheduleTerm(term) => charges.extend(term.schedule.iter().map(|charge| {
                (period::start_of(charge.charge_date).max(accepted_at), rounded(charge.charge_amount.value()))
            })),
            Term::FixedUpfrontPricingTerm(term) => charges.push((start, rounded(term.price.value()))),
            Term::ConfigurableUpfrontPricingTerm(term) => {
                charges.extend(choice.map(|choice| (start, configured(term, choice))));
            }
            Term::RecurringPaymentTerm(term) => {
                charges.extend(months(start, end).into_iter().map(|at| (at, rounded(term.price.value()))));
            }
            _ => {}
        }
    }
    charges.retain(|(_, amount)| !amount.is_zero());
    charges.sort();
    charges
}

fn months(start: Timestamp, end: Option<Timestamp>) -> Vec<Timestamp> {
    let first = start.to_zoned(TimeZone::UTC);
    let nth = |n: i32| first.checked_add(Span::new().months(n)).map_or(Timestamp::MAX, |at| at.timestamp());
    let end = end.unwrap_or_else(|| nth(OPEN_ENDED_MONTHS));
    // An agreement lasts at most five years, which bounds this at 60 fees.
    (0..=60).map(nth).take_while(|at| *at < end).collect()
}
