//! Money that is claimed back after it was paid: what of it has come, and what is claimed back no longer.

use serde::{Deserialize, Serialize};

use super::{ClaimCourse, Payable};
use crate::{ids::PartyId, money::Money};

/// Money that is claimed back after it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clawback {
    /// From whom.
    pub payee: PartyId,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Whether it comes back as it was given, goods or services: it has come once people agree to that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_given: bool,
    /// What of it has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Money>,
    /// What of it is claimed back no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Money>,
}

/// What somebody wants to claim back no longer: so much of what is open then, at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// From whom.
    pub payee: PartyId,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
}

impl Clawback {
    /// What is still to come.
    pub fn open(&self) -> Money {
        let less = |minor: i64, part: Option<Money>| minor.saturating_sub(part.map_or(0, |part| part.minor));
        Money { minor: less(less(self.amount.minor, self.recovered), self.waived), ..self.amount }
    }

    /// Adds to one of its parts as much as is open, and takes that off `left`.
    fn take(&mut self, left: &mut i64, part: impl Fn(&mut Clawback) -> &mut Option<Money>) {
        let now = self.open().minor.min(*left);
        if now > 0 {
            let amount = self.amount;
            let part = part(self);
            *part = Some(Money { minor: part.map_or(0, |part| part.minor).saturating_add(now), ..amount });
            *left = left.saturating_sub(now);
        }
    }
}

impl ClaimCourse {
    /// What of this payee's clawbacks is still to come, in minor units.
    pub fn open_back(&self, payee: &PartyId) -> i64 {
        self.sum_back(payee, |back| back.open().minor)
    }

    /// Whether anything is still to come from anybody.
    pub fn is_anything_open(&self) -> bool {
        self.clawbacks.iter().any(|back| back.open().minor > 0)
    }

    /// What of a payable was paid and is not claimed back, in minor units.
    pub(super) fn kept(&self, payable: &Payable) -> i64 {
        payable.paid_in_all().saturating_sub(self.taken_back(&payable.payee))
    }

    /// What is claimed back from a payee, come or not, and was not waived, in minor units.
    pub(super) fn taken_back(&self, payee: &PartyId) -> i64 {
        let waived = |back: &Clawback| back.waived.map_or(0, |waived| waived.minor);
        self.sum_back(payee, |back| back.amount.minor.saturating_sub(waived(back)))
    }

    /// Notes that so much has come from a payee, the oldest clawback first.
    pub(super) fn note_recovered(&mut self, payee: &PartyId, mut minor: i64) {
        for back in self.clawbacks.iter_mut().filter(|back| back.payee == *payee) {
            back.take(&mut minor, |back| &mut back.recovered);
        }
    }

    /// Notes that so much is claimed back no longer, the oldest clawback first.
    pub(super) fn note_waived(&mut self, payee: &PartyId, mut minor: i64) {
        for back in self.clawbacks.iter_mut().filter(|back| back.payee == *payee) {
            back.take(&mut minor, |back| &mut back.waived);
        }
    }

    fn sum_back(&self, payee: &PartyId, minor: impl Fn(&Clawback) -> i64) -> i64 {
        let theirs = self.clawbacks.iter().filter(|back| back.payee == *payee);
        theirs.fold(0_i64, |sum, back| sum.saturating_add(minor(back)))
    }
}
