//! Invoices of payees for what is paid to them, and the vendor's own credit notes in their place (rule Y4).

use entente_core::{
    context::funding::ClaimPaper,
    ids::{PartyId, PersonId},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{NotKept, all, put};
use crate::{funding::stored::Stored, offers::DeskError};

/// A document that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoiced {
    /// Whose money it is about.
    pub payee: PartyId,
    /// Its number.
    pub number: String,
    /// The day on which it came, or was issued.
    pub on: Date,
    /// Whether the vendor has issued it in the payee's place.
    pub self_billed: bool,
    /// Who has entered it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What somebody enters.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Whose money it is about.
    pub payee: PartyId,
    /// Its number.
    pub number: String,
    /// The day on which it came, or was issued; today where absent.
    pub on: Option<Date>,
    /// Whether the vendor has issued it in the payee's place.
    pub self_billed: bool,
}

fn kind(label: &str) -> String {
    format!("payee_invoice/{label}")
}

/// What came of what a claim owes to a payee, oldest first.
///
/// # Errors
/// When the records cannot be read.
pub async fn of(store: &dyn Store, label: &str, payee: &PartyId) -> Result<Vec<Invoiced>, DeskError> {
    let came = all::<Invoiced>(store, &kind(label)).await?;
    Ok(came.into_iter().filter(|one| one.payee == *payee).collect())
}

/// Keeps a document. The same one entered again is the same.
///
/// # Errors
/// When nothing is owed to the payee, the other kind of document is due, its day is yet to come, or the database cannot be written.
pub async fn record(
    store: &dyn Store,
    claim: &Stored<ClaimPaper>,
    entry: Entry,
    (by, at): (&PersonId, Timestamp),
) -> Result<Invoiced, NotKept> {
    let (label, Entry { payee, number, on, self_billed }) = (claim.label(), entry);
    if claim.sheet.course.payables.iter().all(|payable| payable.payee != payee) {
        return Err(NotKept::now(label, format!("owes nothing to `{payee}`")));
    }
    let bills_itself = claim.sheet.paper.tax.as_ref().is_some_and(|tax| tax.self_billing);
    if bills_itself != self_billed {
        return Err(NotKept::now(
            label,
            match bills_itself {
                true => "is billed by the vendor itself; enter its credit note with `--credit-note`",
                false => "is billed by its payee; enter that invoice, without `--credit-note`",
            },
        ));
    }
    let today = at.to_zoned(TimeZone::UTC).date();
    let on = on.unwrap_or(today);
    if on > today {
        return Err(NotKept::now(
            label,
            format!("cannot have a document of {on}, it is {today}; enter it once it is there"),
        ));
    }
    let known = all::<Invoiced>(store, &kind(label)).await?;
    if let Some(same) = known.iter().find(|one| one.payee == payee && one.number == number) {
        return Ok(same.clone());
    }
    let invoiced = Invoiced { payee, number, on, self_billed, by: by.clone(), at };
    put(store, (&kind(label), label, known.len() + 1), &invoiced, (by, at)).await?;
    Ok(invoiced)
}
