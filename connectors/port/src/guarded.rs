//! A connection that writes only what its grants allow. Everything above it can be wrong; nothing gets past it.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{ids::ConnectorId, offer::Offer};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    Agreement, Allowance, CallContext, Capability, Caps, ChangeId, ChangeState, CheckItem, Difference, Effect, Error,
    Finding, Hint, InvoicePage, Limits, Marketplace, Mode, ObservationPage, OwnWrite, Part, PaymentTerm, PlannedCall,
    ProductFacts, Profile, RemoteOffer, Result, StepKey, Submitted, Write, caps,
};

/// A marketplace behind its grants: reads pass, a write passes in live mode and within every cap, else nothing is sent.
pub struct Guarded {
    inner: Arc<dyn Marketplace>,
    allowance: Arc<dyn Allowance>,
    /// Two writes that are judged at once could each fit under a cap that both together exceed.
    turn: Mutex<()>,
}

impl Guarded {
    /// Puts `inner` behind what `allowance` grants.
    pub fn new(inner: Arc<dyn Marketplace>, allowance: Arc<dyn Allowance>) -> Guarded {
        Guarded { inner, allowance, turn: Mutex::new(()) }
    }

    /// Why the write may not be sent; `None` when it may. An error is the marketplace's, which could not be asked whose
    /// agreement it is.
    async fn objection(&self, call: &CallContext, write: &Write) -> Result<Option<String>> {
        let grants = match self.allowance.grants().await {
            Ok(grants) => grants,
            Err(reason) => return Ok(Some(format!("the connection's grants could not be read ({reason})"))),
        };
        if grants.stopped {
            return Ok(Some(
                "all writes of this connection are stopped; they stay unsent until somebody lets them go on".to_owned(),
            ));
        }
        match grants.mode {
            Mode::Observe => Ok(Some("the connection is in `observe` mode, which only reads".to_owned())),
            Mode::Shadow => Ok(Some("the connection is in `shadow` mode, which records what it would send".to_owned())),
            Mode::Live => match self.stranger(&grants.caps, write).await? {
                None => Ok(self.exceeded(&grants.caps, call, write).await),
                stranger => Ok(stranger),
            },
        }
    }

    /// A buyer outside the cap on buyers. Whose an agreement is, the marketplace says: whoever asks could be wrong.
    async fn stranger(&self, caps: &Caps, write: &Write) -> Result<Option<String>> {
        let named = caps::named_buyers(write).iter().find_map(|account| caps::stranger(caps, account));
        match write.agreement_id() {
            Some(id) if !caps.buyers.is_empty() => {
                let agreement = self.inner.agreement(id).await?;
                Ok(caps::stranger(caps, &agreement.buyer_account))
            }
            _ => Ok(named),
        }
    }

    /// The cap that the write would exceed. What passes is counted before it is sent.
    async fn exceeded(&self, caps: &Caps, call: &CallContext, write: &Write) -> Option<String> {
        if let Some(reason) = caps::not_positive(write) {
            return Some(reason);
        }
        if caps.offers_per_day.is_none() && !caps.limit_value() {
            return None;
        }
        let asked = match caps::used_by(write) {
            Ok(asked) => asked?,
            Err(reason) => return Some(reason),
        };
        let _turn = self.turn.lock().await;
        let used = match self.allowance.used_today(&call.key).await {
            Ok(used) => used,
            Err(reason) => return Some(format!("today's use of the caps could not be read ({reason})")),
        };
        if let Some(over) = caps::exceeded(caps, &used, asked) {
            return Some(over);
        }
        let admitted = self.allowance.admit(&call.key, asked).await;
        admitted.err().map(|reason| format!("its use of the caps could not be recorded ({reason})"))
    }
}

// Every method goes through, those with a default as well: a new one is an error here until it is written down.
#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Marketplace for Guarded {
    fn id(&self) -> ConnectorId {
        self.inner.id()
    }

    fn capabilities(&self) -> &'static [Capability] {
        self.inner.capabilities()
    }

    fn profile(&self, capability: Capability) -> Profile {
        self.inner.profile(capability)
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn share(&self, part: Option<Part>) {
        self.inner.share(part);
    }

    fn zone(&self) -> &'static str {
        self.inner.zone()
    }

    fn validate(&self, offer: &Offer, now: Timestamp, product: Option<&ProductFacts>) -> Vec<Finding> {
        self.inner.validate(offer, now, product)
    }

    fn plan(&self, call: &CallContext, write: &Write) -> Result<Vec<PlannedCall>> {
        self.inner.plan(call, write)
    }

    fn entity(&self, write: &Write) -> String {
        self.inner.entity(write)
    }

    fn holds(&self, write: &Write, remote: &RemoteOffer, now: Timestamp) -> Option<bool> {
        self.inner.holds(write, remote, now)
    }

    async fn submit(&self, call: &CallContext, write: &Write) -> Result<Submitted> {
        match self.objection(call, write).await? {
            None => self.inner.submit(call, write).await,
            Some(reason) => {
                let plan = self.inner.plan(call, write).unwrap_or_default();
                self.allowance.withheld(call, write, &plan, &reason).await;
                Err(Error::Withheld { reason })
            }
        }
    }

    async fn change(&self, change: &ChangeId) -> Result<ChangeState> {
        self.inner.change(change).await
    }

    async fn find(&self, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
        self.inner.find(key, write).await
    }

    async fn ours_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        self.inner.ours_since(since).await
    }

    async fn offer(&self, offer_id: &str) -> Result<RemoteOffer> {
        self.inner.offer(offer_id).await
    }

    async fn product(&self, product_id: &str) -> Result<ProductFacts> {
        self.inner.product(product_id).await
    }

    fn differences(&self, offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
        self.inner.differences(offer, remote)
    }

    async fn agreements_of(&self, offer_id: &str) -> Result<ObservationPage> {
        self.inner.agreements_of(offer_id).await
    }

    async fn agreements_since(&self, since: Timestamp) -> Result<ObservationPage> {
        self.inner.agreements_since(since).await
    }

    async fn agreement(&self, agreement_id: &str) -> Result<Agreement> {
        self.inner.agreement(agreement_id).await
    }

    async fn payment_terms(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        self.inner.payment_terms(agreement_id).await
    }

    async fn invoices_of(&self, agreement_id: &str) -> Result<InvoicePage> {
        self.inner.invoices_of(agreement_id).await
    }

    async fn invoices_since(&self, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
        self.inner.invoices_since(since, cursor).await
    }

    fn hint(&self, body: &[u8]) -> Result<Hint> {
        self.inner.hint(body)
    }

    fn least_privilege(&self, mode: Mode) -> Value {
        self.inner.least_privilege(mode)
    }

    async fn check(&self, mode: Mode) -> Vec<CheckItem> {
        self.inner.check(mode).await
    }
}
