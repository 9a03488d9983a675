//! The laws: what must hold after every write, whatever went wrong before it.

mod history;
mod inbox;
mod money;
mod votes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entente::runner::World;
use entente_core::{
    chart::bound::BoundChart,
    ids::{Fence, Shard},
};
use entente_store::{Batch, BatchOutcome, Lease, LeaseKey, MemberOutcome, Occurrence, model::ModelStore};
use jiff::Timestamp;

use self::{history::Histories, inbox::Verdicts, money::Funds};
use crate::ground::Ground;

/// Everything that is checked after every write.
pub struct Laws {
    ground: Arc<Ground>,
    charts: BTreeMap<String, Arc<BoundChart>>,
    world: Arc<World>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    histories: Histories,
    verdicts: Verdicts,
    funds: Funds,
    fences: BTreeMap<LeaseKey, Fence>,
    occurrences: BTreeSet<(String, Timestamp)>,
}

impl Laws {
    /// The laws over runs of these charts.
    pub fn new(ground: Arc<Ground>, charts: &[Arc<BoundChart>], world: Arc<World>) -> Laws {
        let charts = charts.iter().map(|bound| (bound.chart.sha256.clone(), bound.clone())).collect();
        Laws { ground, charts, world, held: Mutex::default() }
    }

    /// Checks the tables after a write.
    pub fn after_write(&self, model: &ModelStore) {
        let mut held = self.held();
        let checked = model.examine(|tables| {
            held.histories.check(tables, &self.charts, &self.world)?;
            held.verdicts.check(tables)?;
            held.funds.check(tables)
        });
        drop(held);
        if let Err((law, what)) = checked {
            self.ground.violated(law, what);
        }
    }

    /// Every member that was written carried the fence of its shard.
    pub fn committed(&self, model: &ModelStore, batch: &Batch, came: &BatchOutcome) {
        for (member, came) in batch.members.iter().zip(&came.members) {
            if matches!(came, MemberOutcome::Committed { .. }) {
                let shard: Shard = member.snapshot.run.shard();
                self.fenced(model, &LeaseKey::shard(shard), member.fence);
            }
        }
    }

    /// A write under a lease was taken: its fence must be the current one.
    pub fn fenced(&self, model: &ModelStore, key: &LeaseKey, fence: Fence) {
        let current = model.examine(|tables| tables.fence(key));
        if current != Some(fence) {
            self.ground
                .violated("fence", format!("`{}` was written under fence {}, it is at {current:?}", key.0, fence.0));
        }
    }

    /// Fences of leases grow.
    pub fn acquired(&self, got: &[Lease]) {
        let mut held = self.held();
        for lease in got {
            let before = held.fences.insert(lease.key.clone(), lease.fence);
            if before.is_some_and(|before| before > lease.fence) {
                self.ground.violated("fence", format!("`{}` went from {before:?} to {:?}", lease.key.0, lease.fence));
            }
        }
    }

    /// An occurrence is somebody's once.
    pub fn claimed(&self, occurrence: &Occurrence, ours: bool) {
        let new = ours && !self.held().occurrences.insert((occurrence.job.clone(), occurrence.scheduled_for));
        if new {
            self.ground.violated("occurrence", format!("{} of {} ran twice", occurrence.job, occurrence.scheduled_for));
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A broken law, and by what.
type Broken = (&'static str, String);
