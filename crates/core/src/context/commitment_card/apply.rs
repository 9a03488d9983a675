//! What each event does to a card. Total: what makes no sense leaves it as it is.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use super::{About, CommitmentCard, Saying, Unknown, Withdrawing, data, face::DUE};
use crate::{
    commitment::card::{Consent, Owner},
    context::ApplyFacts,
    event::{Body, Event},
};

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl CommitmentCard {
    /// Applies an event.
    pub(super) fn apply(&mut self, event: &Event, facts: &ApplyFacts<'_>) {
        match &event.body {
            Body::Named { name, data } if data::check(name, data).is_ok() => self.named(name, data, event, facts.now),
            Body::Timer { key, .. } if key.0.rsplit('/').next() == Some(DUE) => {
                let due: Vec<_> = self.due_on(day_of(facts.now)).collect();
                self.asking.extend(due);
            }
            _ => {}
        }
    }

    fn named(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        match name {
            "say" => {
                let Ok(saying) = Saying::deserialize(data) else { return };
                for told in saying.facts {
                    self.unknown.remove(&told.topic);
                    if self.facts.iter().all(|known| known.fact != told.fact) {
                        self.facts.push(told);
                    }
                }
            }
            "withdraw_consent" => {
                let Ok(withdrawing) = Withdrawing::deserialize(data) else { return };
                for told in self.facts.iter_mut().filter(|told| told.fact == withdrawing.fact) {
                    told.consent = Consent::Withdrawn;
                }
            }
            "nobody_knows" => {
                let Ok(about) = About::deserialize(data) else { return };
                let by = event.actor.as_ref().map(|actor| actor.person.clone());
                self.unknown.insert(about.topic, Unknown { by, at: now });
            }
            "share" | "stop_sharing" if self.subject.side == Owner::Buyer => {
                self.shares_daily_sums = name == "share";
            }
            _ => {}
        }
        // What has its answer, or nothing left to be asked about, is no longer asked.
        let due: Vec<_> = self.due_on(day_of(now)).collect();
        self.asking.retain(|topic| due.contains(topic));
    }
}
