//! Change sets: what they are, what they may hold, how they run.
//!
//! Life (Catalog API): `PREPARING` → `APPLYING` → `SUCCEEDED` or `FAILED`; `CANCELLED` only out of
//! `PREPARING`. A set is applied as a whole or not at all.

mod access;
mod announce;
mod apply;
mod check;
mod country;
pub(crate) mod evaluate;
pub(crate) mod life;
mod reading;
pub(crate) mod request;
mod shapes;
mod types;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::catalog_time;

/// Requests are kept for 60 days (Catalog API, `CancelChangeSet`).
const HISTORY: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Where a change set is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Preparing,
    Applying,
    Succeeded,
    Failed,
    Cancelled,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Preparing => "PREPARING",
            Self::Applying => "APPLYING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub(crate) fn is_running(self) -> bool {
        matches!(self, Self::Preparing | Self::Applying)
    }
}

/// What a set is started for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Intent {
    /// Its changes are applied.
    #[default]
    Apply,
    /// Its changes are only judged.
    Validate,
}

impl Intent {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Apply => "APPLY",
            Self::Validate => "VALIDATE",
        }
    }
}

/// What a fault decided about a set's end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Fate {
    /// Decided by the checks.
    Open,
    /// Ends with this error on the change of this type, or on the first.
    Fail { code: String, message: String, change_type: Option<String> },
    /// Ends with `SERVER_FAULT`.
    ServerFault,
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FailureCode {
    ClientError,
    ServerFault,
}

impl FailureCode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClientError => "CLIENT_ERROR",
            Self::ServerFault => "SERVER_FAULT",
        }
    }
}

/// An asynchronous error of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorDetail {
    pub(crate) error_code: String,
    pub(crate) error_message: String,
}

impl ErrorDetail {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { error_code: code.to_owned(), error_message: message.into() }
    }
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) change_type: String,
    pub(crate) change_name: Option<String>,
    pub(crate) entity_type: String,
    /// As requested: an id, a reference, or nothing for a new entity.
    pub(crate) requested_identifier: Option<String>,
    /// The entity that it is about, references resolved and new entities named.
    pub(crate) entity_id: String,
    /// As requested.
    pub(crate) requested_details: Value,
    /// With references resolved.
    pub(crate) details: Value,
    pub(crate) errors: Vec<ErrorDetail>,
}

/// One change set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangeSet {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) changes: Vec<Change>,
    pub(crate) status: Status,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) prepared_at: Timestamp,
    pub(crate) applied_at: Timestamp,
    pub(crate) failure_code: Option<FailureCode>,
    pub(crate) failure_description: Option<String>,
    pub(crate) fate: Fate,
    #[serde(default)]
    pub(crate) intent: Intent,
    /// Tags for the entities that it makes, by ARN.
    #[serde(default)]
    pub(crate) entity_tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Reads do not find it before this moment (injected eventual consistency).
    pub(crate) visible_from: Option<Timestamp>,
}

impl ChangeSet {
    pub(crate) fn arn(&self) -> String {
        super::catalog_arn(&self.account, "ChangeSet", &self.id)
    }

    /// The entities that it is about, each once.
    pub(crate) fn entity_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for change in &self.changes {
            if !ids.contains(&change.entity_id) {
                ids.push(change.entity_id.clone());
            }
        }
        ids
    }

    /// Whether both are about the same entity.
    pub(crate) fn shares_entity_with(&self, other: &Self) -> bool {
        self.changes.iter().any(|change| other.changes.iter().any(|theirs| theirs.entity_id == change.entity_id))
    }

    /// Waits with its work until `at`.
    fn postpone(&mut self, at: Timestamp) {
        let length = self.applied_at.duration_since(self.prepared_at);
        self.prepared_at = at;
        self.applied_at = at.saturating_add(length).unwrap_or(at);
    }

    /// Whether reads find it.
    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        let recent = self.started_at.saturating_add(HISTORY).is_ok_and(|end| now <= end);
        recent && self.visible_from.is_none_or(|from| from <= now)
    }

    /// When it next changes its state by itself.
    fn due(&self) -> Option<Timestamp> {
        match self.status {
            Status::Preparing => Some(self.prepared_at),
            Status::Applying => Some(self.applied_at),
            _ => None,
        }
    }

    pub(crate) fn rebase(&mut self, moved: SignedDuration) {
        if self.status.is_running() {
            for at in [&mut self.started_at, &mut self.prepared_at, &mut self.applied_at] {
                *at = at.saturating_add(moved).unwrap_or(*at);
            }
        }
    }

    fn end(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.ended_at = Some(at);
    }

    /// The answer of `DescribeChangeSet`.
    pub(crate) fn described(&self) -> Value {
        let mut shown = self.summary();
        shown.remove("EntityIdList");
        shown.insert("Intent".to_owned(), self.intent.name().into());
        if let Some(description) = &self.failure_description {
            shown.insert("FailureDescription".to_owned(), description.clone().into());
        }
        let changes = self.changes.iter().map(|change| self.described_change(change)).collect();
        shown.insert("ChangeSet".to_owned(), Value::Array(changes));
        Value::Object(shown)
    }

    fn described_change(&self, change: &Change) -> Value {
        // The identifier of a new entity is told once the set has succeeded; the model has no form
        // for a reference in an answer.
        let asked = change.requested_identifier.as_ref().filter(|id| !id.starts_with('$'));
        let identifier = if self.status == Status::Succeeded { Some(&change.entity_id) } else { asked };
        let mut entity = Map::new();
        entity.insert("Type".to_owned(), change.entity_type.clone().into());
        entity.extend(identifier.map(|id| ("Identifier".to_owned(), id.clone().into())));
        let mut shown = Map::new();
        shown.insert("ChangeType".to_owned(), change.change_type.clone().into());
        shown.insert("Entity".to_owned(), Value::Object(entity));
        shown.insert("Details".to_owned(), change.requested_details.to_string().into());
        shown.insert("DetailsDocument".to_owned(), change.requested_details.clone());
        let errors = change.errors.iter().filter_map(|error| serde_json::to_value(error).ok()).collect();
        shown.insert("ErrorDetailList".to_owned(), Value::Array(errors));
        shown.extend(change.change_name.as_ref().map(|name| ("ChangeName".to_owned(), name.clone().into())));
        Value::Object(shown)
    }

    /// A row of `ListChangeSets`.
    pub(crate) fn summary(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("ChangeSetId", self.id.clone().into());
        put("ChangeSetArn", self.arn().into());
        put("ChangeSetName", self.name.clone().into());
        put("StartTime", catalog_time(self.started_at).into());
        put("Status", self.status.name().into());
        put("EntityIdList", self.entity_ids().into());
        if let Some(at) = self.ended_at {
            put("EndTime", catalog_time(at).into());
        }
        if let Some(code) = self.failure_code {
            put("FailureCode", code.name().into());
        }
        shown
    }
}
