//! `UpdateRenewalTerms`.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::term::{Renewal, TemplateCharge};
use crate::period::Period;

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(term) = scene.renewal() else { return };
    if scene.product().is_some_and(|product| product.kind != ProductKind::SaaSProduct) {
        add(errors, "INCOMPATIBLE_PRODUCT", "Renewal terms are available for SaaS products.");
    }
    if !scene.has_contract_term() && scene.subject.pricing_model.is_some() {
        add(errors, "INCOMPATIBLE_TERMS", "Renewal terms need contract pricing.");
    }
    if term.price_increase.is_none() && !scene.subject.is_public() {
        add(errors, "MISSING_PRICE_INCREASE", "A private offer's renewal term needs a PriceIncrease.");
    }
    if term.term_templates.as_ref().is_some_and(|templates| !templates.is_empty()) && scene.schedule().is_none() {
        add(errors, "MISSING_MANDATORY_TERMS", "A PaymentScheduleTermTemplate needs a PaymentScheduleTerm.");
    }
    check_range(term, errors);
    check_deadlines(scene, term, errors);
    check_templates(scene, term, errors);
}

fn check_range(term: &Renewal, errors: &mut Vec<ErrorDetail>) {
    let Some(range) = term.price_increase.as_ref().and_then(|increase| increase.range.as_ref()) else { return };
    let (least, most, default) = (range.min_value.value(), range.max_value.value(), range.default_value.value());
    if least >= most || !(least..=most).contains(&default) {
        add(errors, "INVALID_PERCENTAGE_RANGE", "MinValue must be below MaxValue, and DefaultValue between them.");
    }
    if term.adjustment_deadline.is_none() {
        add(errors, "MISSING_ADJUSTMENT_DEADLINE", "A percentage range needs an AdjustmentDeadline.");
    }
}

/// Days between now and the end of an agreement accepted now.
fn agreement_days(scene: &Scene<'_>) -> Option<i64> {
    Some(scene.agreement_end()?.duration_since(scene.now).as_hours().div_euclid(24))
}

fn check_deadlines(scene: &Scene<'_>, term: &Renewal, errors: &mut Vec<ErrorDetail>) {
    let duration = agreement_days(scene).unwrap_or(i64::MAX);
    let lockout = term.lockout_period.as_ref().map_or(0, Period::days);
    if term.lockout_period.is_some() && lockout >= duration {
        add(errors, "INVALID_LOCKOUT_PERIOD", "The lockout period must be shorter than the agreement.");
    }
    if let Some(deadline) = term.adjustment_deadline.as_ref().map(Period::days)
        && (deadline < lockout + 1 || deadline >= duration)
    {
        let message = "The adjustment deadline must be longer than the lockout period and shorter than the agreement.";
        add(errors, "INVALID_ADJUSTMENT_DEADLINE", message);
    }
}

fn check_templates(scene: &Scene<'_>, term: &Renewal, errors: &mut Vec<ErrorDetail>) {
    let Some(template) = term.term_templates.as_deref().unwrap_or_default().first() else {
        if scene.schedule().is_some() {
            let message = "An offer with a payment schedule needs a PaymentScheduleTermTemplate.";
            add(errors, "MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE", message);
        }
        return;
    };
    let charges = &template.schedule;
    let sum: Decimal = charges.iter().map(|charge| charge.charge_percentage.value()).sum();
    if sum != Decimal::ONE_HUNDRED || charges.iter().any(|charge| charge.charge_percentage.is_zero()) {
        add(errors, "INVALID_CHARGE_PERCENTAGES", "The charge percentages must be above 0 and sum up to 100.");
    }
    let offsets: BTreeSet<&str> = charges.iter().map(|charge| charge.charge_date_offset.as_str()).collect();
    if offsets.len() != charges.len() {
        add(errors, "DUPLICATE_CHARGE_DATE_OFFSETS", "Each charge date offset may appear once.");
    }
    let in_days = |charge: &TemplateCharge| charge.charge_date_offset.is_days();
    let in_months = |charge: &TemplateCharge| charge.charge_date_offset.is_months();
    let late = |charge: &TemplateCharge| {
        scene.agreement_end().is_some_and(|end| charge.charge_date_offset.after(scene.now) >= end)
    };
    if !(charges.iter().all(in_days) || charges.iter().all(in_months)) || charges.iter().any(late) {
        let message = "Charge date offsets must be all in days or all in months, and within the agreement.";
        add(errors, "INVALID_CHARGE_DATE_OFFSETS", message);
    }
    if charges.iter().any(|charge| charge.day_of_month.is_some() && in_days(charge)) {
        add(errors, "INVALID_DAY_OF_MONTH", "DayOfMonth goes with offsets in months.");
    }
}
