//! `CreateOffer` and `CreateReplacementOffer`.

use super::{Scene, add};
use crate::aws::agreement::AgreementStatus;
use crate::aws::change::ErrorDetail;

pub(in crate::aws::change) fn check_offer(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    if !scene.product().is_some_and(|product| product.is_on_sale()) {
        add(
            errors,
            "INCOMPATIBLE_PRODUCT",
            "The product must have `Limited` or `Public` visibility to create an offer.",
        );
    }
}

/// A replacement needs an active contract agreement.
pub(in crate::aws::change) fn check_replacement(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    check_offer(scene, errors);
    let Some(agreement) = scene.replaced() else {
        return add(errors, "INCOMPATIBLE_AGREEMENT", "The agreement does not exist.");
    };
    if agreement.status != AgreementStatus::Active {
        add(errors, "INCOMPATIBLE_AGREEMENT", "The agreement must be active to be replaced.");
    } else if !agreement.is_contract() {
        add(errors, "INCOMPATIBLE_AGREEMENT", "Only an agreement with contract pricing can be replaced.");
    }
    if scene.product().is_some_and(|product| product.owner != scene.subject.owner) {
        let message = "The product is another seller's; replace the agreement by an offer from a resale authorization.";
        add(errors, "INCOMPATIBLE_PRODUCT", message);
    }
}
