//! What a partner asks for before it begins.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Activity;
use crate::{
    ids::{PersonId, PlayId, ProgrammeId, RequestId, RoleId},
    mdf::{cell::BasisPoints, shares},
    money::{Money, MoneyError},
};

/// A request for funds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Who asked.
    pub requested_by: PersonId,
    /// When it was submitted the last time.
    pub submitted_at: Timestamp,
    /// What for.
    pub activity: Activity,
    /// The approved go-to-market play that it belongs to.
    #[serde(default)]
    pub play: Option<String>,
    /// What is kept of that play; absent where none was approved for the programme, so that the pack alone names plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_play: Option<KeptPlay>,
    /// The category of the activity, such as `demand_generation`.
    #[serde(default)]
    pub category: Option<String>,
    /// What it is to bring.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Whom it addresses, in words.
    #[serde(default)]
    pub target_audience: String,
    /// What it is expected to cost, item by item.
    #[serde(default)]
    pub items: Vec<Item>,
    /// The whole expected cost.
    pub cost: Money,
    /// What is asked of the vendor.
    pub amount: Money,
    /// The same in points, where the fund counts them.
    #[serde(default)]
    pub points: Option<i64>,
    /// The vendor's part among several vendors, as approved, in basis points.
    #[serde(default)]
    pub vendor_split: Option<BasisPoints>,
    /// What the vendor bears of the cost at most, where partners bear the rest by agreed shares, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_share: Option<BasisPoints>,
    /// Whether the money depends on the price at which the partner resells.
    #[serde(default)]
    pub tied_to_resale_price: bool,
    /// Gifts, meals and the like.
    #[serde(default)]
    pub hospitality: Vec<Hospitality>,
    /// How it stood over time, oldest first.
    #[serde(default)]
    pub history: Vec<StatusChange>,
    /// Changes of its content since it was submitted first.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Votes for it.
    #[serde(default)]
    pub votes: Vec<Vote>,
    /// What was approved.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// Which version of it is in force, where it was amended since it was granted: 2 after the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What the fund still holds for it.
    pub reserved: Money,
    /// What all earlier claims on it were paid.
    pub consumed: Money,
    /// Which part it is of what several funds pay; its cost is that of the whole then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointPart>,
}

/// Which part of a whole one fund pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointPart {
    /// The label of the whole.
    pub label: String,
    /// What is asked of all funds.
    pub amount: Money,
    /// The weights of all parts.
    pub weights: Vec<u64>,
    /// Which of them it is, from 0.
    pub part: usize,
}

impl JointPart {
    /// Its part of an amount, to the last minor unit.
    ///
    /// # Errors
    /// When there is no such part, or the amount is too large.
    pub fn of(&self, whole: Money) -> Result<Money, MoneyError> {
        let parts = shares(whole, &self.weights).ok_or(MoneyError::Overflow)?;
        parts.get(self.part).copied().ok_or(MoneyError::Overflow)
    }
}

impl Request {
    /// What is asked of all funds that pay it: limits count this one.
    pub fn whole_amount(&self) -> Money {
        self.joint.as_ref().map_or(self.amount, |joint| joint.amount)
    }

    /// How it stands.
    pub fn status(&self) -> Option<RequestStatus> {
        self.history.last().map(|change| change.to)
    }

    /// How it stood at an instant.
    pub fn status_at(&self, at: Timestamp) -> Option<RequestStatus> {
        self.history.iter().rfind(|change| change.at <= at).map(|change| change.to)
    }
}

/// What is kept of the play that a request names, where plays were approved for its programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptPlay {
    /// There is none of that name.
    Unknown,
    /// No version of it is approved; this is the newest.
    Unapproved(u32),
    /// It is approved.
    Approved(Box<ApprovedPlay>),
}

/// A version of a play that somebody approved who had not brought it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedPlay {
    /// Its id.
    pub play: PlayId,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Who approved it.
    pub approved_by: PersonId,
    /// The programmes that it is for.
    pub programmes: BTreeSet<ProgrammeId>,
    /// The kinds of activities that it consists of.
    pub activities: BTreeSet<String>,
    /// The figures that a request must aim at.
    pub goals: BTreeSet<String>,
    /// What all its requests may be granted together.
    pub budget: Money,
    /// What other requests were granted of it.
    pub granted: Money,
    /// Amounts below it may be approved by the rule alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_approved_below: Option<Money>,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    /// With the vendor.
    Submitted,
    /// Data are missing; the partner may change it.
    Returned,
    /// Refused as it is; it may be corrected.
    Rejected,
    /// Refused for good.
    Declined,
    /// Waits for money.
    Waiting,
    /// Granted.
    Approved,
    /// Given up.
    Cancelled,
}

/// A change of status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusChange {
    /// When.
    pub at: Timestamp,
    /// To what.
    pub to: RequestStatus,
    /// What is missing, where it was returned.
    #[serde(default)]
    pub missing: String,
}

/// A change of a request's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// When.
    pub at: Timestamp,
    /// Whether it made a new version, which is judged anew.
    pub new_version: bool,
}

/// A figure that an activity is to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is counted, such as `leads`.
    pub name: String,
    /// How many.
    pub target: i64,
}

/// An item of the budget of an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is.
    pub what: String,
    /// What it costs.
    pub amount: Money,
}

/// A gift, a meal, an outing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hospitality {
    /// What it is.
    pub kind: HospitalityKind,
    /// Whether public officials are among the guests.
    #[serde(default)]
    pub government_guests: bool,
}

/// Kinds of hospitality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HospitalityKind {
    /// Food and drink.
    Meal,
    /// A thing to keep.
    Gift,
    /// Travel or lodging.
    Travel,
    /// A show or an outing.
    Entertainment,
}

/// A vote for a request or a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// In which role.
    pub role: RoleId,
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub amount: Money,
    /// At which whole cost.
    pub cost: Money,
    /// For what, exactly.
    pub activity: Activity,
    /// The window in which cost may be incurred: first day.
    pub window_from: Date,
    /// Its last day.
    pub window_until: Date,
    /// What a change of it that is judged now changes besides date, place, audience, form and cost, by the names of the fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// What was asked for when it was approved, while a change of it is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Money>,
}
