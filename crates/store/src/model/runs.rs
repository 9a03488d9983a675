//! Runs and their histories.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};

use super::{ModelStore, commit, state::State};
use crate::{Batch, BatchOutcome, Cursor, HistoryRow, Page, Result, RunFilter, RunKey, RunRow, Runs};

#[async_trait]
impl Runs for ModelStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<BatchOutcome> {
        #[cfg(feature = "deliberate-bugs")]
        return Ok(self.commit_with_what_was_read(&batch).await);
        #[cfg(not(feature = "deliberate-bugs"))]
        Ok(commit::commit(&mut self.state(), &batch))
    }

    async fn runs_of(&self, scope: &Scope, runs: &[RunId]) -> Result<Vec<RunRow>> {
        let state = self.state();
        let found = runs.iter().filter_map(|run| state.runs.get(run));
        Ok(found.filter(|row| scope.reaches(&row.snapshot.home)).cloned().collect())
    }

    async fn run_by_label(&self, scope: &Scope, label: &str) -> Result<Option<RunRow>> {
        let state = self.state();
        let found = state.runs.values().find(|row| row.snapshot.label == label && scope.reaches(&row.snapshot.home));
        Ok(found.cloned())
    }

    async fn runs(&self, scope: &Scope, filter: &RunFilter) -> Result<Page<RunRow>> {
        let state = self.state();
        let limit = if filter.limit == 0 { 100 } else { filter.limit.min(1000) } as usize;
        let mut rows: Vec<RunRow> = state
            .runs
            .values()
            .filter(|row| scope.reaches(&row.snapshot.home) && matches(&state, filter, row))
            .cloned()
            .collect();
        rows.sort_by(|left, right| left.snapshot.label.cmp(&right.snapshot.label));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| Cursor(row.snapshot.label.clone()));
        Ok(Page { rows, next })
    }

    async fn history(&self, scope: &Scope, run: RunId, from_seq: u64, limit: u32) -> Result<Vec<HistoryRow>> {
        let state = self.state();
        if !state.reaches(scope, run) {
            return Ok(Vec::new());
        }
        let rows = state.history.iter().filter(|row| row.run == run && row.seq >= from_seq);
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn next_number(&self, series: &str) -> Result<u64> {
        let mut state = self.state();
        let last = state.series.entry(series.to_owned()).or_default();
        *last += 1;
        Ok(*last)
    }

    async fn run_by_key(&self, scope: &Scope, key: &RunKey) -> Result<Vec<RunId>> {
        let state = self.state();
        let mut found: Vec<(&str, RunId)> = state
            .runs
            .values()
            .filter(|row| scope.reaches(&row.snapshot.home) && has_key(&state, row.snapshot.run, key))
            .map(|row| (row.snapshot.label.as_str(), row.snapshot.run))
            .collect();
        found.sort();
        Ok(found.into_iter().map(|(_, run)| run).collect())
    }
}

#[cfg(feature = "deliberate-bugs")]
impl ModelStore {
    /// Where the mistake is made to check a reservation against what was read before, others write meanwhile.
    async fn commit_with_what_was_read(&self, batch: &Batch) -> BatchOutcome {
        use crate::deliberate::{Bug, is_made};
        let read = is_made(Bug::ReadThenReserve).then(|| self.state().book.clone());
        if read.is_some() {
            let mut turns = 0;
            std::future::poll_fn(|context| {
                turns += 1;
                context.waker().wake_by_ref();
                if turns > 50 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        }
        let mut state = self.state();
        state.book_read = read;
        let came = commit::commit(&mut state, batch);
        state.book_read = None;
        came
    }
}

fn matches(state: &State, filter: &RunFilter, row: &RunRow) -> bool {
    let snapshot = &row.snapshot;
    filter.chart.as_ref().is_none_or(|chart| snapshot.chart.name == *chart)
        && filter.tag.as_ref().is_none_or(|tag| snapshot.tags.contains(tag))
        && filter.ended.is_none_or(|ended| snapshot.ended == ended)
        && filter.parked.is_none_or(|parked| snapshot.incident.is_some() == parked)
        && filter.key.as_ref().is_none_or(|key| has_key(state, snapshot.run, key))
        && filter.created_from.is_none_or(|from| row.created_at >= from)
        && filter.after.as_ref().is_none_or(|after| snapshot.label > *after)
}

fn has_key(state: &State, run: RunId, wanted: &RunKey) -> bool {
    let same = |key: &RunKey| (&key.kind, &key.value) == (&wanted.kind, &wanted.value);
    state.keys.get(&run).is_some_and(|keys| keys.iter().any(same))
}
