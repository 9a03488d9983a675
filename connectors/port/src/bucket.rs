//! How often something may be done.

use std::time::Duration;

use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

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

/// One of so many equal parts of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(u32);

impl Part {
    /// All of it.
    pub const WHOLE: Part = Part(1);

    /// One of `count` parts; 0 is read as 1.
    pub const fn one_of(count: u32) -> Part {
        Part(if count == 0 { 1 } else { count })
    }
}

/// Which part of an account's rates this process may use: its other processes use the rest.
#[derive(Debug)]
pub struct Share(watch::Sender<Option<Part>>);

impl Default for Share {
    /// All of them.
    fn default() -> Share {
        Share(watch::Sender::new(Some(Part::WHOLE)))
    }
}

impl Share {
    /// Uses this part from now on; `None` makes every call wait until there is one.
    pub fn set(&self, part: Option<Part>) {
        self.0.send_if_modified(|now| {
            let differs = *now != part;
            *now = part;
            differs
        });
    }

    /// Whether there is a part yet; calls wait until there is.
    pub fn is_known(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// The part, once there is one.
    async fn part(&self) -> Part {
        let mut told = self.0.subscribe();
        loop {
            if let Some(part) = *told.borrow_and_update() {
                return part;
            }
            if told.changed().await.is_err() {
                return Part::WHOLE;
            }
        }
    }
}

/// Permits that grow with time; whoever finds none waits for his turn, first come, first served.
#[derive(Debug)]
pub struct TokenBucket {
    rate: Rate,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The instant at which the next permit is (or was) there. Lying in the past, it stands for permits saved up.
    next: Option<Instant>,
    part: Part,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: Rate) -> TokenBucket {
        TokenBucket { rate, state: Mutex::new(State { next: None, part: Part::WHOLE }) }
    }

    /// Takes one permit of a share of the rate, waiting for it if need be. Dropping the future gives its place back or wastes
    /// one permit, never adds one.
    pub async fn take(&self, share: &Share) {
        if self.rate.every.is_zero() {
            return;
        }
        let part = share.part().await;
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let every = self.rate.every.saturating_mul(part.0);
        // What is saved up is spent in one go, so a part of the rate saves up a part of the burst; and what was saved up
        // under another part may have been used by another process.
        let saved = every.saturating_mul((self.rate.burst / part.0).saturating_sub(1));
        let earliest = if part == state.part { now.checked_sub(saved).unwrap_or(now) } else { now };
        let at = state.next.map_or(earliest, |at| at.max(earliest));
        *state = State { next: Some(at + every), part };
        drop(state);
        if at > now {
            tokio::time::sleep_until(at).await;
        }
    }
}
