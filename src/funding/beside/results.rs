//! Results of activities that partners hand in apart from a claim (C4, D7): in time, and before payment is asked for.

use std::collections::BTreeMap;

use entente_core::{context::funding::RequestPaper, ids::PersonId, mdf::Pack};
use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NotKept, all, put};
use crate::{funding::stored::Stored, offers::DeskError};

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Results, by metric.
    pub metrics: BTreeMap<String, i64>,
    /// Who handed them in.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

fn kind(request: &str) -> String {
    format!("results/{request}")
}

/// What was handed in of a request, oldest first: the first says when, the last says what.
///
/// # Errors
/// When the records cannot be read.
pub async fn of(store: &dyn Store, request: &str) -> Result<Vec<Results>, DeskError> {
    all(store, &kind(request)).await
}

/// Keeps results. The same ones handed in again are the same.
///
/// # Errors
/// When nothing was granted, the activity is not over in the programme's zone, or the database cannot be written.
pub async fn record(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    pack: &Pack,
    metrics: BTreeMap<String, i64>,
    (by, at): (&PersonId, Timestamp),
) -> Result<Results, NotKept> {
    let (label, end) = (asked.label(), asked.sheet.paper.activity.end);
    if asked.sheet.course.granted.is_none() {
        return Err(NotKept::now(label, "was not granted; there are no results to hand in"));
    }
    if pack.zone.to_datetime(at).date() <= end {
        return Err(NotKept::now(label, format!("is for an activity until {end}; hand the results in after it")));
    }
    let known = of(store, label).await?;
    if let Some(last) = known.last().filter(|last| last.metrics == metrics) {
        return Ok(last.clone());
    }
    let results = Results { metrics, by: by.clone(), at };
    put(store, (&kind(label), label, known.len() + 1), &results, (by, at)).await?;
    Ok(results)
}
