//! What runs ask of marketplaces: writes, and the wait for what a write has begun.

mod await_change;
mod await_funding;
pub mod twins;
mod withheld;
mod write;

use std::time::Duration;

use entente_core::{
    event::{Failure, FailureClass},
    ids::ConnectorId,
};
use entente_port::{Capability, Error, StepKey, Write};
use serde::Deserialize;
use serde_json::{Value, json};

pub use await_change::AwaitChange;
pub use await_funding::AwaitFunding;
pub use withheld::Withheld;
pub use write::WriteActivity;

use super::Attempt;

/// How long to leave a busy object alone at first.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The part of every request that says where it goes.
#[derive(Debug, Clone, Deserialize)]
struct Addressed {
    marketplace: ConnectorId,
}

/// What a write has begun: its output, and part of the request that waits for it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Begun {
    /// The marketplace's id of the change; absent when read-back showed that nothing is left to change.
    pub change_id: Option<String>,
    /// Our key, under which the write can be found.
    pub key: StepKey,
}

/// A marketplace's answer as the outcome of an attempt.
pub(super) fn attempt_of(error: Error) -> Attempt {
    let message = error.to_string();
    match error {
        Error::Rejected { field, code, .. } => {
            Attempt::Failed(Failure { field, code, ..failure(FailureClass::Rejected, message) })
        }
        Error::NotFound { .. } => Attempt::Failed(failure(FailureClass::NotFound, message)),
        Error::Unsupported(_) => Attempt::Failed(failure(FailureClass::Unsupported, message)),
        Error::Withheld(_) => Attempt::Failed(failure(FailureClass::Withheld, message)),
        Error::Conflict { .. } => Attempt::Busy { after: BUSY_WAIT, why: failure(FailureClass::Conflict, message) },
        Error::Auth { .. } => Attempt::Paused { why: failure(FailureClass::Auth, message) },
        Error::Transient { retry_after, .. } => {
            Attempt::Retry { after: retry_after, why: failure(FailureClass::Transient, message) }
        }
        Error::OutcomeUnknown { evidence, .. } => {
            let evidence = json!({ "answer": evidence });
            Attempt::Unknown { why: Failure { evidence, ..failure(FailureClass::OutcomeUnknown, message) } }
        }
    }
}

pub(super) fn failure(class: FailureClass, message: String) -> Failure {
    Failure { class, message, field: None, code: None, evidence: Value::Null }
}

pub(super) fn unreadable(activity: &str, error: &serde_json::Error) -> Failure {
    failure(FailureClass::Rejected, format!("the request of `{activity}` cannot be read: {error}"))
}

pub(super) fn unconnected(marketplace: &ConnectorId, entity: &entente_core::ids::LegalEntityId) -> Failure {
    let message = format!(
        "no connector account sells for `{entity}` on `{marketplace}`: add one under `connectors` in entente.yaml"
    );
    failure(FailureClass::Unsupported, message)
}

/// Every write, by the name that charts use.
const WRITES: [(&str, Capability); 14] = [
    ("marketplace.create_offer", Capability::CreateOffer),
    ("marketplace.withdraw_offer", Capability::WithdrawOffer),
    ("marketplace.extend_offer", Capability::ExtendOffer),
    ("marketplace.amend_offer", Capability::AmendOffer),
    ("marketplace.cancel_agreement", Capability::CancelAgreement),
    ("marketplace.adjust_billing", Capability::AdjustBilling),
    ("marketplace.request_payment", Capability::RequestPayment),
    ("marketplace.withdraw_payment", Capability::WithdrawPayment),
    ("marketplace.apply_for_funding", Capability::ApplyForFunding),
    ("marketplace.update_funding", Capability::ChangeFunding),
    ("marketplace.submit_funding", Capability::ChangeFunding),
    ("marketplace.amend_funding", Capability::ChangeFunding),
    ("marketplace.recall_funding", Capability::ChangeFunding),
    ("marketplace.cancel_funding", Capability::ChangeFunding),
];

/// The activities of every write, by the names that charts use.
pub fn writes(connections: &crate::connectors::Connections) -> Vec<WriteActivity> {
    WRITES.into_iter().map(|(name, capability)| WriteActivity::new(name, capability, connections.clone())).collect()
}

/// The write that an activity's request asks for; `None` when the activity is no write, or the request cannot be read.
pub fn asked(activity: &str, request: &Value) -> Option<Write> {
    let (_, capability) = WRITES.into_iter().find(|(name, _)| *name == activity)?;
    write::read_write(capability, request)
}
