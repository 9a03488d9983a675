//! Estimates of breakage: proposed by one person, approved by another, each once and for good.

use std::collections::BTreeMap;

use entente_core::{
    close::{Estimate, sha256},
    ids::{LegalEntityId, PersonId, ProgrammeId},
    mdf::BasisPoints,
};
use entente_store::{Error as StoreError, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CloseError,
    kept::{self, Author},
};

const PROPOSED: &str = "close_estimate";
const APPROVED: &str = "close_estimate_approval";

/// How much of an id people type at least.
const ID: usize = 12;

/// An estimate that somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// The legal entity.
    pub entity: LegalEntityId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The part that will never be claimed.
    pub percent: BasisPoints,
    /// What it rests on.
    pub evidence: String,
    /// Who proposes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// The id of the estimate.
    pub estimate: String,
    /// Who approves it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// An estimate and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// What was proposed.
    pub proposed: Proposed,
    /// Its approval, once there is one.
    pub approved: Option<Approved>,
}

/// Proposes an estimate, and says its id.
///
/// # Errors
/// When the database cannot be written.
pub async fn propose(store: &dyn Store, proposed: &Proposed) -> Result<String, CloseError> {
    let text = kept::written(proposed)?;
    let id: String = sha256(text.as_bytes()).chars().take(ID).collect();
    let author = Author { by: proposed.by.as_str(), at: proposed.at };
    let taken = || format!("estimate `{id}` is another one; propose it again");
    kept::put(store, (PROPOSED, &id, 1), text, author, taken).await?;
    Ok(id)
}

/// An estimate that somebody may approve: not the one who proposed it, and not twice.
///
/// # Errors
/// When there is none, it was approved already, or the person proposed it.
pub async fn approvable(store: &dyn Store, id: &str, by: &PersonId) -> Result<Known, CloseError> {
    let all = list(store).await?;
    let known = all.into_iter().find(|known| known.id == id);
    let known = known.ok_or_else(|| StoreError::NotFound { kind: "estimate", id: id.to_owned() })?;
    if let Some(approved) = &known.approved {
        return Err(CloseError::Done(format!("estimate `{id}` was approved by `{}` already", approved.by)));
    }
    if known.proposed.by == *by {
        let (person, did) = (by.clone(), "proposed this estimate");
        return Err(CloseError::SamePerson { person, did, approve: "approve it" });
    }
    Ok(known)
}

/// Approves an estimate.
///
/// # Errors
/// As [`approvable`], and when the database cannot be written.
pub async fn approve(store: &dyn Store, id: &str, by: &PersonId, at: Timestamp) -> Result<(), CloseError> {
    approvable(store, id, by).await?;
    let text = kept::written(&Approved { estimate: id.to_owned(), by: by.clone(), at })?;
    let taken = || format!("estimate `{id}` was approved by somebody else just now");
    kept::put(store, (APPROVED, id, 1), text, Author { by: by.as_str(), at }, taken).await?;
    Ok(())
}

/// Every estimate, in the order in which they were proposed.
///
/// # Errors
/// When the database cannot be read, or what it holds is not what was kept.
pub async fn list(store: &dyn Store) -> Result<Vec<Known>, CloseError> {
    let mut approved = BTreeMap::new();
    for document in store.documents(APPROVED).await? {
        approved.insert(document.name.clone(), kept::read::<Approved>(&document)?);
    }
    let mut all = Vec::new();
    for document in store.documents(PROPOSED).await? {
        let proposed: Proposed = kept::read(&document)?;
        let approved = approved.remove(&document.name);
        if proposed.percent > BasisPoints::WHOLE || approved.as_ref().is_some_and(|one| one.by == proposed.by) {
            return Err(kept::broken(&document, "it was approved by who proposed it, or is more than all"));
        }
        all.push(Known { id: document.name, proposed, approved });
    }
    all.sort_by(|a, b| (a.proposed.at, &a.id).cmp(&(b.proposed.at, &b.id)));
    Ok(all)
}

/// The estimate in force for each programme of a legal entity: the one approved last.
///
/// # Errors
/// As [`list`].
pub async fn in_force(
    store: &dyn Store,
    entity: &LegalEntityId,
) -> Result<BTreeMap<ProgrammeId, Estimate>, CloseError> {
    let mut all = list(store).await?;
    all.sort_by_key(|known| known.approved.as_ref().map(|approved| approved.at));
    let ours = all.into_iter().filter(|known| known.proposed.entity == *entity);
    let in_force = ours.filter_map(|Known { id, proposed, approved }| {
        let Approved { by: approved_by, at: approved_at, .. } = approved?;
        let Proposed { programme, percent, evidence, by: proposed_by, .. } = proposed;
        Some((programme, Estimate { id, percent, proposed_by, approved_by, approved_at, evidence }))
    });
    Ok(in_force.collect())
}
