//! What AWS promises about its writes and its rates, and what is assumed where it promises nothing.

use std::time::Duration;

use entente_port::{CallClass, Capability, Limits, Profile, Rate, RecoveryClass};

/// What the connector can do.
pub(crate) const CAPABILITIES: &[Capability] = &Capability::ALL;

/// How long a `ClientRequestToken` is resent. AWS documents it as a means of idempotency but names no retention, so this is an
/// assumption: half a day is well within what its other services document (24 hours), and far longer than any outage after which
/// a resend is still wanted. Afterwards the change set is searched by its name.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_StartChangeSet.html>
pub const TOKEN_RESEND_WINDOW: Duration = Duration::from_secs(12 * 60 * 60);

/// After how long a started change set is sure to be listed: AWS documents nothing, so that an absent one proves nothing.
pub const CHANGE_SET_VISIBILITY: Option<Duration> = None;

/// How a write behaves. Creating an offer also publishes it, so an absent one is never proof enough to create it again; an offer
/// that is withdrawn, extended or amended twice in the same way is as it should be.
///
/// Requests about agreements take a `clientToken`, documented as their means of idempotency, again without a retention; they are
/// found by the key in their description. They move money, or ask a buyer whose silence is consent, so that an absent one is
/// never proof enough to send it again.
/// Sources: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_BatchCreateBillingAdjustmentRequestEntry.html>,
/// <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_SendAgreementCancellationRequest.html>,
/// <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_SendAgreementPaymentRequest.html>
///
/// Taking a payment request back has no token: where the request stands says whether it was, and asking again changes nothing.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_CancelAgreementPaymentRequest.html>
///
/// An application for funding is created under a `ClientToken` and carries our key in its description; whatever is done to it
/// afterwards is told by where it stands.
/// Source: <https://docs.aws.amazon.com/partner-central/latest/APIReference/API_benefits_CreateBenefitApplication.html>
pub(crate) fn profile(capability: Capability) -> Profile {
    // Nobody sees an application before it is handed in, so one that is not there may be written again.
    if capability == Capability::ApplyForFunding {
        let (class, token_window) = (RecoveryClass::TokenDedup, TOKEN_RESEND_WINDOW);
        return Profile { class, token_window, visibility: None, irreversible: false };
    }
    if matches!(capability, Capability::WithdrawPayment | Capability::ChangeFunding) {
        let (class, token_window) = (RecoveryClass::ReadBack, Duration::ZERO);
        return Profile { class, token_window, visibility: None, irreversible: false };
    }
    let irreversible = matches!(
        capability,
        Capability::CreateOffer | Capability::CancelAgreement | Capability::AdjustBilling | Capability::RequestPayment
    );
    Profile {
        class: RecoveryClass::TokenDedup,
        token_window: TOKEN_RESEND_WINDOW,
        visibility: CHANGE_SET_VISIBILITY,
        irreversible,
    }
}

/// The documented quota of each class of calls, per second and account.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/catalog-service-quotas.html>
pub(crate) fn limits() -> Limits {
    let rates = [(CallClass::Write, 5), (CallClass::Change, 10), (CallClass::Entity, 20), (CallClass::Agreement, 5)];
    Limits {
        rates: rates.into_iter().map(|(class, count)| (class, Rate::per_second(count))).collect(),
        ..Limits::default()
    }
}
