//! The vendor's approved licence texts: an offer with another text needs legal's approval.

use std::collections::BTreeMap;

use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DeskError;

const SETTING: &str = "licences/approved";

/// How often a change is made anew because somebody else was faster.
const TRIES_MAX: u32 = 64;

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
    Ok(read(store).await?.1)
}

/// Adds a text to the approved ones. Approving it again changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub async fn approve(store: &dyn Store, sha256: &str, licence: Licence) -> Result<(), DeskError> {
    let add = |all: &mut BTreeMap<String, Licence>| {
        all.entry(sha256.to_owned()).or_insert_with(|| licence.clone());
    };
    change(store, add).await
}

/// Takes a text off the list; says whether it was on it.
///
/// # Errors
/// When the database cannot be written.
pub async fn revoke(store: &dyn Store, sha256: &str) -> Result<bool, DeskError> {
    change(store, |all: &mut BTreeMap<String, Licence>| all.remove(sha256).is_some()).await
}

/// The list, and the text it was read from.
async fn read(store: &dyn Store) -> Result<(Option<String>, BTreeMap<String, Licence>), DeskError> {
    let text = store.setting(SETTING).await?;
    let all = text.as_deref().map(serde_json::from_str).transpose();
    all.map(|all| (text, all.unwrap_or_default())).map_err(|error| unreadable(error.to_string()))
}

/// Changes the list as it stands when it is written: made anew when somebody else was faster.
async fn change<T>(store: &dyn Store, change: impl Fn(&mut BTreeMap<String, Licence>) -> T) -> Result<T, DeskError> {
    for _ in 0..TRIES_MAX {
        let (read, mut all) = read(store).await?;
        let done = change(&mut all);
        let text = serde_json::to_string(&all).map_err(|error| unreadable(error.to_string()))?;
        if store.replace_setting(SETTING, read.as_deref(), &text).await? {
            return Ok(done);
        }
    }
    Err(entente_store::Error::Conflict { kind: "list of approved licences", id: SETTING.into() }.into())
}

fn unreadable(why: String) -> DeskError {
    DeskError::Unreadable { what: "the list of approved licences".into(), why }
}
