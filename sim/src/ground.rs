//! What everything in one simulation stands on: its seed, its mix, its time, its trace, and the first broken law.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente::runner::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    draw::Draw,
    mix::{Mix, Rate},
    trace::Trace,
};

/// Business time at the beginning of every simulation: a Monday morning.
const DAWN: Timestamp = Timestamp::constant(1_798_448_400, 0);

/// A law that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which law.
    pub law: &'static str,
    /// By what.
    pub what: String,
    /// When, in virtual time.
    pub at: Duration,
}

/// The ground of one simulation.
pub struct Ground {
    /// The seed.
    pub seed: u64,
    /// Its mix.
    pub mix: Mix,
    /// Cancelled once a law is broken.
    pub broken: CancellationToken,
    began: Instant,
    held: Mutex<Held>,
}

struct Held {
    draw: Draw,
    trace: Trace,
    quiet: bool,
    violation: Option<Violation>,
}

impl Ground {
    /// The ground of a seed. Must be made within the simulation's runtime.
    pub fn new(seed: u64, mix: Mix, whole_trace: bool) -> Ground {
        let held =
            Held { draw: Draw::new(seed, "faults"), trace: Trace::new(whole_trace), quiet: false, violation: None };
        Ground { seed, mix, broken: CancellationToken::new(), began: Instant::now(), held: Mutex::new(held) }
    }

    /// Virtual time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Business time, as a clock that is right shows it.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.elapsed()).unwrap_or(SignedDuration::MAX);
        DAWN.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// Whether a fault of this rate strikes; none does once it is quiet.
    pub fn strikes(&self, rate: Rate) -> bool {
        let mut held = self.held();
        rate > 0 && !held.quiet && held.draw.chance(rate)
    }

    /// Draws something.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Draw) -> T) -> T {
        draw(&mut self.held().draw)
    }

    /// From now on no fault strikes.
    pub fn calm(&self) {
        self.held().quiet = true;
        self.line("sim", "quiet", format_args!("no fault strikes from here on"));
    }

    /// Whether faults have ended.
    pub fn is_quiet(&self) -> bool {
        self.held().quiet
    }

    /// Notes a look.
    pub fn glance(&self, who: &str, what: &str) {
        let at = self.elapsed();
        self.held().trace.glance(at, who, what);
    }

    /// Notes something that people may want to read.
    pub fn line(&self, who: &str, what: &str, detail: fmt::Arguments<'_>) {
        let at = self.elapsed();
        self.held().trace.line(at, who, what, &detail.to_string());
    }

    /// A law is broken. The first one counts.
    pub fn violated(&self, law: &'static str, what: impl Into<String>) {
        let (what, at) = (what.into(), self.elapsed());
        self.line("law", law, format_args!("BROKEN: {what}"));
        self.held().violation.get_or_insert(Violation { law, what, at });
        self.broken.cancel();
    }

    /// The law that was broken.
    pub fn violation(&self) -> Option<Violation> {
        self.held().violation.clone()
    }

    /// The trace's hash, its length and its last lines.
    pub fn told(&self) -> (u64, u64, Vec<String>) {
        let held = self.held();
        (held.trace.hash(), held.trace.events(), held.trace.tail())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of one process: virtual, and off by as much as the seed says.
pub struct SkewedClock {
    /// Whose time it is off from.
    pub ground: std::sync::Arc<Ground>,
    /// By how much.
    pub offset: SignedDuration,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let right = self.ground.now();
        right.saturating_add(self.offset).unwrap_or(right)
    }
}

impl fmt::Debug for SkewedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SkewedClock({})", self.offset)
    }
}
