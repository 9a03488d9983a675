//! Requests about agreements as the database keeps them.

use entente_core::{
    context::{
        agreement_request::{Ask, Request, RequestContext},
        raised,
    },
    scope::Scope,
};
use entente_store::{RunFilter, RunRow, Store};
use serde::Deserialize as _;

use crate::offers::{DeskError, stored::runs};

/// The tag of states in which a request is on its way, and can no longer be taken back.
pub const SENT: &str = "sent";

/// The tag of ends in which what was asked for came about.
pub const SUCCESS: &str = "success";

/// A stored request: its run and its typed context.
#[derive(Debug, Clone)]
pub struct Stored<A> {
    /// The run.
    pub row: RunRow,
    /// What it knows.
    pub request: Request<A>,
}

/// Reads a run's context.
///
/// # Errors
/// When the run is not such a request, or not one that this binary understands.
pub fn typed<A: Ask>(row: RunRow) -> Result<Stored<A>, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    if row.snapshot.chart.name != A::NAME {
        return Err(unreadable(format!("it is a run of chart `{}`, not of `{}`", row.snapshot.chart.name, A::NAME)));
    }
    let request = {
        let context = raised(&RequestContext::<A>::default(), &row.snapshot);
        let context = context.map_err(|error| unreadable(error.to_string()))?;
        Request::deserialize(context.as_ref()).map_err(|error| unreadable(error.to_string()))?
    };
    Ok(Stored { row, request })
}

/// A request by its label; `kind` is what people call it.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn by_label<A: Ask>(store: &dyn Store, kind: &'static str, label: &str) -> Result<Stored<A>, DeskError> {
    let row = store.run_by_label(&Scope::vendor(), label).await?;
    let row = row.filter(|row| row.snapshot.chart.name == A::NAME);
    typed(row.ok_or_else(|| entente_store::Error::NotFound { kind, id: label.to_owned() })?)
}

/// The requests of a kind among the runs that a filter lets through.
///
/// # Errors
/// When the database cannot be read, or a request cannot be understood.
pub async fn requests<A: Ask>(store: &dyn Store, filter: RunFilter) -> Result<Vec<Stored<A>>, DeskError> {
    let rows = runs(store, RunFilter { chart: Some(A::NAME.into()), ..filter }).await?;
    rows.into_iter().map(typed).collect()
}
