//! The data of the events that every paper has.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::Paper;
use crate::{
    context::{
        FieldError,
        agreement_request::{filled, refuse},
    },
    offer::source,
};

/// `revise`: another paper takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "P: Paper")]
pub struct Revise<P: Paper> {
    /// The paper.
    pub paper: P,
}

/// `withdraw`, `cancel`: it is no longer wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Because {
    pub reason: String,
}

/// `note`: something worth keeping in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

/// `submit`, and other events without data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Reads data, and says which field is wrong.
pub(super) fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, FieldError> {
    source::from_json(data, &|_| true)
}

/// Checks that an event brings no data.
pub(super) fn nothing(data: &Value) -> Result<(), FieldError> {
    match data {
        Value::Null => Ok(()),
        data => parse::<Nothing>(data).map(drop),
    }
}

/// Checks that an event brings a reason.
pub(super) fn because(data: &Value) -> Result<(), FieldError> {
    filled("/reason", &parse::<Because>(data)?.reason)
}

/// Checks an event's data, as far as it can be told without the run.
pub(super) fn check<P: Paper>(event: &str, data: &Value) -> Result<(), FieldError> {
    if let Some(own) = P::check_event(event, data) {
        return own;
    }
    match event {
        "revise" => {
            let revise: Revise<P> = parse(data)?;
            let inside = |error: FieldError| FieldError { field: format!("/paper{}", error.field), ..error };
            revise.paper.check().map_err(inside)
        }
        "submit" => nothing(data),
        "withdraw" => because(data),
        "note" => filled("/text", &parse::<Note>(data)?.text),
        other => refuse("", &format!("`{}` has no event `{other}`", P::NAME)),
    }
}
