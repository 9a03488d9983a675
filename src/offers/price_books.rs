//! Price books in the database: imported once, never changed, named by offers as `id@version`.

use entente_core::offer::{DocumentError, price_book::PriceBook};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::DeskError;

const KIND: &str = "price_book";

/// Stores a book that has been read well. The same id with another text is refused: offers were priced by it.
///
/// # Errors
/// When another text is stored under the id, or the database cannot be written.
pub async fn import(
    store: &dyn Store,
    book: &PriceBook,
    text: &str,
    by: &str,
    at: Timestamp,
) -> Result<StoredDocument, DeskError> {
    let document = StoredDocument {
        kind: KIND.into(),
        name: book.id.clone(),
        version: 1,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: text.to_owned(),
        by: by.to_owned(),
        at,
        active: true,
    };
    store.put_document(&document).await?;
    Ok(document)
}

/// Every stored book.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<StoredDocument>, DeskError> {
    Ok(store.documents(KIND).await?)
}

/// A stored book and its text.
///
/// # Errors
/// When the database cannot be read.
pub async fn text(store: &dyn Store, id: &str) -> Result<Option<StoredDocument>, DeskError> {
    Ok(list(store).await?.into_iter().find(|document| document.name == id))
}

/// A stored book, ready to look prices up.
///
/// # Errors
/// When the database or the stored text cannot be read.
pub async fn find(store: &dyn Store, id: &str) -> Result<Option<PriceBook>, DeskError> {
    let Some(stored) = text(store, id).await? else { return Ok(None) };
    let unreadable =
        |error: DocumentError| DeskError::Unreadable { what: format!("price book `{id}`"), why: error.to_string() };
    PriceBook::from_csv(id, id, &stored.text).map(Some).map_err(unreadable)
}
