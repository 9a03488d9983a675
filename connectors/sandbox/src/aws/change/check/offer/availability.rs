//! `UpdateAvailability`.

use super::{Scene, add, payment, validity};
use crate::aws::change::ErrorDetail;

/// A draft must end in the future. A released private offer may be moved to any day: a past one
/// expires it, a later one must keep the frozen payment schedule valid.
pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    const CODE: &str = "INVALID_AVAILABILITY_END_DATE";
    if scene.subject.availability_end.is_none() && !scene.subject.is_public() {
        return add(errors, "MISSING_AVAILABILITY_END_DATE", "A private offer has an availability end date.");
    }
    if scene.is_released() && scene.before.is_some_and(|offer| offer.is_public()) {
        return add(errors, CODE, "A public offer has no availability end date.");
    }
    if !scene.is_released() && scene.subject.is_expired(scene.now) {
        return add(errors, CODE, "The availability end date must be in the future.");
    }
    if scene.subject.is_expired(scene.now) {
        return;
    }
    if let Some(end) = scene.validity().and_then(|term| term.agreement_end_date)
        && scene.subject.availability_end.is_some_and(|available| available >= end)
    {
        add(errors, CODE, "The availability end date must be before the agreement end date.");
    }
    if let Some(start) = scene.validity().and_then(|term| term.agreement_start_date)
        && scene.is_released()
        && scene.subject.availability_end.is_some_and(|available| available >= start)
    {
        add(errors, CODE, "The availability end date must be before the agreement start date.");
    }
    let mut too_short = Vec::new();
    if scene.is_released() {
        validity::check_outlasting(scene, &mut too_short);
    }
    if !too_short.is_empty() {
        add(errors, CODE, "The agreement duration no longer outlasts the offer; lengthen it in the same request.");
    }
    if scene.is_released() && payment::backdated_charges(scene) > 1 {
        add(errors, CODE, "At most one charge date may be on or before the availability end date.");
    }
}
