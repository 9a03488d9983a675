//! The least that an IAM principal needs, per mode.
//!
//! Sources: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsmarketplacecatalog.html>,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsmarketplace.html>

use entente_port::Mode;
use serde_json::{Value, json};

/// What reading takes.
const READS: [&str; 13] = [
    "aws-marketplace:DescribeAgreement",
    "aws-marketplace:DescribeChangeSet",
    "aws-marketplace:DescribeEntity",
    "aws-marketplace:GetAgreementCancellationRequest",
    "aws-marketplace:GetAgreementPaymentRequest",
    "aws-marketplace:GetAgreementTerms",
    "aws-marketplace:GetBillingAdjustmentRequest",
    "aws-marketplace:ListAgreementCancellationRequests",
    "aws-marketplace:ListAgreementInvoiceLineItems",
    "aws-marketplace:ListAgreementPaymentRequests",
    "aws-marketplace:ListBillingAdjustmentRequests",
    "aws-marketplace:ListChangeSets",
    "aws-marketplace:SearchAgreements",
];

/// The requests about agreements that the connector makes, as their seller.
pub const AGREEMENT_REQUESTS: [&str; 4] = [
    "aws-marketplace:BatchCreateBillingAdjustmentRequest",
    "aws-marketplace:CancelAgreementPaymentRequest",
    "aws-marketplace:SendAgreementCancellationRequest",
    "aws-marketplace:SendAgreementPaymentRequest",
];

/// What reading partner funding takes.
const FUNDING_READS: [&str; 6] = [
    "partnercentral-benefits:GetBenefit",
    "partnercentral-benefits:GetBenefitAllocation",
    "partnercentral-benefits:GetBenefitApplication",
    "partnercentral-benefits:ListBenefitAllocations",
    "partnercentral-benefits:ListBenefitApplications",
    "partnercentral-benefits:ListBenefits",
];

/// What applying for it takes.
const FUNDING_WRITES: [&str; 8] = [
    "partnercentral-benefits:AmendBenefitApplication",
    "partnercentral-benefits:AssociateBenefitApplicationResource",
    "partnercentral-benefits:CancelBenefitApplication",
    "partnercentral-benefits:CreateBenefitApplication",
    "partnercentral-benefits:DisassociateBenefitApplicationResource",
    "partnercentral-benefits:RecallBenefitApplication",
    "partnercentral-benefits:SubmitBenefitApplication",
    "partnercentral-benefits:UpdateBenefitApplication",
];

/// The changes that the connector makes. Products, resale authorizations and everything else stay out of its reach.
pub const CHANGE_TYPES: [&str; 13] = [
    "CreateOffer",
    "CreateReplacementOffer",
    "ReleaseOffer",
    "UpdateAvailability",
    "UpdateInformation",
    "UpdateLegalTerms",
    "UpdateNetPaymentTerms",
    "UpdatePaymentScheduleTerms",
    "UpdatePricingTerms",
    "UpdateRenewalTerms",
    "UpdateSupportTerms",
    "UpdateTargeting",
    "UpdateValidityTerms",
];

/// The policy document of a mode. Observing and shadowing read alike; only a live connection may start change sets, and only
/// of these types, and ask for something about its agreements.
pub(crate) fn least_privilege(mode: Mode) -> Value {
    let mut statements = vec![json!({ "Sid": "EntenteReads", "Effect": "Allow", "Action": READS, "Resource": "*" })];
    statements.push(json!({
        "Sid": "EntenteReadsFunding", "Effect": "Allow", "Action": FUNDING_READS, "Resource": "*",
    }));
    if mode == Mode::Live {
        statements.push(json!({
            "Sid": "EntenteAsksAboutAgreements",
            "Effect": "Allow",
            "Action": AGREEMENT_REQUESTS,
            "Resource": "*",
        }));
        statements.push(json!({
            "Sid": "EntenteAppliesForFunding", "Effect": "Allow", "Action": FUNDING_WRITES, "Resource": "*",
        }));
        statements.push(json!({
            "Sid": "EntenteWritesOffers",
            "Effect": "Allow",
            "Action": ["aws-marketplace:StartChangeSet"],
            "Resource": "*",
            "Condition": { "StringEquals": { "catalog:ChangeType": CHANGE_TYPES } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
