//! The names that a binary has, and what its activities do to the world.

use std::collections::{BTreeMap, BTreeSet};

/// The name of the activity that the step itself performs.
pub const APPROVALS: &str = "approvals";

/// What an activity does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectClass {
    /// Nothing outside this installation.
    Local,
    /// Something outside that leaves no trace when it is undone or forgotten, such as a read or a draft.
    Reversible,
    /// Something outside that others see or that moves money.
    Irreversible,
}

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// What it does to the world.
    pub class: EffectClass,
    /// More about it; `money_out` and `publishes` ask for an approval.
    pub tags: BTreeSet<String>,
}

impl Activity {
    /// The tag that makes an approval necessary, if the activity has one.
    pub fn needs_approval(&self) -> Option<&str> {
        ["money_out", "publishes"].into_iter().find(|tag| self.tags.contains(*tag))
    }
}

/// The activities, notices and charts that a binary knows by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    activities: BTreeMap<String, Activity>,
    notices: BTreeSet<String>,
    charts: BTreeMap<String, BTreeSet<String>>,
}

impl Vocabulary {
    /// Adds an activity.
    pub fn activity(mut self, name: &str, class: EffectClass, tags: &[&str]) -> Vocabulary {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self.activities.insert(name.to_owned(), Activity { class, tags });
        self
    }

    /// Adds a notice.
    pub fn notice(mut self, name: &str) -> Vocabulary {
        self.notices.insert(name.to_owned());
        self
    }

    /// Adds a chart that runs may start, with the events its context understands.
    pub fn chart<'e>(mut self, name: &str, events: impl IntoIterator<Item = &'e str>) -> Vocabulary {
        let events = events.into_iter().map(str::to_owned).collect();
        self.charts.insert(name.to_owned(), events);
        self
    }

    /// The activities by name.
    pub fn activities(&self) -> &BTreeMap<String, Activity> {
        &self.activities
    }

    /// The names of the notices.
    pub fn notices(&self) -> &BTreeSet<String> {
        &self.notices
    }

    /// The charts that runs may start, each with the events it understands.
    pub fn charts(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.charts
    }
}
