//! The ledger as booked, by the core's own book.

use async_trait::async_trait;
use entente_core::{ids::RunId, ledger::Posting, scope::Scope};
use jiff::Timestamp;

use super::{ModelStore, commit, state::reaches_all};
use crate::{Error, Journal, LedgerBook, LedgerEntry, Result};

#[async_trait]
impl LedgerBook for ModelStore {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        let state = self.state();
        let wanted = state.entries.iter().filter(|(home, entry)| {
            entry.journal > after
                && fund.is_none_or(|fund| entry.posting.fund == fund)
                && home.as_ref().map_or_else(|| reaches_all(scope), |home| scope.reaches(home))
        });
        Ok(wanted.take(limit as usize).map(|(_, entry)| entry.clone()).collect())
    }

    async fn post(
        &self,
        scope: &Scope,
        run: RunId,
        posting: &Posting,
        _: Timestamp,
    ) -> Result<std::result::Result<Journal, String>> {
        let mut state = self.state();
        let row = state.runs.get(&run).map(|row| (row.snapshot.home.clone(), row.snapshot.seq));
        let reached = row.as_ref().map_or_else(|| reaches_all(scope), |(home, _)| scope.reaches(home));
        if !reached {
            return Err(Error::NotFound { kind: "run", id: run.to_string() });
        }
        let (home, seq) = row.map_or((None, 0), |(home, seq)| (Some(home), seq));
        Ok(commit::book(&state.book, std::slice::from_ref(posting)).map(|(book, bookings)| {
            state.book = book;
            let mut no = 0;
            for booking in &bookings {
                no = commit::add_entries(&mut state, home.clone(), (run, seq), posting, booking);
            }
            Journal { no, posting: posting.clone(), run, seq }
        }))
    }
}
