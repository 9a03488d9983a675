//! `UpdatePaymentScheduleTerms` and `UpdateNetPaymentTerms`.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::seller;
use super::{Scene, add, pricing, rates, resold};
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::term::Term;
use crate::period;

/// Charges that would fall due before a buyer who waits to the last day has accepted.
pub(super) fn backdated_charges(scene: &Scene<'_>) -> usize {
    let (Some(schedule), Some(end)) = (scene.schedule(), scene.subject.availability_end) else { return 0 };
    schedule.schedule.iter().filter(|charge| charge.charge_date <= end).count()
}

pub(in crate::aws::change) fn check_schedule(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(schedule) = scene.schedule() else { return };
    pricing::check_currencies(scene, errors);
    seller::check(scene.aws, &scene.subject.owner, std::iter::once(schedule.currency_code.as_str()), errors);
    resold::check_schedule(scene, schedule, errors);
    match scene.fixed_upfront() {
        None => add(errors, "INCOMPATIBLE_TERMS", "A payment schedule needs a FixedUpfrontPricingTerm."),
        Some(fixed) if !fixed.price.is_zero() => {
            add(
                errors,
                "INCOMPATIBLE_TERMS",
                "With a payment schedule the price of FixedUpfrontPricingTerm must be 0.",
            );
        }
        Some(_) => {}
    }
    let whole = schedule.schedule.iter().all(|charge| charge.charge_amount.value().fract().is_zero());
    if schedule.currency_code == rates::UNDIVIDED && !whole {
        let message = format!("Amounts in {} are whole.", rates::UNDIVIDED);
        add(errors, "INCOMPATIBLE_CURRENCY_CODE", message);
    }
    let dates: Vec<Date> = schedule.schedule.iter().map(|charge| charge.charge_date).collect();
    if dates.iter().collect::<BTreeSet<_>>().len() != dates.len() {
        add(errors, "DUPLICATE_CHARGE_DATES", "Each charge date may appear once.");
    }
    if dates.iter().min().is_some_and(|first| *first < scene.today()) {
        add(errors, "INVALID_CHARGE_DATES", "The first charge date must not be in the past.");
    }
    let last = dates.iter().max().map(|last| period::start_of(*last));
    if let (Some(last), Some(end)) = (last, scene.agreement_end())
        && last >= end
    {
        add(errors, "INVALID_CHARGE_DATES", "The last charge date must be before the agreement ends.");
    }
    if backdated_charges(scene) > 1 {
        let message = "At most one charge date may be on or before the availability end date.";
        add(errors, "TOO_MANY_BACKDATED_CHARGES", message);
    }
}

/// The periods that a seller may grant.
pub(in crate::aws::change::check) const DUE_PERIODS: [&str; 6] = ["P15D", "P30D", "P45D", "P60D", "P90D", "P120D"];

/// The documentation refuses net terms for some product types without naming them; here those are
/// machine learning models, whose buyers pay AWS by the hour.
pub(in crate::aws::change) fn check_net(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    for term in &scene.subject.terms {
        let Term::NetPaymentTerm(term) = term else { continue };
        if !DUE_PERIODS.contains(&term.payment_due_period.as_str()) {
            let message = format!("The payment due period must be one of {}.", DUE_PERIODS.join(", "));
            add(errors, "INVALID_PAYMENT_DUE_PERIOD", message);
        }
        if scene.product().is_some_and(|product| product.kind == ProductKind::MachineLearningProduct) {
            add(errors, "INCOMPATIBLE_PRODUCT", "Offers of this product type carry no net payment terms.");
        }
        resold::check_net(scene, term, errors);
    }
}
