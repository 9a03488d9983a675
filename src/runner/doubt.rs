//! Settling a send whose outcome is not known: by its recovery class, within bounds, and in the end by a person.

use std::time::Duration;

use entente_core::event::{Failure, FailureClass, Outcome};
use entente_store::{IntentStatus, RecoveryClass};
use serde_json::{Value, json};

use super::{
    backoff,
    deliver::{Delivery, Next, plus},
    evidence,
    notes::{ABSENT_AT, BUSY, FREE, RESTORED, SEARCH, UNKNOWN, instant, merge, note, used, without},
};
use crate::activities::{Recovered, UNSENT};

/// How often a token is trusted without looking: the usual lost answer is settled by one resend.
const UNSEEN_RESENDS: u32 = 1;

/// Sends of one request under its token whose outcomes stay unknown. One more could only help a marketplace that honours
/// the token; to one that does not, each is another offer.
const TOKEN_SENDS_MAX: u32 = 4;

impl Delivery<'_> {
    pub(super) fn in_doubt(&self) -> bool {
        self.row.status == IntentStatus::Sending || self.row.notes.get(UNKNOWN).is_some()
    }

    /// A person had it tried again after it was given up.
    pub(super) fn retried(&self) -> bool {
        self.row.status == IntentStatus::Ready && self.row.first_sent_at.is_some()
    }

    /// Begins with fresh attempts; what was sent before remains in doubt, unless only the person can know.
    pub(super) fn start_over(&mut self) {
        match self.row.intent.class {
            RecoveryClass::Local | RecoveryClass::Notice => self.row.notes = Value::Null,
            RecoveryClass::Manual => self.row.notes = without(&self.row.notes, &[FREE, BUSY, UNKNOWN]),
            RecoveryClass::TokenDedup | RecoveryClass::NaturalKey | RecoveryClass::ReadBack => {
                self.row.notes = without(&self.row.notes, &[FREE, BUSY, ABSENT_AT, SEARCH]);
                if self.row.notes.get(UNSENT).is_none() {
                    self.keep_doubt();
                }
            }
        }
    }

    /// A doubt outlives the attempts after it: that a resend was throttled says nothing about the send before.
    pub(super) fn keep_doubt(&mut self) {
        let repeatable = matches!(self.row.intent.class, RecoveryClass::Local | RecoveryClass::Notice);
        if !repeatable && self.row.notes.get(UNKNOWN).is_none() {
            let why = json!({ "message": "what became of an earlier send is not known" });
            self.row.notes = note(&self.row.notes, UNKNOWN, why);
        }
    }

    /// The outcome is unknown: the next delivery searches before it does anything else.
    pub(super) fn doubt(&self, why: Failure) -> Next {
        let notes = note(&self.row.notes, UNKNOWN, json!(why));
        let wait = backoff::after(used(&self.row), None, self.shared.settings.jitter.draw());
        Next::Wait { until: self.later(wait), notes, status: IntentStatus::Sending }
    }

    /// Finds out what became of an earlier send, or what to do about it.
    pub(super) async fn recover(&self) -> Next {
        let call = self.call();
        match self.row.intent.class {
            RecoveryClass::Local | RecoveryClass::Notice => self.again(),
            RecoveryClass::Manual => self.ask("the other side cannot be asked whether it happened", Value::Null),
            RecoveryClass::TokenDedup
                if !self.forgotten() && used(&self.row) <= UNSEEN_RESENDS && self.activity.token_honoured(&call) =>
            {
                self.again()
            }
            RecoveryClass::ReadBack => match self.activity.recover(&call).await {
                Recovered::Absent { irreversible: false, .. } => self.again(),
                found => self.found(found),
            },
            RecoveryClass::TokenDedup | RecoveryClass::NaturalKey => match self.activity.recover(&call).await {
                Recovered::Absent { .. } if self.may_be_resent() && self.activity.token_honoured(&call) => self.again(),
                Recovered::Absent { visibility, irreversible } => self.absent(visibility, irreversible),
                found => self.found(found),
            },
        }
    }

    /// A restored database may have forgotten sends: what the other side holds is looked for before any token is trusted.
    fn forgotten(&self) -> bool {
        self.row.notes.get(RESTORED).is_some()
    }

    /// A token has kept its promise so far, or has not been tried often enough to be doubted.
    fn may_be_resent(&self) -> bool {
        self.row.intent.class == RecoveryClass::TokenDedup && used(&self.row) < TOKEN_SENDS_MAX
    }

    /// Sends again, unless the attempts are used up.
    fn again(&self) -> Next {
        if !self.exhausted() {
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
            Recovered::Later { after, why } => self.not_searched(after, why),
            Recovered::Paused { why } => self.pause(self.row.notes.clone(), why),
            Recovered::Absent { .. } => self.ask("nothing that can be read tells whether it happened", Value::Null),
        }
    }

    /// The search itself failed: it is repeated within the same bounds as a send, then a person is asked.
    fn not_searched(&self, after: Option<Duration>, why: Failure) -> Next {
        let before = self.row.notes.get(SEARCH);
        let failed = before.and_then(|search| search.get("failed")?.as_u64()).unwrap_or(0).saturating_add(1);
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        let now = json!(self.shared.clock.now());
        let since = before.and_then(|search| search.get("since")).cloned().unwrap_or_else(|| now.clone());
        let search = json!({ "failed": failed, "since": since, "last_at": now, "last": why });
        if failed >= backoff::ATTEMPTS_MAX {
            let message =
                format!("it could not be searched for in {failed} attempts, the last failed with: {}", why.message);
            return self.ask(&message, json!({ "search": search }));
        }
        let wait = backoff::after(failed, after, self.shared.settings.jitter.draw());
        let notes = note(&self.row.notes, SEARCH, search);
        Next::Wait { until: self.later(wait), notes, status: IntentStatus::Sending }
    }

    /// Absence proves something only past the documented delay, seen twice, and never enough to publish again.
    fn absent(&self, visibility: Option<Duration>, irreversible: bool) -> Next {
        let Some(visibility) = visibility else {
            return self.ask(
                "it was not found, and no delay is documented after which that would prove anything",
                Value::Null,
            );
        };
        let sent = self.row.first_sent_at.unwrap_or_else(|| self.shared.clock.now());
        let settled = plus(sent, visibility);
        let now = self.shared.clock.now();
        // A search before the send, by a clock that is behind the sender's, proves nothing and must not be kept.
        let seen_absent = instant(&self.row.notes, ABSENT_AT).filter(|earlier| *earlier >= sent);
        match seen_absent {
            Some(earlier) if now >= settled && now >= plus(earlier, visibility) => {
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
                let notes = without(&self.row.notes, &[SEARCH]);
                let notes = note(&notes, ABSENT_AT, json!(seen_absent.unwrap_or(now)));
                Next::Wait { until, notes, status: IntentStatus::Sending }
            }
        }
    }

    /// Puts the question before a person, with the evidence.
    pub(super) fn ask(&self, message: &str, found: Value) -> Next {
        let unknown = self.row.notes.get(UNKNOWN).cloned().unwrap_or(Value::Null);
        let evidence = merge(&evidence::sent(&self.row), &json!({ "unknown": unknown, "found": found }));
        Next::Settle(Outcome::Failed(Failure {
            class: FailureClass::OutcomeUnknown,
            message: format!("`{}` of {}: {message}", self.row.intent.activity, self.row.label),
            field: None,
            code: None,
            evidence,
        }))
    }
}
