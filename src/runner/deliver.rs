//! Delivery of intents: send, and settle what is unknown by its recovery class.

use std::sync::Arc;

use entente_core::{
    event::{Failure, FailureClass, Outcome},
    ids::effect_token,
};
use entente_store::{AttemptState, IntentRow, IntentStatus, LeaseKey, RecoveryClass, Settlement};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Shared, backoff, decide,
    failpoint::{self, Point},
};
use crate::activities::{Activity, Attempt, Call, RESENT, Recovered};

/// The note of an intent that stands in a restored database: sends may have been forgotten.
pub const RESTORED: &str = "restored";

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The result is in the run's inbox.
    Settled,
    /// It waits for its next attempt.
    Waiting,
    /// The account's credentials were not accepted: the account pauses.
    Paused(String),
    /// Somebody else owns the account or has settled the intent.
    NotOurs,
}

/// One delivery under a lease.
pub struct Delivery<'a> {
    /// The process.
    pub shared: &'a Shared,
    /// The lease under which everything is recorded.
    pub lease: &'a LeaseKey,
    /// The intent.
    pub row: IntentRow,
    /// The activity that performs it.
    pub activity: Arc<dyn Activity>,
}

/// The note of how many recorded attempts do not count, because nothing failed: the object was busy, the work was still under
/// way, or the account paused.
const FREE: &str = "free";

enum Next {
    Settle(Outcome),
    Wait { until: Timestamp, notes: Value, status: IntentStatus },
    Pause { until: Timestamp, notes: Value, why: String },
    Send,
}

