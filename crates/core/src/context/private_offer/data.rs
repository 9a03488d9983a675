//! The data of each event, typed: an event is checked against these before it enters a run's inbox.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{AgreementStatus, Readiness, SubmitFacts};
use crate::{
    context::FieldError,
    offer::{Offer, source},
};

/// `submit`: the document as it stands is to be approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// What the shell computed about it.
    pub facts: SubmitFacts,
}

/// `revise`: another document takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revise {
    /// The document.
    pub offer: Value,
    /// What the shell computed about it; without it the offer must be submitted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<SubmitFacts>,
}

/// `withdraw`, `cancel`: the offer is no longer wanted; `keep`: its amendment is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why.
    pub reason: String,
}

/// `extend`: the buyer gets more time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The new last day, in the marketplace's zone.
    pub expires_on: Date,
    /// The new last instant.
    pub last_moment: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `reissue`: the same offer for another account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reissue {
    /// The account that shall accept.
    pub account: String,
    /// What the shell computed about the document with that account.
    pub facts: SubmitFacts,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `amend`: another document takes the place of the one that is released.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// The document.
    pub offer: Value,
    /// What the shell computed about it.
    pub facts: SubmitFacts,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `note`: something worth keeping in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The text.
    pub text: String,
}

/// `offer.accepted`: a buyer has accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// When.
    pub accepted_at: Timestamp,
    /// The account that accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The marketplace's id of the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<String>,
    /// When the agreement begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Its value in minor units of the offer's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<i64>,
}

/// `agreement.updated`: something about an agreement changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementUpdate {
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Its value in minor units of the offer's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<i64>,
}

/// `agreement.ended`: an agreement is no longer in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementEnd {
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// How it ended; never `active`.
    pub status: AgreementStatus,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// `agreement.renewed`: another agreement follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewed {
    /// The marketplace's id of the agreement that ended.
    pub agreement_id: String,
    /// The id of the one that follows.
    pub renewed_by: String,
}

/// `offer.drifted`: the marketplace holds something else than what was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Field by field, what was sent and what is there; null once it agrees again.
    pub diff: Value,
}

/// Reads an event's data, which has been checked.
pub(super) fn read<T: DeserializeOwned>(data: &Value) -> Option<T> {
    serde_json::from_value(data.clone()).ok()
}

/// Reads an event's data, and says which field is wrong.
fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, FieldError> {
    source::from_json(data, &|_| true)
}

/// Checks an event's data, as far as it can be told without the run.
pub(super) fn check(event: &str, data: &Value) -> Result<(), FieldError> {
    match event {
        "submit" => sound(&parse::<Submit>(data)?.facts),
        "revise" => {
            let revise: Revise = parse(data)?;
            let offer = Offer::from_json(&revise.offer)
                .map_err(|error| FieldError { field: format!("/offer{}", error.field), message: error.message })?;
            match &revise.facts {
                Some(facts) => about(facts, &offer),
                None => Ok(()),
            }
        }
        "withdraw" | "cancel" => filled("/reason", &parse::<Reason>(data)?.reason),
        "extend" => parse::<Extend>(data).map(drop),
        "reissue" => {
            let reissue: Reissue = parse(data)?;
            filled("/account", &reissue.account)?;
            sound(&reissue.facts)
        }
        "amend" => {
            let amend: Amend = parse(data)?;
            let offer = Offer::from_json(&amend.offer)
                .map_err(|error| FieldError { field: format!("/offer{}", error.field), message: error.message })?;
            about(&amend.facts, &offer)
        }
        "keep" => filled("/reason", &parse::<Reason>(data)?.reason),
        "readiness" => parse::<Readiness>(data).map(drop),
        "note" => filled("/text", &parse::<Note>(data)?.text),
        "offer.accepted" => filled("/agreement_id", &parse::<Acceptance>(data)?.agreement_id),
        "offer.drifted" => parse::<Drift>(data).map(drop),
        "agreement.updated" => parse::<AgreementUpdate>(data).map(drop),
        "agreement.ended" => match parse::<AgreementEnd>(data)?.status {
            AgreementStatus::Active => refuse("/status", "an ended agreement is not `active`; say how it ended"),
            _ => Ok(()),
        },
        "agreement.renewed" => filled("/renewed_by", &parse::<Renewed>(data)?.renewed_by),
        other => refuse("", &format!("a private offer has no event `{other}`")),
    }
}

fn sound(facts: &SubmitFacts) -> Result<(), FieldError> {
    let figures = [
        ("/facts/value_minor", facts.value_minor),
        ("/facts/annualised_minor", facts.annualised_minor),
        ("/facts/cumulative_value_12m_minor", facts.cumulative_value_12m_minor),
        ("/facts/list_value_minor", facts.list_value_minor.unwrap_or(0)),
    ];
    if let Some((field, _)) = figures.into_iter().find(|(_, minor)| *minor < 0) {
        return refuse(field, "is negative; values are zero or more minor units");
    }
    if facts.cumulative_value_12m_minor < facts.value_minor {
        return refuse("/facts/cumulative_value_12m_minor", "is less than the offer's own value, which it includes");
    }
    for (field, zone) in
        [("/facts/marketplace_zone", &facts.marketplace_zone), ("/facts/seller_zone", &facts.seller_zone)]
    {
        if jiff::tz::TimeZone::get(zone).is_err() {
            return refuse(field, &format!("`{zone}` is not an IANA zone; write a name such as `Europe/Berlin`"));
        }
    }
    Ok(())
}

fn about(facts: &SubmitFacts, offer: &Offer) -> Result<(), FieldError> {
    if facts.revision != offer.revision().hash {
        return refuse("/facts/revision", "the facts are about another revision; compute them for this document");
    }
    if !facts.agree_with(offer) {
        return refuse("/facts/value_minor", "the value or currency is not the document's; compute the facts again");
    }
    sound(facts)
}

fn filled(field: &str, text: &str) -> Result<(), FieldError> {
    if text.trim().is_empty() { refuse(field, "is empty; write at least one character") } else { Ok(()) }
}

fn refuse(field: &str, message: &str) -> Result<(), FieldError> {
    Err(FieldError { field: field.to_owned(), message: message.to_owned() })
}
