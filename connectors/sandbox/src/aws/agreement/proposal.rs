//! Whether a buyer may accept an offer, and why not.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::AgreementStatus;
use crate::aws::Aws;
use crate::aws::offer::{Offer, OfferState, SourceIntent};
use crate::aws::refusal::Refusal;
use crate::aws::term::{Term, TermKind};

/// Active agreements per product and account (AWS Marketplace service quotas).
const ACTIVE_MAX: usize = 100;
/// The highest value of an agreement on an offer that names its buyers (AWS Marketplace service quotas).
const TARGETED_VALUE_MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// The highest value of any other agreement (AWS Marketplace service quotas).
const GENERAL_VALUE_MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// Why an offer cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unacceptable {
    /// The buyer does not see the offer.
    #[error("{0}")]
    Invisible(String),
    /// The offer is the buyer's own.
    #[error("{0}")]
    Own(String),
    /// The offer has ended.
    #[error("{0}")]
    Expired(String),
    /// The buyer has accepted it before.
    #[error("{0}")]
    Accepted(String),
    /// The agreement that it replaces is over.
    #[error("{0}")]
    SourceInactive(String),
    /// The account would have too much of it.
    #[error("{0}")]
    Quota(String),
    /// What the buyer chose is not offered.
    #[error("{0}")]
    Choice(String),
}

impl Unacceptable {
    /// The answer of the Agreement API. The documents name no answer for an offer that was accepted before; a conflict
    /// is the nearest.
    pub(super) fn refusal(&self, proposal: &str) -> Refusal {
        let message = self.to_string();
        let field = "agreementProposalIdentifier";
        match self {
            Self::Invisible(_) => Refusal::agreement_not_found("AgreementProposal", proposal),
            Self::Own(_) => Refusal::agreement_access(message),
            Self::Expired(_) => Refusal::agreement_validation("EXPIRED_AGREEMENT_PROPOSAL", field, message),
            Self::Accepted(_) => Refusal::conflict("AgreementProposal", proposal, message),
            Self::SourceInactive(_) => {
                Refusal::agreement_validation("INACTIVE_AGREEMENT", "sourceAgreementIdentifier", message)
            }
            Self::Quota(_) => Refusal::new(402, "ServiceQuotaExceededException", message),
            Self::Choice(_) => {
                Refusal::agreement_validation("INVALID_REQUESTED_TERM_CONFIGURATION", "requestedTerms", message)
            }
        }
    }
}

/// The proposal of an offer, by which buyers name it: `offer-abc` is proposed as `ap-abc`.
pub(crate) fn proposal_of(offer_id: &str) -> String {
    format!("ap-{}", offer_id.trim_start_matches("offer-"))
}

/// Whether the offer can be accepted by this buyer at this moment.
pub(super) fn check(aws: &Aws, offer: &Offer, buyer: &str, now: Timestamp) -> Result<(), Unacceptable> {
    let id = &offer.id;
    if offer.state != OfferState::Released {
        return Err(Unacceptable::Invisible(format!("the offer `{id}` is a draft; release it first")));
    }
    if offer.source_agreement.as_ref().is_some_and(|source| source.intent == SourceIntent::Renew) {
        let message = format!("the offer `{id}` renews an agreement by itself and is not accepted");
        return Err(Unacceptable::Invisible(message));
    }
    if offer.owner == buyer {
        let message = format!("the account `{buyer}` made the offer `{id}` and cannot accept it");
        return Err(Unacceptable::Own(message));
    }
    let targeted = offer.buyer_accounts();
    if !targeted.is_empty() && !targeted.iter().any(|account| account == buyer) {
        return Err(Unacceptable::Invisible(format!("the offer `{id}` does not target the account `{buyer}`")));
    }
    if let Some(end) = offer.available_until().filter(|_| offer.is_expired(now)) {
        return Err(Unacceptable::Expired(format!("the offer `{id}` expired at {end}")));
    }
    let held = aws.agreements.values().find(|agreement| {
        agreement.offer_id == *id && agreement.acceptor == buyer && agreement.status == AgreementStatus::Active
    });
    if let Some(held) = held {
        let message = format!("the account `{buyer}` has already accepted the offer `{id}` as `{}`", held.id);
        return Err(Unacceptable::Accepted(message));
    }
    match offer.replaces().map(|id| (id, aws.agreements.get(id))) {
        Some((source, agreement)) if agreement.is_none_or(|held| held.status != AgreementStatus::Active) => {
            let message = format!("the offer `{id}` replaces the agreement `{source}`, which is no longer active");
            Err(Unacceptable::SourceInactive(message))
        }
        _ => check_trial(aws, offer, buyer),
    }
}

/// An account tries a product once (AWS Marketplace service quotas).
fn check_trial(aws: &Aws, offer: &Offer, buyer: &str) -> Result<(), Unacceptable> {
    let tried = aws.agreements.values().any(|agreement| {
        let trial = agreement.terms.iter().any(|term| matches!(term, Term::FreeTrialPricingTerm(_)));
        trial && agreement.acceptor == buyer && agreement.product_id == offer.product_id
    });
    if offer.has_term(TermKind::FreeTrial) && tried {
        let message = format!("the account `{buyer}` has had its free trial of `{}`", offer.product_id);
        return Err(Unacceptable::Quota(message));
    }
    Ok(())
}

/// Whether an agreement of this value is within the account's quotas. One that is replaced does not count.
pub(super) fn check_quotas(aws: &Aws, offer: &Offer, buyer: &str, value: Decimal) -> Result<(), Unacceptable> {
    let most = if offer.buyer_accounts().is_empty() { GENERAL_VALUE_MAX } else { TARGETED_VALUE_MAX };
    if value > most {
        return Err(Unacceptable::Quota(format!("the agreement's value of {value} is above the most allowed, {most}")));
    }
    let active = aws.agreements.values().filter(|agreement| {
        agreement.acceptor == buyer
            && agreement.product_id == offer.product_id
            && agreement.status == AgreementStatus::Active
            && offer.replaces() != Some(&agreement.id)
    });
    if active.count() >= ACTIVE_MAX {
        let message = format!("the account `{buyer}` has {ACTIVE_MAX} active agreements on `{}`", offer.product_id);
        return Err(Unacceptable::Quota(message));
    }
    Ok(())
}
