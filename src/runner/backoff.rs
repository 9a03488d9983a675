//! How long to wait between attempts: bounded, with full jitter, never shorter than the other side asked.

use std::{fmt, sync::Arc, time::Duration};

/// Attempts after which an intent is given up and its run parks.
pub const ATTEMPTS_MAX: u32 = 8;

const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(15 * 60);

/// The wait after the `attempt`-th attempt (from 1). `draw` is a random number; full jitter spreads over the whole span.
pub fn after(attempt: u32, asked: Option<Duration>, draw: u64) -> Duration {
    let ceiling = BASE.saturating_mul(1u32.checked_shl(attempt.min(20)).unwrap_or(u32::MAX)).min(CAP);
    let span = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
    let jittered = Duration::from_millis(draw % span);
    jittered.max(asked.unwrap_or(Duration::ZERO))
}

/// Where waits draw their jitter from: the machine, or whoever wants the same waits again.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Jitter {
    /// Draws from `source`, which gives numbers spread over all of `u64`.
    pub fn from_source(source: impl Fn() -> u64 + Send + Sync + 'static) -> Jitter {
        Jitter(Arc::new(source))
    }

    /// The next number.
    pub fn draw(&self) -> u64 {
        (self.0)()
    }
}

impl Default for Jitter {
    /// The machine's random numbers; when it gives none, a fixed one, which only loses the jitter.
    fn default() -> Jitter {
        Jitter::from_source(|| getrandom::u64().unwrap_or(0x9e37_79b9_7f4a_7c15))
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jitter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_stay_under_the_cap_and_honour_what_was_asked() {
        for attempt in 1..=40 {
            for draw in [0, 1, 7, u64::MAX / 3, u64::MAX] {
                assert!(after(attempt, None, draw) < CAP);
                assert!(after(attempt, Some(Duration::from_secs(120)), draw) >= Duration::from_secs(120));
            }
        }
        assert!(after(8, None, 127_999) > after(1, None, 999));
    }
}
