//! The whole database at one instant, for whoever checks laws over it.

use std::time::Duration;

use entente_core::ids::{Fence, InvokeId, RunId};

use super::{ModelStore, state::State};
use crate::{HistoryRow, InboxMessage, IntentRow, LeaseKey, LedgerEntry, Occurrence, RunRow, ScheduleState, TaskRow};

/// The tables of a model, unscoped, as they stand between two calls.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a>(&'a State);

impl ModelStore {
    /// Looks at everything at once. Nothing can be written meanwhile.
    pub fn examine<T>(&self, look: impl FnOnce(Tables<'_>) -> T) -> T {
        look(Tables(&self.state()))
    }

    /// Sets the lease clock; it never goes back.
    pub fn set_lease_clock(&self, to: Duration) {
        let mut state = self.state();
        state.lease_clock = state.lease_clock.max(to);
    }
}

impl<'a> Tables<'a> {
    /// Every run, by id.
    pub fn runs(self) -> impl Iterator<Item = &'a RunRow> {
        self.0.runs.values()
    }

    /// A run.
    pub fn run(self, run: RunId) -> Option<&'a RunRow> {
        self.0.runs.get(&run)
    }

    /// All history, in the order of commits.
    pub fn history(self) -> &'a [HistoryRow] {
        &self.0.history
    }

    /// All messages, by number.
    pub fn inbox(self) -> &'a [InboxMessage] {
        &self.0.inbox
    }

    /// Every intent, by run and invocation.
    pub fn intents(self) -> impl Iterator<Item = &'a IntentRow> {
        self.0.intents.values().map(|intent| &intent.row)
    }

    /// Every task, by run and key.
    pub fn tasks(self) -> impl Iterator<Item = &'a TaskRow> {
        self.0.tasks.values()
    }

    /// What is kept of every job.
    pub fn schedules(self) -> impl Iterator<Item = &'a ScheduleState> {
        self.0.schedules.values()
    }

    /// An intent.
    pub fn intent(self, run: RunId, invoke: InvokeId) -> Option<&'a IntentRow> {
        self.0.intents.get(&(run, invoke)).map(|intent| &intent.row)
    }

    /// Every ledger entry, in the order of booking.
    pub fn entries(self) -> impl Iterator<Item = &'a LedgerEntry> {
        self.0.entries.iter().map(|booked| &booked.entry)
    }

    /// Every occurrence of every job.
    pub fn occurrences(self) -> impl Iterator<Item = &'a Occurrence> {
        self.0.occurrences.values()
    }

    /// The fence that a lease has reached, whoever holds it.
    pub fn fence(self, key: &LeaseKey) -> Option<Fence> {
        self.0.leases.get(key).map(|lease| lease.fence)
    }
}
