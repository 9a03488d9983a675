//! An offer's history as people read it: who did what when, what was sent, and what came back.

use std::collections::BTreeMap;

use entente_core::{
    context::private_offer::stated_refs,
    event::{Body, Event, Outcome, Resolution},
    ids::{InvokeId, PersonId, RunId},
    run::{Command, Record},
    scope::Scope,
};
use entente_store::{Archived, IntentRow, IntentStatus, RecoveryClass, Store};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::DeskError;

/// Rows read at once.
const PAGE: u32 = 1_000;

/// One step of an offer.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its number.
    pub seq: u64,
    /// When, in business time.
    pub at: Timestamp,
    /// What happened, in words.
    pub what: String,
    /// Who did it, where a person did.
    pub who: Option<PersonId>,
    /// For whom, where the person stood in for somebody.
    pub on_behalf_of: Option<PersonId>,
    /// The channel that it came by.
    pub source: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub state: String,
    /// The ids that a marketplace gave: offers, changes, agreements.
    pub remote: Vec<String>,
    /// What the step asked of the outside world.
    pub sent: Vec<Sent>,
    /// The notices that went out.
    pub notices: Vec<String>,
    /// The ids in other systems that the run carried from then on.
    pub external_refs: BTreeMap<String, String>,
}

/// One thing that a step asked of the outside world.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The invocation.
    pub invoke: InvokeId,
    /// The activity.
    pub activity: String,
    /// How an unknown outcome is settled.
    pub class: Option<RecoveryClass>,
    /// Where it stands.
    pub status: Option<IntentStatus>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was first sent.
    pub first_sent_at: Option<Timestamp>,
    /// What is kept between attempts: what was seen, and what is waited for.
    pub notes: Value,
}

/// Every record of a run, from the first on.
///
/// # Errors
/// When the database, or a record in it, cannot be read.
pub async fn records(store: &dyn Store, run: RunId) -> Result<Vec<Record>, DeskError> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let from = records.last().map_or(1, |record| record.seq.saturating_add(1));
        let rows = store.history(&Scope::vendor(), run, from, PAGE).await?;
        let last = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in rows {
            let record = serde_json::from_str(&row.record).map_err(|error| DeskError::Unreadable {
                what: format!("step {} of run {run}", row.seq),
                why: error.to_string(),
            })?;
            records.push(record);
        }
        if last {
            return Ok(records);
        }
    }
}

/// A run's records as people read them.
pub fn entries(records: &[Record], intents: &[IntentRow]) -> Vec<Entry> {
    let mut activities: BTreeMap<InvokeId, &str> = BTreeMap::new();
    let mut entries = Vec::new();
    let mut refs = BTreeMap::new();
    for record in records {
        refs = stated_refs(&record.event.body).unwrap_or(refs);
        entries.push(Entry { external_refs: refs.clone(), ..entry(record, &activities, intents) });
        for command in &record.commands {
            if let Command::Invoke { invoke, activity, .. } = command {
                activities.insert(*invoke, activity);
            }
        }
    }
    entries
}

fn entry(record: &Record, activities: &BTreeMap<InvokeId, &str>, intents: &[IntentRow]) -> Entry {
    let actor = record.event.actor.as_ref();
    let sent = record.commands.iter().filter_map(|command| match command {
        Command::Invoke { invoke, activity, .. } => Some(sent(*invoke, activity, intents)),
        _ => None,
    });
    let notices = record.commands.iter().filter_map(|command| match command {
        Command::Notify { notice, .. } => Some(notice.clone()),
        _ => None,
    });
    Entry {
        seq: record.seq,
        at: record.at,
        what: what(&record.event, activities),
        who: actor.map(|actor| actor.person.clone()),
        on_behalf_of: actor.and_then(|actor| actor.on_behalf_of.clone()),
        source: record.event.source.clone(),
        from: record.from.clone(),
        state: record.to.clone(),
        remote: remote(&record.event),
        sent: sent.collect(),
        notices: notices.collect(),
        external_refs: BTreeMap::new(),
    }
}

