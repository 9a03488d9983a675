//! Runs that a person asks for now, beside the schedule.

use entente_core::ids::PersonId;
use entente_store::{Error, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A wish for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Business time of the wish, under which the occurrence is recorded.
    pub at: Timestamp,
    /// Who asks.
    pub by: String,
}

impl Asked {
    /// A wish of this person. An occurrence is known by its time, which databases keep in microseconds.
    ///
    /// # Errors
    /// When the clock shows no usable time.
    pub fn now(by: &PersonId, now: Timestamp) -> Result<Asked, jiff::Error> {
        Ok(Asked { at: Timestamp::from_microsecond(now.as_microsecond())?, by: by.to_string() })
    }
}

fn name(job: &str) -> String {
    format!("schedule/run/{job}")
}

/// The newest wish for a job, fulfilled or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(store: &dyn Store, job: &str) -> entente_store::Result<Option<Asked>> {
    let Some(text) = store.setting(&name(job)).await? else { return Ok(None) };
    let asked = serde_json::from_str(&text);
    asked.map(Some).map_err(|error| Error::Database(format!("the setting `{}` cannot be read: {error}", name(job))))
}

/// Leaves a wish, which the serving process takes up within a moment.
///
/// # Errors
/// When the database cannot be written.
pub async fn ask(store: &dyn Store, job: &str, asked: &Asked) -> entente_store::Result<()> {
    let text = serde_json::to_string(asked).map_err(|error| Error::Database(error.to_string()))?;
    store.set_setting(&name(job), &text).await
}
