//! The connector itself: each method of the trait handed to the file that answers it.

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorId, InvalidId},
    offer::Offer,
};
use entente_port::{
    Agreement, CallContext, Capability, ChangeId, ChangeState, CheckItem, Difference, Effect, Error, Finding, Hint,
    InvoicePage, Marketplace, Mode, ObservationPage, OwnWrite, PaymentTerm, PlannedCall, ProductFacts, Profile,
    RemoteOffer, Result, StepKey, Submitted, Write,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Fake, buyer, read, rules, write};

/// What the fake can do: everything but funding, which not every marketplace gives.
const CAPABILITIES: &[Capability] = &[
    Capability::CreateOffer,
    Capability::WithdrawOffer,
    Capability::ExtendOffer,
    Capability::AmendOffer,
    Capability::FindByKey,
    Capability::ReadOffer,
    Capability::ReadProduct,
    Capability::ListAgreements,
    Capability::AcceptEvents,
    Capability::CancelAgreement,
    Capability::AdjustBilling,
    Capability::RequestPayment,
    Capability::WithdrawPayment,
    Capability::ListInvoices,
];

#[async_trait]
impl Marketplace for Fake {
    fn id(&self) -> ConnectorId {
        connector_id()
    }

    fn capabilities(&self) -> &'static [Capability] {
        CAPABILITIES
    }

    fn profile(&self, capability: Capability) -> Profile {
        self.settings.profile(capability)
    }

    fn zone(&self) -> &'static str {
        "UTC"
    }

    fn validate(&self, offer: &Offer, now: Timestamp, _product: Option<&ProductFacts>) -> Vec<Finding> {
        rules::findings(offer, now)
    }

    fn plan(&self, call: &CallContext, write: &Write) -> Result<Vec<PlannedCall>> {
        let body = json!({ "token": call.token, "key": call.key, "write": write });
        Ok(vec![PlannedCall { operation: "Submit".to_owned(), body }])
    }

    fn entity(&self, write: &Write) -> String {
        write::entity(write)
    }

    fn holds(&self, write: &Write, remote: &RemoteOffer, now: Timestamp) -> Option<bool> {
        match write {
            Write::CreateOffer { .. }
            | Write::CancelAgreement { .. }
            | Write::AdjustBilling { .. }
            | Write::RequestPayment { .. }
            | Write::WithdrawPayment { .. }
            | Write::ApplyForFunding { .. }
            | Write::ChangeFunding { .. } => None,
            Write::WithdrawOffer { .. } => remote.expires_on.map(|last| last < buyer::day(now)),
            Write::ExtendOffer { expires_on, .. } => Some(remote.expires_on == Some(*expires_on)),
            Write::AmendOffer { name, description, duration, expires_on, .. } => {
                let same = |field: &str, wish: &Option<String>| {
                    wish.as_ref().is_none_or(|wish| remote.document.get(field).and_then(Value::as_str) == Some(wish))
                };
                let lasts = remote.document.pointer("/term/duration").and_then(Value::as_str);
                let same_duration = duration.is_none_or(|wish| lasts == Some(wish.to_string().as_str()));
                let same_day = expires_on.is_none_or(|wish| remote.expires_on == Some(wish));
                Some(same("name", name) && same("description", description) && same_duration && same_day)
            }
        }
    }

    async fn submit(&self, call: &CallContext, write: &Write) -> Result<Submitted> {
        self.begin(call, write)
    }

    async fn change(&self, change: &ChangeId) -> Result<ChangeState> {
        self.state_of(change)
    }

    async fn find(&self, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
        Ok(self.effects_of(key, write))
    }

    async fn ours_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        self.writes_since(since)
    }

    async fn offer(&self, offer_id: &str) -> Result<RemoteOffer> {
        self.offer_as_it_stands(offer_id)
    }

    async fn product(&self, product_id: &str) -> Result<ProductFacts> {
        self.product_facts(product_id)
    }

    fn differences(&self, offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
        read::differences(offer, remote)
    }

    async fn agreements_of(&self, offer_id: &str) -> Result<ObservationPage> {
        Ok(self.agreements_for(offer_id))
    }

    async fn agreements_since(&self, since: Timestamp) -> Result<ObservationPage> {
        Ok(self.agreements_changed(since))
    }

    async fn agreement(&self, agreement_id: &str) -> Result<Agreement> {
        self.agreement_as_it_stands(agreement_id)
    }

    async fn payment_terms(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        self.payment_terms_of(agreement_id)
    }

    async fn invoices_of(&self, agreement_id: &str) -> Result<InvoicePage> {
        self.invoices_for(agreement_id)
    }

    async fn invoices_since(&self, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
        Ok(self.invoices_issued(since, cursor))
    }

    fn hint(&self, body: &[u8]) -> Result<Hint> {
        serde_json::from_slice(body).map_err(|error| Error::Rejected {
            marketplace: "fake",
            field: None,
            code: None,
            reason: format!("the event is not one of the fake's ({error})"),
        })
    }

    fn least_privilege(&self, mode: Mode) -> Value {
        match mode {
            Mode::Observe | Mode::Shadow => json!({ "allow": ["read"] }),
            Mode::Live => json!({ "allow": ["read", "write"] }),
        }
    }

    async fn check(&self, _mode: Mode) -> Vec<CheckItem> {
        let detail = format!("{} products are listed", self.settings.products.len());
        vec![CheckItem { what: "read products".to_owned(), ok: true, detail }]
    }
}

/// The connector's id, parsed once; the literal is valid.
fn connector_id() -> ConnectorId {
    let parsed: std::result::Result<ConnectorId, InvalidId> = "fake".parse();
    match parsed {
        Ok(id) => id,
        Err(invalid) => unreachable!("{invalid}"),
    }
}
