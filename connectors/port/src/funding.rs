//! What a marketplace pays towards its partners' marketing: what it offers, applications for it, and what it grants.

pub use entente_core::context::funding::FundingRules;
use entente_core::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that a marketplace gives its partners on application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Benefit {
    /// The marketplace's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The programmes that it belongs to.
    #[serde(default)]
    pub programmes: Vec<String>,
    /// In which forms it is given, in the marketplace's words: cash, credits, …
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether it can be applied for.
    pub active: bool,
    /// What an application has to say, as a JSON schema; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// An application as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundingApplication {
    /// The benefit that is applied for.
    pub benefit: String,
    /// In which forms it is wished, in the marketplace's words: cash, credits, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// What it is called.
    pub name: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the benefit's schema asks for.
    pub details: Value,
    /// The marketplace's references of what it draws on or belongs to: a wallet, a grant, an opportunity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ApplicationFile>,
}

/// A file that goes with an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationFile {
    /// Where the marketplace reads it.
    pub uri: String,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// A change of one field of an application that is being reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// The field of the details, as a JSON pointer.
    pub field: String,
    /// Its new value.
    pub value: String,
}

/// What is done to an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FundingChange {
    /// Write it anew, while it has not been handed in.
    Update {
        /// What it says from then on.
        application: Box<FundingApplication>,
    },
    /// Hand it in.
    Submit,
    /// Change a few fields while it is being reviewed.
    Amend {
        /// Why.
        reason: String,
        /// Which fields.
        fields: Vec<FieldChange>,
    },
    /// Take it back from its review, to be written anew.
    Recall {
        /// Why.
        reason: String,
    },
    /// Give it up for good.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// Where an application stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// It has not been handed in, or was taken back.
    Draft,
    /// It is being reviewed.
    InReview,
    /// The marketplace waits for something from its partner.
    ActionRequired,
    /// It is granted.
    Approved,
    /// It is refused.
    Rejected,
    /// It was given up.
    Cancelled,
    /// A word that the connector does not know.
    Unrecognised(String),
}

/// An application as it stands at the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteApplication {
    /// The marketplace's id of it.
    pub id: String,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// The stage of its review, in the marketplace's words.
    pub stage: Option<String>,
    /// Why it stands there.
    pub reason: Option<String>,
    /// The same in the marketplace's codes.
    pub reason_codes: Vec<String>,
    /// What it says, without our key.
    pub application: FundingApplication,
    /// What was granted on it.
    pub allocations: Vec<Allocation>,
}

/// Whether something that was granted can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllocationStatus {
    /// It can.
    Active,
    /// It can no longer.
    Inactive,
    /// All of it is used.
    Fulfilled,
    /// A word that the connector does not know.
    Unrecognised(String),
}

/// Something that was granted. Codes that are worth money are never part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The marketplace's id of it.
    pub id: String,
    /// By which applications refer to it.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// The application that it was granted on; absent for what a partner has without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Whether it can be used.
    pub status: AllocationStatus,
    /// In which form it is given, in the marketplace's words.
    pub kind: String,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// How much of it is used, paid or issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Money>,
    /// How much is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Money>,
    /// The benefits that it may be used for; none named means any.
    #[serde(default)]
    pub usable_for: Vec<String>,
    /// Until when it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl FundingChange {
    /// Whether it has been done, read back from the application; `None` where that cannot be told.
    pub fn is_done(&self, remote: &RemoteApplication) -> Option<bool> {
        use ApplicationStatus::{Approved, Cancelled, Draft, InReview, Rejected, Unrecognised};
        if let Unrecognised(_) = remote.status {
            return None;
        }
        Some(match self {
            FundingChange::Update { application } => remote.application == **application,
            FundingChange::Submit => !matches!(remote.status, Draft | Cancelled),
            FundingChange::Recall { .. } => remote.status == Draft,
            FundingChange::Cancel { .. } => remote.status == Cancelled,
            FundingChange::Amend { fields, .. } => {
                let as_wished = |change: &FieldChange| {
                    remote.application.details.pointer(&change.field).is_some_and(|value| match value {
                        Value::String(text) => *text == change.value,
                        other => serde_json::from_str::<Value>(&change.value).is_ok_and(|wished| wished == *other),
                    })
                };
                fields.iter().all(as_wished) && matches!(remote.status, InReview | Approved | Rejected)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(details: Value) -> FundingApplication {
        FundingApplication {
            benefit: "ben-1".into(),
            kinds: vec!["cash".into()],
            name: "Breakfast".into(),
            description: None,
            details,
            resources: Vec::new(),
            files: Vec::new(),
        }
    }

    fn remote(status: ApplicationStatus) -> RemoteApplication {
        RemoteApplication {
            id: "a-1".into(),
            status,
            stage: None,
            reason: None,
            reason_codes: Vec::new(),
            application: application(json!({ "leads": 40, "name": "Breakfast" })),
            allocations: Vec::new(),
        }
    }

    #[test]
    fn what_has_been_done_is_told_by_where_the_application_stands() {
        use ApplicationStatus::{ActionRequired, Approved, Cancelled, Draft, InReview, Rejected, Unrecognised};
        let why = || "why".to_owned();
        let amend = |field: &str, value: &str| FundingChange::Amend {
            reason: why(),
            fields: vec![FieldChange { field: field.into(), value: value.into() }],
        };
        let same =
            FundingChange::Update { application: Box::new(application(json!({ "leads": 40, "name": "Breakfast" }))) };
        let other = FundingChange::Update { application: Box::new(application(json!({}))) };
        let (recall, cancel) = (FundingChange::Recall { reason: why() }, FundingChange::Cancel { reason: why() });
        let cases = [
            (FundingChange::Submit, Draft, Some(false)),
            (FundingChange::Submit, InReview, Some(true)),
            (FundingChange::Submit, Rejected, Some(true)),
            (FundingChange::Submit, Cancelled, Some(false)),
            (FundingChange::Submit, Unrecognised("NEW".into()), None),
            (recall.clone(), Draft, Some(true)),
            (recall, Approved, Some(false)),
            (cancel.clone(), Cancelled, Some(true)),
            (cancel, InReview, Some(false)),
            (same, Draft, Some(true)),
            (other, Draft, Some(false)),
            (amend("/leads", "40"), InReview, Some(true)),
            (amend("/leads", "41"), InReview, Some(false)),
            (amend("/name", "Breakfast"), ActionRequired, Some(false)),
            (amend("/nothing", "1"), InReview, Some(false)),
        ];
        for (change, status, expected) in cases {
            assert_eq!(change.is_done(&remote(status.clone())), expected, "{change:?} {status:?}");
        }
    }
}
