//! What each event does to the context. Total: what makes no sense leaves it as it is.

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Contract, Ended, LOOK_AT_COMMITMENT, Plan, Stated, Trouble, Written,
    data::{self, Dropped, Ending, Revision},
    look::Looked,
    revises,
};
use crate::{
    commitment::Statement,
    context::ApplyFacts,
    event::{Body, Event, Outcome},
    ids::PersonId,
};

impl Contract {
    pub(super) fn apply(&mut self, event: &Event, facts: &ApplyFacts<'_>) {
        let by = event.actor.as_ref().map(|actor| actor.person.clone());
        match &event.body {
            Body::Started { .. } => {
                if let Some(written) = self.documents.first_mut() {
                    written.by = by;
                }
            }
            Body::Named { name, data } => self.named(name, data, by, facts.now),
            Body::Result { outcome, .. } if facts.activity == Some(LOOK_AT_COMMITMENT) => match outcome {
                Outcome::Done { output } => self.looked(output, facts.now),
                Outcome::Failed(failure) => self.saw_nothing(failure.message.clone(), facts.now),
            },
            _ => {}
        }
    }

    fn named(&mut self, name: &str, data: &Value, by: Option<PersonId>, at: Timestamp) {
        match name {
            "revise" => self.revise(data, by, at),
            "statement" => {
                let stated = read::<Statement>(data).map(|statement| Stated { statement, by, at });
                self.statements.extend(stated);
            }
            "plan" => {
                let Some(plan) = read::<Plan>(data) else { return };
                self.plans.retain(|kept| kept.name != plan.name);
                self.plans.push(Plan { by, at: Some(at), ..plan });
            }
            "drop_plan" => {
                let Some(dropped) = read::<Dropped>(data) else { return };
                self.plans.retain(|kept| kept.name != dropped.name);
            }
            "roll_over" | "end" | "withdraw" => {
                let Some(ending) = read::<Ending>(data) else { return };
                self.ending = Some(Ended { into: ending.into, reason: ending.reason, by, at });
            }
            _ => {}
        }
    }

    fn revise(&mut self, data: &Value, by: Option<PersonId>, at: Timestamp) {
        let Some(revision) = read::<Revision>(data) else { return };
        let (Ok(new), Ok(old)) = (data::document(&revision.document), self.commitment()) else { return };
        if new != old && revises(&new, &old).is_ok() {
            self.documents.push(Written { text: revision.document, reason: Some(revision.reason), by, at });
        }
    }

    /// Whether a revision says what is kept now.
    pub(super) fn has_taken(&self, event: &Event) -> bool {
        let Body::Named { data, .. } = &event.body else { return false };
        let Some(revision) = read::<Revision>(data) else { return false };
        let (new, kept) = (data::document(&revision.document).ok(), self.commitment().ok());
        new.is_some() && new == kept
    }

    fn looked(&mut self, output: &Value, now: Timestamp) {
        let Ok(looked) = Looked::deserialize(output) else {
            return self.saw_nothing("what the look has found cannot be read".to_owned(), now);
        };
        self.looked_at = Some(now);
        self.trouble = None;
        self.look = Some(looked.look);
        // An alert that was told is not told again, whatever a look says that was under way.
        self.news = looked.alerts.into_iter().filter(|alert| !self.told.contains(alert)).collect();
        self.told.extend(self.news.iter().cloned());
        // A look that saw no day of its term has nothing to remember, and takes nothing back.
        if !looked.spells.is_empty() {
            self.spells = looked.spells;
        }
    }

    fn saw_nothing(&mut self, message: String, now: Timestamp) {
        let known = self.trouble.as_ref().is_some_and(|trouble| trouble.message == message);
        self.looked_at = Some(now);
        self.news.clear();
        self.trouble = Some(Trouble { message, new: !known });
    }
}

fn read<T: DeserializeOwned>(data: &Value) -> Option<T> {
    T::deserialize(data).ok()
}
