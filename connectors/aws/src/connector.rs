//! The connector: each method of the trait, handed to the file that knows about it.

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorId, InvalidId},
    offer::Offer,
};
use entente_port::{
    Agreement, Allocation, Benefit, CallContext, Capability, ChangeId, ChangeState, CheckItem, Difference, Effect,
    Finding, FundingChange, FundingRules, Hint, InvoicePage, Limits, Marketplace, Mode, ObservationPage, OwnWrite,
    Part, PaymentTerm, PlannedCall, ProductFacts, Profile, RemoteApplication, RemoteOffer, Result, StepKey, Submitted,
    Write,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    agreements, benefits, change_set, check,
    client::{CATALOG, Client, Operation},
    config::{Config, ConfigError},
    events,
    failure::{Purpose, fault, incomplete},
    invoices, json, offers, policy, preflight, profile, recover,
    requests::{self, Request, RequestId},
};

/// One seller account at AWS Marketplace.
#[derive(Debug)]
pub struct AwsMarketplace {
    id: ConnectorId,
    config: Config,
    client: Client,
}

/// The configuration cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A field of the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The connector's own id.
    #[error(transparent)]
    Id(#[from] InvalidId),
}

/// Connects to a seller account. Nothing is sent before the first call.
pub fn connect(config: Config) -> std::result::Result<AwsMarketplace, ConnectError> {
    config.check()?;
    Ok(AwsMarketplace { id: "aws".parse()?, client: Client::new(config.clone()), config })
}

impl AwsMarketplace {
    /// An entity: its identifier with the revision, its type, its details.
    async fn entity(&self, id: &str, kind: &str) -> Result<(String, String, Value)> {
        let object = format!("{kind} `{id}`");
        let answer = self
            .client
            .call(Operation::DescribeEntity, |sdk| {
                let request = sdk.catalog.describe_entity().catalog(CATALOG).entity_id(id);
                let object = &object;
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
            })
            .await?;
        let details = json::details(answer.details_document(), answer.details());
        let details = details.ok_or_else(|| incomplete(&format!("the details of {object}")))?;
        let entity_type = answer.entity_type.unwrap_or_default();
        Ok((answer.entity_identifier.unwrap_or_else(|| id.to_owned()), entity_type, details))
    }
}

#[async_trait]
impl Marketplace for AwsMarketplace {
    fn id(&self) -> ConnectorId {
        self.id.clone()
    }

