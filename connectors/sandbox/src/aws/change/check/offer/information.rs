//! `UpdateInformation`.

use super::{Scene, add};
use crate::aws::change::ErrorDetail;

/// A note on an earlier agreement belongs to a draft (it is frozen by the release) and makes no
/// sense on an offer that itself replaces one.
pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let touched = scene.details.get("PreExistingAgreement").is_some();
    if touched && (scene.is_released() || scene.subject.replaces().is_some()) {
        let message = "PreExistingAgreement can only be set on a draft that replaces no agreement.";
        add(errors, "INCOMPATIBLE_PRE_EXISTING_AGREEMENT", message);
    }
}
