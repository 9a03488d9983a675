//! What is to be asked again, when, and by whom.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{BUYERS, CommitmentCard, SELLERS, Told};
use crate::{
    commitment::card::{Consent, Owner, Topic},
    ids::{PersonId, RoleId},
    run::TaskSpec,
};

/// The task of whoever asks again.
pub const ASK_AGAIN: &str = "ask_again";

/// Days until an open question should have its answer.
const DAYS: i64 = 14;

impl Told {
    fn asked_from(&self) -> Date {
        self.confidence.asked_from(self.as_of, self.expires)
    }
}

impl CommitmentCard {
    /// The fact of a topic that can be relied on longest.
    fn last_of(&self, topic: Topic) -> Option<&Told> {
        let usable = self.facts.iter().filter(|told| told.topic == topic && told.consent != Consent::Withdrawn);
        usable.max_by_key(|told| told.asked_from())
    }

    /// From which day on a topic is to be asked again; `None` where there is nothing to ask about, or nobody knows better.
    pub(super) fn asked_from(&self, topic: Topic) -> Option<Date> {
        let last = self.last_of(topic).filter(|_| !self.unknown.contains_key(&topic));
        last.map(Told::asked_from)
    }

    /// What is to be asked on a day.
    pub(super) fn due_on(&self, day: Date) -> impl Iterator<Item = Topic> {
        Topic::ALL.into_iter().filter(move |topic| self.asked_from(*topic).is_some_and(|from| from <= day))
    }

    /// When the next topic is to be asked again that is not being asked.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let waiting = Topic::ALL.into_iter().filter(|topic| !self.asking.contains(topic));
        let day = waiting.filter_map(|topic| self.asked_from(topic)).min()?;
        day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp())
    }

    /// Whoever is to ask what is being asked.
    fn owners(&self) -> BTreeSet<&PersonId> {
        self.asking.iter().filter_map(|topic| Some(&self.last_of(*topic)?.ask_again)).collect()
    }

    /// The role of the people of this side.
    fn role(&self) -> &'static str {
        match self.subject.side {
            Owner::Seller => SELLERS,
            Owner::Buyer => BUYERS,
        }
    }

    /// The task of asking again: its owner is who asks what has waited longest. `None` when nothing is being asked.
    pub(super) fn ask(&self, now: Timestamp) -> Option<TaskSpec> {
        let mut open: Vec<&Told> = self.asking.iter().filter_map(|topic| self.last_of(*topic)).collect();
        open.sort_by_key(|told| (told.asked_from(), told.topic));
        let first = open.first()?;
        let about: Vec<&str> = open.iter().map(|told| told.topic.words()).collect();
        let topics: Vec<Topic> = open.iter().map(|told| told.topic).collect();
        let (buyer, commitment) = (&self.subject.buyer, &self.subject.commitment);
        Some(TaskSpec {
            key: ASK_AGAIN.to_owned(),
            kind: ASK_AGAIN.to_owned(),
            title: format!("ask again about {} of `{commitment}` of {buyer}", about.join(" and ")),
            role: self.role().parse::<RoleId>().ok()?,
            assignee: Some(first.ask_again.clone()),
            revision: None,
            due: now.checked_add((DAYS * 24).hours()).ok(),
            detail: json!({ "topics": topics, "since": first.asked_from(), "owners": self.owners() }),
        })
    }

    /// What a notice tells: that there is something to ask, to those who are to ask it and nobody else.
    pub(super) fn notice(&self) -> Value {
        let about: Vec<&str> = self.asking.iter().map(|topic| topic.words()).collect();
        json!({
            "label": self.label,
            "what": about.join(" and "),
            "buyer": self.subject.buyer,
            "legal_entity": self.subject.legal_entity,
            "tell": self.owners(),
        })
    }
}
