//! The marketplace that all processes call: it keeps its own count of what it did for whom, and breaks as the mix says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente::activities::{Attempt, Call, Recovered};
use entente_core::{
    event::{Failure, FailureClass, Outcome},
    ids::{InvokeId, RunId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ground::Ground;

/// After this time an effect is found, says the marketplace's documentation.
pub const VISIBILITY: Duration = Duration::from_secs(10);
/// For so long a token is honoured, says the documentation. In truth it is longer, as a careful vendor makes it.
pub const TOKEN_WINDOW: Duration = Duration::from_secs(10 * 60);
const TRUE_WINDOW: Duration = Duration::from_secs(45 * 60);

/// How a write behaves when its outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It takes a token.
    Token,
    /// Its key can be searched for.
    Key,
    /// As `Key`, and it must never happen twice.
    Launch,
    /// It sets a state that can be read.
    State,
    /// Nobody but a person can tell.
    Hand,
    /// It is a message to somebody: twice does no harm.
    Notice,
}

/// Something that the marketplace did.
#[derive(Debug, Clone)]
struct Effect {
    at: Duration,
    visible_at: Duration,
}

/// The marketplace.
pub struct Market {
    ground: Arc<Ground>,
    held: Mutex<Held>,
}

type Intent = (RunId, InvokeId);

#[derive(Default)]
struct Held {
    effects: BTreeMap<Intent, Vec<Effect>>,
    tokens: BTreeMap<Uuid, Intent>,
    notices: BTreeSet<Intent>,
    /// Where it broke a promise of its own: whatever follows is not the engine's doing.
    excused: BTreeSet<Intent>,
    storm_until: Duration,
    received: u64,
}

impl Market {
    /// A marketplace that did nothing yet.
    pub fn new(ground: Arc<Ground>) -> Market {
        Market { ground, held: Mutex::default() }
    }

    /// It is down for so long.
    pub fn storm(&self, time: Duration) {
        self.ground.line("market", "storm", format_args!("for {time:?}"));
        self.held().storm_until = self.ground.elapsed() + time;
    }

    /// How many writes arrived.
    pub fn received(&self) -> u64 {
        self.held().received
    }

    /// How often it did what an intent asks for.
    pub fn applied(&self, run: RunId, invoke: InvokeId) -> usize {
        self.held().effects.get(&(run, invoke)).map_or(0, Vec::len)
    }

    /// Whether it broke a promise about an intent.
    pub fn excused(&self, run: RunId, invoke: InvokeId) -> bool {
        self.held().excused.contains(&(run, invoke))
    }

    /// Every intent that it did something for of which a history must tell: a notice that was sent, and then refused when it
    /// was sent again, is listed as failed; and of what follows from a broken promise only the count is known.
    pub fn touched(&self) -> Vec<(RunId, InvokeId)> {
        let held = self.held();
        let owed =
            held.effects.keys().filter(|intent| !held.notices.contains(intent) && !held.excused.contains(intent));
        owed.copied().collect()
    }

    /// Takes a write.
    pub fn perform(&self, who: &str, kind: Kind, call: &Call) -> Attempt {
        let answer = self.answer(kind, call);
        let told = match &answer {
            Attempt::Done(_) => "done".to_owned(),
            other => format!("{other:?}"),
        };
        let count = self.applied(call.run, call.invoke);
        self.ground.line(
            who,
            "send",
            format_args!("{} {} attempt {} {kind:?}: applied {count}, {told}", call.label, call.invoke, call.attempt),
        );
        if count > 1 && kind != Kind::Notice && !self.excused(call.run, call.invoke) {
            self.ground.violated("at most once", format!("{} {} was applied {count} times", call.label, call.invoke));
        }
        answer
    }

    fn answer(&self, kind: Kind, call: &Call) -> Attempt {
        let (ground, faults) = (&self.ground, &self.ground.mix.market);
        self.held().received += 1;
        if let Some(down) = self.down() {
            return Attempt::Retry { after: None, why: down };
        }
        if ground.strikes(faults.throttled) {
            let after = Some(ground.draw(|draw| draw.millis(1_000, 30_000)));
            return Attempt::Retry { after, why: failure(FailureClass::Transient, "too many requests") };
        }
        if ground.strikes(faults.auth) {
            return Attempt::Paused { why: failure(FailureClass::Auth, "the key has expired") };
        }
        if ground.strikes(faults.busy) {
            let why = failure(FailureClass::Conflict, "another change is under way");
            return Attempt::Busy { after: Duration::from_secs(5), why };
        }
        if ground.strikes(faults.dropped) {
            return unknown("the connection closed before an answer came");
        }
        if !self.known(kind, call) {
            if ground.strikes(faults.refused) {
                return Attempt::Failed(failure(FailureClass::Rejected, "told to refuse it"));
            }
            self.apply(kind, call);
        }
        if ground.strikes(faults.lost_answer) {
            return unknown("the connection closed before an answer came");
        }
        Attempt::Done(output())
    }

    /// Searches for an effect.
    pub fn search(&self, who: &str, kind: Kind, call: &Call) -> Recovered {
        let found = self.found(kind, call);
        self.ground.line(who, "search", format_args!("{} {} {kind:?}: {found:?}", call.label, call.invoke));
        found
    }

    fn found(&self, kind: Kind, call: &Call) -> Recovered {
        let (ground, faults) = (&self.ground, &self.ground.mix.market);
        if let Some(down) = self.down() {
            return Recovered::Later { after: None, why: down };
        }
        if ground.strikes(faults.blind) {
            let after = ground.draw(|draw| draw.chance(3000).then(|| draw.millis(1_000, 20_000)));
            return Recovered::Later { after, why: failure(FailureClass::Transient, "the list cannot be read") };
        }
        if ground.strikes(faults.auth) {
            return Recovered::Paused { why: failure(FailureClass::Auth, "the key has expired") };
        }
        let now = ground.elapsed();
        let held = self.held();
        let effects = held.effects.get(&(call.run, call.invoke)).map(Vec::as_slice).unwrap_or_default();
        if kind == Kind::State {
            return match effects {
                [] => Recovered::Absent { visibility: None, irreversible: false },
                _ => Recovered::Applied(output()),
            };
        }
        match effects.iter().filter(|effect| effect.visible_at <= now).count() {
            0 => Recovered::Absent { visibility: Some(VISIBILITY), irreversible: kind == Kind::Launch },
            1 => Recovered::Applied(output()),
            count => Recovered::Twins { evidence: json!({ "effects": count }) },
        }
    }

    /// An intent was settled: what history will say of it must be so.
    pub fn settled(&self, kind: Kind, run: RunId, invoke: InvokeId, outcome: &Outcome) {
        let (count, excused) = (self.applied(run, invoke), self.excused(run, invoke));
        match outcome {
            Outcome::Done { .. } if count == 0 => {
                self.ground
                    .violated("no lost effect", format!("{run} {invoke} is settled as done, and nothing was applied"));
            }
            Outcome::Failed(failure)
                if failure.class != FailureClass::OutcomeUnknown && count > 0 && !excused && kind != Kind::Notice =>
            {
                let message = &failure.message;
                self.ground.violated(
                    "no unknown effect",
                    format!("{run} {invoke} is settled as failed ({message}), and it was applied"),
                );
            }
            _ => {}
        }
    }

    fn down(&self) -> Option<Failure> {
        let down = self.ground.elapsed() < self.held().storm_until;
        down.then(|| failure(FailureClass::Transient, "503"))
    }

    /// Whether it did this before, as far as it lets on.
    fn known(&self, kind: Kind, call: &Call) -> bool {
        let intent = (call.run, call.invoke);
        let forgets = kind == Kind::Token
            && self.held().tokens.contains_key(&call.token)
            && self.ground.strikes(self.ground.mix.market.forgetful);
        let now = self.ground.elapsed();
        let mut held = self.held();
        let first = held.effects.get(&intent).and_then(|effects| effects.first()).map(|effect| effect.at);
        match (kind, first) {
            (Kind::State, Some(_)) => true,
            (Kind::Token, _) if forgets => {
                held.excused.insert(intent);
                false
            }
            (Kind::Token, Some(at)) => held.tokens.contains_key(&call.token) && now < at + TRUE_WINDOW,
            _ => false,
        }
    }

    fn apply(&self, kind: Kind, call: &Call) {
        let (ground, faults) = (&self.ground, &self.ground.mix.market);
        let at = ground.elapsed();
        let documented = u64::try_from(VISIBILITY.as_millis()).unwrap_or(u64::MAX);
        let intent = (call.run, call.invoke);
        let hides = ground.strikes(faults.forgetful);
        let delay = match (hides, ground.strikes(faults.late)) {
            (true, _) => VISIBILITY * 30,
            (false, true) => ground.draw(|draw| draw.millis(1, documented - 1)),
            (false, false) => Duration::ZERO,
        };
        let mut held = self.held();
        if hides {
            held.excused.insert(intent);
        }
        if kind == Kind::Notice {
            held.notices.insert(intent);
        }
        held.effects.entry(intent).or_default().push(Effect { at, visible_at: at + delay });
        held.tokens.insert(call.token, intent);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn output() -> Value {
    Value::Null
}

/// Nobody knows whether it happened.
pub fn unknown(message: &str) -> Attempt {
    Attempt::Unknown { why: failure(FailureClass::OutcomeUnknown, message) }
}

fn failure(class: FailureClass, message: &str) -> Failure {
    Failure { class, message: message.into(), field: None, code: None, evidence: Value::Null }
}
