//! AWS's status words in ours. An unknown word is never taken for success.

use aws_sdk_marketplaceagreement::types::{
    AgreementCancellationRequestStatus as CancellationStatus, AgreementStatus as Theirs,
    BillingAdjustmentStatus as AdjustmentStatus, PaymentRequestApprovalStrategy as Strategy,
    PaymentRequestStatus as PaymentStatus,
};
use aws_sdk_marketplacecatalog::types::{ChangeStatus, FailureCode};
use entente_port::{AgreementStatus, ChangeState, Error, RemoteOfferState, Unanswered};
use jiff::{SignedDuration, Timestamp};

use crate::failure::MARKETPLACE;

/// How long the buyer has to answer a request to end an agreement; silence is consent.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/userguide/refunds.html>
const CANCELLATION_ANSWER: SignedDuration = SignedDuration::from_hours(7 * 24);

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

/// Where a request to end an agreement stands.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_GetAgreementCancellationRequest.html>
pub(crate) fn cancellation_state(
    status: Option<&CancellationStatus>,
    began_at: Timestamp,
    at: Timestamp,
    message: Option<&str>,
) -> ChangeState {
    match status {
        Some(CancellationStatus::PendingApproval) => {
            ChangeState::AwaitingBuyer { answer_by: began_at.checked_add(CANCELLATION_ANSWER).ok() }
        }
        Some(CancellationStatus::Approved) => ChangeState::Applied { offer_id: None, at },
        Some(CancellationStatus::Rejected) => ChangeState::Declined { reason: message.map(str::to_owned), at },
        Some(word @ (CancellationStatus::Cancelled | CancellationStatus::ValidationFailed)) => {
            over(word.as_str(), message)
        }
        unknown => waited_for("a cancellation request", unknown.map(CancellationStatus::as_str)),
    }
}

/// Where a request for a payment stands. When silence counts as consent is the term's to say, not the request's.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_GetAgreementPaymentRequest.html>
pub(crate) fn payment_state(status: Option<&PaymentStatus>, at: Timestamp, message: Option<&str>) -> ChangeState {
    match status {
        Some(PaymentStatus::Validating) => ChangeState::Pending,
        Some(PaymentStatus::PendingApproval) => ChangeState::AwaitingBuyer { answer_by: None },
        Some(PaymentStatus::Approved) => ChangeState::Applied { offer_id: None, at },
        Some(PaymentStatus::Rejected) => ChangeState::Declined { reason: message.map(str::to_owned), at },
        Some(word @ (PaymentStatus::Cancelled | PaymentStatus::ValidationFailed)) => over(word.as_str(), message),
        unknown => waited_for("a payment request", unknown.map(PaymentStatus::as_str)),
    }
}

/// Where a billing adjustment stands.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_GetBillingAdjustmentRequest.html>
pub(crate) fn adjustment_state(status: &AdjustmentStatus, at: Timestamp, message: Option<&str>) -> ChangeState {
    match status {
        AdjustmentStatus::Pending => ChangeState::Pending,
        AdjustmentStatus::Completed => ChangeState::Applied { offer_id: None, at },
        AdjustmentStatus::ValidationFailed => over(status.as_str(), message),
        unknown => waited_for("a billing adjustment", Some(unknown.as_str())),
    }
}

/// What becomes of a payment request that the buyer does not answer.
pub(crate) fn unanswered(strategy: Option<&Strategy>, after: Option<&str>) -> Unanswered {
    match strategy {
        Some(Strategy::WaitForApproval) => Unanswered::Waits,
        Some(Strategy::AutoApproveOnExpiration) => Unanswered::Approved { after: after.map(str::to_owned) },
        Some(_) | None => Unanswered::Unrecognised,
    }
}

/// A request that ended without effect and without a no from the buyer.
fn over(word: &str, message: Option<&str>) -> ChangeState {
    let reason = match message.filter(|message| !message.is_empty()) {
        Some(message) => message.to_owned(),
        None if word == "CANCELLED" => "somebody withdrew the request; make it again if that was a mistake".to_owned(),
        None => "AWS Marketplace named no cause; look at the request in its console".to_owned(),
    };
    ChangeState::Failed(Error::Rejected { marketplace: MARKETPLACE, field: None, code: Some(word.to_owned()), reason })
}

/// An unknown word is waited for like a pending one, until the deadline of whoever waits.
fn waited_for(what: &str, word: Option<&str>) -> ChangeState {
    tracing::warn!(word, "unknown status of {what}, waiting on");
    ChangeState::Pending
}

/// An offer's state. AWS knows two; "expired" is a released offer whose availability ended.
pub fn offer_state(word: Option<&str>) -> RemoteOfferState {
    match word {
        Some("Draft") => RemoteOfferState::Draft,
        Some("Released") => RemoteOfferState::Released,
        Some(_) | None => RemoteOfferState::Unrecognised,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn name(state: &ChangeState) -> &'static str {
        match state {
            ChangeState::Pending => "pending",
            ChangeState::AwaitingBuyer { .. } => "awaiting",
            ChangeState::Applied { offer_id: None, .. } => "applied",
            ChangeState::Applied { .. } => "applied to an offer",
            ChangeState::Declined { .. } => "declined",
            ChangeState::Failed(_) => "failed",
        }
    }

    #[test]
    fn every_word_of_a_request_has_its_state_and_an_unknown_one_is_pending() {
        let words = CancellationStatus::values().iter().chain(PaymentStatus::values());
        for word in words.chain(AdjustmentStatus::values()).copied().chain(["A_LATER_WORD"]) {
            let expected = match word {
                "PENDING_APPROVAL" => "awaiting",
                "APPROVED" | "COMPLETED" => "applied",
                "REJECTED" => "declined",
                "CANCELLED" | "VALIDATION_FAILED" => "failed",
                _ => "pending",
            };
            let cancellation = cancellation_state(Some(&CancellationStatus::from(word)), at(), at(), None);
            let payment = payment_state(Some(&PaymentStatus::from(word)), at(), None);
            let adjustment = adjustment_state(&AdjustmentStatus::from(word), at(), None);
            let known = |values: &[&str], state: &ChangeState| {
                let wanted = if values.contains(&word) { expected } else { "pending" };
                assert_eq!(name(state), wanted, "{word}");
            };
            known(CancellationStatus::values(), &cancellation);
            known(PaymentStatus::values(), &payment);
            known(AdjustmentStatus::values(), &adjustment);
        }
        assert_eq!(name(&cancellation_state(None, at(), at(), None)), "pending");
        assert_eq!(name(&payment_state(None, at(), None)), "pending");
    }

    #[test]
    fn a_request_to_end_an_agreement_is_answered_within_a_week() {
        let state = cancellation_state(Some(&CancellationStatus::PendingApproval), at(), at(), None);
        let a_week_later: Timestamp = "1970-01-08T00:00:00Z".parse().unwrap();
        assert_eq!(state, ChangeState::AwaitingBuyer { answer_by: Some(a_week_later) });
    }

    #[test]
    fn only_a_known_strategy_says_what_silence_means() {
        let after = Some("P10D");
        assert_eq!(unanswered(Some(&Strategy::WaitForApproval), after), Unanswered::Waits);
        let approved = Unanswered::Approved { after: after.map(str::to_owned) };
        assert_eq!(unanswered(Some(&Strategy::AutoApproveOnExpiration), after), approved);
        for unknown in [Some(&Strategy::from("LATER")), None] {
            assert_eq!(unanswered(unknown, after), Unanswered::Unrecognised);
        }
    }
}
