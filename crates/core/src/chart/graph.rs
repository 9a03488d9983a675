//! The graph behind a chart: every way from one resting place to the next, timers and results included.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use super::{
    lint::APPROVALS,
    model::{Chart, Guard, Place, State, Transition},
};
use crate::event::FailureClass;

/// What makes a run take an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// An event that the chart names.
    Event(String),
    /// A deadline, as the chart writes it.
    Deadline(String),
    /// The activity of this name is done.
    Done(String),
    /// The activity of this name failed, in this class; `None` is `other`.
    Failed(String, Option<FailureClass>),
    /// The wait for children is over.
    Joined,
    /// The wait for children cannot end well any more.
    JoinFailed,
    /// Nothing but the state itself.
    Always,
}

impl Trigger {
    /// The `n`-th transition of this trigger, as history records it: `on.submit[0]`, `after.P5D[0]`,
    /// `onDone[0]`, `onError.rejected[0]`, `join.onDone[0]`, `join.onError[0]`, `always[0]`.
    pub fn via(&self, n: usize) -> String {
        match self {
            Trigger::Event(name) => format!("on.{name}[{n}]"),
            Trigger::Deadline(text) => format!("after.{text}[{n}]"),
            Trigger::Done(_) => format!("onDone[{n}]"),
            Trigger::Failed(_, class) => {
                format!("onError.{}[{n}]", class.map_or("other", FailureClass::word))
            }
            Trigger::Joined => format!("join.onDone[{n}]"),
            Trigger::JoinFailed => format!("join.onError[{n}]"),
            Trigger::Always => format!("always[{n}]"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::Event(name) => f.write_str(name),
            Trigger::Deadline(text) => write!(f, "after {text}"),
            Trigger::Done(activity) => write!(f, "{activity} done"),
            Trigger::Failed(activity, class) => {
                write!(f, "{activity} {}", class.map_or("failed", FailureClass::word))
            }
            Trigger::Joined => f.write_str("children joined"),
            Trigger::JoinFailed => f.write_str("children failed"),
            Trigger::Always => f.write_str("at once"),
        }
    }
}

/// One transition as it can happen in one resting place.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge<'c> {
    /// The resting place: a state without states inside.
    pub from: &'c str,
    /// The state that declares the transition: `from` or the compound state around it.
    pub owner: &'c str,
    /// What makes it happen.
    pub trigger: Trigger,
    /// Its place in the trigger's list.
    pub nth: usize,
    /// The transition.
    pub transition: &'c Transition,
    /// The resting place it leads to; `from` for a reaction that leaves nothing.
    pub to: &'c str,
}

impl Edge<'_> {
    /// Where the transition stands in the file.
    pub fn place(&self) -> Place {
        self.transition.place
    }

    /// Whether something is left on the way.
    pub fn moves(&self) -> bool {
        self.transition.target.is_some()
    }

    /// Its name in histories and path listings.
    pub fn via(&self) -> String {
        self.trigger.via(self.nth)
    }

    /// Whether it is an approval that ended well.
    pub fn approves(&self) -> bool {
        matches!(&self.trigger, Trigger::Done(activity) if activity == APPROVALS)
    }

    /// The condition in words, such as ` [is_locked]`; empty without one.
    pub fn condition(&self) -> String {
        match &self.transition.guard {
            Some(Guard::Named(name)) => format!(" [{name}]"),
            Some(Guard::When(text)) => format!(" [{text}]"),
            None => String::new(),
        }
    }
}

