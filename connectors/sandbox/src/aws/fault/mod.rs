//! Faults: what a test asks to go wrong, how often, and for which requests.

mod parse;
mod plan;
mod reasons;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use parse::FaultRequest;
pub(crate) use plan::{EventFaults, Plan, Tampering, event_faults, plan};

/// An injected fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) fault_id: String,
    /// An operation's name, or `*`.
    pub(crate) op: String,
    /// Only requests that mention this id.
    pub(crate) entity: Option<String>,
    /// How many more matching requests pass unharmed.
    pub(crate) skip: u32,
    /// How many more it hits; for ever when absent.
    pub(crate) times: Option<u32>,
    /// How many it has hit.
    pub(crate) hits: u64,
    pub(crate) effect: Effect,
    /// The request as it was made, for listings.
    pub(crate) request: Map<String, Value>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Effect {
    Throttle {
        retry_after: Option<u64>,
    },
    InternalError,
    Unavailable,
    AccessDenied,
    ExpiredToken,
    RequestTimeTooSkewed,
    ResourceInUse,
    Validation,
    NotFound,
    NotSupported,
    Conflict,
    QuotaExceeded,
    Delay {
        ms: u64,
        applied_first: bool,
    },
    LoseAnswer,
    DropRequest,
    GarbageHtml,
    TruncatedJson,
    UnknownFields,
    IgnoreClientToken,
    ForgetClientToken {
        after: SignedDuration,
    },
    HideChangeSets {
        lasting: SignedDuration,
    },
    FailChangeSet {
        code: String,
        message: String,
        change_type: Option<String>,
    },
    ServerFault,
    StuckChangeSet {
        lasting: SignedDuration,
    },
    SlowProcessing {
        preparing: SignedDuration,
        applying: SignedDuration,
    },
    ExpirePageTokens,
    /// An Agreement API `ValidationException` of a reason of its model.
    ValidationFor {
        reason: String,
    },
    /// An Agreement API `AccessDeniedException` of a reason of its model.
    AccessDeniedFor {
        reason: String,
    },
    Events {
        duplicate: u32,
        delay: SignedDuration,
        reverse: bool,
        drop: bool,
    },
}

impl Effect {
    /// Whether the effect can hit an operation at all; one that cannot does not use up its `times`.
    fn concerns(&self, operation: &str) -> bool {
        match self {
            Self::IgnoreClientToken | Self::ForgetClientToken { .. } => {
                matches!(operation, "StartChangeSet" | "CreateAgreementRequest" | "CreateBenefitApplication")
                    || is_request(operation)
            }
            Self::HideChangeSets { .. }
            | Self::FailChangeSet { .. }
            | Self::StuckChangeSet { .. }
            | Self::SlowProcessing { .. } => operation == "StartChangeSet" || is_request(operation),
            Self::ServerFault => operation == "StartChangeSet",
            Self::Events { .. } => false,
            _ => true,
        }
    }
}

/// Requests of the proposer about an agreement: processed later, as change sets are.
fn is_request(operation: &str) -> bool {
    matches!(
        operation,
        "SendAgreementCancellationRequest" | "SendAgreementPaymentRequest" | "BatchCreateBillingAdjustmentRequest"
    )
}

impl Fault {
    /// Counts a matching occasion; true when the fault hits it.
    fn strikes(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        match &mut self.times {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        self.hits += 1;
        true
    }
}
