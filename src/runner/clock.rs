//! Business time. Leases never use it: they live on the database's own clock.

use std::{
    fmt,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

/// The source of business time: deadlines, timers, schedules and policy read it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Whether it may leap or run fast, as a sandbox's clock does.
    fn leaps(&self) -> bool {
        false
    }

    /// How long to sleep, in real time, until the clock may have reached `instant`; never more than `longest`.
    fn wait_until(&self, instant: Timestamp, longest: Duration) -> Duration {
        let left = instant.duration_since(self.now());
        Duration::try_from(left).unwrap_or(Duration::ZERO).min(longest)
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that follows another one, read from time to time: between readings it runs at the measured rate.
#[derive(Debug, Clone)]
pub struct FollowingClock(Arc<RwLock<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    shown: Timestamp,
    /// Business seconds per real second, in thousandths.
    rate_milli: i64,
}

impl FollowingClock {
    /// A clock that shows `shown` and runs at the rate of real time until told otherwise.
    pub fn starting_at(shown: Timestamp) -> FollowingClock {
        FollowingClock(Arc::new(RwLock::new(Reading { at: Instant::now(), shown, rate_milli: 1000 })))
    }

    /// Takes a reading of the followed clock. `rate_milli` is its speed in thousandths of real time.
    pub fn follow(&self, shown: Timestamp, rate_milli: i64) {
        let reading = Reading { at: Instant::now(), shown, rate_milli };
        match self.0.write() {
            Ok(mut held) => *held = reading,
            Err(poisoned) => *poisoned.into_inner() = reading,
        }
    }
}

impl Clock for FollowingClock {
    fn now(&self) -> Timestamp {
        let reading = match self.0.read() {
            Ok(held) => *held,
            Err(poisoned) => *poisoned.into_inner(),
        };
        let real = i64::try_from(reading.at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let passed = SignedDuration::from_millis(real.saturating_mul(reading.rate_milli) / 1000);
        reading.shown.checked_add(passed).unwrap_or(reading.shown)
    }

    fn leaps(&self) -> bool {
        true
    }

    fn wait_until(&self, _: Timestamp, longest: Duration) -> Duration {
        longest.min(Duration::from_millis(50))
    }
}
