//! The shape: every state is reached, can end, is waited for by someone, and its lists say what they seem to say.

use std::collections::BTreeSet;

use super::Lint;
use crate::chart::{
    graph::{Trigger, triggers},
    model::{Action, At, Place, State, Transition},
    paths::walked,
    problem::Code,
};

impl<'c> Lint<'c> {
    pub(super) fn structure(&mut self) {
        self.reach();
        self.ends();
        let chart = self.chart;
        for state in &chart.states {
            self.goes_on(state);
            for (trigger, transitions) in triggers(state) {
                self.siblings(state, &trigger, transitions);
            }
        }
        self.endless_waits();
        self.eventless_cycles();
    }

    fn reach(&mut self) {
        let reached: BTreeSet<&str> = self.graph.shortest().into_keys().collect();
        let unreached: Vec<&State> =
            self.graph.leaves().iter().filter(|leaf| !reached.contains(leaf.path.as_str())).copied().collect();
        for leaf in unreached {
            let cause =
                format!("state `{}` is never reached from the initial state `{}`", leaf.path, self.chart.initial);
            let remedy = "lead a transition to it, or remove it";
            self.report(leaf.place, Code::Unreachable, cause, remedy);
        }
    }

    fn ends(&mut self) {
        let mut ending: BTreeSet<&str> =
            self.graph.leaves().iter().filter(|s| s.is_final).map(|s| s.path.as_str()).collect();
        loop {
            let before = ending.len();
            let edges = self.graph.edges();
            ending.extend(edges.iter().filter(|e| ending.contains(e.to)).map(|e| e.from).collect::<Vec<_>>());
            if ending.len() == before {
                break;
            }
        }
        let shortest = self.graph.shortest();
        let stuck: Vec<(Place, String)> = self
            .graph
            .leaves()
            .iter()
            .filter(|leaf| !ending.contains(leaf.path.as_str()))
            .filter_map(|leaf| {
                let path = shortest.get(leaf.path.as_str())?;
                let path = walked(self.graph.start(), path);
                Some((leaf.place, format!("state `{}` can reach no end ({path})", leaf.path)))
            })
            .collect();
        for (place, cause) in stuck {
            let remedy = "lead it to a state with `type: final`";
            self.report(place, Code::NoEnd, cause, remedy);
        }
    }

    fn goes_on(&mut self, state: &State) {
        if !state.is_final {
            return;
        }
        let exits = triggers(state).into_iter().flat_map(|(_, transitions)| transitions);
        let exit = exits.map(|transition| transition.place).next();
        let invoke = state.invoke.as_ref().map(|invoke| invoke.place);
        let join = state.join.as_ref().map(|join| join.place);
        let inner = state.initial.as_ref().map(|_| state.place);
        if let Some(place) = invoke.or(join).or(exit).or(inner) {
            let cause = format!("state `{}` is final, but does not end there", state.path);
            let remedy = "an end has only `entry` and `tags`: remove the rest, or `type: final`";
            self.report(place, Code::ExitFromFinal, cause, remedy);
        }
    }

    /// A guarded list says what happens when no guard holds, and nothing stands after the transition that
    /// always applies. A single guarded reaction to an event needs no fallback: without it the event is
    /// refused to whoever sent it; and `always` falls back to staying.
    fn siblings(&mut self, state: &State, trigger: &Trigger, transitions: &[Transition]) {
        let what = format!("`{trigger}` in state `{}`", state.path);
        let unguarded = transitions.iter().position(|transition| transition.guard.is_none());
        if let Some(shadowed) = unguarded.and_then(|at| transitions.get(at + 1)) {
            let cause = format!("{what} has a transition after the one that always applies");
            let remedy = "move the unguarded transition to the end";
            self.report(shadowed.place, Code::ShadowedTransition, cause, remedy);
        }
        let refusable = match trigger {
            Trigger::Event(name) => {
                let outer = self.chart.parent(&state.path);
                transitions.len() == 1 || outer.is_some_and(|outer| outer.on.contains_key(name))
            }
            Trigger::Always => true,
            _ => false,
        };
        if let (None, Some(last), false) = (unguarded, transitions.last(), refusable) {
            let cause = format!("{what} says nothing for the case that no guard holds");
            let remedy = "end the list with an unguarded transition; `{}` stays in the state";
            self.report(last.place, Code::NoFallback, cause, remedy);
        }
    }

    fn endless_waits(&mut self) {
        let endless: Vec<&State> = self
            .graph
            .leaves()
            .iter()
            .filter(|leaf| !leaf.is_final)
            .filter(|leaf| {
                let around = self.chart.parent(&leaf.path);
                !std::iter::once(**leaf).chain(around).any(looked_after)
            })
            .copied()
            .collect();
        for leaf in endless {
            let cause = format!("state `{}` waits, with neither a deadline nor an owner", leaf.path);
            let remedy = "add `after`, an `ask.<task>` on entry, or a tag `owner:<role>` or \
                          `waits_for:<party>`";
            self.report(leaf.place, Code::EndlessWait, cause, remedy);
        }
    }

    /// One problem per knot of cycles, at the transition that closes it.
    fn eventless_cycles(&mut self) {
        let mut cycles: Vec<(Place, &str)> = Vec::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let graph = &self.graph;
        for leaf in graph.leaves().iter().map(|leaf| leaf.path.as_str()) {
            let mut seen = BTreeSet::new();
            let mut open = vec![leaf];
            let mut closing = None;
            while let Some(at) = open.pop() {
                for edge in graph.outgoing(at).filter(|e| e.trigger == Trigger::Always) {
                    if edge.to == leaf {
                        closing = Some(edge.place());
                    }
                    if seen.insert(edge.to) {
                        open.push(edge.to);
                    }
                }
            }
            if let (Some(place), false) = (closing, told.contains(leaf)) {
                cycles.push((place, leaf));
                told.extend(seen);
            }
        }
        let cycles: Vec<(Place, String)> = cycles.into_iter().map(|(place, leaf)| (place, leaf.to_owned())).collect();
        for (place, leaf) in cycles {
            let cause = format!("`always` can lead from state `{leaf}` back to it without an event");
            let remedy = "break the cycle with an event, a deadline or a result";
            self.report(place, Code::EventlessCycle, cause, remedy);
        }
    }
}

/// Whether something or someone ends the wait in this state.
fn looked_after(state: &State) -> bool {
    let asks = |actions: &[At<Action>]| actions.iter().any(|action| matches!(action.node, Action::Ask(_)));
    let tagged = |kind: &str| state.tags.iter().any(|tag| tag.starts_with(kind));
    state.invoke.is_some()
        || state.join.is_some()
        || !state.after.is_empty()
        || state.always.iter().any(|transition| transition.guard.is_none())
        || asks(&state.entry)
        || tagged("owner:")
        || (tagged("waits_for:") && !state.on.is_empty())
}
