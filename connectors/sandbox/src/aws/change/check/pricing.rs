//! `UpdatePricingTerms`: which terms go together.

use super::rates;
use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::PricingModel;
use crate::aws::product::ProductKind;
use crate::aws::term::{PRICING, Term, TermKind};

/// Currencies of private offers (Catalog API, "Work with private offers").
const CURRENCIES: [&str; 5] = ["USD", "AUD", "EUR", "GBP", "JPY"];

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    check_kinds(scene, errors);
    check_model(scene, errors);
    check_currencies(scene, errors);
    check_fixed(scene, errors);
    check_replacement(scene, errors);
    if let Some(product) = scene.product() {
        rates::check(scene, product, errors);
    }
}

fn kinds(scene: &Scene<'_>) -> Vec<TermKind> {
    scene.offer.terms.iter().map(Term::kind).filter(|kind| PRICING.contains(kind)).collect()
}

fn check_kinds(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let kinds = kinds(scene);
    let has = |kind| kinds.contains(&kind);
    if PRICING.iter().any(|kind| kinds.iter().filter(|present| *present == kind).count() > 1) {
        add(errors, "DUPLICATE_TERM_TYPES", "Each type of pricing term may appear once.");
    }
    if has(TermKind::FixedUpfront) && has(TermKind::ConfigurableUpfront) {
        add(
            errors,
            "INCOMPATIBLE_TERMS",
            "FixedUpfrontPricingTerm and ConfigurableUpfrontPricingTerm exclude each other.",
        );
    }
    let saas = scene.product().is_some_and(|product| product.kind == ProductKind::SaaSProduct);
    if saas && has(TermKind::Byol) {
        add(errors, "INCOMPATIBLE_PRODUCT", "ByolPricingTerm is not available for SaaS products.");
    }
    if has(TermKind::FreeTrial) && !scene.offer.is_public() {
        add(errors, "INCOMPATIBLE_TERMS", "A private offer has no FreeTrialPricingTerm.");
    }
}

fn check_model(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(model) = scene.offer.pricing_model else { return };
    let kinds = kinds(scene);
    let contract = |kind: &TermKind| matches!(kind, TermKind::ConfigurableUpfront | TermKind::FixedUpfront);
    let saas = scene.product().is_some_and(|product| product.kind == ProductKind::SaaSProduct);
    match model {
        PricingModel::Byol if saas => {
            add(errors, "INCOMPATIBLE_PRICING_MODEL", "The pricing model Byol is not available for SaaS products.");
        }
        PricingModel::Byol if !kinds.contains(&TermKind::Byol) => {
            add(errors, "MISSING_MANDATORY_TERMS", "The pricing model Byol needs a ByolPricingTerm.");
        }
        PricingModel::Byol => {}
        PricingModel::Usage => {
            if kinds.iter().any(contract) {
                add(errors, "INCOMPATIBLE_PRICING_MODEL", "The pricing model Usage has no upfront pricing terms.");
            }
            if !kinds.iter().any(|kind| matches!(kind, TermKind::Usage | TermKind::Recurring)) {
                add(errors, "MISSING_MANDATORY_TERMS", "The pricing model Usage needs a UsageBasedPricingTerm.");
            }
        }
        PricingModel::Contract if !kinds.iter().any(contract) => {
            add(errors, "MISSING_MANDATORY_TERMS", "The pricing model Contract needs an upfront pricing term.");
        }
        PricingModel::Contract => {}
        PricingModel::Free => {
            if rates::prices(scene.offer).any(|price| !price.is_zero()) {
                add(errors, "INCOMPATIBLE_RATES", "All prices of the pricing model Free must be 0.");
            }
        }
    }
}

/// One currency for the whole offer; USD for usage and for monthly fees.
pub(super) fn check_currencies(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let mut first: Option<&str> = None;
    for term in &scene.offer.terms {
        let Some(currency) = term.currency() else { continue };
        if !CURRENCIES.contains(&currency) {
            let message = format!("`{currency}` is not one of {}.", CURRENCIES.join(", "));
            return add(errors, "INVALID_CURRENCY_CODE", message);
        }
        let dollars_only = matches!(term.kind(), TermKind::Usage | TermKind::Recurring);
        if *first.get_or_insert(currency) != currency || (dollars_only && currency != "USD") {
            let message = "All terms must have the same currency, and usage and monthly fees are in USD.";
            return add(errors, "INCOMPATIBLE_CURRENCY_CODE", message);
        }
    }
}

fn check_fixed(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(fixed) = scene.fixed_upfront() else { return };
    let dated =
        scene.validity().is_some_and(|term| term.agreement_end_date.is_some() || term.agreement_duration.is_some());
    match &fixed.duration {
        None if !dated && scene.offer.replaces().is_none() => {
            add(errors, "MISSING_DURATION", "FixedUpfrontPricingTerm needs a Duration.");
        }
        Some(duration) if duration.is_zero() || scene.is_too_long(duration) => {
            add(errors, "INVALID_DURATION", "The duration must be between one day and five years.");
        }
        _ => {}
    }
    if !fixed.price.is_zero() && !scene.offer.has_term(TermKind::Byol) {
        let message = "FixedUpfrontPricingTerm needs a payment schedule, and its price must be 0.";
        add(errors, "INCOMPATIBLE_TERMS", message);
    }
}

/// A replacement keeps contract pricing and the agreement's currency.
fn check_replacement(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(agreement) = scene.replaced() else { return };
    if scene.offer.pricing_model != Some(PricingModel::Contract) {
        add(errors, "INCOMPATIBLE_AGREEMENT", "A replacement offer must have contract pricing.");
    }
    let other = scene.offer.terms.iter().filter_map(Term::currency).any(|currency| currency != agreement.currency);
    if other {
        add(errors, "INCOMPATIBLE_CURRENCY_CODE", "A replacement offer keeps the currency of its agreement.");
    }
}
