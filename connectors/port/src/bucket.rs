//! How often something may be done.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

/// A rate: one permit every `every`, with up to `burst` saved up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time after which one more permit is there; zero means no limit.
    pub every: Duration,
    /// The most permits that can be saved up, at least 1.
    pub burst: u32,
}

impl Rate {
    /// `count` permits a second, of which a whole second's worth can be saved up; 0 means no limit.
    pub const fn per_second(count: u32) -> Rate {
        match count {
            0 => Rate { every: Duration::ZERO, burst: 1 },
            _ => Rate { every: Duration::from_nanos(1_000_000_000 / count as u64), burst: count },
        }
    }
}

/// Permits that grow with time; whoever finds none waits for his turn, first come, first served.
#[derive(Debug)]
pub struct TokenBucket {
    rate: Rate,
    /// The instant at which the next permit is (or was) there. Lying in the past, it stands for permits saved up.
    next: Mutex<Option<Instant>>,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: Rate) -> TokenBucket {
        TokenBucket { rate, next: Mutex::new(None) }
    }

    /// Takes one permit, waiting for it if need be. Dropping the future gives its place back or wastes one permit, never adds one.
    pub async fn take(&self) {
        if self.rate.every.is_zero() {
            return;
        }
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let saved = self.rate.every.saturating_mul(self.rate.burst.saturating_sub(1));
        let earliest = now.checked_sub(saved).unwrap_or(now);
        let at = next.map_or(earliest, |at| at.max(earliest));
        *next = Some(at + self.rate.every);
        drop(next);
        if at > now {
            tokio::time::sleep_until(at).await;
        }
    }
}
