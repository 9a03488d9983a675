//! What AWS pays towards its partners' marketing: benefits, applications for them, and what was granted.
//!
//! An application carries our key at the end of its description, so that it is found again after a lost answer. The reviewers
//! at AWS read the description, and with it our key.
//!
//! Source: <https://docs.aws.amazon.com/partner-central/latest/developer-guide/working-with-benefit-applications.html>

mod allocation;
mod answer;
mod read;
mod write;

use std::collections::BTreeSet;

use entente_port::{
    ApplicationStatus, CallContext, ChangeId, ChangeState, Effect, Error, FundingApplication, FundingChange,
    FundingRules, OwnWrite, PlannedCall, RemoteApplication, Result, StepKey, Submitted, Write,
};
use jiff::Timestamp;

use crate::{
    client::Client,
    failure::MARKETPLACE,
    json::{from_document, to_document},
    requests::mark::{key_in, marked},
};

pub(crate) use allocation::all as allocations;
pub(crate) use read::{application, list, one};

/// The catalog of real applications.
const CATALOG: &str = "AWS";

/// What ids of applications begin with.
const APPLICATION: &str = "benappl-";

/// The longest description, in characters.
/// Source: <https://docs.aws.amazon.com/partner-central/latest/APIReference/API_benefits_CreateBenefitApplication.html>
const DESCRIPTION_MAX: usize = 1000;

/// What AWS asks of every application.
///
/// An activity begins at least 14 days ahead, by the console's rule for requests that are handed in again:
/// <https://docs.aws.amazon.com/partner-central/latest/getting-started/resubmit-fund-request-claim.html>. At most 10 files go
/// with it, by the developer guide; the API's model allows 30. Claims are due about a month after the activity's end; AWS says so
/// of its migration programme and publishes nothing for marketing funds: <https://repost.aws>.
pub(crate) const RULES: FundingRules = FundingRules { lead_days: 14, files_most: 10, claim_days: 30 };

/// Whether a change is an application for funding.
pub(crate) fn is_application(change: &str) -> bool {
    change.starts_with(APPLICATION)
}

/// The calls that a write makes; `None` for a write about something else.
pub(crate) fn planned(call: &CallContext, write: &Write) -> Result<Option<Vec<PlannedCall>>> {
    match write {
        Write::ApplyForFunding { application } => write::planned_creation(call, application).map(Some),
        Write::ChangeFunding { application_id, change } => {
            write::planned_change(call, application_id, change).map(Some)
        }
        _ => Ok(None),
    }
}

/// Makes a write; `None` for one about something else.
pub(crate) async fn submit(client: &Client, call: &CallContext, write: &Write) -> Result<Option<Submitted>> {
    let id = match write {
        Write::ApplyForFunding { application } => created(client, call, application).await?,
        Write::ChangeFunding { application_id, change } => {
            write::change(client, call, application_id, change).await?;
            application_id.clone()
        }
        _ => return Ok(None),
    };
    Ok(Some(Submitted { change: ChangeId(id) }))
}

/// Creates an application. AWS says of a token that was used before only that it is in conflict: what it made then is looked up.
async fn created(client: &Client, call: &CallContext, application: &FundingApplication) -> Result<String> {
    let conflict = match write::create(client, call, application).await {
        Err(conflict @ Error::Conflict { .. }) => conflict,
        answer => return answer,
    };
    let found = find(client, &call.key, application).await?;
    match found.as_slice() {
        [Effect { change, same_request: true, .. }] => Ok(change.0.clone()),
        _ => Err(conflict),
    }
}

/// Where an application stands, as a change: whatever its review comes to, it has been written.
pub(crate) async fn state(client: &Client, id: &str) -> Result<ChangeState> {
    let seen = read::seen(client, id).await?;
    Ok(ChangeState::Applied { offer_id: None, at: seen.updated_at })
}

/// Every application that carries our key. Two of them are twins: both are reported.
pub(crate) async fn find(client: &Client, key: &StepKey, wanted: &FundingApplication) -> Result<Vec<Effect>> {
    let mut found = Vec::new();
    for id in read::ids(client, Some(&wanted.benefit), None).await? {
        let seen = read::seen(client, &id).await?;
        if seen.key.as_ref().is_none_or(|other| (other.run, other.invoke) != (key.run, key.invoke)) {
            continue;
        }
        // An application that was given up is no effect that anybody waits for.
        let state = match seen.remote.status {
            ApplicationStatus::Cancelled => ChangeState::Failed(refused("", "the application was cancelled")),
            _ => ChangeState::Applied { offer_id: None, at: seen.updated_at },
        };
        let same_request = seen.remote.application == as_sent(wanted);
        found.push(Effect { change: ChangeId(id), state, same_request });
    }
    Ok(found)
}

/// Every application with a key of ours that was written at or after `since`, oldest first. Who may not read applications has
/// written none.
pub(crate) async fn ours_since(client: &Client, since: Timestamp) -> Result<Vec<OwnWrite>> {
    let ids = match read::ids(client, None, Some(since)).await {
        Err(Error::Rejected { code: Some(code), .. }) if code == answer::DENIED => return Ok(Vec::new()),
        ids => ids?,
    };
    let mut ours = Vec::new();
    for id in ids {
        let seen = read::seen(client, &id).await?;
        if let Some(key) = seen.key {
            let state = ChangeState::Applied { offer_id: None, at: seen.updated_at };
            ours.push(OwnWrite { key, change: ChangeId(id), began_at: seen.created_at, state });
        }
    }
    ours.sort_by_key(|write| write.began_at);
    Ok(ours)
}

/// The description with our key.
fn described(key: &StepKey, application: &FundingApplication) -> Result<String> {
    marked(key, application.description.as_deref(), DESCRIPTION_MAX)
}

/// The key in a description, and what people wrote before it.
fn key_and_words(description: &str) -> (Option<StepKey>, Option<String>) {
    let Some(key) = key_in(description) else { return (None, Some(description.to_owned())) };
    let words = description.rsplit_once('[').map_or("", |(words, _)| words).trim();
    (Some(key), (!words.is_empty()).then(|| words.to_owned()))
}

/// An application as it reads once it was sent: a description is one line, a fraction a text.
fn as_sent(application: &FundingApplication) -> FundingApplication {
    let line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let description = application.description.as_ref().map(line).filter(|text| !text.is_empty());
    let details = from_document(&to_document(&application.details));
    FundingApplication { description, details, ..application.clone() }
}

/// Whether a change has been made. An application is written anew in two steps: what it says, then what it belongs to.
pub(crate) fn holds(change: &FundingChange, remote: &RemoteApplication) -> Option<bool> {
    let FundingChange::Update { application } = change else { return change.is_done(remote) };
    if let ApplicationStatus::Unrecognised(_) = remote.status {
        return None;
    }
    let belongs = |resources: &[String]| resources.iter().cloned().collect::<BTreeSet<String>>();
    let have = &remote.application;
    Some(says(application, have) && belongs(&application.resources) == belongs(&have.resources))
}

/// Whether an application says what is wished, whatever it belongs to.
fn says(wished: &FundingApplication, have: &FundingApplication) -> bool {
    let wished = FundingApplication { resources: have.resources.clone(), ..as_sent(wished) };
    wished == *have
}

/// A refusal before anything is sent.
fn refused(field: &str, reason: impl Into<String>) -> Error {
    Error::Rejected { marketplace: MARKETPLACE, field: Some(field.to_owned()), code: None, reason: reason.into() }
}
