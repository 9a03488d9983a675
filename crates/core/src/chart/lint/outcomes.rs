//! Every outcome of an invocation, of a wait for children and of a posting has somewhere to go.

use std::collections::BTreeMap;

use super::Lint;
use crate::{
    chart::{
        graph::{Edge, Graph, Trigger},
        model::{Action, At, Place, State},
        problem::Code,
        step::LEDGER_REFUSED,
    },
    event::FailureClass,
};

impl<'c> Lint<'c> {
    pub(super) fn outcomes(&mut self) {
        let chart = self.chart;
        for state in &chart.states {
            self.invoke_outcomes(state);
            self.join_outcomes(state);
        }
        self.refusals();
    }

    fn invoke_outcomes(&mut self, state: &State) {
        let Some(invoke) = &state.invoke else {
            return;
        };
        let what = format!("state `{}` invokes `{}`", state.path, invoke.src);
        if invoke.on_done.is_empty() {
            let cause = format!("{what} and does not say what follows when it is done");
            self.report(invoke.place, Code::UnhandledOutcome, cause, "add `onDone`");
        }
        if invoke.on_error.contains_key(&None) {
            return;
        }
        let missing: Vec<&str> = FailureClass::ALL
            .into_iter()
            .filter(|class| !invoke.on_error.contains_key(&Some(*class)))
            .map(FailureClass::word)
            .collect();
        if !missing.is_empty() {
            let cause = format!("{what} and does not handle its failures: {}", missing.join(", "));
            let remedy = "add the branch `other` to `onError`";
            self.report(invoke.place, Code::UnhandledOutcome, cause, remedy);
        }
    }

    fn join_outcomes(&mut self, state: &State) {
        let Some(join) = &state.join else {
            return;
        };
        for (key, transitions) in [("onDone", &join.on_done), ("onError", &join.on_error)] {
            if transitions.is_empty() {
                let cause = format!("state `{}` joins its children without `{key}`", state.path);
                self.report(join.place, Code::UnhandledOutcome, cause, format!("add `{key}`"));
            }
        }
    }

    /// A refused posting undoes the whole step, so the refusal arrives in the state where the step began.
    fn refusals(&mut self) {
        let graph = self.graph.clone();
        let entered = self.chart.entered(&self.chart.initial);
        if let Some((place, posting)) = posted_on_entry(&graph, &entered).into_iter().next() {
            let cause = format!("a run begins by booking `{posting}`: refused, it would not exist");
            let remedy = "book after the first event, in a state that handles `ledger.refused`";
            self.report(place, Code::UnhandledRefusal, cause, remedy);
        }
        let mut unhandled: BTreeMap<(Place, String), String> = BTreeMap::new();
        for edge in graph.edges() {
            if handles_refusal(&graph, edge.from) || edge.trigger == Trigger::Always {
                continue;
            }
            for (place, posting) in posted_by(&graph, edge) {
                let how = format!("{}{}", edge.trigger, edge.condition());
                unhandled.entry((place, posting)).or_insert_with(|| {
                    format!("`{how}` from state `{}`, which does not handle its refusal", edge.from)
                });
            }
        }
        for ((place, posting), how) in unhandled {
            let cause = format!("`{posting}` is booked by {how}");
            let remedy = "a refused step does not happen: add `on: { ledger.refused: … }` to the \
                          state where it begins";
            self.report(place, Code::UnhandledRefusal, cause, remedy);
        }
    }
}

fn handles_refusal(graph: &Graph<'_>, leaf: &str) -> bool {
    graph.outgoing(leaf).any(|edge| matches!(&edge.trigger, Trigger::Event(name) if name == LEDGER_REFUSED))
}

fn posted(actions: &[At<Action>]) -> impl Iterator<Item = (Place, String)> {
    actions.iter().filter_map(|action| match &action.node {
        Action::Post(name) => Some((action.place, format!("post.{name}"))),
        _ => None,
    })
}

/// The postings of a step that takes `edge`, eventless transitions behind it included.
fn posted_by(graph: &Graph<'_>, edge: &Edge<'_>) -> Vec<(Place, String)> {
    let mut found: Vec<_> = posted(&edge.transition.entry).collect();
    match &edge.transition.target {
        Some(target) => {
            let entered = graph.chart().enters(edge.from, target);
            found.extend(posted_on_entry(graph, &entered));
        }
        None => found.extend(posted_at_once(graph, edge.to, &mut vec![edge.to.to_owned()])),
    }
    found
}

fn posted_on_entry(graph: &Graph<'_>, entered: &[&str]) -> Vec<(Place, String)> {
    let states = entered.iter().filter_map(|path| graph.chart().state(path));
    let mut found: Vec<_> = states.flat_map(|state| posted(&state.entry)).collect();
    if let Some(leaf) = entered.last() {
        found.extend(posted_at_once(graph, leaf, &mut vec![(*leaf).to_owned()]));
    }
    found
}

fn posted_at_once(graph: &Graph<'_>, leaf: &str, seen: &mut Vec<String>) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    for edge in graph.outgoing(leaf).filter(|edge| edge.trigger == Trigger::Always) {
        found.extend(posted(&edge.transition.entry));
        let target = edge.transition.target.iter();
        for path in target.flat_map(|target| graph.chart().enters(edge.from, target)) {
            let state = graph.chart().state(path);
            found.extend(state.into_iter().flat_map(|state| posted(&state.entry)));
        }
        if !seen.iter().any(|path| path == edge.to) {
            seen.push(edge.to.to_owned());
            found.extend(posted_at_once(graph, edge.to, seen));
        }
    }
    found
}
