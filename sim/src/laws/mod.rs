//! The laws: what must hold after every write, whatever went wrong before it.

mod approvals;
mod history;
mod inbox;
pub mod jobs;
mod local;
mod money;
mod votes;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entente::{activities::Call, runner::World};
use entente_core::{
    chart::bound::BoundChart,
    ids::{Fence, InvokeId, RunId, Shard},
    schedule::Schedule,
};
use entente_store::{Batch, BatchOutcome, Lease, LeaseKey, MemberOutcome, Occurrence, model::ModelStore};
use jiff::Timestamp;

use self::{history::Histories, inbox::Verdicts, jobs::Occurrences, local::Performances, money::Funds};
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
    occurrences: Occurrences,
    performances: Performances,
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
        self.hold(checked);
    }

    /// Every member that was written carried the fence of its shard.
    pub fn committed(&self, model: &ModelStore, batch: &Batch, came: &BatchOutcome) {
        for (member, came) in batch.members.iter().zip(&came.members) {
            if matches!(came, MemberOutcome::Committed { .. }) {
                let shard: Shard = member.snapshot.run.shard();
                self.fenced(model, &LeaseKey::shard(shard), member.fence);
                let mut held = self.held();
                for invoke in &member.retries {
                    held.performances.tried_again(member.snapshot.run, *invoke);
                }
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
            held.performances.changed_hands(&lease.key);
            let before = held.fences.insert(lease.key.clone(), lease.fence);
            if before.is_some_and(|before| before > lease.fence) {
                self.ground.violated("fence", format!("`{}` went from {before:?} to {:?}", lease.key.0, lease.fence));
            }
        }
    }

    /// Whoever holds these leases had lost sight of them for a moment.
    pub fn lapsed(&self, keys: &[LeaseKey]) {
        let mut held = self.held();
        keys.iter().for_each(|key| held.performances.changed_hands(key));
    }

    /// A local activity is performed.
    pub fn performs(&self, label: &str, run: RunId, invoke: InvokeId) {
        let begun = self.held().performances.begins(label, run, invoke);
        self.hold(begun);
    }

    /// An occurrence is somebody's once.
    pub fn claimed(&self, occurrence: &Occurrence, ours: bool) {
        let claimed = if ours { self.held().occurrences.claimed(occurrence) } else { Ok(()) };
        self.hold(claimed);
    }

    /// An occurrence is begun.
    pub fn occurs(&self, job: &str, at: Timestamp) {
        let begun = self.held().occurrences.begins(job, at);
        self.hold(begun);
    }

    /// A job's watermark is moved.
    pub fn advanced(&self, job: &str, to: Timestamp) {
        self.held().occurrences.advanced(job, to);
    }

    /// A job is paused.
    pub fn paused(&self, job: &str) {
        self.held().occurrences.paused(job);
    }

    /// Nothing that was due is forgotten.
    pub fn all_occurrences(&self, model: &ModelStore, schedule: &Schedule) {
        let complete = model.examine(|tables| self.held().occurrences.complete(tables, schedule));
        self.hold(complete);
    }

    /// A deal is sent to be published.
    pub fn publishes(&self, call: &Call) {
        let revision = call.request["revision"].as_str().unwrap_or_default();
        if !self.held().histories.is_approved(call.run, revision) {
            self.ground.violated("approved", format!("{} is sent as {revision}, which nobody approved", call.label));
        }
    }

    fn hold(&self, law: Result<(), Broken>) {
        if let Err((law, what)) = law {
            self.ground.violated(law, what);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A broken law, and by what.
type Broken = (&'static str, String);
