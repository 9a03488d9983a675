//! Rate cards, selectors and grants of `UpdatePricingTerms`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::Offer;
use crate::aws::price::Price;
use crate::aws::product::{Dimension, Product};
use crate::aws::term::{ConfigurableUpfrontPricing, Grant, RateItem, Term};

/// Dimensions per offer, of contracts and of usage each (Catalog API quotas).
const DIMENSIONS_MAX: usize = 200;

/// The currency of offers that has no minor unit.
pub(super) const UNDIVIDED: &str = "JPY";

/// Every price in the offer.
pub(super) fn prices(offer: &Offer) -> impl Iterator<Item = &Price> {
    offer.terms.iter().flat_map(|term| -> Vec<&Price> {
        match term {
            Term::UsageBasedPricingTerm(term) => {
                term.rate_cards.iter().flat_map(|card| &card.rate_card).map(|item| &item.price).collect()
            }
            Term::ConfigurableUpfrontPricingTerm(term) => {
                term.rate_cards.iter().flat_map(|card| &card.rate_card).map(|item| &item.price).collect()
            }
            Term::FixedUpfrontPricingTerm(term) => vec![&term.price],
            Term::RecurringPaymentTerm(term) => vec![&term.price],
            _ => Vec::new(),
        }
    })
}

pub(super) fn check(scene: &Scene<'_>, product: &Product, decimals_max: u32, errors: &mut Vec<ErrorDetail>) {
    let yen = scene.subject.terms.iter().filter_map(Term::currency).any(|currency| currency == UNDIVIDED);
    if let Some(price) = prices(scene.subject).find(|price| yen && !price.value().fract().is_zero()) {
        let message = format!("The price `{}` is no whole amount of {UNDIVIDED}.", price.as_str());
        add(errors, "INVALID_RATE_CARD", message);
    }
    for term in &scene.subject.terms {
        match term {
            Term::UsageBasedPricingTerm(term) => {
                for card in &term.rate_cards {
                    check_card(product, &card.rate_card, |_, dimension| dimension.is_metered(), "usage", errors);
                }
            }
            Term::ConfigurableUpfrontPricingTerm(term) => {
                check_configurable(scene, product, term, decimals_max, errors)
            }
            Term::FixedUpfrontPricingTerm(term) => {
                check_grants(product, &term.grants, errors);
                check_decimals(&term.price, decimals_max, errors);
            }
            Term::FreeTrialPricingTerm(term) => {
                check_trial_grants(product, &term.grants, errors);
                let days = term.duration.days();
                if !term.duration.is_days() || !(1..=90).contains(&days) {
                    add(errors, "INVALID_DURATION", "A free trial lasts 1 to 90 days.");
                }
            }
            _ => {}
        }
    }
}

/// Whether a product sells a dimension in some way.
type Sold = fn(&Product, &Dimension) -> bool;

fn check_card(product: &Product, card: &[RateItem], sold: Sold, how: &str, errors: &mut Vec<ErrorDetail>) {
    let keys: Vec<&str> = card.iter().map(|item| item.dimension_key.as_str()).collect();
    check_unique(&keys, errors);
    if keys.len() > DIMENSIONS_MAX {
        add(errors, "TOO_MANY_RATES", format!("An offer has at most {DIMENSIONS_MAX} dimensions of a kind."));
    }
    if let Some(key) = keys.iter().find(|key| !product.dimension(key).is_some_and(|dimension| sold(product, dimension)))
    {
        add(errors, "INVALID_RATE_CARD", format!("The product has no dimension `{key}` that is priced by {how}."));
    }
}

fn check_unique(keys: &[&str], errors: &mut Vec<ErrorDetail>) {
    if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
        add(errors, "DUPLICATE_DIMENSION_KEYS", "Each dimension may appear once.");
    }
}

fn check_decimals(price: &Price, most: u32, errors: &mut Vec<ErrorDetail>) {
    if price.decimals() > most {
        let message = format!("The upfront price `{}` has more than {most} decimals.", price.as_str());
        add(errors, "INVALID_RATE_CARD", message);
    }
}

