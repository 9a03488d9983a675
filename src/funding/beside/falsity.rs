//! Claims that were found false (F10): said by one person, and established or dismissed by another.

use entente_core::ids::PersonId;
use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Looked, NotKept, all, put};
use crate::offers::DeskError;

/// The kind under which everything that was said is found, of whatever partner.
const REPORTS: &str = "false_claim";

/// That somebody says that a claim is false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The claim.
    pub claim: String,
    /// Whose it is.
    pub partner: String,
    /// Its number among what was said of this claim, from 1.
    pub number: usize,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What another person makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The claim.
    pub claim: String,
    /// Which report.
    pub number: usize,
    /// Whether it is established that the claim is false.
    pub established: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A report, with what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What was said.
    #[serde(flatten)]
    pub report: Report,
    /// What was made of it, once somebody has.
    pub decided: Option<Decided>,
}

fn decisions(partner: &str) -> String {
    format!("false_claim_decided/{partner}")
}

fn reports(partner: &str) -> String {
    format!("{REPORTS}/{partner}")
}

/// What was said of a partner's claims, and what was made of it.
///
/// # Errors
/// When the records cannot be read.
pub async fn of(store: &dyn Store, partner: &str) -> Result<Vec<Kept>, DeskError> {
    let mut decided: Vec<Decided> = all(store, &decisions(partner)).await?;
    let reports: Vec<Report> = all(store, &reports(partner)).await?;
    let kept = reports.into_iter().map(|report| {
        let at = decided.iter().position(|one| one.claim == report.claim && one.number == report.number);
        Kept { decided: at.map(|at| decided.swap_remove(at)), report }
    });
    Ok(kept.collect())
}

/// When it was last established that a claim of a partner was false.
///
/// # Errors
/// When the records cannot be read.
pub async fn established(store: &dyn Store, partner: &str) -> Result<Option<Timestamp>, DeskError> {
    let decided: Vec<Decided> = all(store, &decisions(partner)).await?;
    Ok(decided.into_iter().filter(|one| one.established).map(|one| one.at).max())
}

/// The reports that nobody has decided on, of every partner.
///
/// # Errors
/// When the records cannot be read.
pub async fn waiting(store: &dyn Store) -> Result<Vec<Report>, DeskError> {
    let mut open = Vec::new();
    for partner in store.documents(REPORTS).await? {
        open.extend(of(store, &partner.name).await?.into_iter().filter(|kept| kept.decided.is_none()));
    }
    Ok(open.into_iter().map(|kept| kept.report).collect())
}

/// Says that a claim is false. It counts once another person has said so too.
///
/// # Errors
/// When whoever says it has a hand in the claim, it was never submitted, a report waits or is established already, or the database
/// cannot be written.
pub async fn report(
    store: &dyn Store,
    looked: &Looked<'_>,
    reason: String,
    (by, at): (&PersonId, Timestamp),
) -> Result<Report, NotKept> {
    looked.not_by_author(by)?;
    let (label, partner) = (looked.claim.label(), looked.claim.sheet.paper.partner.as_str());
    if looked.claim.sheet.course.first_submitted_at.is_none() {
        return Err(NotKept::now(label, "was never submitted; nothing was claimed by it"));
    }
    let known = ours(store, looked).await?;
    let stands = known.iter().find(|kept| kept.decided.as_ref().is_none_or(|decided| decided.established));
    if let Some(kept) = stands {
        return Err(NotKept::Already { by: kept.report.by.clone(), label: label.to_owned() });
    }
    let number = known.len() + 1;
    let (claim, owner) = (label.to_owned(), partner.to_owned());
    let said = Report { claim, partner: owner, number, reason, by: by.clone(), at };
    // The partner first: a report that is not found by it is one that nobody decides on.
    put(store, (REPORTS, partner, 1), &(), (by, at)).await?;
    put(store, (&reports(partner), label, number), &said, (by, at)).await?;
    Ok(said)
}

/// Decides on a report as another person than the one who made it.
///
/// # Errors
/// When nothing waits to be decided on, whoever decides made the report or has a hand in the claim, or the database cannot be written.
pub async fn decide(
    store: &dyn Store,
    looked: &Looked<'_>,
    (established, reason): (bool, String),
    (by, at): (&PersonId, Timestamp),
) -> Result<Decided, NotKept> {
    looked.not_by_author(by)?;
    let label = looked.claim.label();
    let waits = ours(store, looked).await?.into_iter().find(|kept| kept.decided.is_none());
    let Some(Kept { report, .. }) = waits else {
        return Err(NotKept::now(label, "is called false by nobody; nothing waits to be decided on"));
    };
    if report.by == *by {
        return Err(NotKept::Concerned { who: by.clone(), label: label.to_owned() });
    }
    let decided = Decided { claim: label.to_owned(), number: report.number, established, reason, by: by.clone(), at };
    put(store, (&decisions(&report.partner), label, report.number), &decided, (by, at)).await?;
    Ok(decided)
}

/// Whether a report on this claim waits for another person.
///
/// # Errors
/// When the records cannot be read.
pub async fn waits(store: &dyn Store, looked: &Looked<'_>) -> Result<Option<Report>, DeskError> {
    let waits = ours(store, looked).await?.into_iter().find(|kept| kept.decided.is_none());
    Ok(waits.map(|kept| kept.report))
}

async fn ours(store: &dyn Store, looked: &Looked<'_>) -> Result<Vec<Kept>, DeskError> {
    let partner = looked.claim.sheet.paper.partner.as_str();
    let mut known = of(store, partner).await?;
    known.retain(|kept| kept.report.claim == looked.claim.label());
    Ok(known)
}
