//! What buyers do.

use entente_core::offer::totals;
use entente_port::{Agreement, AgreementStatus};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::Fake;

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
        world.agreements.insert(id.clone(), agreement);
        drop(self.keep(&world));
        Ok(id)
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
