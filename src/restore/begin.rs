//! Each start asks the witness whether the database is the one last seen.

use std::path::Path;

use entente_core::run::Record;
use entente_store::{Error, Result, Store};
use jiff::Timestamp;

use super::state::{self, State};
use crate::audit::{
    last,
    witness::{self, Standing},
};

/// The recovery that this start begins or goes on with; `None` when the database is the one last seen.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn begin(store: &dyn Store, database: &Path, now: Timestamp) -> Result<Option<State>> {
    if let Some(state) = state::pending(store).await? {
        return Ok(Some(state));
    }
    match witness::standing(store, database).await? {
        Standing::Current => Ok(None),
        Standing::Behind { reason } => enter(store, reason, now).await.map(Some),
    }
}

/// Begins a recovery from what the database has now.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn enter(store: &dyn Store, reason: String, now: Timestamp) -> Result<State> {
    let head = last::row(store).await?;
    let head_at = match &head {
        Some(row) => Some(record(&row.record)?.at),
        None => None,
    };
    let state = State {
        reason,
        begun_at: now,
        head_no: head.map_or(0, |row| row.no),
        head_at,
        waiting: Default::default(),
        confirmed: Default::default(),
    };
    state::put(store, Some(&state)).await?;
    Ok(state)
}

/// A history record.
pub(super) fn record(text: &str) -> Result<Record> {
    serde_json::from_str(text).map_err(|error| Error::Database(format!("a history record cannot be read: {error}")))
}
