//! Prices, instalments and days of payment between manufacturer and reseller.
//!
//! The rules are those of offers: the authorization is seen as the offer that the reseller could make
//! from it. Codes that authorizations do not document are given as the documented code nearest to them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::offer::payment::DUE_PERIODS;
use super::super::offer::pricing;
use super::super::{View, seller};
use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::entity::Entity;
use crate::aws::offer::Offer;
use crate::aws::resale_term::{ResaleTerm, ResaleTermKind};
use crate::aws::term::PaymentSchedule;

/// Decimals of an upfront price in an authorization.
const UPFRONT_DECIMALS_MAX: u32 = 6;

/// The offer that could be made of the authorization.
fn offer_of(scene: &Scene<'_>) -> Offer {
    let mut offer = Offer::blank(scene.subject.id.clone(), &scene.subject.owner, scene.now);
    offer.product_id.clone_from(&scene.subject.product_id);
    offer.pricing_model = scene.subject.pricing_model;
    offer.terms = scene.subject.offered_terms(Decimal::ZERO);
    offer.availability_end = Some(scene.today());
    offer
}

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let offer = offer_of(scene);
    let view = View {
        aws: scene.aws,
        now: scene.now,
        drafts: scene.drafts,
        subject: &offer,
        before: None,
        details: scene.details,
        reported: scene.reported,
    };
    let mut found = Vec::new();
    pricing::check_terms(&view, UPFRONT_DECIMALS_MAX, &mut found);
    errors.extend(found.into_iter().map(|error| ErrorDetail::new(documented(&error.error_code), error.error_message)));
}

/// The code of an authorization for one of an offer.
fn documented(code: &str) -> &str {
    match code {
        "DUPLICATE_TERM_TYPES" | "INCOMPATIBLE_PRICING_MODEL" | "INCOMPATIBLE_RATES" | "MISSING_MANDATORY_TERMS" => {
            "INCOMPATIBLE_TERMS"
        }
        "INCOMPATIBLE_SELECTOR_DURATION" => "INVALID_SELECTOR_DURATION_VALUE",
        "INVALID_GRANTS" => "INCOMPATIBLE_PRODUCT",
        other => other,
    }
}

fn schedule_of<'a>(scene: &Scene<'a>) -> Option<&'a PaymentSchedule> {
    scene.subject.terms.iter().find_map(|term| match term {
        ResaleTerm::ResalePaymentScheduleTerm(term) => Some(term),
        _ => None,
    })
}

/// Instalments are for a fixed contract that is sold once, until a day.
pub(in crate::aws::change) fn check_schedule(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(schedule) = schedule_of(scene) else { return };
    if !scene.subject.has_term(ResaleTermKind::FixedUpfront) {
        add(errors, "INCOMPATIBLE_TERMS", "A payment schedule needs a ResaleFixedUpfrontPricingTerm.");
    }
    if scene.subject.offers_max.is_none() || scene.subject.availability_end.is_none() {
        let message = "A payment schedule needs OffersMaxQuantity and AvailabilityEndDate.";
        add(errors, "MISSING_MANDATORY_TERMS", message);
    }
    let dates: Vec<Date> = schedule.schedule.iter().map(|charge| charge.charge_date).collect();
    if dates.iter().collect::<BTreeSet<_>>().len() != dates.len() {
        add(errors, "DUPLICATE_CHARGE_DATES", "Each charge date may appear once.");
    }
    if dates.iter().any(|date| *date <= scene.today()) {
        add(errors, "INVALID_CHARGE_DATES", "Charge dates must be in the future.");
    }
    let offer = offer_of(scene);
    let view = View {
        aws: scene.aws,
        now: scene.now,
        drafts: scene.drafts,
        subject: &offer,
        before: None,
        details: scene.details,
        reported: scene.reported,
    };
    pricing::check_currencies(&view, errors);
    let currency = std::iter::once(schedule.currency_code.as_str());
    seller::check(scene.aws, &scene.subject.owner, currency, errors);
}

/// Only the periods that an offer may grant can be passed on.
pub(in crate::aws::change) fn check_net(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    for term in &scene.subject.terms {
        if let ResaleTerm::ResaleNetPaymentTerm(term) = term
            && !DUE_PERIODS.contains(&term.payment_due_period.as_str())
        {
            let message = format!("The payment due period must be one of {}.", DUE_PERIODS.join(", "));
            add(errors, "INCOMPATIBLE_TERMS", message);
        }
    }
}
