//! The events by which people change an offer, with the facts that each needs.

use entente_core::{
    context::private_offer::{Amend, Extend, Reissue, Revise, Submit, SubmitFacts},
    offer::Offer,
};
use entente_store::Message;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Desk, DeskError, launch::Sender, stored::StoredOffer};

impl Desk {
    /// `submit`: the document as it stands is to be approved.
    ///
    /// # Errors
    /// When the facts cannot be computed.
    pub async fn submit(&self, sender: &Sender, stored: &StoredOffer) -> Result<Message, DeskError> {
        let run = stored.row.snapshot.run;
        let facts = self.facts_for(sender, &stored.offer.offer, Some(run)).await?;
        Ok(sender.named(run, "submit", data(&Submit { facts })))
    }

    /// `submit` of an offer that the same request starts.
    ///
    /// # Errors
    /// When the facts cannot be computed.
    pub async fn submit_new(&self, sender: &Sender, started: &Message, offer: &Offer) -> Result<Message, DeskError> {
        let facts = self.facts_for(sender, offer, Some(started.run)).await?;
        Ok(sender.named(started.run, "submit", data(&Submit { facts })))
    }

    /// `revise`: another document takes the offer's place.
    ///
    /// # Errors
    /// When the facts cannot be computed.
    pub async fn revise(&self, sender: &Sender, stored: &StoredOffer, offer: &Offer) -> Result<Message, DeskError> {
        let run = stored.row.snapshot.run;
        let facts = self.facts_for(sender, offer, Some(run)).await?;
        Ok(sender.named(run, "revise", data(&Revise { offer: offer.to_json(), facts: Some(facts) })))
    }

    /// `extend`: the buyer gets more time.
    ///
    /// # Errors
    /// When the last moment cannot be computed.
    pub fn extend(
        &self,
        sender: &Sender,
        stored: &StoredOffer,
        until: Date,
        reason: Option<String>,
    ) -> Result<Message, DeskError> {
        let last_moment = self.last_moment(&stored.offer.offer, until)?;
        let extend = Extend { expires_on: until, last_moment, reason };
        Ok(sender.named(stored.row.snapshot.run, "extend", data(&extend)))
    }

    /// `reissue`: the same offer for another account.
    ///
    /// # Errors
    /// When the facts cannot be computed.
    pub async fn reissue(
        &self,
        sender: &Sender,
        stored: &StoredOffer,
        account: &str,
        reason: Option<String>,
    ) -> Result<Message, DeskError> {
        let run = stored.row.snapshot.run;
        let facts = self.facts_for(sender, &stored.offer.reissued(account), Some(run)).await?;
        let reissue = Reissue { account: account.to_owned(), facts, reason };
        Ok(sender.named(run, "reissue", data(&reissue)))
    }

    /// `amend`: another document takes the place of the one that is released.
    ///
    /// # Errors
    /// When the facts cannot be computed.
    pub async fn amend(
        &self,
        sender: &Sender,
        stored: &StoredOffer,
        offer: &Offer,
        reason: Option<String>,
    ) -> Result<Message, DeskError> {
        let run = stored.row.snapshot.run;
        let facts = self.facts_for(sender, offer, Some(run)).await?;
        Ok(sender.named(run, "amend", data(&Amend { offer: offer.to_json(), facts, reason })))
    }

    /// The facts about a revision. A repeated key keeps the facts that were computed first: they change with time and with
    /// other offers, and a repetition is no other request.
    async fn facts_for(
        &self,
        sender: &Sender,
        offer: &Offer,
        own: Option<entente_core::ids::RunId>,
    ) -> Result<SubmitFacts, DeskError> {
        let revision = offer.revision().hash;
        let earlier = sender.earlier(self.store.as_ref()).await?.and_then(|message| facts_in(&message));
        match earlier.filter(|facts| facts.revision == revision) {
            Some(facts) => Ok(facts),
            None => self.facts(offer, own).await,
        }
    }
}

/// The reason that `withdraw` and `cancel` carry.
pub fn reason(reason: &str) -> Value {
    json!({ "reason": reason })
}

fn facts_in(message: &Message) -> Option<SubmitFacts> {
    match &message.event.body {
        entente_core::event::Body::Named { data, .. } => serde_json::from_value(data.get("facts")?.clone()).ok(),
        _ => None,
    }
}

fn data(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