fn sent(invoke: InvokeId, activity: &str, intents: &[IntentRow]) -> Sent {
    let row = intents.iter().find(|row| row.intent.invoke == invoke);
    Sent {
        invoke,
        activity: activity.to_owned(),
        class: row.map(|row| row.intent.class),
        status: row.map(|row| row.status),
        attempts: row.map_or(0, |row| row.attempts),
        first_sent_at: row.and_then(|row| row.first_sent_at),
        notes: row.map(|row| row.notes.clone()).unwrap_or_default(),
    }
}

/// What happened, in words.
fn what(event: &Event, activities: &BTreeMap<InvokeId, &str>) -> String {
    match &event.body {
        Body::Named { name, data } => named(name, data),
        Body::Timer { key, .. } => format!("deadline {}", key.0),
        Body::Result { invoke, outcome } => {
            let activity = activities.get(invoke).copied().unwrap_or("an invocation");
            match outcome {
                Outcome::Done { .. } => format!("{activity} done"),
                Outcome::Failed(failure) => format!("{activity} {}: {}", failure.class.word(), failure.message),
            }
        }
        Body::LedgerRefused { reason, .. } => format!("ledger refused: {reason}"),
        Body::Resolve { decision, reason } => format!("incident settled ({}): {reason}", settled(decision)),
        Body::Started { .. } | Body::ChildEnded { .. } => event.name().to_owned(),
    }
}

fn named(name: &str, data: &Value) -> String {
    let text = |field: &str| data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let detail = match name {
        "approval.vote" => text("verdict").map(|verdict| match text("reason") {
            Some(reason) => format!("{verdict}: {reason}"),
            None => verdict.to_owned(),
        }),
        "extend" => text("expires_on").map(|day| format!("until {day}")),
        "reissue" => text("account").map(|account| format!("to account {account}")),
        "offer.accepted" => text("account").map(|account| format!("by account {account}")),
        "chart.migrate" => data.get("to").and_then(Value::as_u64).map(|version| format!("to version {version}")),
        "note" => text("text").map(str::to_owned),
        _ => text("reason").map(str::to_owned),
    };
    detail.map_or_else(|| name.to_owned(), |detail| format!("{name} ({detail})"))
}

/// Everything that happened to a run, as data; where its history lies if that has left the database.
///
/// # Errors
/// When the database cannot be read.
pub async fn told(store: &dyn Store, run: RunId) -> Result<Value, DeskError> {
    if let Some(place) = store.archive_of(&Scope::vendor(), run).await?.filter(|place| place.gone) {
        return Ok(json!({ "archive": place_json(&place) }));
    }
    let records = records(store, run).await?;
    let intents = store.intents(&Scope::vendor(), run).await?;
    Ok(json!(entries(&records, &intents)))
}

/// Where a history lies, as data.
pub fn place_json(place: &Archived) -> Value {
    json!({ "file": place.file, "folder": place.folder, "sha256": place.sha256 })
}

/// The word for a person's decision about an incident.
pub fn settled(decision: &Resolution) -> &'static str {
    match decision {
        Resolution::Retry => "retry",
        Resolution::Happened { .. } => "it happened",
        Resolution::DidNotHappen { .. } => "it did not happen",
        Resolution::Resume => "resume",
    }
}

/// The ids that a marketplace gave with an event.
fn remote(event: &Event) -> Vec<String> {
    let data = match &event.body {
        Body::Named { data, .. } => data,
        Body::Result { outcome: Outcome::Done { output }, .. } => output,
        _ => return Vec::new(),
    };
    let ids = ["offer_id", "change_id", "agreement_id"].into_iter().filter_map(|field| data.get(field)?.as_str());
    ids.map(str::to_owned).collect()
}
