//! A migration suits both of its charts.

use super::{
    Migration,
    rest::{Rest, resting},
};
use crate::{
    chart::{
        model::{At, Chart, Place},
        problem::{Code, Problem, choose},
    },
    context::ContextType,
};

impl Migration {
    /// Checks the migration against both charts: every state in which a run can rest goes somewhere, to a state in which a
    /// run can rest and waits for the same kind of thing, both charts are about the same context, and the context migration
    /// is known.
    pub fn check(&self, from: &Chart, to: &Chart, context: &dyn ContextType) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.charts(from, to).into_iter().collect();
        for (leaf, _) in resting(from) {
            if self.target(&leaf.path).is_none() {
                let cause = format!("`states` does not say where state `{}` goes", leaf.path);
                let remedy = format!("add `{}: <state of version {}>`", leaf.path, self.to);
                problems.push(self.problem(self.place, Code::MigrationStates, cause, remedy));
            }
        }
        for (source, target) in &self.states {
            problems.extend(self.source(from, source));
            problems.extend(self.entered(from, to, source, target));
        }
        problems.extend(self.context_problem(from, to, context));
        problems.sort();
        problems
    }

    fn charts(&self, from: &Chart, to: &Chart) -> Option<Problem> {
        let ours = (from.name.as_str(), from.version) == (self.chart.as_str(), self.from)
            && (to.name.as_str(), to.version) == (self.chart.as_str(), self.to);
        if ours && self.from != self.to {
            return None;
        }
        let cause = format!(
            "the migration leads `{}` from version {} to {}, the charts are `{}` version {} and \
             `{}` version {}",
            self.chart, self.from, self.to, from.name, from.version, to.name, to.version
        );
        Some(self.problem(self.place, Code::MigrationCharts, cause, "name two versions of one chart".to_owned()))
    }

    fn source(&self, from: &Chart, source: &At<String>) -> Option<Problem> {
        if from.state(&source.node).is_some() {
            return None;
        }
        let cause = format!("version {} has no state `{}`", self.from, source.node);
        let remedy = choose(&source.node, names(from), "its resting states");
        Some(self.problem(source.place, Code::MigrationTarget, cause, remedy))
    }

    fn entered(&self, from: &Chart, to: &Chart, source: &At<String>, target: &At<String>) -> Option<Problem> {
        let Some(there) = rest_of(to, &target.node) else {
            let cause = format!("version {} has no state `{}` in which a run can rest", self.to, target.node);
            let remedy = choose(&target.node, names(to), "its resting states");
            return Some(self.problem(target.place, Code::MigrationTarget, cause, remedy));
        };
        let here = rest_of(from, &source.node)?;
        if here.may_become(there) {
            return None;
        }
        let cause = format!(
            "a run in `{}` waits for {}, one in `{}` of version {} for {}",
            source.node,
            here.words(),
            target.node,
            self.to,
            there.words()
        );
        let same = resting(to).filter(|(_, rest)| here.may_become(*rest)).map(|(state, _)| state.path.as_str());
        let remedy = choose(&target.node, same, &format!("the states that wait for {}", here.words()));
        Some(self.problem(target.place, Code::MigrationKind, cause, remedy))
    }

    fn context_problem(&self, from: &Chart, to: &Chart, context: &dyn ContextType) -> Option<Problem> {
        if from.context != to.context {
            let cause = format!(
                "version {} is about the context `{}`, version {} about `{}`",
                self.from, from.context, self.to, to.context
            );
            let remedy = "a run keeps its context: give the newer version the same one".to_owned();
            return Some(self.problem(self.place, Code::MigrationCharts, cause, remedy));
        }
        let name = self.context.as_ref().filter(|name| !context.migrations().contains(&name.node.as_str()))?;
        let cause = format!("context `{}` has no migration `{}`", context.name(), name.node);
        let remedy = choose(&name.node, context.migrations(), "its migrations");
        Some(self.problem(name.place, Code::MigrationContext, cause, remedy))
    }

    fn problem(&self, place: Place, code: Code, cause: String, remedy: String) -> Problem {
        Problem::new(&self.file, place, code, cause, remedy)
    }
}

fn rest_of(chart: &Chart, path: &str) -> Option<Rest> {
    resting(chart).find(|(state, _)| state.path == path).map(|(_, rest)| rest)
}

fn names(chart: &Chart) -> impl Iterator<Item = &str> {
    resting(chart).map(|(state, _)| state.path.as_str())
}
