//! A database that does not answer: said when it begins, from time to time while it lasts, and when it is over.
//!
//! Everything in a process asks the database several times a second. Each attempt that fails would be a line of its own, and
//! whoever is on call would look for the one line that differs among thousands.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use entente_store::Error;
use tokio::time::Instant;

/// How often an outage that lasts is told.
const EVERY: Duration = Duration::from_secs(30);

/// Whether the database answers, as this process has found.
#[derive(Debug, Default)]
pub struct Outage(Mutex<Option<Since>>);

/// An outage that lasts.
#[derive(Debug)]
struct Since {
    began: Instant,
    told: Instant,
    failures: u64,
}

impl Outage {
    /// Something could not be done. What fails for another reason than a database that is away is told each time.
    pub fn failed(&self, what: &str, error: &Error) {
        let words = match error {
            Error::Busy(_) => self.away(what, error, Instant::now()),
            _ => Some(format!("{what}: {error}")),
        };
        if let Some(words) = words {
            tracing::warn!("{words}");
        }
    }

    /// The database answered.
    pub fn over(&self) {
        if let Some(words) = self.back(Instant::now()) {
            tracing::info!("{words}");
        }
    }

    /// What is to be said of one more failure.
    fn away(&self, what: &str, error: &Error, now: Instant) -> Option<String> {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(since) = since.as_mut() else {
            *since = Some(Since { began: now, told: now, failures: 1 });
            return Some(format!("{what}: {error}"));
        };
        since.failures += 1;
        if now < since.told + EVERY {
            return None;
        }
        since.told = now;
        let (lasts, failures) = (now.duration_since(since.began).as_secs(), since.failures);
        Some(format!(
            "for {lasts} s the database has not answered, {failures} attempts failed; the last: {what}: {error}"
        ))
    }

    /// What is to be said of an answer.
    fn back(&self, now: Instant) -> Option<String> {
        let since = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let lasted = now.duration_since(since.began).as_secs();
        Some(format!("the database answers again after {lasted} s, in which {} attempts failed", since.failures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: &str = "the inbox could not be read";

    fn busy() -> Error {
        Error::Busy("`postgres://db/e` cannot be reached".into())
    }

    #[tokio::test(start_paused = true)]
    async fn row_41_a_database_that_is_away_is_told_at_once_every_half_minute_and_when_it_is_back() {
        let outage = Outage::default();
        let mut told = Vec::new();
        for _ in 0..20 * 65 {
            told.extend(outage.away(WHAT, &busy(), Instant::now()));
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        told.extend(outage.back(Instant::now()));
        let [first, half, whole, back] = told.as_slice() else { panic!("{told:#?}") };
        assert!(first.starts_with(WHAT), "{first}");
        assert!(half.starts_with("for 30 s the database has not answered, 601 attempts failed"), "{half}");
        assert!(whole.starts_with("for 60 s"), "{whole}");
        assert_eq!(back, "the database answers again after 65 s, in which 1300 attempts failed");
        assert_eq!(outage.back(Instant::now()), None, "once");
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_outage_is_told_at_once_again() {
        let outage = Outage::default();
        assert!(outage.away(WHAT, &busy(), Instant::now()).is_some());
        assert!(outage.back(Instant::now()).is_some());
        assert!(outage.away(WHAT, &busy(), Instant::now()).is_some());
    }
}
