//! Effects that cannot be taken back: approved in the revision that is executed, and never left behind.

use std::collections::{BTreeMap, VecDeque};

use super::{EffectClass, Lint};
use crate::{
    chart::{
        graph::{Edge, Graph, Trigger},
        model::{Invoke, Place, State},
        paths::walked,
        problem::Code,
    },
    context::ContextType,
};

/// A resting place, and whether the current revision has been approved on the way there.
type Spot<'c> = (&'c str, bool);

/// A path to each spot.
type Paths<'g, 'c> = BTreeMap<Spot<'c>, Vec<&'g Edge<'c>>>;

impl<'c> Lint<'c> {
    pub(super) fn effects(&mut self) {
        self.unapproved();
        self.left_behind();
    }

    /// Walks every combination of place and approval that can occur; a state with an effect that needs an
    /// approval must never be entered without one. The path shown is a shortest one.
    fn unapproved(&mut self) {
        let graph = self.graph.clone();
        let paths = spots(&graph, self.context);
        let mut found: Vec<(Place, String)> = Vec::new();
        for state in &self.chart.states {
            let Some((invoke, tag)) = self.needs_approval(state) else {
                continue;
            };
            if let Some(path) = unapproved_entry(&graph, &paths, self.context, &state.path) {
                let cause = format!(
                    "state `{}` invokes `{}` ({tag}) on a path without approval of the revision \
                     executed ({})",
                    state.path,
                    invoke.src,
                    walked(graph.start(), &path)
                );
                found.push((invoke.place, cause));
            }
        }
        for (place, cause) in found {
            let remedy = "lead the path through `invoke: {src: approvals}`, after the last event that \
                          changes the revision";
            self.report(place, Code::UnapprovedEffect, cause, remedy);
        }
    }

    fn needs_approval<'s>(&self, state: &'s State) -> Option<(&'s Invoke, String)> {
        let invoke = state.invoke.as_ref()?;
        let activity = self.vocabulary.activities().get(&invoke.src)?;
        activity.needs_approval().map(|tag| (invoke, tag.to_owned()))
    }

    /// Leaving an irreversible invocation before its result must say what undoes it.
    fn left_behind(&mut self) {
        let chart = self.chart;
        let graph = self.graph.clone();
        for state in &chart.states {
            let Some(invoke) = &state.invoke else {
                continue;
            };
            let activity = self.vocabulary.activities().get(&invoke.src);
            let irreversible = activity.is_some_and(|a| a.class == EffectClass::Irreversible);
            if !irreversible || invoke.compensate.is_some() {
                continue;
            }
            for edge in graph.edges() {
                let Some(target) = &edge.transition.target else {
                    continue;
                };
                let own = edge.owner == state.path && matches!(edge.trigger, Trigger::Done(_) | Trigger::Failed(..));
                let exits = chart.exits(edge.from, target).contains(&state.path.as_str());
                if own || !exits || edge.transition.compensate.is_some() {
                    continue;
                }
                let cause = format!(
                    "`{}` leaves state `{}` before `{}` has a result, and nothing undoes it",
                    edge.trigger, state.path, invoke.src
                );
                let remedy = "add `compensate: <activity>` to the transition or to `invoke`";
                self.report(edge.place(), Code::EffectLeftBehind, cause, remedy);
            }
        }
    }
}

/// A shortest path that enters `state` while the current revision is not approved.
fn unapproved_entry<'g, 'c>(
    graph: &'g Graph<'c>,
    paths: &Paths<'g, 'c>,
    context: &dyn ContextType,
    state: &str,
) -> Option<Vec<&'g Edge<'c>>> {
    let chart = graph.chart();
    if chart.entered(&chart.initial).contains(&state) {
        return Some(Vec::new());
    }
    let mut shortest: Option<Vec<&Edge<'c>>> = None;
    for ((leaf, approved), path) in paths {
        for edge in graph.outgoing(leaf) {
            let target = edge.transition.target.as_deref();
            let enters = target.is_some_and(|t| chart.enters(edge.from, t).contains(&state));
            let shorter = shortest.as_ref().is_none_or(|best| path.len() + 1 < best.len());
            if enters && shorter && !approved_after(*approved, edge, context) {
                shortest = Some(path.iter().copied().chain([edge]).collect());
            }
        }
    }
    shortest
}

fn approved_after(approved: bool, edge: &Edge<'_>, context: &dyn ContextType) -> bool {
    let changed = match &edge.trigger {
        Trigger::Event(name) | Trigger::Done(name) => context.changes_revision(name),
        _ => false,
    };
    edge.approves() || approved && !changed
}

/// A shortest path to every spot that can occur.
fn spots<'g, 'c>(graph: &'g Graph<'c>, context: &dyn ContextType) -> Paths<'g, 'c> {
    let start = (graph.start(), false);
    let mut paths = BTreeMap::from([(start, Vec::new())]);
    let mut queue = VecDeque::from([start]);
    while let Some((leaf, approved)) = queue.pop_front() {
        for edge in graph.outgoing(leaf) {
            let next = (edge.to, approved_after(approved, edge, context));
            if !paths.contains_key(&next) {
                let mut path: Vec<&Edge<'c>> = paths.get(&(leaf, approved)).cloned().unwrap_or_default();
                path.push(edge);
                paths.insert(next, path);
                queue.push_back(next);
            }
        }
    }
    paths
}
