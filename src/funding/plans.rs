//! Plans by which partners earn, in the database: imported once, never changed, named by accrual runs as `name@version`.

use entente_core::mdf::earnings::EarningPlan;
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;

use super::versions::{self, Author};
use crate::offers::DeskError;

const KIND: &str = "earning_plan";

/// Stores a plan that has been read well. The same version with another text is refused: partners have earned by it.
///
/// # Errors
/// When another text is stored under its name and version, or the database cannot be written.
pub async fn import(
    store: &dyn Store,
    plan: &EarningPlan,
    text: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), DeskError> {
    versions::put(store, (KIND, &plan.name, plan.version), text, Author { by, at }).await.map(drop)
}

/// Every stored plan.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<StoredDocument>, DeskError> {
    Ok(store.documents(KIND).await?)
}

/// A stored plan by `name@version`.
///
/// # Errors
/// When there is none.
pub async fn text(store: &dyn Store, named: &str) -> Result<StoredDocument, DeskError> {
    Ok(versions::find(store, (KIND, "plan"), named).await?)
}

/// A plan by `name@version`, ready to count by.
///
/// # Errors
/// When there is none, or its text cannot be read.
pub async fn find(store: &dyn Store, named: &str) -> Result<EarningPlan, DeskError> {
    let stored = text(store, named).await?;
    EarningPlan::from_yaml(named, &stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("plan `{named}`"), why: error.to_string() })
}
