//! Moments in the life of an agreement that are told once, other than the notices of its end.
//!
//! The documentation describes the events and not when they come. Here the terms of a renewal are final at the
//! adjustment deadline, the renewal is upcoming when its lockout begins, and a licence is given when the agreement
//! starts.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Agreement, notice, renewal};
use crate::aws::Aws;
use crate::ids::IdSource;
use crate::period::Period;

/// What is told at such a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Milestone {
    LicenseProvisioned,
    TermsFinalized,
    RenewalUpcoming,
}

fn days_before_end(agreement: &Agreement, days: Option<&Period>) -> Option<Timestamp> {
    agreement.end?.saturating_sub(SignedDuration::from_hours(days?.days() * 24)).ok()
}

/// When the buyer can no longer change whether the agreement renews.
pub(super) fn lockout_start(agreement: &Agreement) -> Option<Timestamp> {
    days_before_end(agreement, agreement.renewal()?.lockout_period.as_ref())
}

/// When the seller can no longer adjust the terms of the renewal.
pub(super) fn terms_finalized(agreement: &Agreement) -> Option<Timestamp> {
    days_before_end(agreement, agreement.renewal()?.adjustment_deadline.as_ref())
}

/// Those that lie ahead of the acceptance and were not passed yet.
pub(super) fn open(agreement: &Agreement) -> impl Iterator<Item = (Timestamp, Milestone)> {
    let renews = agreement.will_renew();
    let all = [
        (Some(agreement.start), Milestone::LicenseProvisioned),
        (terms_finalized(agreement).filter(|_| renews), Milestone::TermsFinalized),
        (lockout_start(agreement).filter(|_| renews), Milestone::RenewalUpcoming),
    ];
    let open = all.into_iter().filter_map(|(at, what)| Some((at?, what)));
    open.filter(|(at, what)| *at > agreement.accepted_at && !agreement.milestones.contains(what))
}

/// Tells those whose time has come.
pub(super) fn pass(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(agreement) = aws.agreements.get_mut(id) else { return };
    let due: Vec<Milestone> = open(agreement).filter(|(due, _)| *due <= at).map(|(_, what)| what).collect();
    agreement.milestones.extend(&due);
    let agreement = agreement.clone();
    for what in due {
        match what {
            Milestone::LicenseProvisioned => notice::license(aws, ids, id, at, "Updated"),
            Milestone::TermsFinalized | Milestone::RenewalUpcoming => {
                renewal::prepare(aws, ids, &agreement, at);
                notice::renewal(aws, ids, id, at, what);
            }
        }
    }
}
