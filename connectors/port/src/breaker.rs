//! A circuit breaker: after enough failures in a row nothing is called for a while, then one call finds out.

use std::time::Duration;

use tokio::time::Instant;

/// When a connection counts as down, and how long it is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row after which it opens.
    pub failures: u32,
    /// How long it stays open at first; it doubles with every probe that fails.
    pub cool_down: Duration,
    /// The longest that it stays open.
    pub cool_down_max: Duration,
}

impl Default for BreakerSettings {
    fn default() -> BreakerSettings {
        BreakerSettings { failures: 5, cool_down: Duration::from_secs(15), cool_down_max: Duration::from_secs(15 * 60) }
    }
}

/// Whether a call may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may.
    Open,
    /// It may, alone: its outcome decides for all others.
    Probe,
    /// It may not before this instant.
    Shut(Instant),
}

/// The breaker of one connector account. It is told what time it is, and holds no lock.
#[derive(Debug)]
pub(crate) struct Breaker {
    settings: BreakerSettings,
    failures: u32,
    /// Until when nothing passes, and after which cool-down.
    shut: Option<(Instant, Duration)>,
    probing: bool,
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings) -> Breaker {
        Breaker { settings, failures: 0, shut: None, probing: false }
    }

    /// Asks for one call. After [`Gate::Probe`] one of `succeeded`, `failed` or `abandoned` must follow.
    pub(crate) fn enter(&mut self, now: Instant) -> Gate {
        match self.shut {
            None => Gate::Open,
            Some((until, _)) if now < until => Gate::Shut(until),
            Some((_, cool_down)) if self.probing => Gate::Shut(now + cool_down),
            Some(_) => {
                self.probing = true;
                Gate::Probe
            }
        }
    }

    /// Until when nothing passes.
    pub(crate) fn shut_until(&self, now: Instant) -> Option<Instant> {
        self.shut.map(|(until, _)| until).filter(|until| now < *until)
    }

    /// The service answered.
    pub(crate) fn succeeded(&mut self) {
        *self = Breaker::new(self.settings);
    }

    /// The service did not answer, or not sensibly.
    pub(crate) fn failed(&mut self, now: Instant, probe: bool) {
        self.failures = self.failures.saturating_add(1);
        let cool_down = match self.shut {
            // Calls that were under way when it opened say nothing new.
            Some(_) if !probe => return,
            Some((_, cool_down)) => cool_down.saturating_mul(2).min(self.settings.cool_down_max),
            None if self.failures < self.settings.failures => return,
            None => self.settings.cool_down,
        };
        self.probing = false;
        self.shut = Some((now + cool_down, cool_down));
    }

    /// A probe was dropped before its answer came: the next call probes.
    pub(crate) fn abandoned(&mut self) {
        self.probing = false;
    }
}
