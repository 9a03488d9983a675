//! What is kept of a recovery until it has ended, in the database itself: a crash in the middle changes nothing.

use std::collections::BTreeMap;

use entente_store::{Error, Result, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The setting that holds it.
const NAME: &str = "recovery";

/// A recovery that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Why.
    pub reason: String,
    /// Business time at which it began.
    pub begun_at: Timestamp,
    /// The last history row that the database had then; 0 for none.
    pub head_no: i64,
    /// Business time of that row.
    pub head_at: Option<Timestamp>,
    /// Connector accounts that could not be read back yet, each with the reason.
    #[serde(default)]
    pub waiting: BTreeMap<String, String>,
    /// Connector accounts that a person has looked through by hand.
    #[serde(default)]
    pub confirmed: BTreeMap<String, Confirmed>,
}

/// A person's word for what an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Who.
    pub by: String,
    /// Business time.
    pub at: Timestamp,
    /// How they know.
    pub reason: String,
}

/// The recovery under way, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn pending(store: &dyn Store) -> Result<Option<State>> {
    let Some(text) = store.setting(NAME).await? else { return Ok(None) };
    serde_json::from_str(&text)
        .map_err(|error| Error::Database(format!("the setting `{NAME}` cannot be read: {error}")))
}

/// Writes where the recovery stands; `None` ends it.
///
/// # Errors
/// When the database cannot be written.
pub async fn put(store: &dyn Store, state: Option<&State>) -> Result<()> {
    let text = serde_json::to_string(&state)
        .map_err(|error| Error::Database(format!("the setting `{NAME}` cannot be written: {error}")))?;
    store.set_setting(NAME, &text).await
}
