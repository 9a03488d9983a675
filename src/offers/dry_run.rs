//! What would be sent, exactly, without sending it.

use entente_core::{
    ids::{InvokeId, RunId, derived},
    offer::Offer,
};
use entente_port::{CallContext, Difference, PlannedCall, StepKey, Write};
use uuid::Uuid;

use super::{Desk, DeskError, stored::StoredOffer};

impl Desk {
    /// The calls that a write would make for an offer. Token and step are placeholders until the offer's own step exists.
    ///
    /// # Errors
    /// When no account is connected, or the connector cannot make such a write.
    fn planned(
        &self,
        offer: &Offer,
        stored: Option<&StoredOffer>,
        write: &Write,
    ) -> Result<Vec<PlannedCall>, DeskError> {
        let run = stored.map_or_else(|| RunId(derived(&["plan", &offer.reference])), |stored| stored.row.snapshot.run);
        let label = stored.map_or_else(|| "OFR-0000-00000".to_owned(), |stored| stored.row.snapshot.label.clone());
        let seq = stored.map_or(1, |stored| stored.row.snapshot.seq.saturating_add(1));
        let key = StepKey { run, invoke: InvokeId { seq, n: 0 }, label };
        let call = CallContext { token: Uuid::nil(), key };
        Ok(self.connection(offer)?.marketplace.plan(&call, write)?)
    }

    /// The calls of writes that would follow one another.
    ///
    /// # Errors
    /// As [`Desk::planned`].
    pub fn calls(&self, stored: Option<&StoredOffer>, writes: &[Write]) -> Result<Vec<PlannedCall>, DeskError> {
        let mut calls = Vec::new();
        for write in writes {
            let offer = match write {
                Write::CreateOffer { offer } | Write::ExtendOffer { offer, .. } => Some(offer.as_ref()),
                Write::WithdrawOffer { .. }
                | Write::AmendOffer { .. }
                | Write::CancelAgreement { .. }
                | Write::AdjustBilling { .. }
                | Write::RequestPayment { .. }
                | Write::WithdrawPayment { .. }
                | Write::ApplyForFunding { .. }
                | Write::ChangeFunding { .. } => stored.map(|stored| &stored.offer.offer),
            };
            let planned = offer.map(|offer| self.planned(offer, stored, write)).transpose()?;
            calls.extend(planned.into_iter().flatten());
        }
        Ok(calls)
    }

    /// What differs between a document and the offer that is live; `None` where nothing is live.
    ///
    /// # Errors
    /// When no account is connected, or the marketplace cannot be read.
    pub async fn differs_from_live(
        &self,
        offer: &Offer,
        stored: &StoredOffer,
    ) -> Result<Option<Vec<Difference>>, DeskError> {
        let Some(id) = &stored.offer.remote.offer_id else { return Ok(None) };
        let marketplace = &self.connection(offer)?.marketplace;
        let remote = marketplace.offer(id).await?;
        Ok(Some(marketplace.differences(offer, &remote)))
    }
}
