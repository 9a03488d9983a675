//! A marketplace in memory: the tutorial for authors of connectors, and the other side of the runner's tests.
//!
//! It has what every marketplace has (offers, changes that take time, buyers who accept) and what tests need: faults by
//! script, counts of what was applied, a recovery class of choice, and a state that survives the death of its process.
//! `README.md` walks through the files in the order in which a new connector is written.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod after_sale;
mod buyer;
mod connector;
mod fault;
mod read;
mod rules;
mod settings;
mod state_file;
mod world;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entente_port::{Error, Result, StepKey};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use after_sale::CONSENT_DAYS;
pub use buyer::{Answer, Refusal};
pub use fault::{Fault, FaultPlan};
pub use settings::{Settings, profile};
pub use state_file::StateError;
pub use world::Applied;

use world::World;

/// The marketplace and the connector to it, in one value. Clones share one world.
#[derive(Clone)]
pub struct Fake {
    settings: Arc<Settings>,
    world: Arc<Mutex<World>>,
}

impl Fake {
    /// A new world, or the one that `settings.state` holds.
    pub fn open(settings: Settings) -> std::result::Result<Fake, StateError> {
        let world = match &settings.state {
            Some(path) => state_file::load(path)?,
            None => World::default(),
        };
        Ok(Fake { settings: Arc::new(settings), world: Arc::new(Mutex::new(world)) })
    }

    /// A new world in memory alone.
    pub fn in_memory() -> Fake {
        Fake { settings: Arc::default(), world: Arc::default() }
    }

    /// Scripts a fault. Faults are consulted in the order in which they were scripted.
    pub fn inject(&self, plan: FaultPlan) {
        self.world().faults.push(plan);
    }

    /// Ends all scripted faults.
    pub fn heal(&self) {
        self.world().faults.clear();
    }

    /// Lets the marketplace's clock jump forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut world = self.world();
        world.ahead_seconds = world.ahead_seconds.saturating_add(by.as_secs());
    }

    /// What time it is at the marketplace.
    pub fn now(&self) -> Timestamp {
        self.world().now()
    }

    /// Everything that was applied, in order: what the tests of recovery count.
    pub fn applied(&self) -> Vec<Applied> {
        self.world().applied.clone()
    }

    /// How often writes with this token were applied.
    pub fn applied_with_token(&self, token: Uuid) -> usize {
        self.world().applied.iter().filter(|applied| applied.token == token).count()
    }

    /// How often writes of this step were applied.
    pub fn applied_for(&self, key: &StepKey) -> usize {
        self.world().applied.iter().filter(|applied| applied.key == *key).count()
    }

    /// How many writes arrived, applied or not.
    pub fn received(&self) -> u64 {
        self.world().received
    }

    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.pass_time();
        world
    }

    /// Keeps the world in its file, before the answer that tells of it leaves.
    fn keep(&self, world: &World) -> Result<()> {
        let Some(path) = &self.settings.state else { return Ok(()) };
        state_file::save(path, world).map_err(|error| Error::OutcomeUnknown {
            reason: "the fake could not keep its state".to_owned(),
            evidence: error.to_string(),
        })
    }
}
