//! The shared state behind both trees of routes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::aws::Buckets;
use crate::config::Config;
use crate::persist::{self, SnapshotError};
use crate::world::World;

/// One world behind one lock. Requests are short; a lock keeps their order and the snapshot's equal.
pub(crate) struct Sandbox {
    world: Mutex<World>,
    buckets: Mutex<Buckets>,
    /// How often whoever follows the clock has looked at it, by the names that they give themselves.
    clock_readers: Mutex<BTreeMap<String, u64>>,
    config: Config,
}

impl Sandbox {
    /// Loads the world, or makes a fresh one and saves it.
    pub(crate) fn open(config: Config) -> Result<Self, SnapshotError> {
        let loaded = config.state.as_deref().map(persist::load).transpose()?.flatten();
        let world = loaded.unwrap_or_else(|| World::new(&config));
        if let Some(path) = &config.state {
            persist::save(path, &world)?;
        }
        let buckets = Mutex::new(Buckets::new(config.throttling));
        Ok(Self { world: Mutex::new(world), buckets, clock_readers: Mutex::default(), config })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clock_readers(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.clock_readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the world as it is now. What became due happens first.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut world = self.lock();
        if world.settle() {
            self.save_quietly(&world);
        }
        look(&world)
    }

    /// Changes the world; the snapshot is on disk before this returns.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut World) -> T) -> Result<T, SnapshotError> {
        let mut world = self.lock();
        world.settle();
        let outcome = change(&mut world);
        world.settle();
        self.save(&world)?;
        Ok(outcome)
    }

    /// Changes what need not survive a kill by itself: it is saved along with the next write.
    pub(crate) fn note<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        if world.settle() {
            self.save_quietly(&world);
        }
        change(&mut world)
    }

    /// Lets everything happen that is due.
    pub(crate) fn tick(&self) {
        self.read(|_| ());
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, world: &World) -> Result<(), SnapshotError> {
        self.path().map_or(Ok(()), |path| persist::save(path, world))
    }

    fn save_quietly(&self, world: &World) {
        if let Err(error) = self.save(world) {
            tracing::error!(%error, "the sandbox state could not be saved");
        }
    }

    fn path(&self) -> Option<&PathBuf> {
        self.config.state.as_ref()
    }
}