fn check_configurable(
    scene: &Scene<'_>,
    product: &Product,
    term: &ConfigurableUpfrontPricing,
    decimals_max: u32,
    errors: &mut Vec<ErrorDetail>,
) {
    let selectors: Vec<&str> = term.rate_cards.iter().map(|card| card.selector.value.as_str()).collect();
    if selectors.iter().collect::<BTreeSet<_>>().len() != selectors.len() {
        add(errors, "DUPLICATE_SELECTORS", "Each duration may have one rate card.");
    }
    let first = term.rate_cards.first().map(|card| &card.constraints);
    for card in &term.rate_cards {
        check_card(product, &card.rate_card, Product::sells_upfront, "contract", errors);
        for item in &card.rate_card {
            check_decimals(&item.price, decimals_max, errors);
        }
        let duration = &card.selector.value;
        if duration.is_zero() || scene.is_too_long(duration) {
            let message = format!("The duration `{}` must be between one day and five years.", duration.as_str());
            add(errors, "INVALID_SELECTOR_DURATION_VALUE", message);
        }
        let constraints = &card.constraints;
        let uneven = constraints.multiple_dimension_selection != constraints.quantity_configuration;
        if uneven || first != Some(constraints) {
            let message = "MultipleDimensionSelection and QuantityConfiguration must be equal, in all rate cards.";
            add(errors, "INCOMPATIBLE_RATE_CARD_CONSTRAINTS", message);
        }
    }
    let keys = |index: usize| -> BTreeSet<&str> {
        term.rate_cards
            .get(index)
            .into_iter()
            .flat_map(|card| &card.rate_card)
            .map(|item| item.dimension_key.as_str())
            .collect()
    };
    if (1..term.rate_cards.len()).any(|index| keys(index) != keys(0)) {
        add(errors, "INVALID_RATE_CARD", "All rate cards must price the same dimensions.");
    }
}

fn check_grants(product: &Product, grants: &[Grant], errors: &mut Vec<ErrorDetail>) {
    check_grant_list(product, grants, Product::sells_upfront, errors);
}

fn check_trial_grants(product: &Product, grants: &[Grant], errors: &mut Vec<ErrorDetail>) {
    check_grant_list(product, grants, |_, _| true, errors);
}

fn check_grant_list(product: &Product, grants: &[Grant], sold: Sold, errors: &mut Vec<ErrorDetail>) {
    let keys: Vec<&str> = grants.iter().map(|grant| grant.dimension_key.as_str()).collect();
    check_unique(&keys, errors);
    if keys.len() > DIMENSIONS_MAX {
        add(errors, "TOO_MANY_GRANTS", format!("A term has at most {DIMENSIONS_MAX} grants."));
    }
    if let Some(key) = keys.iter().find(|key| !product.dimension(key).is_some_and(|dimension| sold(product, dimension)))
    {
        add(errors, "INVALID_GRANTS", format!("The product has no dimension `{key}` that can be granted."));
    }
}

/// A released public offer may become cheaper or dearer. The documentation asks for separate requests
/// for both, since a rise takes effect later.
pub(super) fn check_changes(before: &Offer, after: &Offer, errors: &mut Vec<ErrorDetail>) {
    let was: BTreeMap<(&str, &str), Decimal> = listed(before).collect();
    let moved = |ordering: Ordering| {
        listed(after).any(|(key, price)| was.get(&key).is_some_and(|old| price.cmp(old) == ordering))
    };
    if moved(Ordering::Greater) && moved(Ordering::Less) {
        add(errors, "INVALID_PRICE_CHANGE", "Raise and lower prices in separate requests.");
    }
}

/// Every price of a dimension, by the duration that it is for.
fn listed(offer: &Offer) -> impl Iterator<Item = ((&str, &str), Decimal)> {
    offer.terms.iter().flat_map(|term| -> Vec<((&str, &str), Decimal)> {
        match term {
            Term::UsageBasedPricingTerm(term) => {
                let items = term.rate_cards.iter().flat_map(|card| &card.rate_card);
                items.map(|item| (("", item.dimension_key.as_str()), item.price.value())).collect()
            }
            Term::ConfigurableUpfrontPricingTerm(term) => {
                let cards = term.rate_cards.iter();
                let items =
                    cards.flat_map(|card| card.rate_card.iter().map(|item| (card.selector.value.as_str(), item)));
                items.map(|(length, item)| ((length, item.dimension_key.as_str()), item.price.value())).collect()
            }
            _ => Vec::new(),
        }
    })
}
