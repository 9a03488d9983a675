//! The closed set of errors that the runner understands. A connector maps every answer to one of them.

use std::time::Duration;

use crate::{capability::Capability, hold::Hold};

/// The result of a call to a marketplace.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call to a marketplace did not do what it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The request as it stands is refused; sending it again changes nothing.
    #[error("{marketplace} refused the request{}: {reason}", code.as_ref().map(|code| format!(" (`{code}`)")).unwrap_or_default())]
    Rejected {
        /// The marketplace.
        marketplace: &'static str,
        /// The field of the offer document that caused it, as a JSON pointer, where known.
        field: Option<String>,
        /// Its own code.
        code: Option<String>,
        /// What it said, and what to do.
        reason: String,
    },
    /// The object is busy or locked: wait for what occupies it.
    #[error("{object} is busy: {reason}")]
    Conflict {
        /// The object.
        object: String,
        /// What occupies it.
        reason: String,
    },
    /// The object does not exist, or not for these credentials.
    #[error("{object} was not found")]
    NotFound {
        /// The object.
        object: String,
    },
    /// Credentials are missing, expired, revoked or insufficient: the connector is paused, attempts are not used up.
    #[error("the credentials were not accepted: {reason}")]
    Auth {
        /// What the marketplace said.
        reason: String,
    },
    /// A passing fault, and nothing was applied.
    #[error("a passing fault: {reason}")]
    Transient {
        /// The least time to wait, where the marketplace said one.
        retry_after: Option<Duration>,
        /// What happened.
        reason: String,
    },
    /// The connector does not declare this ability.
    #[error("this connector cannot {0}: do it in the marketplace's portal and record the result")]
    Unsupported(Capability),
    /// The mode or the caps of the connection forbid the write; nothing left this machine.
    #[error("nothing was sent: {}", .0.reason)]
    Withheld(Box<Hold>),
    /// The request may have been applied: the answer was lost, or could not be understood.
    #[error("it is not known whether the request was applied: {reason}")]
    OutcomeUnknown {
        /// What happened.
        reason: String,
        /// The answer as far as it came, redacted and capped at 64 KiB.
        evidence: String,
    },
}
