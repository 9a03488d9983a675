//! Records of returns: each is kept for ever, and corrected by another one.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::RequestPaper,
    ids::{DealId, PersonId, RequestId},
    mdf::{Pack, model::RoiDue, report_days, returns::Record},
};
use entente_store::{Store, StoredDocument};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{funding::stored::Stored, offers::DeskError};

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The request.
    pub request: RequestId,
    /// Its number among the request's records, from 1.
    pub number: u32,
    /// What was reported.
    pub record: Record,
    /// The record of the same report that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u32>,
    /// Why, where it corrects one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who recorded it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Kept {
    /// How it is named, such as `REQ-2027-00001#2`.
    pub fn named(&self) -> String {
        format!("{}#{}", self.request, self.number)
    }
}

/// Why a record is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotRecorded {
    /// Nothing was granted, so there is nothing to report of.
    #[error("`{0}` was not granted; there is nothing to report of")]
    NotGranted(String),
    /// The programme asks for other reports.
    #[error("the programme asks for reports after {days} days, not after {after}; correct `after_days`")]
    OtherDay {
        /// What is asked for.
        days: String,
        /// What was written.
        after: u32,
    },
    /// It is too early.
    #[error("the report after {after} days is made from {from} on")]
    TooEarly {
        /// Which report.
        after: u32,
        /// Its first day.
        from: Date,
    },
    /// The report is there already.
    #[error("`{0}` is that report already; say with --correcting why another one takes its place")]
    Already(String),
    /// There is nothing to correct.
    #[error("there is no report after {0} days yet; leave out --correcting")]
    NothingToCorrect(u32),
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// Keeps a record. The same one handed in again is the same record.
///
/// # Errors
/// When the request was not granted, the report is not one that the programme asks for, comes too early or is there already, or
/// the database cannot be written.
pub async fn record(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    record: Record,
    correcting: Option<String>,
    (pack, by, at): (&Pack, &PersonId, Timestamp),
) -> Result<Kept, NotRecorded> {
    if asked.sheet.course.granted.is_none() {
        return Err(NotRecorded::NotGranted(asked.label().to_owned()));
    }
    in_time(asked.sheet.paper.activity.end, &record, pack, at)?;
    let request: RequestId = asked.label().parse().map_err(DeskError::from)?;
    let known = of_request(store, &request).await?;
    let earlier = known.iter().rfind(|kept| kept.record.after_days == record.after_days);
    match (earlier, &correcting) {
        (Some(kept), _) if kept.record == record && kept.reason == correcting => return Ok(kept.clone()),
        (Some(kept), None) => return Err(NotRecorded::Already(kept.named())),
        (None, Some(_)) => return Err(NotRecorded::NothingToCorrect(record.after_days)),
        _ => {}
    }
    let corrects = earlier.map(|kept| kept.number);
    let number = known.last().map_or(0, |kept| kept.number) + 1;
    let kept = Kept { request, number, record, corrects, reason: correcting, by: by.clone(), at };
    for deal in &kept.record.deals {
        put(store, &deal_kind(&deal.deal), (kept.request.as_str(), 1), "", &kept).await?;
    }
    let text = serde_json::to_string(&kept).map_err(|error| unreadable(&kept.named(), error.to_string()))?;
    put(store, &kind(&kept.request), (kept.request.as_str(), number), &text, &kept).await?;
    Ok(kept)
}

/// Each report may be made once the one before is due, the first once the activity is over.
fn in_time(ended: Date, record: &Record, pack: &Pack, at: Timestamp) -> Result<(), NotRecorded> {
    let (days, after) = (report_days(pack), record.after_days);
    if !days.contains(&after) {
        let days = days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        return Err(NotRecorded::OtherDay { days, after });
    }
    let before = days.iter().rfind(|day| **day < after).copied().unwrap_or(0);
    let from = ended.checked_add((i64::from(before) + 1).days()).unwrap_or(Date::MAX);
    match pack.zone.to_datetime(at).date() < from {
        true => Err(NotRecorded::TooEarly { after, from }),
        false => Ok(()),
    }
}

async fn put(
    store: &dyn Store,
    kind: &str,
    (name, version): (&str, u32),
    text: &str,
    kept: &Kept,
) -> Result<(), DeskError> {
    let document = StoredDocument {
        kind: kind.to_owned(),
        name: name.to_owned(),
        version,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: text.to_owned(),
        by: kept.by.to_string(),
        at: kept.at,
        active: true,
    };
    Ok(store.put_document(&document).await?)
}

/// The kind of the records of a request: they are read alone, however many others there are.
fn kind(request: &RequestId) -> String {
    format!("returns/{request}")
}

/// The kind under which the requests that ever reported a deal are found.
fn deal_kind(deal: &DealId) -> String {
    format!("returns_deal/{deal}")
}

fn unreadable(what: &str, why: String) -> DeskError {
    DeskError::Unreadable { what: format!("record `{what}`"), why }
}

/// Every record of a request, oldest first.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn of_request(store: &dyn Store, request: &RequestId) -> Result<Vec<Kept>, DeskError> {
    let documents = store.documents(&kind(request)).await?;
    let read = |document: &StoredDocument| {
        serde_json::from_str(&document.text).map_err(|error| unreadable(&document.name, error.to_string()))
    };
    documents.iter().map(read).collect()
}

/// The requests that ever reported a deal.
pub(super) async fn that_reported(store: &dyn Store, deal: &DealId) -> Result<BTreeSet<RequestId>, DeskError> {
    let documents = store.documents(&deal_kind(deal)).await?;
    documents.iter().map(|document| Ok(document.name.parse()?)).collect()
}

/// The record that counts: of the latest report the newest, of reports not later than after so many days where that is given.
pub fn in_force(records: &[Kept], after: Option<u32>) -> Option<&Kept> {
    let counts = records.iter().filter(|kept| after.is_none_or(|after| kept.record.after_days <= after));
    counts.max_by_key(|kept| (kept.record.after_days, kept.number))
}

/// What a partner has reported of the activities that it has claimed money for, other than those of `own`.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn due(
    store: &dyn Store,
    requests: &[Stored<RequestPaper>],
    own: Option<&str>,
) -> Result<Vec<RoiDue>, DeskError> {
    let mut due = BTreeMap::new();
    let claimed = requests.iter().filter(|one| Some(one.label()) != own && !one.sheet.course.claims.is_empty());
    for request in claimed {
        let records = of_request(store, &request.label().parse()?).await?;
        let given: BTreeSet<u32> = records.iter().map(|kept| kept.record.after_days).collect();
        let activity = &request.sheet.paper.activity;
        let given = u32::try_from(given.len()).unwrap_or(u32::MAX);
        due.insert(request.label(), RoiDue { activity: activity.id.clone(), ended: activity.end, given });
    }
    Ok(due.into_values().collect())
}
