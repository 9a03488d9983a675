//! Delivery of intents: find out what became of earlier sends, send, and record what came of it.

use std::{sync::Arc, time::Duration};

use entente_core::{
    event::{Failure, FailureClass, Outcome},
    ids::effect_token,
};
use entente_store::{AttemptState, IntentRow, IntentStatus, LeaseKey, RecoveryClass, Settlement};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Shared, backoff, decide, evidence,
    failpoint::{self, Point},
    notes::{ABSENT_AT, BUSY, RESTORED, SEARCH, UNKNOWN, all_free, free, instant, merge, note, used, without},
    sends::Sent,
};
use crate::activities::{Activity, Attempt, Call, RESENT, UNSENT};

/// How long an account whose credentials were not accepted is left alone.
const PAUSE: Duration = Duration::from_secs(60);

/// How long, in business time, a busy object is waited for before a person is asked. Marketplaces speak of minutes to hours for
/// the change that makes it busy.
const BUSY_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The longest pause between two looks at a busy object.
const BUSY_PAUSE_MAX: SignedDuration = SignedDuration::from_mins(5);

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

/// What a delivery comes to.
pub(super) enum Next {
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
        if !self.row.intent.is_intact() {
            return self.record(self.damaged(), &operation).await;
        }
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
            Next::Send => match self.activity.held(&self.call()).await {
                Some(why) => Next::Settle(Outcome::Failed(why)),
                None => match self.send(&operation).await? {
                    Some(next) => next,
                    None => return Ok(Delivered::NotOurs),
                },
            },
            other => other,
        };
        self.record(next, &operation).await
    }

    pub(super) fn call(&self) -> Call {
        Call::of(&self.row, self.token(), self.shared.clock.now())
    }

    /// The same for every attempt.
    fn token(&self) -> Uuid {
        #[cfg(feature = "deliberate-bugs")]
        if let Some(token) = self.random_token() {
            return token;
        }
        let intent = &self.row.intent;
        effect_token(self.row.run, intent.invoke, &intent.activity, &intent.request_hash)
    }

    /// What is stored is not what was decided and approved. Nothing more leaves until the database is sound again.
    fn damaged(&self) -> Next {
        self.shared.gate.close();
        let message = "its stored request is not the one that was decided, so it was not sent: the database is damaged, \
                       restore the last backup with `entente restore`";
        tracing::error!(run.label = self.row.label, "`{}`: {message}", self.row.intent.activity);
        match self.ask(message, Value::Null) {
            Next::Settle(Outcome::Failed(failure)) => {
                Next::Settle(Outcome::Failed(Failure { code: Some("corrupt".into()), ..failure }))
            }
            other => other,
        }
    }

    /// Records the attempt, then sends. `None`: the lease or the intent is not ours any more.
    async fn send(&mut self, operation: &str) -> entente_store::Result<Option<Next>> {
        let age = self.shared.settings.fence_age_max;
        let Some(fence) = self.shared.leases.confirmed(self.lease, age).await? else { return Ok(None) };
        let now = self.shared.clock.now();
        if self.row.notes.get(UNKNOWN).is_some() {
            self.row.notes = note(&self.row.notes, RESENT, json!(now));
        }
        let state = AttemptState {
            status: IntentStatus::Sending,
            counts: true,
            not_before: None,
            notes: without(&self.row.notes, &[UNKNOWN, ABSENT_AT, SEARCH, RESTORED, UNSENT]),
            sent_at: Some(now),
        };
        let (run, invoke) = (self.row.run, self.row.intent.invoke);
        if !self.shared.store.record_attempt(run, invoke, self.lease, fence, state).await? {
            return Ok(None);
        }
        self.row.attempts += 1;
        self.row.first_sent_at.get_or_insert(now);
        // What was searched before this send proves nothing about it.
        self.row.notes = without(&self.row.notes, &[ABSENT_AT, SEARCH, UNSENT]);
        if let Err(error) = self.note_send().await {
            return Ok(Some(self.after(Attempt::Retry { after: None, why: unnoted(operation, &error) })));
        }
        failpoint::reach(Point::K3, operation);
        // The process may have stood still since it asked: what another has taken over meanwhile is not sent.
        if self.shared.leases.confirmed(self.lease, age).await? != Some(fence) {
            return Ok(None);
        }
        #[cfg(feature = "deliberate-bugs")]
        self.record_before_send().await?;
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

    /// Notes a write outside the database, which may be put back later to a time when it had not left.
    async fn note_send(&self) -> std::io::Result<()> {
        if matches!(self.row.intent.class, RecoveryClass::Local | RecoveryClass::Notice) {
            return Ok(());
        }
        let sent = Sent { run: self.row.run, invoke: self.row.intent.invoke, attempt: self.row.attempts };
        let log = self.shared.sends.clone();
        if !log.blocks() {
            return log.note(&sent);
        }
        tokio::task::spawn_blocking(move || log.note(&sent)).await.map_err(std::io::Error::other)?
    }

    fn after(&self, attempt: Attempt) -> Next {
        match attempt {
            Attempt::Done(output) => Next::Settle(Outcome::Done { output }),
            Attempt::Failed(failure) => Next::Settle(Outcome::Failed(failure)),
            // Nothing came of this one; what became of an earlier one is still to be found out.
            Attempt::Retry { after, .. } if self.exhausted() && self.row.notes.get(UNKNOWN).is_some() => {
                let wait = backoff::after(used(&self.row), after, self.shared.settings.jitter.draw());
                Next::Wait { until: self.later(wait), notes: self.row.notes.clone(), status: IntentStatus::Sending }
            }
            Attempt::Retry { why, .. } if self.exhausted() => Next::Settle(Outcome::Failed(Failure {
                class: FailureClass::Transient,
                message: format!("given up after {} attempts: {}", used(&self.row), why.message),
                evidence: merge(&evidence::sent(&self.row), &json!({ "last": why.evidence })),
                ..why
            })),
            Attempt::Retry { after, why } => {
                let wait = backoff::after(used(&self.row), after, self.shared.settings.jitter.draw());
                Next::Wait {
                    until: self.later(wait),
                    notes: note(&self.row.notes, "last", json!(why)),
                    status: IntentStatus::Waiting,
                }
            }
            Attempt::Busy { after, why } => self.busy(after, why),
            Attempt::Wait { after, why, notes } => {
                let notes = note(&merge(&all_free(&self.row), &notes), "waits_for", json!(why));
                Next::Wait { until: self.later(after), notes, status: IntentStatus::Waiting }
            }
            Attempt::Paused { why } => self.pause(free(&self.row), why),
            Attempt::Unknown { why } => self.doubt(why),
        }
    }

    /// A busy object is left alone, ever longer, but not for ever.
    fn busy(&self, after: Duration, why: Failure) -> Next {
        let now = self.shared.clock.now();
        let since = instant(&self.row.notes, BUSY).unwrap_or(now);
        let waited = now.duration_since(since);
        if waited < BUSY_MAX {
            let pause = Duration::try_from((waited / 10).min(BUSY_PAUSE_MAX)).unwrap_or_default().max(after);
            let notes = merge(&free(&self.row), &json!({ BUSY: since, "waits_for": why.message }));
            return Next::Wait { until: self.later(pause), notes, status: IntentStatus::Waiting };
        }
        let message = format!("the object has been busy since {since}: {}", why.message);
        let found = json!({ BUSY: since, "last": why });
        if self.row.notes.get(UNKNOWN).is_some() {
            return self.ask(&message, found);
        }
        Next::Settle(Outcome::Failed(Failure {
            class: FailureClass::Transient,
            message: format!("given up, {message}"),
            field: None,
            code: Some("busy".into()),
            evidence: merge(&evidence::sent(&self.row), &found),
        }))
    }

    /// Whether the attempts are used up.
    pub(super) fn exhausted(&self) -> bool {
        used(&self.row) >= backoff::ATTEMPTS_MAX
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

    /// The account's credentials were not accepted: it pauses, and no attempt is used up.
    pub(super) fn pause(&self, notes: Value, why: Failure) -> Next {
        Next::Pause { until: self.later(PAUSE), notes, why: why.message }
    }

    pub(super) fn later(&self, wait: Duration) -> Timestamp {
        plus(self.shared.clock.now(), wait)
    }
}

fn unnoted(operation: &str, error: &std::io::Error) -> Failure {
    Failure {
        class: FailureClass::Transient,
        message: format!(
            "`{operation}` was not sent, because that could not be noted beside the database ({error}): make room there, or \
             let the server write there"
        ),
        field: None,
        code: Some("not_noted".into()),
        evidence: Value::Null,
    }
}

/// So much later, or the end of time.
pub(super) fn plus(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}
