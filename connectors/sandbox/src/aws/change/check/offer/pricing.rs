//! `UpdatePricingTerms`: which terms go together.

use super::super::seller;
use super::{Scene, add, rates, resold, validity};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::PricingModel;
use crate::aws::product::ProductKind;
use crate::aws::term::{PRICING, Term, TermKind};

/// Decimals of an upfront price in an offer.
const UPFRONT_DECIMALS_MAX: u32 = 3;

/// The only duration that can be bought beside hourly prices (Catalog API, "Work with private offers").
const ANNUAL: &str = "P365D";

/// Currencies of private offers (Catalog API, "Work with private offers").
const CURRENCIES: [&str; 5] = ["USD", "AUD", "EUR", "GBP", "JPY"];

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    check_terms(scene, UPFRONT_DECIMALS_MAX, errors);
    check_replacement(scene, errors);
    resold::check_pricing(scene, errors);
    validity::check_outlasting(scene, errors);
    if let Some(before) = scene.before.filter(|_| scene.is_released()) {
        rates::check_changes(before, scene.subject, errors);
    }
}

/// What the pricing terms of an offer and of a resale authorization have in common.
pub(in crate::aws::change::check) fn check_terms(
    scene: &Scene<'_>,
    upfront_decimals_max: u32,
    errors: &mut Vec<ErrorDetail>,
) {
    check_kinds(scene, errors);
    check_model(scene, errors);
    check_currencies(scene, errors);
    let priced = scene.subject.terms.iter().filter(|term| PRICING.contains(&term.kind())).filter_map(Term::currency);
    seller::check(scene.aws, &scene.subject.owner, priced, errors);
    check_fixed(scene, errors);
    check_annual(scene, errors);
    if let Some(product) = scene.product() {
        rates::check(scene, product, upfront_decimals_max, errors);
    }
}

fn kinds(scene: &Scene<'_>) -> Vec<TermKind> {
    scene.subject.terms.iter().map(Term::kind).filter(|kind| PRICING.contains(kind)).collect()
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
    if has(TermKind::FreeTrial) && !scene.subject.is_public() {
        add(errors, "INCOMPATIBLE_TERMS", "A private offer has no FreeTrialPricingTerm.");
    }
}

fn check_model(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(model) = scene.subject.pricing_model else { return };
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
            if kinds.iter().any(contract) && !sells_annually(scene) {
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
            if rates::prices(scene.subject).any(|price| !price.is_zero()) {
                add(errors, "INCOMPATIBLE_RATES", "All prices of the pricing model Free must be 0.");
            }
        }
    }
}

/// One currency for the whole offer; USD for usage and for monthly fees.
pub(in crate::aws::change::check) fn check_currencies(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let mut first: Option<&str> = None;
    for term in &scene.subject.terms {
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

/// Hourly prices may come with a price for a year: for AMI and container products.
fn sells_annually(scene: &Scene<'_>) -> bool {
    let runs_at_buyer = scene.product().is_some_and(|product| product.kind.runs_at_the_buyer());
    runs_at_buyer && !scene.subject.has_term(TermKind::FixedUpfront)
}

/// Hourly with annual pricing has one rate card, for 365 days.
fn check_annual(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let hourly = scene.subject.pricing_model == Some(PricingModel::Usage) && scene.subject.has_term(TermKind::Usage);
    if !hourly || !sells_annually(scene) {
        return;
    }
    let durations: Vec<&str> = scene.selector_durations().map(|duration| duration.as_str()).collect();
    if durations.iter().any(|duration| *duration != ANNUAL) {
        add(errors, "INCOMPATIBLE_SELECTOR_DURATION", format!("Annual prices are for `{ANNUAL}`."));
    }
    if durations.len() > 1 {
        add(errors, "TOO_MANY_RATE_CARDS", "Hourly with annual pricing has one upfront rate card.");
    }
}

fn check_fixed(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(fixed) = scene.fixed_upfront() else { return };
    let dated =
        scene.validity().is_some_and(|term| term.agreement_end_date.is_some() || term.agreement_duration.is_some());
    match &fixed.duration {
        None if !dated && scene.subject.replaces().is_none() => {
            add(errors, "MISSING_DURATION", "FixedUpfrontPricingTerm needs a Duration.");
        }
        Some(duration) if duration.is_zero() || scene.is_too_long(duration) => {
            add(errors, "INVALID_DURATION", "The duration must be between one day and five years.");
        }
        _ => {}
    }
    if !fixed.price.is_zero() && !scene.subject.has_term(TermKind::Byol) {
        let message = "FixedUpfrontPricingTerm needs a payment schedule, and its price must be 0.";
        add(errors, "INCOMPATIBLE_TERMS", message);
    }
}

/// A replacement keeps contract pricing and the agreement's currency.
fn check_replacement(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(agreement) = scene.replaced() else { return };
    if scene.subject.pricing_model != Some(PricingModel::Contract) {
        add(errors, "INCOMPATIBLE_AGREEMENT", "A replacement offer must have contract pricing.");
    }
    let other = scene.subject.terms.iter().filter_map(Term::currency).any(|currency| currency != agreement.currency);
    if other {
        add(errors, "INCOMPATIBLE_CURRENCY_CODE", "A replacement offer keeps the currency of its agreement.");
    }
}
