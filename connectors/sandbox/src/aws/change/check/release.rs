//! `ReleaseOffer`: what a complete offer has.

use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::{Offer, OfferState};
use crate::aws::term::{PRICING, TermKind};

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let offer = scene.offer;
    if offer.name.is_none() {
        add(errors, "MISSING_NAME", "The offer has no name.");
    }
    if offer.description.is_none() {
        add(errors, "MISSING_DESCRIPTION", "The offer has no description.");
    }
    check_terms(scene, errors);
    if offer.is_public() {
        check_public(scene, errors);
    } else {
        check_private(scene, errors);
    }
}

fn check_terms(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    const CODE: &str = "MISSING_MANDATORY_TERMS";
    let offer = scene.offer;
    if !PRICING.iter().any(|kind| offer.has_term(*kind)) {
        add(errors, CODE, "The offer has no pricing term.");
    }
    if !offer.has_term(TermKind::Legal) {
        add(errors, CODE, "The offer has no legal term.");
    }
    let fixed = offer.has_term(TermKind::FixedUpfront);
    if fixed && !offer.has_term(TermKind::PaymentSchedule) && !offer.has_term(TermKind::Byol) {
        add(errors, CODE, "FixedUpfrontPricingTerm needs a PaymentScheduleTerm.");
    }
}

fn check_private(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let offer = scene.offer;
    if offer.buyer_accounts().is_empty() {
        add(errors, "MISSING_BUYER_ACCOUNTS", "A private offer targets buyer accounts.");
    }
    if offer.availability_end.is_none() {
        add(errors, "MISSING_AVAILABILITY_END_DATE", "A private offer has an availability end date.");
    } else if offer.is_expired(scene.now) {
        add(errors, "INVALID_UPDATE_REQUEST", "The availability end date has passed.");
    }
    let ends = scene.validity().is_some_and(|term| term.agreement_end_date.is_some());
    if offer.replaces().is_some() && !ends {
        add(errors, "MISSING_AGREEMENT_END_DATE", "A replacement offer has an agreement end date.");
    }
    if !scene.aws.has_public_offer(&offer.product_id) {
        add(errors, "INCOMPATIBLE_PRODUCT", "The product needs a released public offer first.");
    }
}

/// A product has one public offer, and one more for a free trial.
fn check_public(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let is_trial = |offer: &Offer| offer.has_term(TermKind::FreeTrial);
    let another = scene.aws.offers.values().any(|other| {
        other.id != scene.offer.id
            && other.product_id == scene.offer.product_id
            && other.state == OfferState::Released
            && other.is_public()
            && is_trial(other) == is_trial(scene.offer)
    });
    if another {
        add(errors, "TOO_MANY_OFFERS", "The product already has a public offer of this kind.");
    }
}
