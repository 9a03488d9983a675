//! Writes that their connections hold back: each run stands still where it is, and nothing of it is lost.

pub mod by_hand;

use entente_core::{
    ids::{InvokeId, RunId},
    run::Snapshot,
    scope::Scope,
};
use entente_port::Write;
use entente_store::{IntentRow, RunFilter, Store};
use jiff::Timestamp;

use crate::{
    activities::marketplace::{self, Withheld},
    offers::stored,
};

/// A run whose write is held back.
#[derive(Debug, Clone)]
pub struct Held {
    /// The run.
    pub snapshot: Snapshot,
    /// The invocation that waits.
    pub invoke: InvokeId,
    /// Since when it is held back, whatever held it meanwhile.
    pub since: Timestamp,
    /// By what, and what it would send.
    pub withheld: Withheld,
}

/// Every write that is held back, the longest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(store: &dyn Store) -> entente_store::Result<Vec<Held>> {
    let parked = RunFilter { parked: Some(true), ended: Some(false), ..RunFilter::default() };
    let mut held: Vec<Held> =
        stored::runs(store, parked).await?.into_iter().filter_map(|row| Held::of(row.snapshot)).collect();
    held.sort_by(|a, b| (a.since, &a.snapshot.label).cmp(&(b.since, &b.snapshot.label)));
    Ok(held)
}

impl Held {
    fn of(snapshot: Snapshot) -> Option<Held> {
        let incident = snapshot.incident.as_ref()?;
        let withheld = Withheld::of(incident)?;
        let invoke = incident.invoke?;
        let since = snapshot.invokes.get(&invoke)?.held_since.unwrap_or(incident.since);
        Some(Held { invoke, since, withheld, snapshot })
    }

    /// The run.
    pub fn run(&self) -> RunId {
        self.snapshot.run
    }

    /// The intent that waits.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn intent(&self, store: &dyn Store) -> entente_store::Result<Option<IntentRow>> {
        let rows = store.intents(&Scope::vendor(), self.run()).await?;
        Ok(rows.into_iter().find(|row| row.intent.invoke == self.invoke))
    }

    /// The write that waits; `None` when this binary has no such write.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn write(&self, store: &dyn Store) -> entente_store::Result<Option<Write>> {
        let row = self.intent(store).await?;
        Ok(row.and_then(|row| marketplace::asked(&row.intent.activity, &row.intent.request)))
    }
}
