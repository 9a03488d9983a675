//! `ReleaseResaleAuthorization` and `RestrictResaleAuthorization`.

use super::super::add_as_whole;
use super::{Scene, add, general, pricing};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::PricingModel;
use crate::aws::resale::AuthorizationStatus;
use crate::aws::resale_term::ResaleTermKind;

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    const MISSING: &str = "MISSING_MANDATORY_TERMS";
    let subject = scene.subject;
    if !ResaleTermKind::PRICING.iter().any(|kind| subject.has_term(*kind)) {
        add(errors, MISSING, "The resale authorization has no pricing term.");
    }
    if !subject.has_term(ResaleTermKind::BuyerLegal) {
        add(errors, MISSING, "The resale authorization has no BuyerLegalTerm.");
    }
    if !scene.product().is_some_and(|product| product.is_on_sale()) {
        add(errors, "INCOMPATIBLE_PRODUCT", "The product must have `Limited` or `Public` visibility.");
    }
    check_pricing(scene, errors);
    if subject.pre_existing_agreement.is_some() {
        general::check_named_buyer(scene, errors);
    }
    let rules = [
        pricing::check,
        pricing::check_schedule,
        pricing::check_net,
        general::check_buyers,
        general::check_buyer_validity,
        general::check_availability,
        general::check_legal,
    ];
    add_as_whole(scene, &rules, documented, errors);
}

/// The code of the release for one of an update. The release documents none for a seller's standing;
/// what makes an authorization useless before it begins is given as its status.
fn documented(code: &str) -> Option<&str> {
    Some(match code {
        "INCOMPATIBLE_PAYMENT_SETTINGS" | "INCOMPATIBLE_SELLER_VERIFICATION" => return None,
        "INCOMPATIBLE_BUYER_TARGETING" | "INCOMPATIBLE_PRODUCT" => code,
        "INVALID_AVAILABILITY_END_DATE" | "INVALID_MAXIMUM_AGREEMENT_START_DATE" => "INCOMPATIBLE_STATUS",
        _ if code.starts_with("MISSING_") || code.contains("LEGAL") => "MISSING_MANDATORY_TERMS",
        _ => "INCOMPATIBLE_PRICING_TERM",
    })
}

/// A fixed contract is paid by instalments. The documentation names the code without the condition.
fn check_pricing(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let subject = scene.subject;
    let fixed = subject.has_term(ResaleTermKind::FixedUpfront);
    let free = subject.pricing_model == Some(PricingModel::Free);
    if fixed && !free && !subject.has_term(ResaleTermKind::PaymentSchedule) {
        let message = "ResaleFixedUpfrontPricingTerm needs a ResalePaymentScheduleTerm.";
        add(errors, "INCOMPATIBLE_PRICING_TERM", message);
    }
}

/// Only an active authorization can be restricted: a draft gives nothing, an expired one no longer.
pub(in crate::aws::change) fn check_restriction(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let active = scene.before.is_some_and(|held| held.status == AuthorizationStatus::Active);
    if !active || scene.subject.is_expired(scene.now) {
        add(errors, "INCOMPATIBLE_STATUS", "Only an active resale authorization can be restricted.");
    }
}
