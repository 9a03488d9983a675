//! The SDK's three clients, at the pace that AWS documents. Retries are the runner's business: here each call is one request.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use aws_sdk_marketplaceagreement as agreement;
use aws_sdk_marketplacecatalog as catalog;
use aws_sdk_partnercentralbenefits as benefits;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use entente_port::{Error, Rate, Result, Share, TokenBucket};

use crate::config::Config;

/// The catalog of all commercial offers.
pub(crate) const CATALOG: &str = "AWSMarketplace";

/// The operations that the connector calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    StartChangeSet,
    DescribeChangeSet,
    ListChangeSets,
    DescribeEntity,
    SearchAgreements,
    DescribeAgreement,
    GetAgreementTerms,
    ListAgreementInvoiceLineItems,
    SendAgreementCancellationRequest,
    GetAgreementCancellationRequest,
    ListAgreementCancellationRequests,
    SendAgreementPaymentRequest,
    CancelAgreementPaymentRequest,
    GetAgreementPaymentRequest,
    ListAgreementPaymentRequests,
    BatchCreateBillingAdjustmentRequest,
    GetBillingAdjustmentRequest,
    ListBillingAdjustmentRequests,
    ListBenefits,
    GetBenefit,
    CreateBenefitApplication,
    UpdateBenefitApplication,
    SubmitBenefitApplication,
    AmendBenefitApplication,
    RecallBenefitApplication,
    CancelBenefitApplication,
    AssociateBenefitApplicationResource,
    DisassociateBenefitApplicationResource,
    GetBenefitApplication,
    ListBenefitApplications,
    GetBenefitAllocation,
    ListBenefitAllocations,
}

/// Requests a second and account.
/// Sources: <https://docs.aws.amazon.com/marketplace/latest/APIReference/catalog-service-quotas.html>,
/// <https://docs.aws.amazon.com/marketplace/latest/APIReference/agreement-service-quotas.html>
/// AWS publishes none for partner funding; people apply seldom, and these are well below what its other services allow.
pub(crate) const QUOTAS: [(Operation, u32); 32] = [
    (Operation::StartChangeSet, 5),
    (Operation::DescribeChangeSet, 10),
    (Operation::ListChangeSets, 5),
    (Operation::DescribeEntity, 20),
    (Operation::SearchAgreements, 5),
    (Operation::DescribeAgreement, 5),
    (Operation::GetAgreementTerms, 10),
    (Operation::ListAgreementInvoiceLineItems, 10),
    (Operation::SendAgreementCancellationRequest, 2),
    (Operation::GetAgreementCancellationRequest, 5),
    (Operation::ListAgreementCancellationRequests, 5),
    (Operation::SendAgreementPaymentRequest, 5),
    (Operation::CancelAgreementPaymentRequest, 5),
    (Operation::GetAgreementPaymentRequest, 5),
    (Operation::ListAgreementPaymentRequests, 5),
    (Operation::BatchCreateBillingAdjustmentRequest, 2),
    (Operation::GetBillingAdjustmentRequest, 5),
    (Operation::ListBillingAdjustmentRequests, 5),
    (Operation::ListBenefits, 5),
    (Operation::GetBenefit, 5),
    (Operation::CreateBenefitApplication, 2),
    (Operation::UpdateBenefitApplication, 2),
    (Operation::SubmitBenefitApplication, 2),
    (Operation::AmendBenefitApplication, 2),
    (Operation::RecallBenefitApplication, 2),
    (Operation::CancelBenefitApplication, 2),
    (Operation::AssociateBenefitApplicationResource, 2),
    (Operation::DisassociateBenefitApplicationResource, 2),
    (Operation::GetBenefitApplication, 5),
    (Operation::ListBenefitApplications, 5),
    (Operation::GetBenefitAllocation, 5),
    (Operation::ListBenefitAllocations, 5),
];

/// The rate of a quota with half of its burst: requests that bunch up on their way still arrive within the quota.
fn below(count: u32) -> Rate {
    Rate { burst: (count / 2).max(1), ..Rate::per_second(count) }
}

