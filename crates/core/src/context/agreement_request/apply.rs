//! What each event does to the context. Total: what makes no sense leaves the context as it is.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{AWAIT, Ask, Change, Figures, Request, Revise, data::Reason};
use crate::{
    context::{
        ApplyFacts,
        private_offer::{Refusal, Withdrawal},
    },
    event::{Body, Event, Failure, Outcome},
};

/// What the marketplace's activities return: `change_id` for what it works on in its own time, else what the end would.
#[derive(Debug, Default, Deserialize)]
struct Output {
    #[serde(default)]
    change_id: Option<String>,
    #[serde(default)]
    at: Option<Timestamp>,
    #[serde(default)]
    key: Value,
}

/// What the check returns, whichever way it goes.
#[derive(Debug, Deserialize)]
struct Checked {
    figures: Figures,
}

impl<A: Ask> Request<A> {
    /// Applies an event.
    pub(super) fn apply(&mut self, event: &Event, facts: &ApplyFacts<'_>) {
        match &event.body {
            Body::Started { .. } => self.asked_by(event),
            Body::Named { name, data } => self.named(name, data, event, facts.now),
            Body::Result { outcome, .. } => {
                let Some(activity) = facts.activity else { return };
                match outcome {
                    Outcome::Done { output } => self.done(activity, output, facts.now),
                    Outcome::Failed(failure) => self.failed(activity, failure),
                }
            }
            Body::Timer { .. } | Body::ChildEnded { .. } => {}
            Body::LedgerRefused { .. } | Body::Resolve { .. } => {}
        }
    }

    fn named(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        match name {
            "submit" => {
                self.asked_by(event);
                self.refusal = None;
            }
            "revise" => {
                let Ok(revise) = Revise::<A>::deserialize(data) else { return };
                if self.same_agreement(&revise.ask) {
                    self.asked_by(event);
                    self.revision = revise.ask.revision();
                    self.ask = revise.ask;
                    self.refusal = None;
                }
            }
            "withdraw" => {
                let Ok(reason) = Reason::deserialize(data) else { return };
                let by = event.actor.as_ref().map(|actor| actor.person.clone());
                self.withdrawal = Some(Withdrawal { reason: reason.reason, by, at: now });
            }
            _ => {}
        }
    }

    /// Another agreement is another request: its run, its keys and its place belong to this one.
    fn same_agreement(&self, other: &A) -> bool {
        let ours = &self.ask;
        other.marketplace() == ours.marketplace()
            && other.legal_entity() == ours.legal_entity()
            && other.agreement_id() == ours.agreement_id()
    }

    fn asked_by(&mut self, event: &Event) {
        if let Some(actor) = &event.actor {
            self.requester = Some(actor.person.clone());
            self.authors.extend(std::iter::once(&actor.person).chain(&actor.on_behalf_of).cloned());
        }
    }

    fn done(&mut self, activity: &str, output: &Value, now: Timestamp) {
        if activity == A::CHECK {
            self.figures = figures(output).or_else(|| self.figures.take());
            self.refusal = None;
            return;
        }
        if A::UNDO == Some(activity) {
            self.refusal = None;
        }
        if activity != A::WRITE && activity != AWAIT {
            return;
        }
        let Output { change_id, at, key } = Output::deserialize(output).unwrap_or_default();
        self.refusal = None;
        match change_id.filter(|_| activity == A::WRITE) {
            Some(id) => self.change = Some(Change { id, key }),
            None => self.applied_at = Some(at.unwrap_or(now)),
        }
    }

    fn failed(&mut self, activity: &str, failure: &Failure) {
        if activity == A::CHECK {
            self.figures = figures(&failure.evidence).or_else(|| self.figures.take());
        }
        if failure.class.stands_apart() {
            return;
        }
        if A::UNDO == Some(activity) {
            // It stands as it did, and its own end is still to come.
            self.withdrawal = None;
        }
        self.refusal = Some(Refusal {
            message: failure.message.clone(),
            field: failure.field.clone(),
            code: failure.code.clone(),
        });
    }
}

fn figures(output: &Value) -> Option<Figures> {
    Checked::deserialize(output).ok().map(|checked| checked.figures)
}
