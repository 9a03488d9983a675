//! The cases and judgements behind assessments, as the database keeps them.

use entente_store::Store;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::versions::{self, Author};
use crate::offers::DeskError;

const KIND: &str = "judgement";

/// Keeps a case and its judgement, and says under which hash.
///
/// # Errors
/// When the database cannot be written.
pub async fn put(
    store: &dyn Store,
    case: &entente_core::mdf::Case,
    judgement: &entente_core::mdf::Judgement,
    label: &str,
    at: Timestamp,
) -> Result<String, DeskError> {
    let text = json!({ "case": case, "judgement": judgement }).to_string();
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    versions::put(store, (KIND, &sha256, 1), &text, Author { by: label, at }).await
}

/// A kept case and its judgement, as `case` and `judgement`.
///
/// # Errors
/// When there is none under the hash, or it cannot be read.
pub async fn get(store: &dyn Store, sha256: &str) -> Result<Value, DeskError> {
    let stored = store.document_by_hash(KIND, sha256).await?;
    let stored = stored.ok_or_else(|| entente_store::Error::NotFound { kind: "judgement", id: sha256.to_owned() })?;
    serde_json::from_str(&stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("judgement `{sha256}`"), why: error.to_string() })
}