/// All clients; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Sdk {
    pub catalog: catalog::Client,
    pub agreement: agreement::Client,
    pub benefits: benefits::Client,
}

/// One account's access to AWS Marketplace.
#[derive(Debug)]
pub(crate) struct Client {
    config: Config,
    sdk: RwLock<Sdk>,
    buckets: BTreeMap<Operation, TokenBucket>,
    share: Share,
}

impl Client {
    pub(crate) fn new(config: Config) -> Client {
        let quotas = QUOTAS.into_iter().filter(|_| config.keep_quotas);
        let buckets = quotas.map(|(operation, count)| (operation, TokenBucket::new(below(count)))).collect();
        Client { sdk: RwLock::new(build(&config)), config, buckets, share: Share::default() }
    }

    /// Which part of the quotas this process may use.
    pub(crate) fn share(&self) -> &Share {
        &self.share
    }

    /// Makes one call, after waiting for its turn. Refused credentials are read again once, for they may have been renewed
    /// meanwhile; a refused request was not applied, so that the second one is no resend.
    pub(crate) async fn call<T, F>(&self, operation: Operation, call: impl Fn(Sdk) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        if let Some(bucket) = self.buckets.get(&operation) {
            bucket.take(&self.share).await;
        }
        match call(self.current()).await {
            Err(Error::Auth { reason }) if self.config.credentials.can_change() => {
                tracing::info!(?operation, reason, "credentials refused, reading them again");
                let fresh = build(&self.config);
                *self.sdk.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
                call(fresh).await
            }
            answer => answer,
        }
    }

    fn current(&self) -> Sdk {
        self.sdk.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Clients with a fresh credentials cache.
fn build(config: &Config) -> Sdk {
    let timeouts = || {
        let timeout = config.timeout();
        TimeoutConfig::builder()
            .connect_timeout(timeout.min(std::time::Duration::from_secs(5)))
            .operation_timeout(timeout)
            .build()
    };
    let provider = config.credentials.provider();
    let mut of_catalog = catalog::Config::builder()
        .behavior_version(catalog::config::BehaviorVersion::latest())
        .region(catalog::config::Region::new(config.region.clone()))
        .credentials_provider(provider.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts());
    let mut of_agreement = agreement::Config::builder()
        .behavior_version(agreement::config::BehaviorVersion::latest())
        .region(agreement::config::Region::new(config.region.clone()))
        .credentials_provider(provider.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts());
    let mut of_benefits = benefits::Config::builder()
        .behavior_version(benefits::config::BehaviorVersion::latest())
        .region(benefits::config::Region::new(config.region.clone()))
        .credentials_provider(provider)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts());
    if let Some(endpoint) = &config.endpoint {
        of_catalog = of_catalog.endpoint_url(endpoint);
        of_agreement = of_agreement.endpoint_url(endpoint);
        of_benefits = of_benefits.endpoint_url(endpoint);
    }
    Sdk {
        catalog: catalog::Client::from_conf(of_catalog.build()),
        agreement: agreement::Client::from_conf(of_agreement.build()),
        benefits: benefits::Client::from_conf(of_benefits.build()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::config::{CredentialsSource, Keys};

    async fn requests_until_refused(credentials: CredentialsSource) -> u32 {
        let client = Client::new(Config { credentials, ..Config::new() });
        let made = Cell::new(0);
        let refused: Result<()> = client
            .call(Operation::DescribeEntity, |_| {
                made.set(made.get() + 1);
                async { Err(Error::Auth { reason: "expired".to_owned() }) }
            })
            .await;
        assert!(matches!(refused, Err(Error::Auth { .. })));
        made.get()
    }

    #[tokio::test]
    async fn row_31_refused_credentials_are_read_again_once_where_they_can_have_changed() {
        assert_eq!(requests_until_refused(CredentialsSource::Profile("seller".to_owned())).await, 2);
        assert_eq!(requests_until_refused(CredentialsSource::Keys(Keys::new("id", "secret"))).await, 1);
    }
}
