//! The data of its events.

use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{COMMITMENT, KEPT, Plan};
use crate::{
    commitment::{Commitment, Statement},
    context::{
        FieldError,
        agreement_request::{filled, refuse},
    },
    ids::CommitmentId,
    offer::source,
};

/// What starts the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    pub(super) document: String,
}

/// `revise`: another document, with one version of the terms more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The document.
    pub document: String,
    /// Why.
    pub reason: String,
}

/// `spend_imported`: spend was taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendImported {
    /// The reading that it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// The first day that it is complete for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Date>,
}

/// `roll_over`, `end`, `withdraw`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// What it went into, where it is rolled over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<CommitmentId>,
    /// Why.
    pub reason: String,
}

/// `drop_plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dropped {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, FieldError> {
    source::from_json(data, &|_| true)
}

/// Reads a document.
pub(super) fn document(text: &str) -> Result<Commitment, FieldError> {
    Commitment::from_yaml(KEPT, text)
        .map_err(|error| FieldError { field: "/document".into(), message: error.to_string() })
}

/// Checks an event's data, as far as it can be told without the run.
pub(super) fn check(event: &str, data: &Value) -> Result<(), FieldError> {
    match event {
        "revise" => {
            let revision: Revision = parse(data)?;
            filled("/reason", &revision.reason)?;
            document(&revision.document).map(drop)
        }
        "spend_imported" if data.is_null() => Ok(()),
        "spend_imported" => parse::<SpendImported>(data).map(drop),
        "look" if data.is_null() => Ok(()),
        "look" => parse::<Nothing>(data).map(drop),
        "statement" => {
            let statement: Statement = parse(data)?;
            filled("/source", &statement.source)?;
            if statement.read < statement.as_of {
                return refuse("/read", "comes before the day that the statement is of; correct one of them");
            }
            Ok(())
        }
        "plan" => parse::<Plan>(data)?.check(),
        "drop_plan" => filled("/name", &parse::<Dropped>(data)?.name),
        "roll_over" => {
            let ending: Ending = parse(data)?;
            filled("/reason", &ending.reason)?;
            if ending.into.is_none() {
                refuse("/into", "is missing; name the commitment that takes it over")
            } else {
                Ok(())
            }
        }
        "end" | "withdraw" => {
            let ending: Ending = parse(data)?;
            if ending.into.is_some() {
                return refuse("/into", "belongs to `roll_over` alone; leave it out");
            }
            filled("/reason", &ending.reason)
        }
        "note" => filled("/text", &parse::<Note>(data)?.text),
        other => refuse("", &format!("`{COMMITMENT}` has no event `{other}`")),
    }
}
