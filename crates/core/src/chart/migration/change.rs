//! What a move changes about a run, for people.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{event::TimerKey, run::Snapshot};

/// What a move changes about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The state it rests in.
    pub from: String,
    /// The state it will rest in.
    pub to: String,
    /// Deadlines that stay at their instants.
    pub kept: Vec<Deadline>,
    /// Deadlines that move; with their new instants.
    pub changed: Vec<Deadline>,
    /// Deadlines that the run did not have.
    pub added: Vec<Deadline>,
    /// Deadlines that the run will not have any more.
    pub dropped: Vec<Deadline>,
}

/// A deadline as charts write it, and its instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The deadline, such as `P30D` or `offer.expiry`.
    pub deadline: String,
    /// When it comes due.
    pub due: Timestamp,
}

impl Change {
    /// What lies between a run and the same run after its move.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Change {
        let (old, new) = (deadlines(&before.timers), deadlines(&after.timers));
        let of = |entries: &BTreeMap<&str, Timestamp>, wanted: &dyn Fn(&str, Timestamp) -> bool| {
            let wanted = entries.iter().filter(|(text, due)| wanted(text, **due));
            wanted.map(|(text, due)| Deadline { deadline: (*text).to_owned(), due: *due }).collect::<Vec<_>>()
        };
        Change {
            from: before.state.clone(),
            to: after.state.clone(),
            kept: of(&new, &|text, due| old.get(text) == Some(&due)),
            changed: of(&new, &|text, due| old.get(text).is_some_and(|then| *then != due)),
            added: of(&new, &|text, _| !old.contains_key(text)),
            dropped: of(&old, &|text, _| !new.contains_key(text)),
        }
    }
}

/// Deadlines by their text; the state that armed them is of one version only.
fn deadlines(timers: &BTreeMap<TimerKey, Timestamp>) -> BTreeMap<&str, Timestamp> {
    timers.iter().map(|(key, due)| (key.0.split_once('/').map_or(key.0.as_str(), |(_, text)| text), *due)).collect()
}
