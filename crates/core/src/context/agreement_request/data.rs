//! The data of each event, typed: an event is checked against these before it enters a run's inbox.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Ask, filled, refuse};
use crate::{context::FieldError, offer::source};

/// `revise`: something else is asked for, of the same agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "A: Ask")]
pub struct Revise<A> {
    /// What is asked for instead.
    pub ask: A,
}

/// `withdraw`: it is no longer wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    pub reason: String,
}

/// `note`: something worth keeping in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

/// `submit`: it is asked for again as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {}

/// Reads data, and says which field is wrong.
pub(super) fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, FieldError> {
    source::from_json(data, &|_| true)
}

/// Checks an event's data, as far as it can be told without the run.
pub(super) fn check<A: Ask>(event: &str, data: &Value) -> Result<(), FieldError> {
    match event {
        "revise" => {
            let revise: Revise<A> = parse(data)?;
            let inside = |error: FieldError| FieldError { field: format!("/ask{}", error.field), ..error };
            revise.ask.check().map_err(inside)
        }
        "submit" => match data {
            Value::Null => Ok(()),
            data => parse::<Submit>(data).map(drop),
        },
        "withdraw" => filled("/reason", &parse::<Reason>(data)?.reason),
        "note" => filled("/text", &parse::<Note>(data)?.text),
        other => refuse("", &format!("`{}` has no event `{other}`", A::NAME)),
    }
}
