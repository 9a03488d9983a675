//! What a run is started with, and the data of its events.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Subject, Told, statement};
use crate::{
    commitment::card::Topic,
    context::{FieldError, agreement_request::refuse, funding::check_at},
    offer::source,
};

/// What a run is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What the card is about, and whose it is.
    pub subject: Subject,
    /// What was told first.
    pub facts: Vec<Told>,
}

/// `say`: something new was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saying {
    /// What.
    pub facts: Vec<Told>,
}

/// `withdraw_consent`: a fact may no longer be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawing {
    /// The hash of its statement.
    pub fact: String,
}

/// `nobody_knows`: asked again, nobody knows better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What was asked.
    pub topic: Topic,
}

/// `share`, `stop_sharing` and `close` bring no data: a history tells nothing but that they happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Reads data, and says which field is wrong.
pub(super) fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, FieldError> {
    source::from_json(data, &|_| true)
}

/// Reads what a run is started with.
pub(super) fn opening(input: &Value) -> Result<Opening, FieldError> {
    let opening: Opening = parse(input)?;
    sound(&opening.facts)?;
    statement::complete(opening.facts.iter().map(|told| told.topic))?;
    Ok(opening)
}

fn sound(facts: &[Told]) -> Result<(), FieldError> {
    facts.iter().enumerate().try_for_each(|(at, told)| {
        let inside = |error: FieldError| FieldError { field: format!("/facts/{at}{}", error.field), ..error };
        hash("/fact", &told.fact).map_err(inside)?;
        statement::usable(told.consent).map_err(inside)?;
        statement::in_order(told.as_of, told.expires).map_err(inside)
    })
}

fn hash(field: &str, text: &str) -> Result<(), FieldError> {
    let plain = text.len() == 64 && text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    check_at(plain, field, "is not the SHA-256 of a statement in hexadecimal")
}

/// Checks an event's data, as far as it can be told without the run.
pub(super) fn check(event: &str, data: &Value) -> Result<(), FieldError> {
    match event {
        "say" => {
            let saying: Saying = parse(data)?;
            check_at(!saying.facts.is_empty(), "/facts", "say nothing; bring at least one fact")?;
            sound(&saying.facts)
        }
        "withdraw_consent" => hash("/fact", &parse::<Withdrawing>(data)?.fact),
        "nobody_knows" => parse::<About>(data).map(drop),
        "share" | "stop_sharing" | "close" if data.is_null() => Ok(()),
        "share" | "stop_sharing" | "close" => parse::<Nothing>(data).map(drop),
        other => refuse("", &format!("`commitment_card` has no event `{other}`")),
    }
}
