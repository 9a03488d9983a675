//! AWS's status words in ours. An unknown word is never taken for success.

use aws_sdk_marketplaceagreement::types::AgreementStatus as Theirs;
use aws_sdk_marketplacecatalog::types::{ChangeStatus, FailureCode};
use entente_port::{AgreementStatus, RemoteOfferState};

/// Where a change set stands.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_DescribeChangeSet.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetStage {
    /// Not ended yet.
    Running,
    /// Applied, all of it.
    Succeeded,
    /// Not applied, none of it.
    Failed,
    /// Cancelled before anything was applied.
    Cancelled,
    /// A word that is not known: waited for like a running one, until the deadline of whoever waits.
    Unrecognised,
}

/// Whose fault a failed change set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request's: it fails again unless it changes.
    Request,
    /// The service's: the same request may succeed later.
    Service,
    /// A word that is not known: it takes a person.
    Unrecognised,
}

/// The stage of a change set.
pub fn change_set_stage(status: Option<&ChangeStatus>) -> ChangeSetStage {
    match status {
        Some(ChangeStatus::Preparing | ChangeStatus::Applying) => ChangeSetStage::Running,
        Some(ChangeStatus::Succeeded) => ChangeSetStage::Succeeded,
        Some(ChangeStatus::Failed) => ChangeSetStage::Failed,
        Some(ChangeStatus::Cancelled) => ChangeSetStage::Cancelled,
        Some(_) | None => ChangeSetStage::Unrecognised,
    }
}

/// Whose fault it is.
pub fn fault(code: Option<&FailureCode>) -> Fault {
    match code {
        Some(FailureCode::ClientError) => Fault::Request,
        Some(FailureCode::ServerFault) => Fault::Service,
        Some(_) | None => Fault::Unrecognised,
    }
}

/// An agreement's status. `SUPERSEDED` is the old half of an amendment, so the agreement lives on in another one.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_AgreementViewSummary.html>
pub fn agreement_status(status: &Theirs) -> AgreementStatus {
    match status {
        Theirs::Active => AgreementStatus::Active,
        Theirs::Archived => AgreementStatus::Archived,
        Theirs::Cancelled => AgreementStatus::Cancelled,
        Theirs::Expired => AgreementStatus::Expired,
        Theirs::Renewed => AgreementStatus::Renewed,
        Theirs::Replaced | Theirs::Superseded => AgreementStatus::Replaced,
        Theirs::RolledBack => AgreementStatus::RolledBack,
        Theirs::Terminated => AgreementStatus::Terminated,
        unknown => {
            tracing::warn!(status = unknown.as_str(), "unknown status of an agreement");
            AgreementStatus::Unrecognised
        }
    }
}

/// An offer's state. AWS knows two; "expired" is a released offer whose availability ended.
pub fn offer_state(word: Option<&str>) -> RemoteOfferState {
    match word {
        Some("Draft") => RemoteOfferState::Draft,
        Some("Released") => RemoteOfferState::Released,
        Some(_) | None => RemoteOfferState::Unrecognised,
    }
}
