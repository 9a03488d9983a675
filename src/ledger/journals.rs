//! Journals as the database keeps them, read one after the other.

use std::collections::VecDeque;

use entente_core::{
    ids::RunId,
    ledger::{Entry, Posting},
    scope::Scope,
};
use entente_store::{LedgerEntry, Store};
use jiff::Timestamp;

/// The most entries that one read brings.
const PAGE: u32 = 1_000;

/// A journal as read.
pub struct Journal {
    /// Its number.
    pub no: i64,
    /// The run that asked for it.
    pub run: RunId,
    /// Its step.
    pub step: u64,
    /// Business time at which it was booked.
    pub at: Timestamp,
    /// What was asked.
    pub posting: Posting,
    /// Both of its sides.
    pub entries: Vec<Entry>,
}

/// Reads journals one after the other, whole.
pub struct Reader {
    scope: Scope,
    fund: Option<String>,
    after: i64,
    read: VecDeque<LedgerEntry>,
    ended: bool,
}

impl Reader {
    /// Those after a journal of this number.
    pub fn after(journal: i64) -> Reader {
        Reader { scope: Scope::vendor(), fund: None, after: journal, read: VecDeque::new(), ended: false }
    }

    /// All that lie within a scope.
    pub fn within(scope: Scope) -> Reader {
        Reader { scope, ..Reader::after(0) }
    }

    /// Those of one fund.
    pub fn of(fund: String) -> Reader {
        Reader { fund: Some(fund), ..Reader::after(0) }
    }

    /// The next one, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&mut self, store: &dyn Store) -> entente_store::Result<Option<Journal>> {
        if self.read.is_empty() && !self.ended {
            self.fill(store).await?;
        }
        let Some(first) = self.read.pop_front() else { return Ok(None) };
        let mut entries = vec![first.entry()];
        while let Some(more) = self.read.pop_front_if(|entry| entry.journal == first.journal) {
            entries.push(more.entry());
        }
        let LedgerEntry { journal: no, run, seq: step, posting, at, .. } = first;
        Ok(Some(Journal { no, run, step, at, posting, entries }))
    }

    /// The last journal of a full page may go on in the next one, so it is read again with it.
    async fn fill(&mut self, store: &dyn Store) -> entente_store::Result<()> {
        let page = store.entries(&self.scope, self.fund.as_deref(), self.after, PAGE).await?;
        self.ended = page.len() < PAGE as usize;
        self.read.extend(page);
        if !self.ended
            && let Some(last) = self.read.back().map(|entry| entry.journal)
            && self.read.front().is_some_and(|entry| entry.journal != last)
        {
            self.read.retain(|entry| entry.journal != last);
        }
        self.after = self.read.back().map_or(self.after, |entry| entry.journal);
        Ok(())
    }
}
