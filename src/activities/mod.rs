//! Activities: one side effect on behalf of a run, bound to charts by name.

pub mod agreement;
pub mod commitment;
pub mod funding;
pub mod grant;
pub mod letters;
pub mod marketplace;
pub mod preflight;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use entente_core::{
    event::Failure,
    ids::{ConnectorAccount, InvokeId, RunId},
    scope::Home,
};
use entente_store::{IntentRow, RecoveryClass};
use jiff::Timestamp;
use letters::Letters;
use serde_json::Value;
use uuid::Uuid;

/// The note of an intent that was sent while the outcome of an earlier send was not known: it may have a twin.
pub const RESENT: &str = "resent";

/// The note of an intent whose last recorded attempt was held back at the last moment, so that nothing left.
pub const UNSENT: &str = "unsent";

/// Where an activity is performed, and how its unknown outcome is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// In the process that owns the run, straight after the commit; repeatable at will.
    Local,
    /// By the holder of a connector account's lease.
    Account {
        /// The account.
        account: ConnectorAccount,
        /// The remote object whose calls queue behind each other.
        entity: Option<String>,
        /// How an unknown outcome is settled.
        class: RecoveryClass,
    },
}

/// What a chart's lint may know of an activity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nature {
    /// Makes something visible to others that cannot be unseen.
    pub publishes: bool,
    /// Moves money.
    pub money_out: bool,
    /// Cannot be undone by trying again or by forgetting it.
    pub irreversible: bool,
}

/// One delivery of one intent.
#[derive(Debug, Clone)]
pub struct Call {
    /// The run.
    pub run: RunId,
    /// Its label.
    pub label: String,
    /// Where it belongs.
    pub home: Home,
    /// The invocation.
    pub invoke: InvokeId,
    /// The request, exactly as committed.
    pub request: Value,
    /// The idempotency token of the intent.
    pub token: Uuid,
    /// Attempts recorded, this one included.
    pub attempt: u32,
    /// Business time of the first recorded send.
    pub first_sent_at: Option<Timestamp>,
    /// Notes kept from earlier attempts.
    pub notes: Value,
    /// Business time now.
    pub now: Timestamp,
}

impl Call {
    /// The delivery of a stored intent.
    pub fn of(row: &IntentRow, token: Uuid, now: Timestamp) -> Call {
        Call {
            run: row.run,
            label: row.label.clone(),
            home: row.home.clone(),
            invoke: row.intent.invoke,
            request: row.intent.request.clone(),
            token,
            attempt: row.attempts,
            first_sent_at: row.first_sent_at,
            notes: row.notes.clone(),
            now,
        }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// It is done.
    Done(Value),
    /// It failed, and trying again would change nothing.
    Failed(Failure),
    /// Nothing was applied; it may be tried again, and counts against the attempts.
    Retry {
        /// The least time to wait, where the other side said one.
        after: Option<Duration>,
        /// What happened.
        why: Failure,
    },
    /// Nothing was applied because the object is busy; does not count as an attempt, and is waited for within bounds.
    Busy {
        /// The least time to wait.
        after: Duration,
        /// What the other side said.
        why: Failure,
    },
    /// The work is still under way, and the activity itself knows for how long it may be; does not count as an attempt.
    Wait {
        /// How long.
        after: Duration,
        /// What for.
        why: String,
        /// Notes to keep.
        notes: Value,
    },
    /// The credentials were not accepted: the whole account pauses, no attempt is used up.
    Paused {
        /// What the other side said.
        why: Failure,
    },
    /// It may have been applied.
    Unknown {
        /// What happened, with the evidence.
        why: Failure,
    },
}

/// What a search for an effect found.
#[derive(Debug, Clone, PartialEq)]
pub enum Recovered {
    /// It was applied; this is its output.
    Applied(Value),
    /// It was applied more than once.
    Twins {
        /// Every effect found.
        evidence: Value,
    },
    /// Our key stands on something else.
    Different {
        /// What was found.
        evidence: Value,
    },
    /// It was not found.
    Absent {
        /// After how long an applied effect is sure to be found; `None`: absence proves nothing.
        visibility: Option<Duration>,
        /// It publishes or moves money: absence is not proof enough to resend.
        irreversible: bool,
    },
    /// The search itself failed for now.
    Later {
        /// The least time to wait, where the other side said one.
        after: Option<Duration>,
        /// What happened.
        why: Failure,
    },
    /// The credentials were not accepted: the whole account pauses, and the search does not count.
    Paused {
        /// What the other side said.
        why: Failure,
    },
}

/// One side effect on behalf of a run.
#[async_trait]
pub trait Activity: Send + Sync {
    /// The name charts use.
    fn name(&self) -> &'static str;

    /// What the lint may know.
    fn nature(&self) -> Nature {
        Nature::default()
    }

    /// Whether it writes nothing and tells nobody, so that it may be performed to see what would come of something.
    fn only_looks(&self) -> bool {
        false
    }

    /// Where this request is performed. Failing here fails the invocation, before anything is sent.
    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let _ = (home, request);
        Ok(Route::Local)
    }

    /// Whether it may be tried now: a paused or throttled account uses up no attempts.
    fn available(&self, home: &Home, request: &Value) -> bool {
        let _ = (home, request);
        true
    }

    /// Why it may not leave now: its connection's mode, a cap or the stop switch. Asked before every send, so that what is held back
    /// never counts as sent. Reads only, but what may leave has its place under the caps from then on.
    async fn held(&self, call: &Call) -> Option<Failure> {
        let _ = call;
        None
    }

    /// Performs it once.
    async fn perform(&self, call: &Call) -> Attempt;

    /// Whether the other side still honours the token of a first send at `first_sent_at`.
    fn token_honoured(&self, call: &Call) -> bool {
        let _ = call;
        false
    }

    /// Searches for the effect of an earlier send. Reads only.
    async fn recover(&self, call: &Call) -> Recovered {
        let _ = call;
        Recovered::Absent { visibility: None, irreversible: true }
    }
}

/// The activities that this binary knows, by name.
#[derive(Clone, Default)]
pub struct Activities {
    known: BTreeMap<&'static str, Arc<dyn Activity>>,
    letters: Letters,
}

impl Activities {
    /// The same, with the way on which some of them tell the engine of messages.
    pub fn telling(self, letters: Letters) -> Activities {
        Activities { letters, ..self }
    }

    /// The way on which they tell the engine of messages.
    pub fn letters(&self) -> &Letters {
        &self.letters
    }

    /// Adds an activity; a second one of the same name replaces the first.
    pub fn with(mut self, activity: impl Activity + 'static) -> Activities {
        self.known.insert(activity.name(), Arc::new(activity));
        self
    }

    /// The activity of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Activity>> {
        self.known.get(name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Activity>> {
        self.known.values()
    }
}
