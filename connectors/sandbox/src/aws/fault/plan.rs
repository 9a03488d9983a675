//! Which faults hit one request or one event, and what they add up to.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use super::{Effect, Fault};
use crate::aws::benefits;
use crate::aws::call::{Call, Protocol};
use crate::aws::refusal::Refusal;

/// What is done to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tampering {
    /// The connection is closed instead.
    Lost,
    Html,
    Truncated,
    UnknownFields,
}

/// What happens to one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The connection is closed and nothing is applied.
    pub(crate) drop_request: bool,
    /// Answered instead of handling the request.
    pub(crate) refusal: Option<Refusal>,
    /// Real time to wait before the request is handled.
    pub(crate) delay_before: Duration,
    /// Real time to wait after it was handled and before it is answered.
    pub(crate) delay_after: Duration,
    pub(crate) tampering: Option<Tampering>,
    pub(crate) ignore_client_token: bool,
    pub(crate) forget_client_token: Option<SignedDuration>,
    pub(crate) hide: Option<SignedDuration>,
    /// Ends the change set with this error.
    pub(crate) fail: Option<(String, String, Option<String>)>,
    pub(crate) server_fault: bool,
    pub(crate) extra_preparing: SignedDuration,
    pub(crate) extra_applying: SignedDuration,
    pub(crate) expire_page_tokens: bool,
}

/// Collects the faults that hit a request, counting them as used.
pub(crate) fn plan(faults: &mut [Fault], call: &Call) -> Plan {
    let mut plan = Plan::default();
    for fault in faults {
        let named = fault.op == "*" || fault.op == call.operation;
        let about = fault.entity.as_deref().is_none_or(|id| call.mentions(id));
        if named && about && fault.effect.concerns(&call.operation) && fault.strikes() {
            plan.add(&fault.effect, call.protocol);
        }
    }
    plan
}

impl Plan {
    fn add(&mut self, effect: &Effect, protocol: Protocol) {
        match effect.clone() {
            Effect::Delay { ms, applied_first: true } => self.delay_after += Duration::from_millis(ms),
            Effect::Delay { ms, applied_first: false } => self.delay_before += Duration::from_millis(ms),
            Effect::LoseAnswer => self.tampering = Some(Tampering::Lost),
            Effect::DropRequest => self.drop_request = true,
            Effect::GarbageHtml => self.tampering = Some(Tampering::Html),
            Effect::TruncatedJson => self.tampering = Some(Tampering::Truncated),
            Effect::UnknownFields => self.tampering = Some(Tampering::UnknownFields),
            Effect::IgnoreClientToken => self.ignore_client_token = true,
            Effect::ForgetClientToken { after } => self.forget_client_token = Some(after),
            Effect::HideChangeSets { lasting } => self.hide = Some(lasting),
            Effect::FailChangeSet { code, message, change_type } => self.fail = Some((code, message, change_type)),
            Effect::ServerFault => self.server_fault = true,
            Effect::StuckChangeSet { lasting } => self.extra_applying += lasting,
            Effect::SlowProcessing { preparing, applying } => {
                self.extra_preparing += preparing;
                self.extra_applying += applying;
            }
            Effect::ExpirePageTokens => self.expire_page_tokens = true,
            Effect::Events { .. } => {}
            refusing => self.refusal = self.refusal.take().or_else(|| refusal_of(&refusing, protocol)),
        }
    }
}

/// The refusal of an effect, in the words and statuses of the service that is asked.
fn refusal_of(effect: &Effect, protocol: Protocol) -> Option<Refusal> {
    const INJECTED: &str = "Injected by the sandbox.";
    const FORBIDDEN: &str = "The caller has no permission for this operation.";
    let catalog = protocol == Protocol::RestJson;
    if protocol == Protocol::BenefitsJson
        && let Some(refusal) = benefits::injected(effect)
    {
        return Some(refusal);
    }
    Some(match effect {
        Effect::ValidationFor { .. } if catalog => Refusal::catalog_validation(INJECTED),
        Effect::ValidationFor { reason } => Refusal::agreement_validation(reason, "injected", INJECTED),
        Effect::AccessDeniedFor { .. } if catalog => Refusal::access_denied(FORBIDDEN),
        Effect::AccessDeniedFor { reason } => Refusal::access_denied(FORBIDDEN).with("reason", reason.as_str()),
        Effect::Validation if catalog => Refusal::catalog_validation(INJECTED),
        Effect::Validation => Refusal::agreement_validation("OTHER", "injected", INJECTED),
        Effect::NotFound if catalog => Refusal::not_found(INJECTED),
        Effect::NotFound => Refusal::agreement_not_found("Agreement", "injected"),
        Effect::NotSupported => Refusal::new(415, "ResourceNotSupportedException", INJECTED),
        Effect::Conflict => Refusal::conflict("Agreement", "injected", INJECTED),
        Effect::Throttle { retry_after } => Refusal { retry_after: *retry_after, ..Refusal::throttled() },
        Effect::InternalError => {
            let code = if catalog { "InternalServiceException" } else { "InternalServerException" };
            Refusal::new(500, code, "An unexpected error occurred.")
        }
        Effect::Unavailable => {
            Refusal::new(503, "ServiceUnavailableException", "The service is unavailable. Try again later.")
        }
        Effect::AccessDenied if catalog => Refusal::access_denied(FORBIDDEN),
        Effect::AccessDenied => Refusal::agreement_access(FORBIDDEN),
        Effect::ExpiredToken => {
            Refusal::new(403, "ExpiredTokenException", "The security token included in the request is expired")
        }
        Effect::RequestTimeTooSkewed => Refusal::new(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        Effect::ResourceInUse => {
            Refusal::new(423, "ResourceInUseException", "The requested entities are locked by a running change set.")
        }
        Effect::QuotaExceeded => {
            Refusal::new(402, "ServiceQuotaExceededException", "The maximum number of open requests is reached.")
        }
        _ => return None,
    })
}

/// What happens to one event.
#[derive(Debug, Default)]
pub(crate) struct EventFaults {
    /// Copies beyond the first.
    pub(crate) duplicate: u32,
    pub(crate) delay: SignedDuration,
    pub(crate) reverse: bool,
    pub(crate) drop: bool,
}

/// Collects the faults that hit an event, counting them as used.
pub(crate) fn event_faults(faults: &mut [Fault], envelope: &Value) -> EventFaults {
    let mut sum = EventFaults::default();
    for fault in faults {
        let Effect::Events { duplicate, delay, reverse, drop } = fault.effect.clone() else { continue };
        let about = fault.entity.as_deref().is_none_or(|id| envelope.to_string().contains(id));
        if about && fault.strikes() {
            sum.duplicate += duplicate;
            sum.delay += delay;
            sum.reverse |= reverse;
            sum.drop |= drop;
        }
    }
    sum
}
