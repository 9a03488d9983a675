//! How long to wait between attempts: bounded, with full jitter, never shorter than the other side asked.

use std::time::Duration;

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

/// A random number; when the machine gives none, a fixed one, which only loses the jitter.
pub fn draw() -> u64 {
    getrandom::u64().unwrap_or(0x9e37_79b9_7f4a_7c15)
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
