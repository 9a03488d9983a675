//! A connection that writes only what its grants allow. Everything above it can be wrong; nothing gets past it.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    ids::ConnectorId,
    money::Money,
    offer::{Offer, totals},
};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    Allowance, CallContext, Capability, Caps, ChangeId, ChangeState, CheckItem, Difference, Effect, Error, Finding,
    Hint, Limits, Marketplace, Mode, ObservationPage, OwnWrite, PlannedCall, ProductFacts, Profile, RemoteOffer,
    Result, StepKey, Submitted, Used, Write,
};

/// A marketplace behind its grants: reads pass, a write passes in live mode and within every cap, else nothing is sent.
pub struct Guarded {
    inner: Arc<dyn Marketplace>,
    allowance: Arc<dyn Allowance>,
    /// Two offers that are judged at once could each fit under a cap that both together exceed.
    turn: Mutex<()>,
}

impl Guarded {
    /// Puts `inner` behind what `allowance` grants.
    pub fn new(inner: Arc<dyn Marketplace>, allowance: Arc<dyn Allowance>) -> Guarded {
        Guarded { inner, allowance, turn: Mutex::new(()) }
    }

    /// Why the write may not be sent; `None` when it may.
    async fn objection(&self, call: &CallContext, write: &Write) -> Option<String> {
        let grants = match self.allowance.grants().await {
            Ok(grants) => grants,
            Err(reason) => return Some(format!("the connection's grants could not be read ({reason})")),
        };
        if grants.stopped {
            return Some(
                "all writes of this connection are stopped; they stay unsent until somebody lets them go on".to_owned(),
            );
        }
        match grants.mode {
            Mode::Observe => Some("the connection is in `observe` mode, which only reads".to_owned()),
            Mode::Shadow => Some("the connection is in `shadow` mode, which records what it would send".to_owned()),
            Mode::Live => self.exceeded(&grants.caps, call, write).await,
        }
    }

    /// The cap that the write would exceed.
    async fn exceeded(&self, caps: &Caps, call: &CallContext, write: &Write) -> Option<String> {
        let offer = match write {
            Write::CreateOffer { offer } | Write::ExtendOffer { offer, .. } => offer,
            Write::WithdrawOffer { .. } | Write::AmendOffer { .. } => return None,
        };
        let stranger =
            offer.buyer.accounts.iter().find(|account| !caps.buyers.is_empty() && !caps.buyers.contains(*account));
        if let Some(account) = stranger {
            return Some(format!("buyer account `{account}` is not in the connection's cap `buyers`"));
        }
        if !matches!(write, Write::CreateOffer { .. })
            || (caps.offers_per_day.is_none() && caps.value_per_day.is_empty())
        {
            return None;
        }
        let value = match totals::totals(offer) {
            // A document whose instalments disagree with its total is stopped elsewhere; until then the larger counts.
            Ok(totals) => Money { minor: totals.total.minor.max(totals.scheduled.minor), currency: offer.currency },
            Err(reason) => return Some(format!("the offer's value cannot be counted against the caps ({reason})")),
        };
        let _turn = self.turn.lock().await;
        let used = match self.allowance.used_today(&call.key).await {
            Ok(used) => used,
            Err(reason) => return Some(format!("today's use of the caps could not be read ({reason})")),
        };
        let over = over_count(caps, &used).or_else(|| over_value(caps, &used, value));
        if over.is_some() {
            return over;
        }
        let admitted = self.allowance.admit(&call.key, value).await;
        admitted.err().map(|reason| format!("its use of the caps could not be recorded ({reason})"))
    }
}

/// Whether one more offer exceeds the day's number.
fn over_count(caps: &Caps, used: &Used) -> Option<String> {
    let most = caps.offers_per_day.filter(|most| used.offers >= *most)?;
    Some(format!("the cap `offers_per_day` of {most} is used up ({} sent today)", used.offers))
}

/// Whether an offer's value exceeds the day's amount of its currency.
fn over_value(caps: &Caps, used: &Used, value: Money) -> Option<String> {
    if caps.value_per_day.is_empty() {
        return None;
    }
    let currency = value.currency;
    let Some(most) = caps.value_per_day.get(&currency) else {
        return Some(format!("the cap `value_per_day` names no amount for {currency}"));
    };
    let sent = used.value.get(&currency).copied().unwrap_or(0);
    match sent.checked_add(value.minor) {
        Some(sum) if sum <= *most => None,
        _ => {
            let [sent, most] = [sent, *most].map(|minor| Money { minor, currency });
            Some(format!("the cap `value_per_day` of {most} would be exceeded: {sent} sent today, {value} asked"))
        }
    }
}

#[async_trait]
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
        match self.objection(call, write).await {
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
