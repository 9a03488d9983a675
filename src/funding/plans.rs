//! Plans by which partners earn, in the database: imported once, never changed, named by accrual runs as `name@version`.

use entente_core::mdf::earnings::EarningPlan;
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;

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
    let document = StoredDocument {
        kind: KIND.into(),
        name: plan.name.clone(),
        version: plan.version,
        sha256: plan.sha256.clone(),
        text: text.to_owned(),
        by: by.to_owned(),
        at,
        active: true,
    };
    Ok(store.put_document(&document).await?)
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
    let wanted = named.split_once('@').and_then(|(name, version)| Some((name, version.parse::<u32>().ok()?)));
    let found = list(store).await?.into_iter().find(|plan| wanted == Some((plan.name.as_str(), plan.version)));
    found.ok_or_else(|| entente_store::Error::NotFound { kind: "plan", id: named.to_owned() }.into())
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
