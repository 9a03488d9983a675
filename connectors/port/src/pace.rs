//! How one connector account is called: not too often, not while it is down, not with credentials that it refused.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{
    BreakerSettings, Error, Rate, Result, Share, TokenBucket,
    breaker::{Breaker, Gate},
};

/// Calls that share a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallClass {
    /// Beginning a write.
    Write,
    /// Asking where a begun write stands, and finding earlier ones.
    Change,
    /// Reading offers and products.
    Entity,
    /// Reading agreements and their invoices.
    Agreement,
}

impl CallClass {
    /// Every class.
    pub const ALL: [CallClass; 4] = [CallClass::Write, CallClass::Change, CallClass::Entity, CallClass::Agreement];
}

impl fmt::Display for CallClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallClass::Write => "writes",
            CallClass::Change => "questions about changes",
            CallClass::Entity => "reads of offers and products",
            CallClass::Agreement => "reads of agreements",
        })
    }
}

/// How often an account may be called, and when it counts as down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The rate of each class; a class without one is not limited.
    pub rates: BTreeMap<CallClass, Rate>,
    /// Calls of one class that are made at the same time, at least 1. A connector may let them wait for turns of its own, and
    /// whoever waits there no longer hears that the account is to be left alone.
    pub at_once: usize,
    /// When the marketplace counts as down.
    pub breaker: BreakerSettings,
    /// When refused credentials are tried again; one refusal is enough.
    pub credentials: BreakerSettings,
}

impl Default for Limits {
    fn default() -> Limits {
        let minute = Duration::from_secs(60);
        Limits {
            rates: BTreeMap::new(),
            at_once: 8,
            breaker: BreakerSettings::default(),
            credentials: BreakerSettings { failures: 1, cool_down: minute, cool_down_max: minute * 15 },
        }
    }
}

/// Whether a call would pass now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It would.
    Ready,
    /// The marketplace asked for fewer calls of this class.
    Throttled {
        /// How long to wait.
        wait: Duration,
    },
    /// The marketplace is down; after the wait one call finds out.
    Down {
        /// How long to wait.
        wait: Duration,
    },
    /// The credentials were refused: somebody has to renew them.
    Credentials {
        /// How long until they are tried again.
        wait: Duration,
        /// What the marketplace said.
        reason: String,
    },
}

/// The pace of one connector account, shared by everything that calls it.
#[derive(Debug)]
pub struct Pace {
    buckets: BTreeMap<CallClass, TokenBucket>,
    room: BTreeMap<CallClass, Arc<Semaphore>>,
    limits: Limits,
    state: Mutex<State>,
    share: Share,
}

#[derive(Debug)]
struct State {
    throttled: BTreeMap<CallClass, Instant>,
    service: Breaker,
    credentials: Breaker,
    refusal: String,
}

impl Pace {
    /// A pace that nothing has slowed yet.
    pub fn new(limits: Limits) -> Arc<Pace> {
        let buckets = limits.rates.iter().map(|(class, rate)| (*class, TokenBucket::new(*rate))).collect();
        let room = CallClass::ALL.map(|class| (class, Arc::new(Semaphore::new(limits.at_once.max(1)))));
        let state = Mutex::new(State::new(&limits));
        Arc::new(Pace { buckets, room: room.into(), limits, state, share: Share::default() })
    }

    /// Which part of the rates this process may use.
    pub fn share(&self) -> &Share {
        &self.share
    }

    /// Whether a call would be made now, or after no more than its turn. Asked before an attempt is counted, it saves the attempt.
    pub fn is_ready(&self, class: CallClass) -> bool {
        self.share.is_known() && self.condition(class) == Condition::Ready
    }

    /// Whether a call would pass now. Asked before an attempt is counted, it saves the attempt.
    pub fn condition(&self, class: CallClass) -> Condition {
        self.state().condition(class, Instant::now())
    }

    /// Forgets that the marketplace was down or refused the credentials: somebody saw to it.
    pub fn resume(&self) {
        *self.state() = State::new(&self.limits);
    }

