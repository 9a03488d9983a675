//! Whether a run's stored state is what its history makes of it, and whether that history is the one that was chained.

use entente_core::{
    audit::{Chain, Fingerprint},
    run::{Record, Snapshot, fold},
};
use entente_store::{Error, HistoryRow, Result, RunRow, Store};

use super::stored;

/// Every row of a run's history up to the step that `row` stands at.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(store: &dyn Store, row: &RunRow) -> Result<Vec<HistoryRow>> {
    let mut rows: Vec<HistoryRow> = Vec::new();
    loop {
        let from = rows.last().map_or(1, |last| last.seq.saturating_add(1));
        let page = stored::history(store, row.snapshot.run, from).await?;
        let ended = page.is_empty();
        // The run was read before its history: what came in between is not its business.
        rows.extend(page.into_iter().filter(|found| found.seq <= row.snapshot.seq));
        if ended || rows.last().is_some_and(|last| last.seq >= row.snapshot.seq) {
            return Ok(rows);
        }
    }
}

/// The records of history rows.
///
/// # Errors
/// [`Error::Decode`] when one of them is not a record.
pub fn records(rows: &[HistoryRow]) -> Result<Vec<Record>> {
    let read = |row: &HistoryRow| {
        serde_json::from_str(&row.record).map_err(|error| Error::Decode {
            kind: "history row",
            id: format!("{} step {}", row.run, row.seq),
            detail: format!("step {} is not a record: {error}", row.seq),
        })
    };
    rows.iter().map(read).collect()
}

/// In what the stored run differs from its history, in words; `None` when it does not.
///
/// # Errors
/// When the database cannot be read.
pub async fn difference(store: &dyn Store, row: &RunRow) -> Result<Option<String>> {
    let rows = history(store, row).await?;
    let mut chain = Chain::empty(row.snapshot.run);
    for found in &rows {
        if chain.append(found.record.as_bytes()) != Fingerprint(found.hash) {
            return Ok(Some(format!("step {} of its history is not the one that was chained", found.seq)));
        }
    }
    Ok(match fold(&records(&rows)?) {
        Ok(made) if made == row.snapshot => None,
        Ok(made) => Some(differing(&made, &row.snapshot)),
        Err(error) => Some(error.to_string()),
    })
}

/// The fields in which two snapshots differ.
pub fn differing(made: &Snapshot, stored: &Snapshot) -> String {
    let fields = |snapshot: &Snapshot| {
        serde_json::to_value(snapshot).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default()
    };
    let (made, stored) = (fields(made), fields(stored));
    let names = made.keys().chain(stored.keys()).filter(|name| made.get(*name) != stored.get(*name));
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    format!("the stored state differs from its history in {}", names.join(", "))
}
