//! Commitments as the database keeps them.

use std::collections::BTreeSet;

use entente_core::{
    commitment::Commitment,
    context::{
        commitment::{COMMITMENT, COMMITMENT_KEY, COMMITMENT_PARTY_KEY, CommitmentContext, Contract},
        raised,
    },
    ids::{CommitmentId, PartyId},
    scope::Scope,
};
use entente_store::{RunFilter, RunKey, RunRow, Store};
use serde::Deserialize as _;

use crate::offers::{DeskError, stored::runs};

/// What people call it.
pub const KIND: &str = "commitment";

/// The tag of those that were entered by mistake.
const CANCELLED: &str = "cancelled";

/// A stored commitment: its run, what the run knows, and the document as it stands.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The run.
    pub row: RunRow,
    /// What it knows.
    pub contract: Contract,
    /// The document as it stands.
    pub commitment: Commitment,
}

impl Stored {
    /// Its label.
    pub fn label(&self) -> &str {
        &self.row.snapshot.label
    }

    /// Whether it was entered by mistake.
    pub fn is_withdrawn(&self) -> bool {
        self.row.snapshot.tags.iter().any(|tag| tag == CANCELLED)
    }
}

/// Reads a run's context.
///
/// # Errors
/// When the run is not a commitment, or not one that this binary understands.
pub fn typed(row: RunRow) -> Result<Stored, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    if row.snapshot.chart.name != COMMITMENT {
        return Err(unreadable(format!("it is a run of chart `{}`, not a commitment", row.snapshot.chart.name)));
    }
    let contract = {
        let context = raised(&CommitmentContext, &row.snapshot).map_err(|error| unreadable(error.to_string()))?;
        Contract::deserialize(context.as_ref()).map_err(|error| unreadable(error.to_string()))?
    };
    let commitment = contract.commitment().map_err(|error| unreadable(error.to_string()))?;
    Ok(Stored { row, contract, commitment })
}

/// A commitment by its id, as far as the scope reaches: the one that has not ended, else the last one that was not withdrawn.
///
/// # Errors
/// When there is none in reach, or the database cannot be read.
pub async fn find(store: &dyn Store, scope: &Scope, id: &CommitmentId) -> Result<Stored, DeskError> {
    let mut found = by_key(store, scope, COMMITMENT_KEY, id.as_str()).await?;
    found.retain(|stored| !stored.is_withdrawn());
    let at = found.iter().position(|stored| !stored.row.snapshot.ended).unwrap_or(0);
    let found = found.into_iter().nth(at);
    found.ok_or_else(|| entente_store::Error::NotFound { kind: KIND, id: id.to_string() }.into())
}

/// A commitment by its label or its id, as far as the scope reaches.
///
/// # Errors
/// As [`find`].
pub async fn named(store: &dyn Store, scope: &Scope, name: &str) -> Result<Stored, DeskError> {
    let row = store.run_by_label(scope, name).await?;
    if let Some(row) = row.filter(|row| row.snapshot.chart.name == COMMITMENT) {
        return typed(row);
    }
    let missing = || entente_store::Error::NotFound { kind: KIND, id: name.to_owned() };
    let id: CommitmentId = name.parse().map_err(|_| missing())?;
    find(store, scope, &id).await
}

/// The commitments among the runs that a filter lets through, as far as the scope reaches.
///
/// # Errors
/// When the database cannot be read, or one cannot be understood.
pub async fn all(store: &dyn Store, scope: &Scope, filter: RunFilter) -> Result<Vec<Stored>, DeskError> {
    // What is out of reach takes no place: nobody learns by a limit how much of it there is.
    let most = usize::try_from(filter.limit).ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
    let rows = runs(store, RunFilter { chart: Some(COMMITMENT.into()), limit: 0, ..filter }).await?;
    rows.into_iter().filter(|row| scope.reaches(&row.snapshot.home)).take(most).map(typed).collect()
}

/// The commitments of a buyer that were not withdrawn, as far as the scope reaches. Of those with the same id the one counts
/// that [`find`] finds.
///
/// # Errors
/// As [`all`].
pub async fn of_party(store: &dyn Store, scope: &Scope, party: &PartyId) -> Result<Vec<Stored>, DeskError> {
    let mut found = by_key(store, scope, COMMITMENT_PARTY_KEY, party.as_str()).await?;
    found.retain(|stored| !stored.is_withdrawn());
    found.sort_by_key(|stored| stored.row.snapshot.ended);
    let mut seen = BTreeSet::new();
    found.retain(|stored| seen.insert(stored.commitment.id.clone()));
    Ok(found)
}

/// The commitments under a key, newest first.
async fn by_key(store: &dyn Store, scope: &Scope, kind: &str, value: &str) -> Result<Vec<Stored>, DeskError> {
    let mut found = Vec::new();
    for unique in [true, false] {
        let key = RunKey { kind: kind.to_owned(), value: value.to_owned(), unique };
        found.extend(store.run_by_key(scope, &key).await?);
    }
    found.sort_unstable();
    found.dedup();
    let rows = store.runs_of(scope, &found).await?;
    let of_chart = rows.into_iter().filter(|row| row.snapshot.chart.name == COMMITMENT);
    let mut found: Vec<Stored> = of_chart.map(typed).collect::<Result<_, _>>()?;
    found.sort_by(|a, b| b.label().cmp(a.label()));
    Ok(found)
}