    /// Waits for a permit of the class. Fails at once, without a call, while the account is throttled, down or refused.
    pub async fn admit(self: &Arc<Self>, class: CallClass) -> Result<Pass> {
        self.condition(class).into_result()?;
        let room = self.room(class).await;
        if let Some(bucket) = self.buckets.get(&class) {
            bucket.take(&self.share).await;
        }
        let mut state = self.state();
        let now = Instant::now();
        state.condition(class, now).into_result()?;
        let service = gate(state.service.enter(now), |wait| Condition::Down { wait })?;
        let credentials = match gate(state.credentials.enter(now), |wait| Condition::Credentials {
            wait,
            reason: state.refusal.clone(),
        }) {
            Ok(probe) => probe,
            Err(error) => {
                if service {
                    state.service.abandoned();
                }
                return Err(error);
            }
        };
        Ok(Pass { pace: Arc::clone(self), class, service, credentials, settled: false, _room: room })
    }

    /// Waits until fewer calls of the class are under way than may be. Nobody closes the room: without one, nobody waits.
    async fn room(&self, class: CallClass) -> Option<OwnedSemaphorePermit> {
        Arc::clone(self.room.get(&class)?).acquire_owned().await.ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `true` for a probe.
fn gate(gate: Gate, condition: impl FnOnce(Duration) -> Condition) -> Result<bool> {
    match gate {
        Gate::Open => Ok(false),
        Gate::Probe => Ok(true),
        Gate::Shut(until) => condition(until.saturating_duration_since(Instant::now())).into_result().map(|()| false),
    }
}

impl State {
    fn new(limits: &Limits) -> State {
        State {
            throttled: BTreeMap::new(),
            service: Breaker::new(limits.breaker),
            credentials: Breaker::new(limits.credentials),
            refusal: String::new(),
        }
    }

    fn condition(&self, class: CallClass, now: Instant) -> Condition {
        let throttled = self.throttled.get(&class).filter(|until| now < **until);
        if let Some(until) = self.credentials.shut_until(now) {
            return Condition::Credentials { wait: until - now, reason: self.refusal.clone() };
        }
        if let Some(until) = self.service.shut_until(now) {
            return Condition::Down { wait: until - now };
        }
        throttled.map_or(Condition::Ready, |until| Condition::Throttled { wait: *until - now })
    }
}

impl Condition {
    /// The error of a call that was not made.
    fn into_result(self) -> Result<()> {
        match self {
            Condition::Ready => Ok(()),
            Condition::Throttled { wait } => Err(Error::Transient {
                retry_after: Some(wait),
                reason: "not called: the marketplace asked for fewer calls".to_owned(),
            }),
            Condition::Down { wait } => Err(Error::Transient {
                retry_after: Some(wait),
                reason: "not called: the marketplace failed several times in a row and is left alone for a while"
                    .to_owned(),
            }),
            Condition::Credentials { reason, .. } => Err(Error::Auth { reason }),
        }
    }
}

/// The right to make one call. Its outcome sets the pace of the following ones.
#[derive(Debug)]
pub struct Pass {
    pace: Arc<Pace>,
    class: CallClass,
    service: bool,
    credentials: bool,
    settled: bool,
    _room: Option<OwnedSemaphorePermit>,
}

impl Pass {
    /// Records how the call went.
    pub fn settle<T>(mut self, outcome: &Result<T>) {
        self.settled = true;
        let now = Instant::now();
        let mut state = self.pace.state();
        match outcome {
            // Nothing was called.
            Err(Error::Withheld(_) | Error::Unsupported(_)) => {
                state.service.abandoned();
                state.credentials.abandoned();
            }
            Err(Error::Auth { reason }) => {
                state.service.succeeded();
                state.credentials.failed(now, self.credentials);
                state.refusal.clone_from(reason);
            }
            // Somebody answered, and said when to come back: it is not down.
            Err(Error::Transient { retry_after: Some(wait), .. }) => {
                state.throttled.insert(self.class, now + *wait);
                state.service.succeeded();
                state.credentials.abandoned();
            }
            Err(Error::Transient { retry_after: None, .. } | Error::OutcomeUnknown { .. }) => {
                state.service.failed(now, self.service);
                state.credentials.abandoned();
            }
            Ok(_) | Err(Error::Rejected { .. } | Error::Conflict { .. } | Error::NotFound { .. }) => {
                state.service.succeeded();
                state.credentials.succeeded();
            }
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let mut state = self.pace.state();
        if self.service {
            state.service.abandoned();
        }
        if self.credentials {
            state.credentials.abandoned();
        }
    }
}
