//! The Partner Central Benefits API (version 2018-05-10): what AWS funds, applications for it, and what was granted.

mod allocations;
mod amend;
mod applications;
mod catalogue;
mod form;
mod injected;
mod input;
mod reads;
pub(crate) mod review;
mod tags;
mod wallet;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::service::{Context, Reply};

pub(crate) use allocations::Allocation;
pub(crate) use injected::injected;
pub(crate) use wallet::wallet;

/// Where an application stands (`BenefitApplicationStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    PendingSubmission,
    InReview,
    ActionRequired,
    Approved,
    Rejected,
    Canceled,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PendingSubmission => "PENDING_SUBMISSION",
            Self::InReview => "IN_REVIEW",
            Self::ActionRequired => "ACTION_REQUIRED",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// A file that goes with an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) uri: String,
    pub(crate) purpose: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// An application for a benefit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) benefit_id: String,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) fulfillment_types: Vec<String>,
    pub(crate) details: Value,
    pub(crate) contacts: Value,
    pub(crate) resources: Vec<String>,
    pub(crate) files: Vec<File>,
    pub(crate) status: Status,
    /// Which of the stages of a review it is in, once it was submitted.
    pub(crate) stage: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) reason_codes: Vec<String>,
    pub(crate) revision: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When the review goes on by itself; never, while somebody holds it.
    pub(crate) due: Option<Timestamp>,
}

impl Application {
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "benefit-application", &self.id)
    }

    /// Notes a change of it: its revision is another one from now on.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.revision += 1;
        self.updated_at = now;
    }
}

/// The applications and what was granted on them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Benefits {
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) allocations: BTreeMap<String, Allocation>,
}

/// The ARN of an object of Partner Central.
pub(crate) fn arn(account: &str, kind: &str, id: &str) -> String {
    format!("arn:aws:partnercentral:us-east-1:{account}:catalog/AWS/{kind}/{id}")
}

/// An instant as this API writes it.
fn instant(at: Timestamp) -> Value {
    json!(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Handles one operation.
pub(crate) fn handle(context: Context<'_>) -> Reply {
    match context.call.operation.as_str() {
        "ListTagsForResource" => return tags::list(&context),
        "TagResource" => return tags::tag(context),
        "UntagResource" => return tags::untag(context),
        _ => input::catalog(&context)?,
    }
    match context.call.operation.as_str() {
        "ListBenefits" => reads::benefits(&context),
        "GetBenefit" => reads::benefit(&context),
        "CreateBenefitApplication" => applications::create(context),
        "UpdateBenefitApplication" => applications::update(context),
        "SubmitBenefitApplication" => applications::submit(context),
        "RecallBenefitApplication" => applications::recall(context),
        "CancelBenefitApplication" => applications::cancel(context),
        "AmendBenefitApplication" => amend::amend(context),
        "AssociateBenefitApplicationResource" => applications::associate(context),
        "DisassociateBenefitApplicationResource" => applications::disassociate(context),
        "GetBenefitApplication" => reads::application(&context),
        "ListBenefitApplications" => reads::applications(&context),
        "GetBenefitAllocation" => reads::allocation(&context),
        "ListBenefitAllocations" => reads::allocations(&context),
        other => Err(Refusal::new(400, "UnknownOperationException", format!("the operation `{other}` does not exist"))),
    }
}
