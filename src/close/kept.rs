//! Documents of month ends: written once, never changed, told by their hash.

use entente_core::close::sha256;
use entente_store::{Error as StoreError, Store, StoredDocument};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::CloseError;

/// Who writes, and when.
#[derive(Debug, Clone)]
pub(super) struct Author<'a> {
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Keeps a text. The same again changes nothing.
///
/// # Errors
/// [`CloseError::Done`] with `taken` when another text is kept under the name and version.
pub(super) async fn put(
    store: &dyn Store,
    (kind, name, version): (&str, &str, u32),
    text: String,
    author: Author<'_>,
    taken: impl FnOnce() -> String,
) -> Result<String, CloseError> {
    let hash = sha256(text.as_bytes());
    let document = StoredDocument {
        kind: kind.into(),
        name: name.into(),
        version,
        sha256: hash.clone(),
        text,
        by: author.by.into(),
        at: author.at,
        active: false,
    };
    match store.put_document(&document).await {
        Ok(()) => Ok(hash),
        Err(StoreError::Conflict { .. }) => Err(CloseError::Done(taken())),
        Err(error) => Err(error.into()),
    }
}

/// The texts of a kind under a name, by version.
pub(super) async fn named(store: &dyn Store, kind: &str, name: &str) -> Result<Vec<StoredDocument>, CloseError> {
    let all = store.documents(kind).await?;
    Ok(all.into_iter().filter(|document| document.name == name).collect())
}

/// What a text says.
pub(super) fn read<T: DeserializeOwned>(document: &StoredDocument) -> Result<T, CloseError> {
    serde_json::from_str(&document.text).map_err(|error| broken(document, error.to_string()))
}

/// What is to be kept, as text.
pub(super) fn written(value: &impl Serialize) -> Result<String, CloseError> {
    let what = || "a document of a month's end".to_owned();
    serde_json::to_string(value).map_err(|error| CloseError::Broken { what: what(), why: error.to_string() })
}

/// A kept text that is not what it should be.
pub(super) fn broken(document: &StoredDocument, why: impl Into<String>) -> CloseError {
    let what = format!("{} `{}` version {}", document.kind, document.name, document.version);
    CloseError::Broken { what, why: why.into() }
}
