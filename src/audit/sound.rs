//! A damaged database is not worked on: nobody could tell what it has sent.

use entente_store::{Error, Result, Store};

/// Refuses a database whose own checks find something.
///
/// # Errors
/// [`Error::Corrupt`] with everything that was found, and whatever keeps it from being read.
pub async fn require(store: &dyn Store, database: &std::path::Path) -> Result<()> {
    let findings = store.integrity().await?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::Corrupt { path: database.display().to_string(), detail: findings.join("; ") })
}
