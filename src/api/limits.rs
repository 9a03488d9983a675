//! How often somebody may ask: per token, and per address for what shows no token that holds.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::problem::Problem;

/// How long a window is.
const WINDOW: Duration = Duration::from_secs(60);

/// Requests without a token that holds, per address and window.
pub const FAILED: u32 = 10;

/// Requests per token and window.
pub const USUAL: u32 = 600;

/// Requests that read files or write whole datasets, per token and window.
pub const SELDOM: u32 = 5;

/// Windows of one kind that are kept at a time.
const KEPT: usize = 10_000;

/// How often a route may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As often as a program needs.
    Usual,
    /// Now and then: it costs more than others.
    Seldom,
}

/// What was asked lately, by whom.
#[derive(Debug, Clone)]
pub struct Limits(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    since: Instant,
    failed: Mutex<Windows<IpAddr>>,
    usual: Mutex<Windows<String>>,
    seldom: Mutex<Windows<String>>,
}

/// Windows that are open, by whose they are.
#[derive(Debug)]
struct Windows<K> {
    most: u32,
    open: BTreeMap<K, (Duration, u32)>,
}

impl<K: Ord> Windows<K> {
    fn of(most: u32) -> Mutex<Windows<K>> {
        Mutex::new(Windows { most, open: BTreeMap::new() })
    }

    /// Counts one more; how long to wait where it is one too many.
    fn count(&mut self, whose: K, now: Duration) -> Result<(), Duration> {
        if !self.open.contains_key(&whose) && self.open.len() >= KEPT {
            self.open.retain(|_, (opened, _)| now.saturating_sub(*opened) < WINDOW);
            if self.open.len() >= KEPT {
                return Err(WINDOW);
            }
        }
        let (opened, count) = self.open.entry(whose).or_insert((now, 0));
        if now.saturating_sub(*opened) >= WINDOW {
            (*opened, *count) = (now, 0);
        }
        if *count >= self.most {
            return Err((*opened + WINDOW).saturating_sub(now));
        }
        *count += 1;
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits(Arc::new(Inner {
            since: Instant::now(),
            failed: Windows::of(FAILED),
            usual: Windows::of(USUAL),
            seldom: Windows::of(SELDOM),
        }))
    }
}

impl Limits {
    /// Counts a request without a token that holds.
    ///
    /// # Errors
    /// When too many came from there.
    pub fn failed(&self, from: IpAddr) -> Result<(), Problem> {
        count(&self.0.failed, place(from), self.0.since.elapsed())
    }

    /// Counts a request under a token.
    ///
    /// # Errors
    /// When too many came under it.
    pub fn used(&self, token: &str) -> Result<(), Problem> {
        count(&self.0.usual, token.to_owned(), self.0.since.elapsed())
    }

    /// Counts one to a route of this pace, by somebody who may ask there.
    ///
    /// # Errors
    /// When too many came to such routes under the token.
    pub fn entered(&self, token: &str, pace: Pace) -> Result<(), Problem> {
        match pace {
            Pace::Usual => Ok(()),
            Pace::Seldom => count(&self.0.seldom, token.to_owned(), self.0.since.elapsed()),
        }
    }
}

fn count<K: Ord>(windows: &Mutex<Windows<K>>, whose: K, now: Duration) -> Result<(), Problem> {
    let mut windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
    windows.count(whose, now).map_err(|wait| {
        let again = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let detail = format!("too many requests; send this one again in {again} seconds");
        Problem { again: Some(again), ..Problem::too_many(detail) }
    })
}

/// Whoever has one address of the newer kind has all that share its first half.
fn place(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(all) => {
            let [a, b, c, d, ..] = all.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_window_lets_so_many_through_and_opens_again_when_it_is_over() {
        let windows = Windows::of(3);
        let mut windows = windows.into_inner().unwrap();
        let told: Vec<_> = [0, 10, 20, 30, 59].map(|at| windows.count("mia", second(at))).to_vec();
        assert_eq!(told, [Ok(()), Ok(()), Ok(()), Err(second(30)), Err(second(1))]);
        assert_eq!(windows.count("bea", second(59)), Ok(()), "another one's is another window");
        assert_eq!(windows.count("mia", second(60)), Ok(()));
    }

    #[test]
    fn no_more_windows_are_kept_than_fit() {
        let mut windows = Windows::of(1).into_inner().unwrap();
        for one in 0..KEPT {
            assert_eq!(windows.count(one, second(0)), Ok(()));
        }
        assert_eq!(windows.count(KEPT, second(1)), Err(WINDOW));
        assert_eq!(windows.count(0, second(1)), Err(second(59)), "who was there is counted on");
        assert_eq!(windows.count(KEPT, second(60)), Ok(()), "those that are over make room");
        assert_eq!(windows.open.len(), 1);
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let [one, two, other] =
            ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"].map(|text| place(text.parse().unwrap()));
        assert_eq!(one, two);
        assert_ne!(one, other);
        let [v4, mapped] = ["192.0.2.1", "::ffff:192.0.2.1"].map(|text| place(text.parse().unwrap()));
        assert_eq!(v4, mapped);
    }
}
