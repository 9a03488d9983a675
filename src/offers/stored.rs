//! Private offers as the database keeps them.

use entente_core::{
    context::{
        private_offer::{PrivateOffer, PrivateOfferContext},
        raised,
    },
    run::Snapshot,
    scope::Scope,
};
use entente_store::{RunFilter, RunRow, Store};
use serde::Deserialize as _;

use super::DeskError;

/// The chart of private offers.
pub const CHART: &str = "private_offer";

/// The most rows that one read brings.
const PAGE: u32 = 1_000;

/// A stored offer: its run and its typed context.
#[derive(Debug, Clone)]
pub struct StoredOffer {
    /// The run.
    pub row: RunRow,
    /// What it knows.
    pub offer: PrivateOffer,
}

/// Reads a run's context.
///
/// # Errors
/// When the run is not a private offer that this binary understands.
pub fn typed(row: RunRow) -> Result<StoredOffer, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    if row.snapshot.chart.name != CHART {
        return Err(unreadable(format!("it is a run of chart `{}`, not a private offer", row.snapshot.chart.name)));
    }
    let offer = context(&row.snapshot).map_err(unreadable)?;
    Ok(StoredOffer { row, offer })
}

/// What a private offer knows, whichever version of the program wrote it.
///
/// # Errors
/// Why this binary does not understand it.
pub fn context(run: &Snapshot) -> Result<PrivateOffer, String> {
    let context = raised(&PrivateOfferContext, run).map_err(|error| error.to_string())?;
    PrivateOffer::deserialize(context.as_ref()).map_err(|error| error.to_string())
}

/// An offer by its label.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn by_label(store: &dyn Store, label: &str) -> Result<StoredOffer, DeskError> {
    // What is no offer is not there: a label tells nothing about runs of other kinds.
    let row = store.run_by_label(&Scope::vendor(), label).await?.filter(|row| row.snapshot.chart.name == CHART);
    typed(row.ok_or_else(|| entente_store::Error::NotFound { kind: "offer", id: label.to_owned() })?)
}

/// Every run that a filter lets through, page after page; `filter.limit` bounds the whole.
///
/// # Errors
/// When the database cannot be read.
pub async fn runs(store: &dyn Store, filter: RunFilter) -> Result<Vec<RunRow>, entente_store::Error> {
    let most = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let mut found: Vec<RunRow> = Vec::new();
    let mut after = filter.after.clone();
    loop {
        let left = if most == 0 { PAGE } else { u32::try_from(most - found.len()).unwrap_or(PAGE).min(PAGE) };
        let page = store.runs(&Scope::vendor(), &RunFilter { after, limit: left, ..filter.clone() }).await?;
        found.extend(page.rows);
        after = page.next.map(|cursor| cursor.0);
        if after.is_none() || (most > 0 && found.len() >= most) {
            return Ok(found);
        }
    }
}

/// The private offers among the runs that a filter lets through.
///
/// # Errors
/// When the database cannot be read, or an offer cannot be understood.
pub async fn offers(store: &dyn Store, filter: RunFilter) -> Result<Vec<StoredOffer>, DeskError> {
    let rows = runs(store, RunFilter { chart: Some(CHART.into()), ..filter }).await?;
    rows.into_iter().map(typed).collect()
}
