//! The virtual clock: an anchor in real time, an anchor in virtual time, and a rate between them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::Rate;

/// A clock that can be set, pushed forward, slowed and stopped. It keeps running while the process
/// is down, as a remote service would.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VirtualClock {
    anchor_real: Timestamp,
    anchor_virtual: Timestamp,
    rate: Rate,
}

impl VirtualClock {
    pub(crate) fn starting_at(start: Option<Timestamp>, rate: Rate) -> Self {
        let real = Timestamp::now();
        Self { anchor_real: real, anchor_virtual: start.unwrap_or(real), rate }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = Timestamp::now().duration_since(self.anchor_real).max(SignedDuration::ZERO);
        self.anchor_virtual.saturating_add(self.rate.of(elapsed)).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Shows `now` from here on. Returns how far the clock moved (negative: back).
    pub(crate) fn set(&mut self, now: Timestamp) -> SignedDuration {
        let moved = now.duration_since(self.now());
        self.anchor_real = Timestamp::now();
        self.anchor_virtual = now;
        moved
    }

    /// Pushes the clock forward.
    pub(crate) fn advance(&mut self, by: SignedDuration) {
        let target = self.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        self.set(target);
    }

    /// Changes the rate without a jump.
    pub(crate) fn set_rate(&mut self, rate: Rate) {
        let now = self.now();
        self.set(now);
        self.rate = rate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frozen_at(text: &str) -> VirtualClock {
        let start = text.parse().expect("a timestamp");
        VirtualClock::starting_at(Some(start), "0".parse().expect("a rate"))
    }

    #[test]
    fn a_stopped_clock_moves_only_when_pushed() {
        let mut clock = frozen_at("2023-01-01T00:00:00Z");
        assert_eq!(clock.now().to_string(), "2023-01-01T00:00:00Z");
        clock.advance(SignedDuration::from_hours(24));
        assert_eq!(clock.now().to_string(), "2023-01-02T00:00:00Z");
    }

    #[test]
    fn setting_the_clock_back_reports_the_distance() {
        let mut clock = frozen_at("2023-01-02T00:00:00Z");
        let moved = clock.set("2023-01-01T00:00:00Z".parse().expect("a timestamp"));
        assert_eq!(moved, SignedDuration::from_hours(-24));
    }

    #[test]
    fn a_rate_is_exact() {
        let rate: Rate = "0.5".parse().expect("a rate");
        assert_eq!(rate.of(SignedDuration::from_secs(3)), SignedDuration::from_millis(1500));
        assert!("-1".parse::<Rate>().is_err());
    }
}
