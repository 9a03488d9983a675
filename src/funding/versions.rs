//! Texts that are kept under a name and a version and never changed: packs, plans, plays, tax packs and what is said of them.

use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::offers::DeskError;

/// Who keeps a text, and when.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Keeps a text, and says under which SHA-256. The same again changes nothing.
///
/// # Errors
/// When another text is kept under its name and version, or the database cannot be written.
pub async fn put(
    store: &dyn Store,
    (kind, name, version): (&str, &str, u32),
    text: &str,
    author: Author<'_>,
) -> Result<String, DeskError> {
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    let document = StoredDocument {
        kind: kind.to_owned(),
        name: name.to_owned(),
        version,
        sha256: sha256.clone(),
        text: text.to_owned(),
        by: author.by.to_owned(),
        at: author.at,
        active: true,
    };
    store.put_document(&document).await?;
    Ok(sha256)
}

/// The text that is named `name@version`; `what` is what people call its kind.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn find(
    store: &dyn Store,
    (kind, what): (&str, &'static str),
    named: &str,
) -> Result<StoredDocument, entente_store::Error> {
    let wanted = named.split_once('@').and_then(|(name, version)| Some((name, version.parse::<u32>().ok()?)));
    let found = store.documents(kind).await?.into_iter().find(|one| wanted == Some((one.name.as_str(), one.version)));
    found.ok_or_else(|| entente_store::Error::NotFound { kind: what, id: named.to_owned() })
}
