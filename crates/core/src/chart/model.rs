//! What a chart says, once parsed: plain data with the place in its file where each thing stands.

use std::collections::BTreeMap;

use crate::event::FailureClass;

/// A place in a chart's file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Something and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct At<T> {
    /// The thing.
    pub node: T,
    /// Where it stands.
    pub place: Place,
}

/// A released description of a lifecycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The file it was read from, for messages.
    pub file: String,
    /// Its name, such as `private_offer`.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// The text itself, as pinned runs need it later.
    pub text: String,
    /// The context type that its guards, deadlines and requests are about.
    pub context: String,
    /// Where the context's name stands.
    pub context_place: Place,
    /// The state that `started` leads to.
    pub initial: String,
    /// States by path: `review`, and `review.waiting` for one inside a compound state. In file order.
    pub states: Vec<State>,
    /// Position in `states` by path.
    pub index: BTreeMap<String, usize>,
}

impl Chart {
    /// The state at `path`.
    pub fn state(&self, path: &str) -> Option<&State> {
        self.index.get(path).and_then(|at| self.states.get(*at))
    }

    /// The compound state around `path`, if there is one.
    pub fn parent(&self, path: &str) -> Option<&State> {
        path.split_once('.').and_then(|(outer, _)| self.state(outer))
    }
}

/// One state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its path.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// What the rest of the product asks instead of the name, such as `awaiting_buyer`.
    pub tags: Vec<String>,
    /// Reached means ended.
    pub is_final: bool,
    /// For a compound state: the path of the inner state entered first.
    pub initial: Option<String>,
    /// Actions on entry, in order.
    pub entry: Vec<At<Action>>,
    /// What is invoked on entry.
    pub invoke: Option<Invoke>,
    /// A wait for the runs that this run started.
    pub join: Option<Join>,
    /// Transitions by event name. Each list is tried in order.
    pub on: BTreeMap<String, Vec<Transition>>,
    /// Where each event's name stands.
    pub event_places: BTreeMap<String, Place>,
    /// Transitions by deadline.
    pub after: Vec<After>,
    /// Eventless transitions, tried in order after every entry and every event.
    pub always: Vec<Transition>,
}

/// A way out of a state, or a reaction inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Where it stands.
    pub place: Place,
    /// The state it leads to (a full path); `None` stays in the state and exits nothing.
    pub target: Option<String>,
    /// The condition, if any.
    pub guard: Option<Guard>,
    /// Where the condition stands, if there is one.
    pub guard_place: Option<Place>,
    /// Actions performed on the way, before the target's entry.
    pub entry: Vec<At<Action>>,
    /// Said explicitly where the state's irreversible invoke may be left before its result.
    pub compensate: Option<String>,
    /// Where that activity's name stands.
    pub compensate_place: Option<Place>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Guard {
    /// `guard: name`, a predicate of the context type.
    Named(String),
    /// `when: "…"`, restricted CEL over `ctx` and `event`.
    When(String),
}

/// What happens on entry or on a transition, bound by name: `notify.x`, `post.x`, `start.chart`, `send.parent.x`, `send.children.x`, `ask.x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Tell people.
    Notify(String),
    /// Book a posting of the context type.
    Post(String),
    /// Start a run of this chart.
    Start(String),
    /// Send this event to the run that started this one.
    SendParent(String),
    /// Send this event to every child still under way.
    SendChildren(String),
    /// Open a task of this kind.
    Ask(String),
}

/// An invocation on entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoke {
    /// Where the activity's name stands.
    pub place: Place,
    /// The activity, such as `marketplace.create_offer`; `approvals` is performed by the step itself.
    pub src: String,
    /// When it is done.
    pub on_done: Vec<Transition>,
    /// When it failed, by class; the key `None` is `other`.
    pub on_error: BTreeMap<Option<FailureClass>, Vec<Transition>>,
    /// The activity that undoes it.
    pub compensate: Option<String>,
    /// Where that activity's name stands.
    pub compensate_place: Option<Place>,
}

/// A wait for children.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Where its `until` stands, or the join itself.
    pub place: Place,
    /// When the wait is over.
    pub until: JoinRule,
    /// When it is over well.
    pub on_done: Vec<Transition>,
    /// When it cannot end well any more: a needed child failed or was cancelled.
    pub on_error: Vec<Transition>,
}

/// When a wait for children is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinRule {
    /// Every child has succeeded.
    All,
    /// One child has succeeded.
    Any,
    /// A predicate of the context type holds, asked after every child's end.
    Named(String),
}

/// Transitions when a deadline passes.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// Where it stands.
    pub place: Place,
    /// The deadline as the chart writes it; with the state's path it is the timer's key.
    pub text: String,
    /// What it means.
    pub due: Due,
    /// The transitions, tried in order.
    pub transitions: Vec<Transition>,
}

/// When a deadline passes.
#[derive(Debug, Clone, PartialEq)]
pub enum Due {
    /// This long after entry, as an ISO 8601 duration; calendar units count in UTC.
    Span(jiff::SpanFieldwise),
    /// At an instant that the context names, such as `offer.expiry`; re-armed whenever the context changes it, absent = not armed.
    Deadline(String),
    /// So many working minutes after entry, by the calendar of the run's legal entity.
    Working {
        /// Working minutes; a working day is the calendar's own day length.
        amount: WorkingTime,
    },
}

/// An amount of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingTime {
    /// Hours within business hours.
    Hours(u32),
    /// Whole business days, ending at the same time of day.
    Days(u32),
}
