//! A connection that keeps its pace: see [`Pace`].

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{ids::ConnectorId, offer::Offer};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    Agreement, Allocation, Benefit, CallClass, CallContext, Capability, ChangeId, ChangeState, CheckItem, Difference,
    Effect, Finding, FundingChange, FundingRules, Hint, InvoicePage, Limits, Marketplace, Mode, ObservationPage,
    OwnWrite, Pace, Part, PaymentTerm, PlannedCall, ProductFacts, Profile, RemoteApplication, RemoteOffer, Result,
    StepKey, Submitted, Write,
};

/// A marketplace called at the pace of its account.
pub struct Paced {
    inner: Arc<dyn Marketplace>,
    pace: Arc<Pace>,
}

impl Paced {
    /// Calls `inner` at its own limits.
    pub fn new(inner: Arc<dyn Marketplace>) -> Paced {
        let pace = Pace::new(inner.limits());
        Paced { inner, pace }
    }

    /// The account's pace: to ask before an attempt is counted, to show, to resume.
    pub fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    async fn call<T>(&self, class: CallClass, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let pass = self.pace.admit(class).await?;
        let outcome = call.await;
        pass.settle(&outcome);
        outcome
    }
}

// Every method goes through, those with a default as well: a new one is an error here until it is written down.
#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Marketplace for Paced {
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
        self.pace.share().set(part);
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
        self.call(CallClass::Write, self.inner.submit(call, write)).await
    }

    async fn change(&self, change: &ChangeId) -> Result<ChangeState> {
        self.call(CallClass::Change, self.inner.change(change)).await
    }

    async fn find(&self, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
        self.call(CallClass::Change, self.inner.find(key, write)).await
    }

    async fn ours_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        self.call(CallClass::Change, self.inner.ours_since(since)).await
    }

    async fn offer(&self, offer_id: &str) -> Result<RemoteOffer> {
        self.call(CallClass::Entity, self.inner.offer(offer_id)).await
    }

    async fn product(&self, product_id: &str) -> Result<ProductFacts> {
        self.call(CallClass::Entity, self.inner.product(product_id)).await
    }

    fn differences(&self, offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
        self.inner.differences(offer, remote)
    }

    async fn agreements_of(&self, offer_id: &str) -> Result<ObservationPage> {
        self.call(CallClass::Agreement, self.inner.agreements_of(offer_id)).await
    }

    async fn agreements_since(&self, since: Timestamp) -> Result<ObservationPage> {
        self.call(CallClass::Agreement, self.inner.agreements_since(since)).await
    }

    async fn agreement(&self, agreement_id: &str) -> Result<Agreement> {
        self.call(CallClass::Agreement, self.inner.agreement(agreement_id)).await
    }

    async fn payment_terms(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        self.call(CallClass::Agreement, self.inner.payment_terms(agreement_id)).await
    }

    async fn invoices_of(&self, agreement_id: &str) -> Result<InvoicePage> {
        self.call(CallClass::Agreement, self.inner.invoices_of(agreement_id)).await
    }

    async fn invoices_since(&self, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
        self.call(CallClass::Agreement, self.inner.invoices_since(since, cursor)).await
    }

    fn funding_rules(&self) -> Option<FundingRules> {
        self.inner.funding_rules()
    }

    async fn benefits(&self) -> Result<Vec<Benefit>> {
        self.call(CallClass::Change, self.inner.benefits()).await
    }

    async fn benefit(&self, benefit_id: &str) -> Result<Benefit> {
        self.call(CallClass::Change, self.inner.benefit(benefit_id)).await
    }

    fn funding_holds(&self, change: &FundingChange, remote: &RemoteApplication) -> Option<bool> {
        self.inner.funding_holds(change, remote)
    }

    async fn funding(&self, application_id: &str) -> Result<RemoteApplication> {
        self.call(CallClass::Change, self.inner.funding(application_id)).await
    }

    async fn allocations(&self) -> Result<Vec<Allocation>> {
        self.call(CallClass::Change, self.inner.allocations()).await
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