impl Delivery<'_> {
    /// Delivers the intent once: finds out what an earlier send came to, sends if that is right, and records the result.
    pub async fn deliver(mut self) -> entente_store::Result<Delivered> {
        let operation = self.row.intent.activity.clone();
        failpoint::reach(Point::K2, &operation);
        if self.retried() {
            self.start_over();
        }
        let next = if self.in_doubt() {
            self.keep_doubt();
            self.recover().await
        } else {
            Next::Send
        };
        let next = match next {
            Next::Send => match self.send(&operation).await? {
                Some(next) => next,
                None => return Ok(Delivered::NotOurs),
            },
            other => other,
        };
        self.record(next, &operation).await
    }

    fn in_doubt(&self) -> bool {
        self.row.status == IntentStatus::Sending || self.row.notes.get("unknown").is_some()
    }

    /// A person had it tried again after it was given up.
    fn retried(&self) -> bool {
        self.row.status == IntentStatus::Ready && self.row.first_sent_at.is_some()
    }

    /// Begins with fresh attempts; what was sent before remains in doubt, unless only the person can know.
    fn start_over(&mut self) {
        match self.row.intent.class {
            RecoveryClass::Local | RecoveryClass::Notice => self.row.notes = Value::Null,
            RecoveryClass::Manual => self.row.notes = without(&self.row.notes, &[FREE, "unknown"]),
            RecoveryClass::TokenDedup | RecoveryClass::NaturalKey | RecoveryClass::ReadBack => {
                self.row.notes = without(&self.row.notes, &[FREE, "absent_at"]);
                self.keep_doubt();
            }
        }
    }

    /// A doubt outlives the attempts after it: that a resend was throttled says nothing about the send before.
    fn keep_doubt(&mut self) {
        let repeatable = matches!(self.row.intent.class, RecoveryClass::Local | RecoveryClass::Notice);
        if !repeatable && self.row.notes.get("unknown").is_none() {
            let why = json!({ "message": "what became of an earlier send is not known" });
            self.row.notes = note(&self.row.notes, "unknown", why);
        }
    }

    /// The attempts that count against the bound.
    fn used(&self) -> u32 {
        let free = self.row.notes.get(FREE).and_then(Value::as_u64).unwrap_or(0);
        self.row.attempts.saturating_sub(u32::try_from(free).unwrap_or(u32::MAX))
    }

    /// The notes after an attempt that does not count.
    fn free(&self) -> Value {
        let free = self.row.notes.get(FREE).and_then(Value::as_u64).unwrap_or(0);
        note(&self.row.notes, FREE, json!(free.saturating_add(1)))
    }

    /// A restored database may have forgotten sends: what the other side holds is looked for before any token is trusted.
    fn forgotten(&self) -> bool {
        self.row.notes.get(RESTORED).is_some()
    }

    fn by_token(&self) -> bool {
        self.row.intent.class == RecoveryClass::TokenDedup
    }

    fn call(&self) -> Call {
        let row = &self.row;
        Call {
            run: row.run,
            label: row.label.clone(),
            home: row.home.clone(),
            invoke: row.intent.invoke,
            request: row.intent.request.clone(),
            token: effect_token(row.run, row.intent.invoke, &row.intent.activity, &row.intent.request_hash),
            attempt: row.attempts,
            first_sent_at: row.first_sent_at,
            notes: row.notes.clone(),
            now: self.shared.clock.now(),
        }
    }

    /// Records the attempt, then sends. `None`: the lease or the intent is not ours any more.
    async fn send(&mut self, operation: &str) -> entente_store::Result<Option<Next>> {
        let age = self.shared.settings.fence_age_max;
        let Some(fence) = self.shared.leases.confirmed(self.lease, age).await? else { return Ok(None) };
        let now = self.shared.clock.now();
        if self.row.notes.get("unknown").is_some() {
            self.row.notes = note(&self.row.notes, RESENT, json!(now));
        }
        let state = AttemptState {
            status: IntentStatus::Sending,
            counts: true,
            not_before: None,
            notes: without_doubt(&self.row.notes),
            sent_at: Some(now),
        };
        let (run, invoke) = (self.row.run, self.row.intent.invoke);
        if !self.shared.store.record_attempt(run, invoke, self.lease, fence, state).await? {
            return Ok(None);
        }
        self.row.attempts += 1;
        self.row.first_sent_at.get_or_insert(now);
        // What was searched before this send proves nothing about it.
        self.row.notes = without(&self.row.notes, &["absent_at"]);
        failpoint::reach(Point::K3, operation);
        let call = self.call();
        // A panic of one activity is that intent's failure, not the process's.
        failpoint::reach(Point::K4, operation);
        let attempt = std::panic::AssertUnwindSafe(self.activity.perform(&call)).catch_unwind().await;
        failpoint::reach(Point::K5, operation);
        Ok(Some(match attempt {
            Ok(attempt) => self.after(attempt),
            Err(panic) => self.doubt(Failure {
                class: FailureClass::OutcomeUnknown,
                message: format!("`{operation}` failed inside the program: {}", decide::panic_text(panic.as_ref())),
                field: None,
                code: Some("panic".into()),
                evidence: Value::Null,
            }),
        }))
    }

    fn after(&self, attempt: Attempt) -> Next {
        match attempt {
            Attempt::Done(output) => Next::Settle(Outcome::Done { output }),
            Attempt::Failed(failure) => Next::Settle(Outcome::Failed(failure)),
            Attempt::Retry { why, .. } if self.used() >= backoff::ATTEMPTS_MAX => {
                Next::Settle(Outcome::Failed(Failure {
                    class: FailureClass::Transient,
                    message: format!("given up after {} attempts: {}", self.used(), why.message),
                    ..why
                }))
            }
            Attempt::Retry { after, why } => {
                let wait = backoff::after(self.used(), after, backoff::draw());
                Next::Wait {
                    until: self.later(wait),
                    notes: note(&self.row.notes, "last", json!(why)),
                    status: IntentStatus::Waiting,
                }
            }
            Attempt::Wait { after, why, notes } => {
                let notes = note(&merge(&self.free(), &notes), "waits_for", json!(why));
                Next::Wait { until: self.later(after), notes, status: IntentStatus::Waiting }
            }
            Attempt::Paused { why } => Next::Pause {
                until: self.later(std::time::Duration::from_secs(60)),
                notes: self.free(),
                why: why.message,
            },
            Attempt::Unknown { why } => self.doubt(why),
        }
    }

    /// The outcome is unknown: the next delivery searches before it does anything else.
    fn doubt(&self, why: Failure) -> Next {
        let notes = note(&self.row.notes, "unknown", json!(why));
        let wait = backoff::after(self.used(), None, backoff::draw());
        Next::Wait { until: self.later(wait), notes, status: IntentStatus::Sending }
    }

    async fn recover(&self) -> Next {
        let call = self.call();
        match self.row.intent.class {
            RecoveryClass::Local | RecoveryClass::Notice => self.again(),
            RecoveryClass::Manual => self.ask("the other side cannot be asked whether it happened", Value::Null),
            // With its attempts used up it is only searched for.
            RecoveryClass::TokenDedup
                if !self.forgotten() && self.used() < backoff::ATTEMPTS_MAX && self.activity.token_honoured(&call) =>
            {
                self.again()
            }
            RecoveryClass::ReadBack => match self.activity.recover(&call).await {
                Recovered::Absent { irreversible: false, .. } => self.again(),
                found => self.found(found),
            },
            RecoveryClass::TokenDedup | RecoveryClass::NaturalKey => match self.activity.recover(&call).await {
                Recovered::Absent { .. } if self.by_token() && self.activity.token_honoured(&call) => self.again(),
                Recovered::Absent { visibility, irreversible } => self.absent(visibility, irreversible),
                found => self.found(found),
            },
        }
    }

    /// Sends again, unless the attempts are used up.
    fn again(&self) -> Next {
        if self.used() < backoff::ATTEMPTS_MAX {
            return Next::Send;
        }
        self.ask("attempts are used up and the outcome of the last one is unknown", Value::Null)
    }

    fn found(&self, found: Recovered) -> Next {
        match found {
            Recovered::Applied(output) => Next::Settle(Outcome::Done { output }),
            Recovered::Twins { evidence } => self.ask(
                "the effect was found more than once: remove the twin by hand, then say that it happened",
                evidence,
            ),
            Recovered::Different { evidence } => self.ask("our key stands on something else: look at both", evidence),
            Recovered::Later { why } => {
                let wait = backoff::after(self.used().max(2), None, backoff::draw());
                let notes = note(&self.row.notes, "search", json!(why));
                Next::Wait { until: self.later(wait), notes, status: IntentStatus::Sending }
            }
            Recovered::Absent { .. } => self.ask("nothing that can be read tells whether it happened", Value::Null),
        }
    }

    /// Absence proves something only past the documented delay, seen twice, and never enough to publish again.
    fn absent(&self, visibility: Option<std::time::Duration>, irreversible: bool) -> Next {
        let Some(visibility) = visibility else {
            return self.ask(
                "it was not found, and no delay is documented after which that would prove anything",
                Value::Null,
            );
        };
        let sent = self.row.first_sent_at.unwrap_or_else(|| self.shared.clock.now());
        let settled = plus(sent, visibility);
        let now = self.shared.clock.now();
        let seen_absent = self.row.notes.get("absent_at").and_then(|at| at.as_str()?.parse::<Timestamp>().ok());
        match seen_absent {
            Some(earlier) if now >= settled && now >= plus(earlier, visibility) && earlier >= sent => {
                if irreversible {
                    return self.ask(
                        "it was not found past the documented delay, and it may not be published twice",
                        json!({ "searched": [earlier, now] }),
                    );
                }
                self.again()
            }
            _ => {
                let until = settled.max(plus(now, visibility));
                let notes = note(&self.row.notes, "absent_at", json!(seen_absent.unwrap_or(now)));
                Next::Wait { until, notes, status: IntentStatus::Sending }
            }
        }
    }

    /// Puts the question before a person, with the evidence.
    fn ask(&self, message: &str, evidence: Value) -> Next {
        let earlier = self.row.notes.get("unknown").cloned().unwrap_or(Value::Null);
        Next::Settle(Outcome::Failed(Failure {
            class: FailureClass::OutcomeUnknown,
            message: format!("`{}` of {}: {message}", self.row.intent.activity, self.row.label),
            field: None,
            code: None,
            evidence: json!({
                "request": self.row.intent.request,
                "attempts": self.row.attempts,
                "first_sent_at": self.row.first_sent_at,
                "unknown": earlier,
                "found": evidence,
            }),
        }))
    }

    async fn record(&self, next: Next, operation: &str) -> entente_store::Result<Delivered> {
        failpoint::reach(Point::K6, operation);
        let Some(fence) = self.shared.leases.fence(self.lease) else { return Ok(Delivered::NotOurs) };
        let (run, invoke) = (self.row.run, self.row.intent.invoke);
        let (status, not_before, notes, delivered) = match next {
            Next::Settle(outcome) => {
                let settlement = Settlement { run, invoke, outcome, at: self.shared.clock.now() };
                let pending = self.shared.store.settle(self.lease, fence, settlement).await?;
                failpoint::reach(Point::K8, operation);
                let Some(pending) = pending else { return Ok(Delivered::NotOurs) };
                self.shared.pending(vec![pending]);
                return Ok(Delivered::Settled);
            }
            Next::Wait { until, notes, status } => (status, until, notes, Delivered::Waiting),
            Next::Pause { until, notes, why } => (IntentStatus::Waiting, until, notes, Delivered::Paused(why)),
            Next::Send => (self.row.status, self.shared.clock.now(), self.row.notes.clone(), Delivered::Waiting),
        };
        let state = AttemptState { status, counts: false, not_before: Some(not_before), notes, sent_at: None };
        let ours = self.shared.store.record_attempt(run, invoke, self.lease, fence, state).await?;
        Ok(if ours { delivered } else { Delivered::NotOurs })
    }

    fn later(&self, wait: std::time::Duration) -> Timestamp {
        plus(self.shared.clock.now(), wait)
    }
}

fn plus(at: Timestamp, wait: std::time::Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

fn note(notes: &Value, name: &str, value: Value) -> Value {
    merge(notes, &json!({ name: value }))
}

fn merge(notes: &Value, more: &Value) -> Value {
    let mut all = notes.as_object().cloned().unwrap_or_default();
    if let Some(more) = more.as_object() {
        all.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Value::Object(all)
}

fn without_doubt(notes: &Value) -> Value {
    without(notes, &["unknown", "absent_at", RESTORED])
}

fn without(notes: &Value, names: &[&str]) -> Value {
    let mut all = notes.as_object().cloned().unwrap_or_default();
    all.retain(|name, _| !names.contains(&name.as_str()));
    Value::Object(all)
}
