//! Checks of logo, brand and claims (D8): by somebody of the vendor, whatever the claim says of itself.

use entente_core::{context::funding::ClaimPaper, ids::PersonId, mdf::model::BrandCheck};
use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Looked, NotKept, all, put};
use crate::{funding::stored::Stored, offers::DeskError};

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// SHA-256 of what the claim said: of another paper it says nothing.
    pub paper: String,
    /// What was found.
    pub check: BrandCheck,
    /// Who checked.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

fn kind(label: &str) -> String {
    format!("brand_check/{label}")
}

/// The last check of a claim as it stands.
///
/// # Errors
/// When the records cannot be read.
pub async fn in_force(store: &dyn Store, claim: &Stored<ClaimPaper>) -> Result<Option<BrandCheck>, DeskError> {
    let (paper, checks) = (claim.sheet.paper_hash(), all::<Checked>(store, &kind(claim.label())).await?);
    Ok(checks.into_iter().rfind(|checked| checked.paper == paper).map(|checked| checked.check))
}

/// Keeps a check of a claim as it stands.
///
/// # Errors
/// When whoever checks has a hand in the claim, it is over, or the database cannot be written.
pub async fn record(
    store: &dyn Store,
    looked: &Looked<'_>,
    check: BrandCheck,
    (by, at): (&PersonId, Timestamp),
) -> Result<Checked, NotKept> {
    let claim = looked.claim;
    looked.not_by_author(by)?;
    if claim.row.snapshot.ended || !claim.sheet.course.payables.is_empty() {
        return Err(NotKept::now(claim.label(), "is decided; nothing is checked any more"));
    }
    let checked = Checked { paper: claim.sheet.paper_hash(), check, by: by.clone(), at };
    let number = all::<Checked>(store, &kind(claim.label())).await?.len() + 1;
    put(store, (&kind(claim.label()), claim.label(), number), &checked, (by, at)).await?;
    Ok(checked)
}
