//! What buyers do.

use entente_core::{money::Money, offer::totals};
use entente_port::{Agreement, AgreementStatus, ChangeId, PaymentTerm, Unanswered};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    CONSENT_DAYS, Fake, after_sale,
    world::{ChangeRow, End},
};

/// Why a buyer could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such offer, or not for this account.
    #[error("offer `{0}` is not there for this account")]
    NotOffered(String),
    /// It can no longer be accepted.
    #[error("offer `{0}` is withdrawn or expired")]
    Over(String),
    /// No such agreement.
    #[error("there is no agreement `{0}`")]
    NoAgreement(String),
    /// Nothing waits for the buyer under this id.
    #[error("the change `{0}` does not wait for the buyer")]
    NotAsked(String),
}

/// What a buyer says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No {
        /// Why not.
        reason: Option<String>,
    },
}

impl Fake {
    /// The buyer accepts; answers the agreement's id.
    pub fn accept(&self, offer_id: &str, account: &str) -> Result<String, Refusal> {
        let mut world = self.world();
        let now = world.now();
        let today = day(now);
        let row =
            world.offers.get(offer_id).filter(|row| row.document.buyer.accounts.iter().any(|known| known == account));
        let row = row.ok_or_else(|| Refusal::NotOffered(offer_id.to_owned()))?.clone();
        if row.withdrawn || row.expires_on < today {
            return Err(Refusal::Over(offer_id.to_owned()));
        }
        let end = row.document.agreement_term().and_then(|term| term.end_if_accepted(today));
        let id = world.next_id("agmt");
        let agreement = Agreement {
            id: id.clone(),
            offer_id: Some(offer_id.to_owned()),
            product_id: Some(row.document.product.id.clone()),
            buyer_account: account.to_owned(),
            status: AgreementStatus::Active,
            accepted_at: now,
            starts_at: Some(now),
            ends_at: end.and_then(|end| end.to_zoned(TimeZone::UTC).ok()).map(|end| end.timestamp()),
            updated_at: now,
            initial_id: None,
            value: totals::contract_total(&row.document).ok(),
        };
        let billed = agreement.value.filter(|value| value.minor > 0);
        world.agreements.insert(id.clone(), agreement);
        if let Some(amount) = billed {
            after_sale::bill(&mut world, &id, amount, now);
        }
        drop(self.keep(&world));
        Ok(id)
    }

    /// The buyer lets the vendor ask for payments of varying amounts, up to `most` in all. A request that is not answered for
    /// [`CONSENT_DAYS`](crate::CONSENT_DAYS) counts as approved if `silence_is_consent`. Answers the term's id.
    pub fn allow_payments(&self, agreement_id: &str, most: Money, silence_is_consent: bool) -> Result<String, Refusal> {
        let mut world = self.world();
        if !world.agreements.contains_key(agreement_id) {
            return Err(Refusal::NoAgreement(agreement_id.to_owned()));
        }
        let id = world.next_id("term");
        let unanswered = match silence_is_consent {
            true => Unanswered::Approved { after: Some(format!("P{CONSENT_DAYS}D")) },
            false => Unanswered::Waits,
        };
        let term = PaymentTerm { id: id.clone(), most, unanswered };
        world.payment_terms.entry(agreement_id.to_owned()).or_default().push(term);
        drop(self.keep(&world));
        Ok(id)
    }

    /// The buyer answers a request of the vendor.
    pub fn answer(&self, change: &ChangeId, answer: Answer) -> Result<(), Refusal> {
        let mut world = self.world();
        let now = world.now();
        let asked = |row: &&mut ChangeRow| matches!(row.end, End::Asked { .. });
        let row = world.changes.get_mut(&change.0).filter(asked);
        let row = row.ok_or_else(|| Refusal::NotAsked(change.0.clone()))?;
        match answer {
            Answer::No { reason } => row.end = End::Declined { reason, at: now },
            Answer::Yes => after_sale::approve(&mut world, &change.0, now),
        }
        drop(self.keep(&world));
        Ok(())
    }

    /// The buyer ends the agreement early.
    pub fn cancel(&self, agreement_id: &str) -> Result<(), Refusal> {
        let mut world = self.world();
        let now = world.now();
        let agreement =
            world.agreements.get_mut(agreement_id).ok_or_else(|| Refusal::NoAgreement(agreement_id.to_owned()))?;
        (agreement.status, agreement.updated_at, agreement.ends_at) = (AgreementStatus::Cancelled, now, Some(now));
        drop(self.keep(&world));
        Ok(())
    }
}

pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
