//! Refusals that somebody injects, in the words and statuses of this service: all of its own are answered with 400.

use super::input::{conflict, invalid, missing};
use crate::aws::fault::Effect;
use crate::aws::refusal::Refusal;

const INJECTED: &str = "Injected by the sandbox.";

/// The refusal of an effect; `None` where other services have the same.
pub(crate) fn injected(effect: &Effect) -> Option<Refusal> {
    Some(match effect {
        Effect::Validation | Effect::ValidationFor { .. } => invalid("injected", "INVALID_VALUE", INJECTED),
        Effect::NotFound => missing("Injected", "injected"),
        Effect::Conflict => conflict(INJECTED),
        Effect::AccessDenied | Effect::AccessDeniedFor { .. } => {
            Refusal::new(400, "AccessDeniedException", "The caller has no permission for this operation.")
        }
        Effect::Throttle { retry_after } => {
            Refusal { retry_after: *retry_after, ..Refusal::new(400, "ThrottlingException", "Rate exceeded") }
        }
        Effect::QuotaExceeded => Refusal::new(400, "ServiceQuotaExceededException", INJECTED)
            .with("ResourceId", "injected")
            .with("ResourceType", "BenefitApplication")
            .with("QuotaCode", "L-INJECTED"),
        _ => return None,
    })
}
