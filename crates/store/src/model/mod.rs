//! A store in memory, simple enough to be obviously right: the second opinion in tests, and the database of simulations.
//!
//! It passes the same laws as every other store. Nothing in it depends on time, threads or chance: its lease clock moves
//! only when told, and a clone is a copy of the whole database, so that a crash or a restore is a clone put back.

mod archives;
mod audit;
mod commit;
mod documents;
mod imports;
mod inbox;
mod leases;
mod ledger;
mod notices;
mod outbox;
mod runs;
mod schedules;
mod spend;
mod state;
mod tables;
mod tasks;
mod timers;
mod tokens;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use state::State;
pub use tables::Tables;

/// A store in memory. `clone` copies the database as it stands; put an `Arc` around it to share it.
#[derive(Debug, Default)]
pub struct ModelStore {
    state: Mutex<State>,
}

impl ModelStore {
    /// An empty database.
    pub fn new() -> ModelStore {
        ModelStore::default()
    }

    /// Moves the lease clock forward; without this no lease with a time to live ever runs out.
    pub fn advance_lease_clock(&self, by: Duration) {
        self.state().lease_clock += by;
    }

    /// Counts a write from another process, as `change_marker` tells it.
    pub fn touch(&self) {
        self.state().change_marker += 1;
    }

    /// A panic elsewhere leaves the state as its last whole call left it: every call checks first, then writes.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for ModelStore {
    fn clone(&self) -> ModelStore {
        ModelStore { state: Mutex::new(self.state().clone()) }
    }
}
