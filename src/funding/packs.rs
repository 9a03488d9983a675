//! Packs of rules in the database: imported once, never changed, named by funds as `name@version`.

use entente_core::mdf::{Pack, PackPin};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;

use super::versions::{self, Author};
use crate::offers::DeskError;

const KIND: &str = "programme_pack";

/// Stores a pack that has been read well. The same version with another text is refused: claims were judged by it.
///
/// # Errors
/// When another text is stored under its name and version, or the database cannot be written.
pub async fn import(store: &dyn Store, pack: &Pack, text: &str, by: &str, at: Timestamp) -> Result<(), DeskError> {
    versions::put(store, (KIND, &pack.name, pack.version), text, Author { by, at }).await.map(drop)
}

/// Every stored pack.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<StoredDocument>, DeskError> {
    Ok(store.documents(KIND).await?)
}

/// A pack by `name@version`, ready to judge.
///
/// # Errors
/// When there is none, or its text cannot be read.
pub async fn find(store: &dyn Store, named: &str) -> Result<Pack, DeskError> {
    let stored = text(store, named).await?;
    Pack::from_yaml(named, &stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("pack `{named}`"), why: error.to_string() })
}

/// The pack that a claim was judged by.
///
/// # Errors
/// When it is not there, or its text cannot be read.
pub async fn pinned(store: &dyn Store, pin: &PackPin) -> Result<Pack, DeskError> {
    let stored = store.document_by_hash(KIND, &pin.sha256).await?;
    let stored = stored.ok_or_else(|| entente_store::Error::NotFound { kind: "pack", id: pin.to_string() })?;
    Pack::from_yaml(&pin.name, &stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("pack `{pin}`"), why: error.to_string() })
}

/// A stored pack by `name@version`.
///
/// # Errors
/// When there is none.
pub async fn text(store: &dyn Store, named: &str) -> Result<StoredDocument, DeskError> {
    Ok(versions::find(store, (KIND, "pack"), named).await?)
}

/// The newest version of a pack, where one is stored.
///
/// # Errors
/// When the database cannot be read, or its text cannot be.
pub async fn newest(store: &dyn Store, name: &str) -> Result<Option<Pack>, DeskError> {
    let all = list(store).await?;
    let newest = all.into_iter().filter(|pack| pack.name == name).max_by_key(|pack| pack.version);
    match newest {
        Some(pack) => find(store, &format!("{}@{}", pack.name, pack.version)).await.map(Some),
        None => Ok(None),
    }
}
