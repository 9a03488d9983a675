//! The least that an IAM principal needs, per mode.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsmarketplacecatalog.html>

use entente_port::Mode;
use serde_json::{Value, json};

/// What reading takes.
const READS: [&str; 5] = [
    "aws-marketplace:DescribeAgreement",
    "aws-marketplace:DescribeChangeSet",
    "aws-marketplace:DescribeEntity",
    "aws-marketplace:ListChangeSets",
    "aws-marketplace:SearchAgreements",
];

/// The changes that the connector makes. Products, resale authorizations and everything else stay out of its reach.
pub const CHANGE_TYPES: [&str; 12] = [
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
    "UpdateTargeting",
    "UpdateValidityTerms",
];

/// The policy document of a mode. Observing and shadowing read alike; only a live connection may start change sets, and only
/// of these types.
pub(crate) fn least_privilege(mode: Mode) -> Value {
    let mut statements = vec![json!({ "Sid": "EntenteReads", "Effect": "Allow", "Action": READS, "Resource": "*" })];
    if mode == Mode::Live {
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
