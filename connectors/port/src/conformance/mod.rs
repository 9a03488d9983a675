//! What the runner builds on, tried on a live connector: each law is one promise of [`Marketplace`].
//!
//! A connector's tests implement [`Bench`] for their marketplace (a sandbox, a fake) and ask [`exercise`]. It answers with
//! every law that was broken, so that a connector's author reads what is missing instead of the first assertion only.

mod after_sale;
mod declared;
mod observations;
mod pure;
mod readback;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    ids::{InvokeId, RunId},
    money::Money,
    offer::Offer,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{CallContext, Capability, ChangeId, ChangeState, Marketplace, StepKey, Submitted, Write};

/// A connector with the other side under control.
#[async_trait]
pub trait Bench: Send + Sync {
    /// The connector, ready to write.
    fn marketplace(&self) -> Arc<dyn Marketplace>;

    /// The `n`-th of many valid offers, all different from each other.
    fn offer(&self, n: u32) -> Offer;

    /// What time it is at the marketplace.
    fn now(&self) -> Timestamp;

    /// Lets begun writes end and become visible, as far as one step of waiting goes.
    async fn settle(&self);

    /// How often the other side applied writes with this token, by its own count.
    async fn applied(&self, token: Uuid) -> usize;

    /// The buyer accepts the offer; answers the agreement's id.
    async fn accept(&self, offer_id: &str, account: &str) -> String;

    /// The buyer lets the vendor ask for payments of varying amounts under this agreement, up to `most` in all.
    async fn allow_payments(&self, agreement_id: &str, most: Money);

    /// The buyer answers a request of the vendor.
    async fn answer(&self, change: &ChangeId, yes: bool);
}

/// A law that the connector broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The law.
    pub law: &'static str,
    /// What was seen.
    pub detail: String,
}

/// Tries every law. An empty answer means that the connector keeps them all.
pub async fn exercise(bench: &dyn Bench) -> Vec<Breach> {
    let mut trial = Trial { bench, marketplace: bench.marketplace(), breaches: Vec::new(), offers: 0 };
    pure::try_laws(&mut trial);
    declared::try_laws(&mut trial).await;
    writes::try_laws(&mut trial).await;
    readback::try_laws(&mut trial).await;
    observations::try_laws(&mut trial).await;
    after_sale::try_laws(&mut trial).await;
    trial.breaches
}

/// How often a trial waits for the marketplace before it calls a write stuck.
const PATIENCE: usize = 200;

struct Trial<'a> {
    bench: &'a dyn Bench,
    marketplace: Arc<dyn Marketplace>,
    breaches: Vec<Breach>,
    offers: u32,
}

impl Trial<'_> {
    fn breach(&mut self, law: &'static str, detail: impl Into<String>) {
        self.breaches.push(Breach { law, detail: detail.into() });
    }

    fn check(&mut self, law: &'static str, holds: bool, detail: impl FnOnce() -> String) {
        if !holds {
            self.breach(law, detail());
        }
    }

    fn can(&self, capability: Capability) -> bool {
        self.marketplace.capabilities().contains(&capability)
    }

    fn next_offer(&mut self) -> Offer {
        self.offers += 1;
        self.bench.offer(self.offers)
    }

    /// A call that no earlier one shares anything with.
    fn fresh_call(&self) -> CallContext {
        let run = RunId(Uuid::now_v7());
        let key = StepKey { run, invoke: InvokeId { seq: 7, n: 0 }, label: "conformance".to_owned() };
        CallContext { token: Uuid::now_v7(), key }
    }

    /// Waits for the end of a begun write.
    async fn end_of(&mut self, law: &'static str, change: &ChangeId) -> Option<ChangeState> {
        for _ in 0..PATIENCE {
            match self.marketplace.change(change).await {
                Ok(ChangeState::Pending) => self.bench.settle().await,
                Ok(state) => return Some(state),
                Err(error) => {
                    self.breach(law, format!("asking about `{}` failed: {error}", change.0));
                    return None;
                }
            }
        }
        self.breach(law, format!("`{}` never ended", change.0));
        None
    }

    /// A buyer who has accepted an offer: the agreement's id.
    async fn agreed(&mut self, law: &'static str) -> Option<String> {
        let (offer_id, offer, _) = self.released(law).await?;
        let account = offer.buyer.accounts.first().cloned().unwrap_or_default();
        let id = self.bench.accept(&offer_id, &account).await;
        self.bench.settle().await;
        Some(id)
    }

    /// Submits a write and waits until it is applied; answers the offer's id.
    async fn apply(&mut self, law: &'static str, call: &CallContext, write: &Write) -> Option<String> {
        let Submitted { change } = match self.marketplace.submit(call, write).await {
            Ok(submitted) => submitted,
            Err(error) => {
                self.breach(law, format!("the write was not begun: {error}"));
                return None;
            }
        };
        match self.end_of(law, &change).await? {
            ChangeState::Applied { offer_id: Some(id), .. } => Some(id),
            other => {
                self.breach(law, format!("expected an applied write that names its offer, got {other:?}"));
                None
            }
        }
    }

    /// A released offer, its document and the call that made it.
    async fn released(&mut self, law: &'static str) -> Option<(String, Offer, CallContext)> {
        let offer = self.next_offer();
        let call = self.fresh_call();
        let id = self.apply(law, &call, &Write::CreateOffer { offer: Box::new(offer.clone()) }).await?;
        Some((id, offer, call))
    }
}
