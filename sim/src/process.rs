//! One simulated process: it is killed, frozen, cut off and started again, and everything it calls passes through here.

use std::{
    future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente::runner::Shared;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ground::Ground;

/// A process over all its lives.
pub struct Process {
    /// Its name in the trace: `r1`, or `door` for the commands of people.
    pub name: String,
    /// What it stands on.
    pub ground: Arc<Ground>,
    mortal: bool,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    lives: u32,
    frozen_until: Option<Instant>,
    cut_until: Option<Instant>,
    life: Option<Arc<Life>>,
    engine: Option<Arc<Shared>>,
}

/// One life of a process, from its start to its end.
pub struct Life {
    /// Whose.
    pub process: Arc<Process>,
    /// Which, from 1.
    pub number: u32,
    /// Cancelled when it is killed.
    pub dead: CancellationToken,
    /// Cancelled when a person stops it.
    pub stopped: CancellationToken,
}

impl Process {
    /// A process that does not live yet.
    pub fn new(name: impl Into<String>, ground: Arc<Ground>) -> Arc<Process> {
        Arc::new(Process { name: name.into(), ground, mortal: true, held: Mutex::default() })
    }

    /// The commands of people: whoever is interrupted asks again.
    pub fn door(ground: Arc<Ground>) -> Arc<Process> {
        Arc::new(Process { name: "door".into(), ground, mortal: false, held: Mutex::default() })
    }

    /// Begins the next life.
    pub fn begin(self: &Arc<Self>) -> Arc<Life> {
        let mut held = self.held();
        held.lives += 1;
        let life = Arc::new(Life {
            process: self.clone(),
            number: held.lives,
            dead: CancellationToken::new(),
            stopped: CancellationToken::new(),
        });
        held.life = Some(life.clone());
        life
    }

    /// Its engine has started, or is gone.
    pub fn publish(&self, engine: Option<Arc<Shared>>) {
        self.held().engine = engine;
    }

    /// Its engine, where one runs.
    pub fn engine(&self) -> Option<Arc<Shared>> {
        self.held().engine.clone()
    }

    /// Kills it.
    pub fn kill(&self, how: &str) {
        let Some(life) = self.held().life.clone() else { return };
        if self.mortal && !life.dead.is_cancelled() {
            self.ground.line(&self.name, "killed", format_args!("{how}"));
            life.dead.cancel();
        }
    }

    /// Has it stopped by a person.
    pub fn ask_to_stop(&self) {
        let Some(life) = self.held().life.clone() else { return };
        if !life.stopped.is_cancelled() {
            self.ground.line(&self.name, "stopping", format_args!("asked by a person"));
            life.stopped.cancel();
        }
    }

    /// Freezes it for so long.
    pub fn freeze(&self, time: Duration) {
        self.ground.line(&self.name, "frozen", format_args!("for {time:?}"));
        self.held().frozen_until = Some(Instant::now() + time);
    }

    /// Cuts it off from the database for so long.
    pub fn cut_off(&self, time: Duration) {
        self.ground.line(&self.name, "cut off", format_args!("for {time:?}"));
        self.held().cut_until = Some(Instant::now() + time);
    }

    /// How long it is still cut off.
    pub fn cut_for(&self) -> Option<Duration> {
        let until = self.held().cut_until?;
        until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Whether this is the id of its present life.
    pub fn lives_as(&self, id: &str) -> bool {
        self.held().life.as_ref().is_some_and(|life| life.id() == id && !life.dead.is_cancelled())
    }

    fn frozen_until(&self) -> Option<Instant> {
        self.held().frozen_until.filter(|until| *until > Instant::now())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Life {
    /// The process id under which it holds leases.
    pub fn id(&self) -> String {
        format!("{}-{}", self.process.name, self.number)
    }

    /// Passes time before or after a call. A process that is dead never comes out of here; a frozen one does once it is thawed.
    pub async fn pass(&self, slowest: Duration) {
        let ground = &self.process.ground;
        self.stand().await;
        let (turns, wait) = ground.draw(|draw| {
            let longest = u64::try_from(slowest.as_millis()).unwrap_or(u64::MAX);
            let wait = if longest > 0 && draw.chance(2500) { draw.millis(0, longest) } else { Duration::ZERO };
            (draw.below(3), wait)
        });
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        self.stand().await;
    }

    /// Waits while the process is frozen, for ever once it is dead.
    pub async fn stand(&self) {
        loop {
            if self.dead.is_cancelled() {
                return future::pending().await;
            }
            match self.process.frozen_until() {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Dies here.
    pub async fn die(&self, how: &str) {
        self.process.kill(how);
        self.stand().await;
    }
}
