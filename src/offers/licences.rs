//! The vendor's approved licence texts: an offer with another text needs legal's approval.

use std::collections::BTreeMap;

use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DeskError;

const SETTING: &str = "licences/approved";

/// An approved licence text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// What people call it.
    pub name: String,
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The approved texts, by the SHA-256 of each in hexadecimal.
///
/// # Errors
/// When the database cannot be read.
pub async fn approved(store: &dyn Store) -> Result<BTreeMap<String, Licence>, DeskError> {
    let Some(text) = store.setting(SETTING).await? else { return Ok(BTreeMap::new()) };
    serde_json::from_str(&text)
        .map_err(|error| DeskError::Unreadable { what: "the list of approved licences".into(), why: error.to_string() })
}

/// Adds a text to the approved ones. Approving it again changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub async fn approve(store: &dyn Store, sha256: &str, licence: Licence) -> Result<(), DeskError> {
    let mut all = approved(store).await?;
    all.entry(sha256.to_owned()).or_insert(licence);
    keep(store, &all).await
}

/// Takes a text off the list; says whether it was on it.
///
/// # Errors
/// When the database cannot be written.
pub async fn revoke(store: &dyn Store, sha256: &str) -> Result<bool, DeskError> {
    let mut all = approved(store).await?;
    let known = all.remove(sha256).is_some();
    keep(store, &all).await?;
    Ok(known)
}

async fn keep(store: &dyn Store, all: &BTreeMap<String, Licence>) -> Result<(), DeskError> {
    let text = serde_json::to_string(all).map_err(|error| DeskError::Unreadable {
        what: "the list of approved licences".into(),
        why: error.to_string(),
    })?;
    Ok(store.set_setting(SETTING, &text).await?)
}
