//! `ReleaseOffer`: what a complete offer has.

use super::super::{add_as_whole, seller};
use super::{Scene, add, availability, legal, payment, pricing, renewal, validity};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::{Offer, OfferState};
use crate::aws::term::{PRICING, Term, TermKind};

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let offer = scene.subject;
    if offer.name.is_none() {
        add(errors, "MISSING_NAME", "The offer has no name.");
    }
    if offer.description.is_none() {
        add(errors, "MISSING_DESCRIPTION", "The offer has no description.");
    }
    check_terms(scene, errors);
    seller::check(scene.aws, &offer.owner, offer.terms.iter().filter_map(Term::currency), errors);
    seller::check_tax(scene.aws, &offer.owner, errors);
    if offer.is_public() {
        check_public(scene, errors);
    } else {
        check_private(scene, errors);
    }
    let priced = if offer.resale.is_none() { pricing::check } else { pricing::check_currencies };
    let rules = [
        priced,
        payment::check_schedule,
        payment::check_net,
        validity::check,
        renewal::check,
        legal::check,
        availability::check,
    ];
    add_as_whole(scene, &rules, documented, errors);
}

/// The code of the release for one of an update. What the release checks by itself has none here.
fn documented(code: &str) -> Option<&str> {
    match code {
        "INCOMPATIBLE_PAYMENT_SETTINGS" | "INCOMPATIBLE_SELLER_VERIFICATION" | "MISSING_AVAILABILITY_END_DATE" => None,
        "INCOMPATIBLE_PRODUCT" => Some(code),
        "MISSING_MANDATORY_TERMS" | "MISSING_DURATION" | "MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE" => {
            Some("MISSING_MANDATORY_TERMS")
        }
        _ => Some("INVALID_UPDATE_REQUEST"),
    }
}

fn check_terms(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    const CODE: &str = "MISSING_MANDATORY_TERMS";
    let offer = scene.subject;
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
    let offer = scene.subject;
    if offer.buyer_accounts().is_empty() {
        add(errors, "MISSING_BUYER_ACCOUNTS", "A private offer targets buyer accounts.");
    }
    if offer.availability_end.is_none() {
        add(errors, "MISSING_AVAILABILITY_END_DATE", "A private offer has an availability end date.");
    }
    let ends = scene.validity().is_some_and(|term| term.agreement_end_date.is_some());
    if offer.replaces().is_some() && !ends {
        add(errors, "MISSING_AGREEMENT_END_DATE", "A replacement offer has an agreement end date.");
    }
    if scene.replaced().is_some_and(|agreement| offer.buyer_accounts() != [agreement.acceptor.clone()]) {
        add(errors, "INCOMPATIBLE_TARGETING", "A replacement offer targets the acceptor of its agreement.");
    }
    if !scene.aws.has_public_offer(&offer.product_id) {
        add(errors, "INCOMPATIBLE_PRODUCT", "The product needs a released public offer first.");
    }
}

/// A product has one public offer, and one more for a free trial.
fn check_public(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let is_trial = |offer: &Offer| offer.has_term(TermKind::FreeTrial);
    let another = scene.aws.offers.values().any(|other| {
        other.id != scene.subject.id
            && other.product_id == scene.subject.product_id
            && other.state == OfferState::Released
            && other.is_public()
            && is_trial(other) == is_trial(scene.subject)
    });
    if another {
        add(errors, "TOO_MANY_OFFERS", "The product already has a public offer of this kind.");
    }
}
