//! Audits of claims that were drawn or have many points (F9): by somebody who neither has a hand in the claim nor votes on it.

use std::collections::BTreeSet;

use entente_core::{context::funding::ClaimPaper, ids::PersonId, mdf::AUDITS};
use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Looked, NotKept, all, put};
use crate::{funding::stored::Stored, offers::DeskError};

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// SHA-256 of what the claim said: of another paper it says nothing.
    pub paper: String,
    /// Whether it is in order.
    pub sound: bool,
    /// Why.
    pub reason: String,
    /// Who audited it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

fn kind(label: &str) -> String {
    format!("claim_audit/{label}")
}

/// Every audit of a claim, oldest first.
///
/// # Errors
/// When the records cannot be read.
pub async fn of(store: &dyn Store, label: &str) -> Result<Vec<Audit>, DeskError> {
    all(store, &kind(label)).await
}

/// The audit of a claim as it stands.
///
/// # Errors
/// When the records cannot be read.
pub async fn in_force(store: &dyn Store, claim: &Stored<ClaimPaper>) -> Result<Option<Audit>, DeskError> {
    let paper = claim.sheet.paper_hash();
    Ok(of(store, claim.label()).await?.into_iter().rfind(|audit| audit.paper == paper))
}

/// Who has audited a claim, whatever it said then: none of them votes on it.
///
/// # Errors
/// When the records cannot be read.
pub async fn auditors(store: &dyn Store, label: &str) -> Result<BTreeSet<PersonId>, DeskError> {
    Ok(of(store, label).await?.into_iter().map(|audit| audit.by).collect())
}

/// Whether rule F9 holds a claim as it stands.
pub fn is_wanted(claim: &Stored<ClaimPaper>) -> bool {
    let reasons = claim.sheet.current_assessment().map(|assessment| assessment.reasons.as_slice()).unwrap_or_default();
    reasons.iter().any(|reason| reason.rule == AUDITS && reason.effect == "hold")
}

/// Keeps what somebody found who audited a claim as it stands.
///
/// # Errors
/// When rule F9 does not hold it, whoever audits has a hand in it or voted on it, it was audited already, or the database cannot be
/// written.
pub async fn record(
    store: &dyn Store,
    looked: &Looked<'_>,
    (sound, reason): (bool, String),
    (by, at): (&PersonId, Timestamp),
) -> Result<Audit, NotKept> {
    let claim = looked.claim;
    looked.not_by_author(by)?;
    if looked.voters().contains(by) {
        return Err(NotKept::Concerned { who: by.clone(), label: claim.label().to_owned() });
    }
    if !is_wanted(claim) {
        return Err(NotKept::now(claim.label(), "is not held for an audit (F9) as it stands now"));
    }
    if let Some(audit) = in_force(store, claim).await? {
        return Err(NotKept::Already { by: audit.by, label: claim.label().to_owned() });
    }
    let audit = Audit { paper: claim.sheet.paper_hash(), sound, reason, by: by.clone(), at };
    let number = of(store, claim.label()).await?.len() + 1;
    put(store, (&kind(claim.label()), claim.label(), number), &audit, (by, at)).await?;
    Ok(audit)
}
