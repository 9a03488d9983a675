//! What policy rows test and the document alone cannot say: discount, cumulative value, licence, last moment.

use std::collections::BTreeSet;

use entente_core::{
    context::private_offer::SubmitFacts,
    ids::RunId,
    money::Currency,
    offer::{Offer, document::Eula, totals::totals},
};
use entente_store::RunFilter;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use super::{
    Desk, DeskError,
    known::Known,
    stored::{self, StoredOffer},
};

impl Desk {
    /// Computes the facts about a revision. `own` is the offer's run, where it has one: it does not count twice.
    ///
    /// # Errors
    /// When no account is connected, an amount is out of range, or the database cannot be read.
    pub async fn facts(&self, offer: &Offer, own: Option<RunId>) -> Result<SubmitFacts, DeskError> {
        let known = self.known(offer, own).await?;
        self.facts_knowing(offer, own, &known).await
    }

    /// As [`Desk::facts`], from records that have been gathered already.
    ///
    /// # Errors
    /// As [`Desk::facts`].
    pub async fn facts_knowing(
        &self,
        offer: &Offer,
        own: Option<RunId>,
        known: &Known,
    ) -> Result<SubmitFacts, DeskError> {
        let totals = totals(offer)?;
        let compared = known.discounts.as_ref().and_then(|discounts| discounts.as_ref().ok());
        let zone = self.connection(offer)?.marketplace.zone();
        let eula_approved = match &offer.eula {
            Eula::Standard(_) => true,
            Eula::Custom(eula) => known.approved_eulas.as_ref().is_some_and(|approved| approved.contains(&eula.sha256)),
        };
        let (before, left_out) = self.offered_before(offer, own).await?;
        Ok(SubmitFacts {
            revision: offer.revision().hash,
            discount_bp: compared.map(|discounts| discounts.policy_bp),
            list_value_minor: compared.map(|discounts| discounts.list_value.minor),
            value_minor: totals.total.minor,
            annualised_minor: totals.annualised.minor,
            currency: offer.currency,
            cumulative_value_12m_minor: before.saturating_add(totals.total.minor),
            cumulative_left_out: left_out,
            eula_approved,
            last_moment: self.last_moment(offer, offer.expires_on)?,
            marketplace_zone: zone.to_owned(),
            seller_zone: self.zone.clone(),
        })
    }

    /// What the same buyer was offered in the twelve months before now, in minor units of the offer's currency; and the other
    /// currencies in which there was something, which is left out: without a dated rate it does not add.
    async fn offered_before(&self, offer: &Offer, own: Option<RunId>) -> Result<(i64, BTreeSet<Currency>), DeskError> {
        let filter = RunFilter { created_from: Some(a_year_before(self.now)), ..RunFilter::default() };
        let others = stored::offers(self.store.as_ref(), filter).await?;
        let counted = others.iter().filter(|other| {
            Some(other.row.snapshot.run) != own && counts(other) && same_buyer(&other.offer.offer, offer)
        });
        let (mut sum, mut left_out) = (0_i64, BTreeSet::new());
        for facts in counted.filter_map(|other| other.offer.facts.as_ref()).filter(|facts| facts.value_minor != 0) {
            if facts.currency == offer.currency {
                sum = sum.saturating_add(facts.value_minor);
            } else {
                left_out.insert(facts.currency);
            }
        }
        Ok((sum, left_out))
    }
}

/// The instant twelve calendar months before another, in UTC.
pub fn a_year_before(now: Timestamp) -> Timestamp {
    let then = now.to_zoned(TimeZone::UTC).checked_sub(12.months()).map(|zoned| zoned.timestamp());
    then.unwrap_or(Timestamp::MIN)
}

/// Whether an offer was put before people at all, and did not come to nothing.
fn counts(other: &StoredOffer) -> bool {
    !other.row.snapshot.tags.iter().any(|tag| tag == "cancelled" || tag == "failure")
}

/// Two documents name the same buyer when they share an account of one marketplace, or the organisation's name.
fn same_buyer(one: &Offer, other: &Offer) -> bool {
    let named = |offer: &Offer| offer.buyer.name.trim().to_lowercase();
    let shared = one.buyer.accounts.iter().any(|account| other.buyer.accounts.contains(account));
    (one.marketplace == other.marketplace && shared) || named(one) == named(other)
}
