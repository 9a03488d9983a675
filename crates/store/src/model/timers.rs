//! Armed timers.

use async_trait::async_trait;
use entente_core::ids::Shard;
use jiff::Timestamp;

use super::{ModelStore, state::within};
use crate::{DueTimer, Result, Timers};

#[async_trait]
impl Timers for ModelStore {
    async fn due(&self, shards: &[Shard], now: Timestamp, limit: u32) -> Result<Vec<DueTimer>> {
        let state = self.state();
        let mut due: Vec<DueTimer> = state
            .timers
            .iter()
            .filter(|((run, _), due)| **due <= now && within(shards, *run))
            .map(|((run, key), due)| DueTimer { run: *run, key: key.clone(), due: *due })
            .collect();
        let label = |timer: &DueTimer| state.runs.get(&timer.run).map(|row| row.snapshot.label.clone());
        due.sort_by_key(|timer| (timer.due, label(timer), timer.key.clone()));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn next_due(&self, shards: &[Shard]) -> Result<Option<Timestamp>> {
        let state = self.state();
        Ok(state.timers.iter().filter(|((run, _), _)| within(shards, *run)).map(|(_, due)| *due).min())
    }
}
