//! A migration suits both of its charts.

use super::Migration;
use crate::{
    chart::{
        model::{Chart, Place, State},
        problem::{Code, Problem, choose},
    },
    context::ContextType,
};

impl Migration {
    /// Checks the migration against both charts: every state in which a run can rest goes somewhere, to a
    /// state in which a run can rest, and the context migration is known.
    pub fn check(&self, from: &Chart, to: &Chart, context: &dyn ContextType) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |place: Place, code: Code, cause: String, remedy: String| {
            problems.push(Problem::new(&self.file, place, code, cause, remedy));
        };
        let ours = (from.name.as_str(), from.version) == (self.chart.as_str(), self.from)
            && (to.name.as_str(), to.version) == (self.chart.as_str(), self.to);
        if !ours || self.from == self.to {
            let cause = format!(
                "the migration leads `{}` from version {} to {}, the charts are `{}` version {} and \
                 `{}` version {}",
                self.chart, self.from, self.to, from.name, from.version, to.name, to.version
            );
            let remedy = "name two versions of one chart".to_owned();
            report(self.place, Code::MigrationCharts, cause, remedy);
        }
        for leaf in resting(from) {
            if self.target(&leaf.path).is_none() {
                let cause = format!("`states` does not say where state `{}` goes", leaf.path);
                let remedy = format!("add `{}: <state of version {}>`", leaf.path, self.to);
                report(self.place, Code::MigrationStates, cause, remedy);
            }
        }
        for (source, target) in &self.states {
            if from.state(&source.node).is_none() {
                let cause = format!("version {} has no state `{}`", self.from, source.node);
                let states = resting(from).map(|state| state.path.as_str());
                let remedy = choose(&source.node, states, "its resting states");
                report(source.place, Code::MigrationTarget, cause, remedy);
            }
            if !resting(to).any(|state| state.path == target.node) {
                let cause = format!("version {} has no state `{}` in which a run can rest", self.to, target.node);
                let states = resting(to).map(|state| state.path.as_str());
                let remedy = choose(&target.node, states, "its resting states");
                report(target.place, Code::MigrationTarget, cause, remedy);
            }
        }
        if let Some(name) = &self.context
            && !context.migrations().contains(&name.node.as_str())
        {
            let cause = format!("context `{}` has no migration `{}`", context.name(), name.node);
            let remedy = choose(&name.node, context.migrations(), "its migrations");
            report(name.place, Code::MigrationContext, cause, remedy);
        }
        problems.sort();
        problems
    }
}

/// The states in which a run can stand still with nothing under way.
fn resting(chart: &Chart) -> impl Iterator<Item = &State> {
    let moves_on = |state: &State| {
        let at_once = state.always.iter().any(|transition| transition.guard.is_none());
        state.invoke.is_some() || at_once
    };
    chart.states.iter().filter(move |state| {
        let around = chart.parent(&state.path);
        let rests = state.initial.is_none() && !state.is_final;
        rests && !std::iter::once(*state).chain(around).any(moves_on)
    })
}
