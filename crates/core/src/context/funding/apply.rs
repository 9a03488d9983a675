//! What each event does to a sheet. Total: what makes no sense leaves it as it is.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{ASSESS, Assessment, Paper, Revise, Sheet, data::Because};
use crate::{
    context::{
        ApplyFacts,
        private_offer::{Refusal, Withdrawal},
    },
    event::{Body, Event, Failure, Outcome},
};

/// The code of a refusal by the ledger.
const LEDGER: &str = "ledger_refused";

/// What the assessment returns, whichever way it goes.
#[derive(Debug, Deserialize)]
struct Assessed {
    assessment: Assessment,
}

impl<P: Paper> Sheet<P> {
    /// Applies an event.
    pub(super) fn apply(&mut self, event: &Event, facts: &ApplyFacts<'_>) {
        match &event.body {
            Body::Started { .. } => self.asked_by(event),
            Body::Named { name, data } => {
                self.forget_ledger();
                self.named(name, data, event, facts.now);
            }
            Body::Result { outcome, .. } => {
                let Some(activity) = facts.activity else { return };
                match outcome {
                    Outcome::Done { output } => self.done(activity, output, facts.now),
                    Outcome::Failed(failure) => self.failed(activity, failure, facts.now),
                }
            }
            Body::LedgerRefused { reason, .. } => {
                self.refusal = Some(Refusal { message: reason.clone(), field: None, code: Some(LEDGER.into()) });
                P::ledger_refused(self, facts.now);
            }
            Body::Timer { key, due } => {
                self.forget_ledger();
                if let Some((_, deadline)) = key.0.rsplit_once('/') {
                    P::came(self, deadline, *due);
                }
            }
            Body::ChildEnded { .. } | Body::Resolve { .. } => {}
        }
        self.revise();
    }

    fn named(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        match name {
            "submit" => {
                self.asked_by(event);
                self.refusal = None;
                P::happened(self, name, data, event, now);
            }
            "revise" => {
                let Ok(revise) = Revise::<P>::deserialize(data) else { return };
                if revise.paper.replaces(&self.paper) {
                    self.asked_by(event);
                    self.paper = revise.paper;
                    self.refusal = None;
                    P::happened(self, name, data, event, now);
                }
            }
            "withdraw" => {
                let Ok(because) = Because::deserialize(data) else { return };
                let by = event.actor.as_ref().map(|actor| actor.person.clone());
                self.withdrawal = Some(Withdrawal { reason: because.reason, by, at: now });
            }
            // What cannot be meant changes nothing, whoever sends it: its guard does not hold then.
            _ if P::check_event(name, data).is_some_and(|checked| checked.is_err()) => {}
            _ => P::happened(self, name, data, event, now),
        }
    }

    /// Notes whose hand is in it.
    pub(super) fn asked_by(&mut self, event: &Event) {
        if let Some(actor) = &event.actor {
            self.requester = Some(actor.person.clone());
            self.authors.extend(std::iter::once(&actor.person).chain(&actor.on_behalf_of).cloned());
        }
    }

    fn is_refused_by_ledger(&self) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.code.as_deref() == Some(LEDGER))
    }

    /// A refusal by the ledger is told until somebody, or time, has it tried again.
    fn forget_ledger(&mut self) {
        if self.is_refused_by_ledger() {
            self.refusal = None;
        }
    }

    fn done(&mut self, activity: &str, output: &Value, now: Timestamp) {
        // What was under way when the ledger refused may end after it, and does not make it forgotten.
        if !self.is_refused_by_ledger() {
            self.refusal = None;
        }
        if activity == ASSESS {
            self.assessment = assessment(output).or_else(|| self.assessment.take());
        }
        P::done(self, activity, output, now);
    }

    fn failed(&mut self, activity: &str, failure: &Failure, now: Timestamp) {
        if activity == ASSESS {
            self.assessment = assessment(&failure.evidence).or_else(|| self.assessment.take());
        }
        if failure.class.stands_apart() {
            return;
        }
        self.refusal = Some(Refusal {
            message: failure.message.clone(),
            field: failure.field.clone(),
            code: failure.code.clone(),
        });
        P::failed(self, activity, now);
    }
}

fn assessment(output: &Value) -> Option<Assessment> {
    Assessed::deserialize(output).ok().map(|assessed| assessed.assessment)
}