/// The graph of a chart whose targets are known to exist.
#[derive(Debug, Clone)]
pub struct Graph<'c> {
    chart: &'c Chart,
    leaves: Vec<&'c State>,
    edges: Vec<Edge<'c>>,
    outgoing: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Graph<'c> {
    /// Lays out the graph of `chart`.
    pub fn new(chart: &'c Chart) -> Graph<'c> {
        let leaves: Vec<&State> = chart.states.iter().filter(|state| state.initial.is_none()).collect();
        let mut edges = Vec::new();
        for leaf in &leaves {
            let mut answered = BTreeSet::new();
            for owner in std::iter::once(*leaf).chain(chart.parent(&leaf.path)) {
                for (trigger, transitions) in triggers(owner) {
                    let shared = matches!(trigger, Trigger::Event(_) | Trigger::Always);
                    if shared && answered.contains(&trigger) {
                        continue;
                    }
                    if transitions.iter().any(|transition| transition.guard.is_none()) {
                        answered.insert(trigger.clone());
                    }
                    edges.extend(transitions.iter().enumerate().map(|(nth, transition)| {
                        Edge {
                            from: &leaf.path,
                            owner: &owner.path,
                            trigger: trigger.clone(),
                            nth,
                            to: transition
                                .target
                                .as_deref()
                                .map_or(leaf.path.as_str(), |target| chart.resting_place(target)),
                            transition,
                        }
                    }));
                }
            }
        }
        let mut outgoing: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, edge) in edges.iter().enumerate() {
            outgoing.entry(edge.from).or_default().push(at);
        }
        Graph { chart, leaves, edges, outgoing }
    }

    /// The chart.
    pub fn chart(&self) -> &'c Chart {
        self.chart
    }

    /// The resting places, in file order.
    pub fn leaves(&self) -> &[&'c State] {
        &self.leaves
    }

    /// Every edge, grouped by the place it leaves, in file order.
    pub fn edges(&self) -> &[Edge<'c>] {
        &self.edges
    }

    /// The resting place in which a run begins.
    pub fn start(&self) -> &'c str {
        self.chart.resting_place(&self.chart.initial)
    }

    /// The edges out of a resting place.
    pub fn outgoing(&self, leaf: &str) -> impl Iterator<Item = &Edge<'c>> {
        let positions = self.outgoing.get(leaf).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|at| self.edges.get(*at))
    }

    /// A shortest path from the start to every place that can be reached.
    pub fn shortest(&self) -> BTreeMap<&'c str, Vec<&Edge<'c>>> {
        let mut paths = BTreeMap::from([(self.start(), Vec::new())]);
        let mut queue = VecDeque::from([self.start()]);
        while let Some(leaf) = queue.pop_front() {
            for edge in self.outgoing(leaf) {
                if !paths.contains_key(edge.to) {
                    let mut path: Vec<&Edge<'c>> = paths.get(leaf).cloned().unwrap_or_default();
                    path.push(edge);
                    paths.insert(edge.to, path);
                    queue.push_back(edge.to);
                }
            }
        }
        paths
    }
}

impl Chart {
    /// Where a run rests after entering `path`: inside a compound state, its first inner one.
    pub fn resting_place<'c>(&'c self, path: &'c str) -> &'c str {
        self.state(path).and_then(|state| state.initial.as_deref()).unwrap_or(path)
    }

    /// The states that a transition from the resting place `leaf` to `target` exits, the inner one first.
    /// The compound state around both is kept; a transition to the compound state itself enters it anew.
    pub fn exits<'c>(&'c self, leaf: &'c str, target: &str) -> Vec<&'c str> {
        let mut exits = vec![leaf];
        if let Some(outer) = self.parent(leaf)
            && !stays_inside(&outer.path, target)
        {
            exits.push(&outer.path);
        }
        exits
    }

    /// The states that a transition from the resting place `leaf` to `target` enters, the outer one first.
    pub fn enters<'c>(&'c self, leaf: &str, target: &'c str) -> Vec<&'c str> {
        let kept = self.parent(leaf).is_some_and(|outer| stays_inside(&outer.path, target));
        self.entered(target).into_iter().skip(usize::from(kept)).collect()
    }

    /// The states that a run is in after entering `target` from outside, the outer one first.
    pub fn entered<'c>(&'c self, target: &'c str) -> Vec<&'c str> {
        let leaf = self.resting_place(target);
        let outer = self.parent(leaf).map(|outer| outer.path.as_str());
        outer.into_iter().chain([leaf]).collect()
    }

    /// The tags of a resting place: its own, then those of the compound state around it.
    pub fn tags(&self, leaf: &str) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        let states = self.state(leaf).into_iter().chain(self.parent(leaf));
        for tag in states.flat_map(|state| &state.tags) {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }
}

fn stays_inside(outer: &str, target: &str) -> bool {
    target.split_once('.').is_some_and(|(around, _)| around == outer)
}

/// A state's transitions by trigger, in the order in which the grammar lists the triggers.
pub(crate) fn triggers(state: &State) -> Vec<(Trigger, &[Transition])> {
    let mut found: Vec<(Trigger, &[Transition])> = Vec::new();
    if let Some(invoke) = &state.invoke {
        found.push((Trigger::Done(invoke.src.clone()), &invoke.on_done));
        for (class, transitions) in &invoke.on_error {
            found.push((Trigger::Failed(invoke.src.clone(), *class), transitions));
        }
    }
    if let Some(join) = &state.join {
        found.push((Trigger::Joined, &join.on_done));
        found.push((Trigger::JoinFailed, &join.on_error));
    }
    for (event, transitions) in &state.on {
        found.push((Trigger::Event(event.clone()), transitions));
    }
    for after in &state.after {
        found.push((Trigger::Deadline(after.text.clone()), &after.transitions));
    }
    found.push((Trigger::Always, &state.always));
    found
}
