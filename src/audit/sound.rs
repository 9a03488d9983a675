//! A damaged database is not worked on: nobody could tell what it has sent, or would send.
//!
//! The database's own checks see pages, references and sums. A flipped byte in a text is seen only by whoever knows what the
//! text must be: a document's hash, a request's hash, and the history of which the stored state is the fold.

use entente_core::scope::Scope;
use entente_store::{Error, Result, RunFilter, RunRow, Store};

use super::{folded, stored};

/// Every kind of document that is stored.
const KINDS: [&str; 7] = ["chart", "migration", "policy", "simulation", "price_book", "template", "setting"];

/// Findings told in one error, at most.
const TOLD_MAX: usize = 10;

/// Refuses a database in which anything is found that a run under way could act on.
///
/// # Errors
/// [`Error::Corrupt`] with what was found, and whatever keeps it from being read.
pub async fn require(store: &dyn Store, database: &std::path::Path) -> Result<()> {
    let findings = findings(store, RunFilter { ended: Some(false), ..RunFilter::default() }).await?;
    if findings.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = findings.iter().take(TOLD_MAX).map(String::as_str).collect();
    Err(Error::Corrupt { path: database.display().to_string(), detail: told.join("; ") })
}

/// Everything that is not as it was written: in the database as a whole, and in these runs.
///
/// # Errors
/// When the database cannot be read.
pub async fn findings(store: &dyn Store, runs: RunFilter) -> Result<Vec<String>> {
    let mut findings = store.integrity().await?;
    if !findings.is_empty() {
        return Ok(findings);
    }
    findings.extend(of_documents(store).await?);
    let mut after = None;
    loop {
        let page = store.runs(&Scope::vendor(), &RunFilter { after, limit: stored::PAGE, ..runs.clone() }).await?;
        for row in page.rows {
            let found = of_run(store, &row).await?;
            findings.extend(found.into_iter().map(|what| format!("run {}: {what}", row.snapshot.label)));
        }
        after = page.next.map(|cursor| cursor.0);
        if after.is_none() {
            return Ok(findings);
        }
    }
}

/// Documents whose text is not the one that was stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_documents(store: &dyn Store) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for kind in KINDS {
        match store.documents(kind).await {
            Ok(_) => {}
            Err(error @ Error::Decode { .. }) => findings.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

/// What of a run is not as it was written: its state, its history, the requests it has asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_run(store: &dyn Store, row: &RunRow) -> Result<Vec<String>> {
    let intents = store.intents(&Scope::vendor(), row.snapshot.run).await?;
    let damaged = intents.iter().filter(|row| !row.intent.is_intact());
    let mut findings: Vec<String> = damaged
        .map(|row| format!("the stored request of `{}` is not the one that was decided", row.intent.activity))
        .collect();
    let difference = match folded::difference(store, row).await {
        Ok(difference) => difference,
        Err(Error::Decode { detail, .. }) => Some(detail),
        Err(error) => return Err(error),
    };
    // A history that has left the database, even while it was read, is verified with its archive.
    let archived = store.archive_of(&Scope::vendor(), row.snapshot.run).await?.is_some_and(|place| place.gone);
    findings.extend(difference.filter(|_| !archived));
    Ok(findings)
}
