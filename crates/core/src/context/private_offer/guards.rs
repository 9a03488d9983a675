//! The named guards and deadlines.

use jiff::{SignedDuration, Timestamp};

use super::{Agreement, AgreementStatus, PrivateOffer};

/// A guard: a name that charts use, and what it asks.
type Guard = (&'static str, fn(&PrivateOffer, Timestamp) -> bool);

/// A deadline: a name that charts use, and when it is.
type Deadline = (&'static str, fn(&PrivateOffer) -> Option<Timestamp>);

/// Every guard.
pub(super) const GUARDS: &[Guard] = &[
    // The facts are about the document as it stands.
    ("facts_current", |offer, _| offer.facts_current()),
    // The marketplace is still working on a change.
    ("change_pending", |offer, _| offer.remote.change.is_some()),
    // The buyer has accepted, perhaps while something else was under way.
    ("agreement_known", |offer, _| !offer.agreements.is_empty()),
    // Somebody wants the offer withdrawn, perhaps since before it was published.
    ("withdrawal_requested", |offer, _| offer.withdrawal.is_some()),
    // An extension that keeps what was approved is on its way.
    ("extension_allowed", |offer, _| offer.extension.is_some()),
    // A reissue to another account is on its way.
    ("reissue_allowed", |offer, _| offer.reissue.is_some()),
    // An amendment that the marketplace can make is on its way.
    ("amendment_allowed", |offer, _| offer.amendment.is_some()),
    // It changes nothing that votes on prices or licences bind to.
    ("amendment_administrative", |offer, _| offer.amendment_administrative()),
    // The first agreement has begun.
    ("agreement_started", |offer, now| {
        offer.agreements.values().any(|agreement| agreement.starts_at.is_none_or(|start| start <= now))
    }),
    // No agreement is in force any more.
    ("agreements_over", |offer, _| offer.agreements.values().all(over)),
    // An agreement was followed by another, and none is in force any more.
    ("renewed", |offer, _| {
        let followed =
            |agreement: &Agreement| matches!(agreement.status, AgreementStatus::Renewed | AgreementStatus::Replaced);
        offer.agreements.values().all(over) && offer.agreements.values().any(followed)
    }),
];

/// Every deadline.
pub(super) const DEADLINES: &[Deadline] = &[
    ("offer.expiry", |offer| offer.expiry.as_ref().map(|expiry| expiry.last_moment)),
    ("offer.expires_in_7d", |offer| reminder(offer, 7)),
    ("offer.expires_in_2d", |offer| reminder(offer, 2)),
    ("agreement.start", starts),
    ("agreement.ends_in_90d", |offer| notice(offer, 90)),
    ("agreement.ends_in_30d", |offer| notice(offer, 30)),
    // Two days after the end the marketplace has long said how it ended.
    ("agreement.end_settled", |offer| shift(ends(offer)?, 2)),
];

fn over(agreement: &Agreement) -> bool {
    agreement.status != AgreementStatus::Active
}

fn starts(offer: &PrivateOffer) -> Option<Timestamp> {
    offer.agreements.values().map(|agreement| agreement.starts_at.unwrap_or(agreement.accepted_at)).min()
}

/// The end of the agreement that lasts longest; `None` while one of them has no end.
fn ends(offer: &PrivateOffer) -> Option<Timestamp> {
    let running = offer.agreements.values().filter(|agreement| !over(agreement));
    running.map(|agreement| agreement.ends_at).collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// So many days before the last moment; absent when the offer was published later than that, or people know already.
fn reminder(offer: &PrivateOffer, days: i64) -> Option<Timestamp> {
    let due = shift(offer.expiry.as_ref()?.last_moment, -days)?;
    let published = offer.remote.released_at.is_some_and(|released| released < due);
    (published && offer.reminded < Some(due)).then_some(due)
}

/// So many days before the agreements end; absent for one that was made shorter than that.
fn notice(offer: &PrivateOffer, days: i64) -> Option<Timestamp> {
    let due = shift(ends(offer)?, -days)?;
    starts(offer).is_some_and(|start| start < due).then_some(due)
}

fn shift(instant: Timestamp, days: i64) -> Option<Timestamp> {
    instant.checked_add(SignedDuration::from_hours(24 * days)).ok()
}
