//! What goes wrong, by script.

use std::time::Duration;

use entente_port::{Capability, Error};
use serde::{Deserialize, Serialize};

/// One thing that goes wrong with a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// It is applied, and the answer is lost on the wire.
    LoseAnswer,
    /// The connection breaks before anything is applied; whoever sent it cannot tell that from a lost answer.
    DropRequest,
    /// It is refused.
    Reject {
        /// The field of the offer, as a JSON pointer.
        field: Option<String>,
        /// The code.
        code: String,
    },
    /// A passing fault, nothing applied.
    Transient {
        /// The wait that the marketplace asks for, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// The credentials are refused.
    Auth,
    /// The object is busy.
    Conflict,
    /// It is accepted, and fails afterwards.
    FailLater {
        /// The field of the offer, as a JSON pointer.
        field: Option<String>,
        /// The code.
        code: String,
    },
    /// It is accepted, and stays pending.
    Stuck,
    /// It is applied, but can neither be found nor read for longer than documented.
    Hide {
        /// For how long, in seconds.
        seconds: u64,
    },
    /// The token is not recognised: the same one is applied again.
    IgnoreToken,
}

/// When a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// What happens.
    pub fault: Fault,
    /// Only for this kind of write.
    pub on: Option<Capability>,
    /// How many writes it lets pass first.
    pub skip: u32,
    /// How many writes it strikes; without a number all of them.
    pub times: Option<u32>,
}

impl Fault {
    /// Strikes the next write, once.
    pub fn once(self) -> FaultPlan {
        FaultPlan { fault: self, on: None, skip: 0, times: Some(1) }
    }

    /// Strikes every write.
    pub fn always(self) -> FaultPlan {
        FaultPlan { fault: self, on: None, skip: 0, times: None }
    }

    /// The error with which a write is refused before anything is applied; `None` for a fault that lets it in.
    pub(crate) fn refusal(&self, entity: &str) -> Option<Error> {
        match self {
            Fault::DropRequest => Some(lost_answer()),
            Fault::Reject { field, code } => Some(rejected(field.clone(), code)),
            Fault::Transient { retry_after_seconds } => Some(Error::Transient {
                retry_after: retry_after_seconds.map(Duration::from_secs),
                reason: "the fake was told to fail".to_owned(),
            }),
            Fault::Auth => Some(Error::Auth { reason: "the fake was told to refuse the credentials".to_owned() }),
            Fault::Conflict => Some(Error::Conflict {
                object: format!("`{entity}`"),
                reason: "another change is under way".to_owned(),
            }),
            Fault::LoseAnswer | Fault::FailLater { .. } | Fault::Stuck | Fault::Hide { .. } | Fault::IgnoreToken => {
                None
            }
        }
    }
}

/// Takes the faults that strike a write of this kind, and counts them.
pub(crate) fn strike(plans: &mut Vec<FaultPlan>, capability: Capability) -> Vec<Fault> {
    let mut struck = Vec::new();
    for plan in plans.iter_mut().filter(|plan| plan.on.is_none_or(|on| on == capability)) {
        if plan.skip > 0 {
            plan.skip -= 1;
            continue;
        }
        plan.times = plan.times.map(|times| times.saturating_sub(1));
        struck.push(plan.fault.clone());
    }
    plans.retain(|plan| plan.times != Some(0) || plan.skip > 0);
    struck
}

pub(crate) fn lost_answer() -> Error {
    Error::OutcomeUnknown { reason: "the connection closed before an answer came".to_owned(), evidence: String::new() }
}

pub(crate) fn rejected(field: Option<String>, code: &str) -> Error {
    Error::Rejected {
        marketplace: "fake",
        field,
        code: Some(code.to_owned()),
        reason: "the fake was told to refuse it".to_owned(),
    }
}
