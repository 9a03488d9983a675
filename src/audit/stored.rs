//! Reading seals, archives and histories page by page, run by run.

use std::collections::VecDeque;

use entente_core::{ids::RunId, scope::Scope};
use entente_store::{ArchiveRow, HistoryRow, Result, RunFilter, SealRow, Store};

/// Rows of one read.
pub(super) const PAGE: u32 = 1000;

/// Archives of one read: a manifest lists up to a thousand runs.
const ARCHIVES: u32 = 20;

/// All seals, ascending.
pub(super) async fn seals(store: &dyn Store) -> Result<Vec<SealRow>> {
    let mut all: Vec<SealRow> = Vec::new();
    loop {
        let page = store.seals(all.last().map_or(0, |seal| seal.no), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// All archives, ascending.
pub(super) async fn archives(store: &dyn Store) -> Result<Vec<ArchiveRow>> {
    let mut all: Vec<ArchiveRow> = Vec::new();
    loop {
        let page = store.archives(all.last().map_or(0, |archive| archive.no), ARCHIVES).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// One page of a run's history.
pub(super) async fn history(store: &dyn Store, run: RunId, from: u64) -> Result<Vec<HistoryRow>> {
    store.history(&Scope::vendor(), run, from, PAGE).await
}

/// Every run, one after the other.
#[derive(Debug, Default)]
pub(super) struct Runs {
    read: VecDeque<RunId>,
    after: Option<String>,
    ended: bool,
}

impl Runs {
    /// The next run; `None` at the end.
    pub(super) async fn next(&mut self, store: &dyn Store) -> Result<Option<RunId>> {
        if self.read.is_empty() && !self.ended {
            let filter = RunFilter { after: self.after.clone(), limit: PAGE, ..RunFilter::default() };
            let page = store.runs(&Scope::vendor(), &filter).await?;
            self.ended = page.next.is_none();
            self.after = page.rows.last().map(|row| row.snapshot.label.clone());
            self.read.extend(page.rows.into_iter().map(|row| row.snapshot.run));
        }
        Ok(self.read.pop_front())
    }
}
