//! A connection that writes only what its grants allow. Everything above it can be wrong; nothing gets past it.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{ids::ConnectorId, offer::Offer};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Agreement, Allocation, Allowance, Benefit, CallContext, Capability, Caps, ChangeId, ChangeState, CheckItem,
    Difference, Effect, Error, Finding, FundingChange, FundingRules, HeldBy, Hint, Hold, InvoicePage, Limits,
    Marketplace, Mode, ObservationPage, OwnWrite, Part, PaymentTerm, PlannedCall, ProductFacts, Profile,
    RemoteApplication, RemoteOffer, Result, StepKey, Submitted, Write, caps,
};

/// A marketplace behind its grants: reads pass, a write passes in live mode and within every cap, else nothing is sent.
pub struct Guarded {
    inner: Arc<dyn Marketplace>,
    allowance: Arc<dyn Allowance>,
}

/// How often a use is judged anew because others have used more meanwhile.
const TRIES_MAX: u32 = 64;

impl Guarded {
    /// Puts `inner` behind what `allowance` grants.
    pub fn new(inner: Arc<dyn Marketplace>, allowance: Arc<dyn Allowance>) -> Guarded {
        Guarded { inner, allowance }
    }

    /// What holds the write back, with the calls that it would make; `None` when it may leave now. What passes is counted against
    /// the caps. Nothing is sent.
    ///
    /// # Errors
    /// The marketplace's, which could not be asked whose agreement it is.
    pub async fn hold(&self, call: &CallContext, write: &Write) -> Result<Option<Hold>> {
        let held = self.objection(call, write).await?;
        Ok(held.map(|hold| Hold { plan: self.inner.plan(call, write).unwrap_or_default(), ..hold }))
    }

    async fn objection(&self, call: &CallContext, write: &Write) -> Result<Option<Hold>> {
        let grants = match self.allowance.grants().await {
            Ok(grants) => grants,
            Err(reason) => return Ok(Some(Hold::unreadable("the connection's grants could not be read", reason))),
        };
        if grants.stopped {
            let reason = "all writes of this connection are stopped; they stay unsent until somebody lets them go on";
            return Ok(Some(Hold::new(HeldBy::Stop, true, reason)));
        }
        let mode = |name: &str, does: &str| {
            Some(Hold::new(HeldBy::Mode, name, format!("the connection is in `{name}` mode, which {does}")))
        };
        match grants.mode {
            Mode::Observe => Ok(mode("observe", "only reads")),
            Mode::Shadow => Ok(mode("shadow", "records what it would send")),
            Mode::Live => match self.stranger(&grants.caps, write).await? {
                None => Ok(self.exceeded(&grants.caps, call, write).await),
                stranger => Ok(stranger),
            },
        }
    }

    /// A buyer outside the cap on buyers. Whose an agreement is, the marketplace says: whoever asks could be wrong.
    async fn stranger(&self, caps: &Caps, write: &Write) -> Result<Option<Hold>> {
        let named = caps::named_buyers(write).iter().find_map(|account| caps::stranger(caps, account));
        let stranger = match write.agreement_id() {
            Some(id) if !caps.buyers.is_empty() => {
                let agreement = self.inner.agreement(id).await?;
                caps::stranger(caps, &agreement.buyer_account)
            }
            _ => named,
        };
        Ok(stranger.map(|reason| Hold::new(HeldBy::Buyers, json!(caps.buyers), reason)))
    }

    /// The cap that the write would exceed. What passes is counted before it is sent.
    async fn exceeded(&self, caps: &Caps, call: &CallContext, write: &Write) -> Option<Hold> {
        let uncounted = |reason: String| Hold::new(HeldBy::Amount, Value::Null, reason);
        if let Some(reason) = caps::not_positive(write) {
            return Some(uncounted(reason));
        }
        if caps.offers_per_day.is_none() && !caps.limit_value() {
            return None;
        }
        let asked = match caps::used_by(write) {
            Ok(asked) => asked?,
            Err(reason) => return Some(uncounted(reason)),
        };
        for _ in 0..TRIES_MAX {
            let seen = match self.allowance.used_today(&call.key).await {
                Ok(seen) => seen,
                Err(reason) => return Some(Hold::unreadable("today's use of the caps could not be read", reason)),
            };
            if let Some(over) = caps::exceeded(caps, &seen, asked) {
                return Some(over);
            }
            match self.allowance.admit(&call.key, asked, &seen).await {
                Ok(true) => return None,
                Ok(false) => {}
                Err(reason) => return Some(Hold::unreadable("its use of the caps could not be recorded", reason)),
            }
        }
        Some(Hold::unreadable("its use of the caps could not be recorded", "others use them all the time".to_owned()))
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

    fn frozen(&self, standing: &Offer, wanted: &Offer) -> Vec<Finding> {
        self.inner.frozen(standing, wanted)
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
        match self.hold(call, write).await? {
            None => self.inner.submit(call, write).await,
            Some(hold) => Err(Error::Withheld(Box::new(hold))),
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

    fn funding_rules(&self) -> Option<FundingRules> {
        self.inner.funding_rules()
    }

    async fn benefits(&self) -> Result<Vec<Benefit>> {
        self.inner.benefits().await
    }

    async fn benefit(&self, benefit_id: &str) -> Result<Benefit> {
        self.inner.benefit(benefit_id).await
    }

    fn funding_holds(&self, change: &FundingChange, remote: &RemoteApplication) -> Option<bool> {
        self.inner.funding_holds(change, remote)
    }

    async fn funding(&self, application_id: &str) -> Result<RemoteApplication> {
        self.inner.funding(application_id).await
    }

    async fn allocations(&self) -> Result<Vec<Allocation>> {
        self.inner.allocations().await
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
