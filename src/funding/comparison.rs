//! What a changed pack would have made of requests and claims, and the record of it that importing the pack asks for.

use entente_core::{
    calendar::Calendar,
    context::funding::{ClaimPaper, Paper, RequestPaper},
    mdf::{Case, Comparison, Pack, compare},
    scope::Scope,
};
use entente_store::{RunFilter, Store, StoredDocument};
use jiff::Timestamp;
use serde::Deserialize as _;

use super::{record, stored};
use crate::offers::DeskError;

const KIND: &str = "pack_comparison";

/// Judges every request and claim, open or past, that was judged by any version of the new pack's name. Nothing is written.
///
/// # Errors
/// When the database cannot be read, or the differences add up to more than can be counted.
pub async fn judge(store: &dyn Store, old: &Pack, new: &Pack, calendar: &Calendar) -> Result<Comparison, DeskError> {
    let mut cases = past::<RequestPaper>(store, &new.name).await?;
    cases.extend(past::<ClaimPaper>(store, &new.name).await?);
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(compare(old, new, cases.iter().map(|(label, case)| (label.as_str(), case)), calendar)?)
}

/// The cases of one kind of paper, as they stood when the rules were asked last.
async fn past<P: Paper>(store: &dyn Store, pack: &str) -> Result<Vec<(String, Case)>, DeskError> {
    let papers = stored::papers::<P>(store, &Scope::vendor(), RunFilter::default()).await?;
    let mut cases = Vec::new();
    for paper in papers {
        let Some(assessment) = paper.sheet.assessment.as_ref().filter(|assessment| assessment.pack.name == pack) else {
            continue;
        };
        let kept = record::get(store, &assessment.record).await?;
        let case = kept.get("case").cloned().unwrap_or_default();
        let case = Case::deserialize(case).map_err(|error| DeskError::Unreadable {
            what: format!("the case of `{}`", paper.label()),
            why: error.to_string(),
        })?;
        cases.push((paper.label().to_owned(), case));
    }
    Ok(cases)
}

/// Keeps a comparison, so that its id can be shown when the pack is imported.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep(store: &dyn Store, comparison: &Comparison, by: &str, at: Timestamp) -> Result<(), DeskError> {
    let text = serde_json::json!({ "old": comparison.old, "new": comparison.new }).to_string();
    let document = StoredDocument {
        kind: KIND.into(),
        name: comparison.id.clone(),
        version: 1,
        sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text.as_bytes())),
        text,
        by: by.to_owned(),
        at,
        active: true,
    };
    Ok(store.put_document(&document).await?)
}

/// Whether a comparison of this id was kept, from the pack in use to this one.
///
/// # Errors
/// When the database cannot be read.
pub async fn was_kept(store: &dyn Store, id: &str, old: &Pack, new: &Pack) -> Result<bool, DeskError> {
    let wanted = serde_json::json!({ "old": old.pin(), "new": new.pin() }).to_string();
    let kept = store.documents(KIND).await?;
    Ok(kept.iter().any(|comparison| comparison.name == id && comparison.text == wanted))
}