    fn capabilities(&self) -> &'static [Capability] {
        profile::CAPABILITIES
    }

    fn profile(&self, capability: Capability) -> Profile {
        profile::profile(capability)
    }

    fn limits(&self) -> Limits {
        profile::limits()
    }

    fn share(&self, part: Option<Part>) {
        self.client.share().set(part);
    }

    fn zone(&self) -> &'static str {
        "UTC"
    }

    fn validate(&self, offer: &Offer, now: Timestamp, product: Option<&ProductFacts>) -> Vec<Finding> {
        preflight::findings(offer, now, product)
    }

    fn frozen(&self, standing: &Offer, wanted: &Offer) -> Vec<Finding> {
        preflight::frozen(standing, wanted)
    }

    fn plan(&self, call: &CallContext, write: &Write) -> Result<Vec<PlannedCall>> {
        if let Some(planned) = benefits::planned(call, write)? {
            return Ok(planned);
        }
        if let Write::WithdrawPayment { agreement_id, request } = write {
            return requests::planned_withdrawal(agreement_id, request).map(|call| vec![call]);
        }
        if let Some(request) = Request::of(&call.key, write)? {
            return Ok(vec![request.planned(&call.token.to_string())]);
        }
        let changes = offers::changes(write)?;
        Ok(vec![PlannedCall { operation: "StartChangeSet".to_owned(), body: offers::body(call, &changes) }])
    }

    fn entity(&self, write: &Write) -> String {
        offers::entity(write)
    }

    fn holds(&self, write: &Write, remote: &RemoteOffer, now: Timestamp) -> Option<bool> {
        offers::holds(write, remote, now)
    }

    async fn submit(&self, call: &CallContext, write: &Write) -> Result<Submitted> {
        if let Some(submitted) = benefits::submit(&self.client, call, write).await? {
            return Ok(submitted);
        }
        if let Write::WithdrawPayment { agreement_id, request } = write {
            return requests::withdraw(&self.client, agreement_id, request).await;
        }
        match Request::of(&call.key, write)? {
            Some(request) => request.submit(&self.client, call).await,
            None => change_set::start(&self.client, call, write).await,
        }
    }

    async fn change(&self, change: &ChangeId) -> Result<ChangeState> {
        if benefits::is_application(&change.0) {
            return benefits::state(&self.client, &change.0).await;
        }
        match RequestId::parse(change) {
            Some(id) => requests::state(&self.client, &id).await,
            None => change_set::state(&change_set::describe(&self.client, &change.0).await?),
        }
    }

    async fn find(&self, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
        match write {
            // What takes a request back leaves no key of its own: the request itself tells, and so does an application.
            Write::WithdrawPayment { .. } | Write::ChangeFunding { .. } => return Ok(Vec::new()),
            Write::ApplyForFunding { application } => return benefits::find(&self.client, key, application).await,
            _ => {}
        }
        match Request::of(key, write)? {
            Some(request) => request.find(&self.client, key).await,
            None => recover::find(&self.client, key, write).await,
        }
    }

    async fn ours_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        let mut ours = recover::ours_since(&self.client, since).await?;
        ours.extend(requests::ours_since(&self.client, since).await?);
        ours.extend(benefits::ours_since(&self.client, since).await?);
        ours.sort_by_key(|write| write.began_at);
        Ok(ours)
    }

    async fn offer(&self, offer_id: &str) -> Result<RemoteOffer> {
        let (identifier, _, details) = AwsMarketplace::entity(self, offer_id, "offer").await?;
        Ok(offers::remote_offer(&identifier, details))
    }

    async fn product(&self, product_id: &str) -> Result<ProductFacts> {
        let (identifier, entity_type, details) = AwsMarketplace::entity(self, product_id, "product").await?;
        Ok(offers::product_facts(&identifier, &entity_type, &details))
    }

    fn differences(&self, offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
        offers::differences(offer, remote)
    }

    async fn agreements_of(&self, offer_id: &str) -> Result<ObservationPage> {
        agreements::of_offer(&self.client, offer_id).await
    }

    async fn agreements_since(&self, since: Timestamp) -> Result<ObservationPage> {
        agreements::since(&self.client, since).await
    }

    async fn agreement(&self, agreement_id: &str) -> Result<Agreement> {
        agreements::one(&self.client, agreement_id).await
    }

    async fn payment_terms(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        agreements::payment_terms(&self.client, agreement_id).await
    }

    async fn invoices_of(&self, agreement_id: &str) -> Result<InvoicePage> {
        invoices::of_agreement(&self.client, agreement_id).await
    }

    async fn invoices_since(&self, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
        invoices::since(&self.client, since, cursor).await
    }

    fn funding_rules(&self) -> Option<FundingRules> {
        Some(benefits::RULES)
    }

    async fn benefits(&self) -> Result<Vec<Benefit>> {
        benefits::list(&self.client).await
    }

    async fn benefit(&self, benefit_id: &str) -> Result<Benefit> {
        benefits::one(&self.client, benefit_id).await
    }

    async fn funding(&self, application_id: &str) -> Result<RemoteApplication> {
        benefits::application(&self.client, application_id).await
    }

    fn funding_holds(&self, change: &FundingChange, remote: &RemoteApplication) -> Option<bool> {
        benefits::holds(change, remote)
    }

    async fn allocations(&self) -> Result<Vec<Allocation>> {
        benefits::allocations(&self.client, None).await
    }

    fn hint(&self, body: &[u8]) -> Result<Hint> {
        events::hint(body)
    }

    fn least_privilege(&self, mode: Mode) -> Value {
        policy::least_privilege(mode)
    }

    async fn check(&self, mode: Mode) -> Vec<CheckItem> {
        check::check(&self.client, &self.config, mode).await
    }
}
