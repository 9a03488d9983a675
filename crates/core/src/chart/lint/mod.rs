//! What a chart must prove before a run may pin it.

mod conditions;
mod effects;
mod names;
mod outcomes;
mod structure;
mod vocabulary;

use std::collections::BTreeMap;

pub use vocabulary::{APPROVALS, Activity, EffectClass, Vocabulary};

use super::{
    cel::Cel,
    graph::{Graph, Trigger, triggers},
    model::{Chart, Place, Transition},
    problem::{Code, Problem},
};
use crate::context::ContextType;

/// Checks a chart against its context type and the names that this binary has: every state is reached and
/// can reach an end, every wait has a deadline or an owner, every outcome is handled, money and publication
/// are approved in the revision that is executed, and every name and expression means something.
pub fn lint(chart: &Chart, context: &dyn ContextType, vocabulary: &Vocabulary) -> Vec<Problem> {
    check(chart, context, vocabulary).0
}

/// As [`lint`], and the compiled conditions by text.
pub(super) fn check(
    chart: &Chart,
    context: &dyn ContextType,
    vocabulary: &Vocabulary,
) -> (Vec<Problem>, BTreeMap<String, Cel>) {
    let mut lint = Lint { graph: Graph::new(chart), chart, context, vocabulary, problems: Vec::new() };
    if chart.context != context.name() {
        let cause = format!(
            "chart `{}` is about the context `{}`, but was given `{}`",
            chart.name,
            chart.context,
            context.name()
        );
        let remedy = "name a context type that this binary has";
        lint.report(chart.context_place, Code::UnknownContext, cause, remedy);
        return (lint.problems, BTreeMap::new());
    }
    lint.names();
    let conditions = lint.conditions();
    lint.structure();
    lint.outcomes();
    lint.effects();
    lint.problems.sort();
    lint.problems.dedup();
    (lint.problems, conditions)
}

/// One run of the lint.
struct Lint<'c> {
    chart: &'c Chart,
    graph: Graph<'c>,
    context: &'c dyn ContextType,
    vocabulary: &'c Vocabulary,
    problems: Vec<Problem>,
}

impl Lint<'_> {
    fn report(&mut self, place: Place, code: Code, cause: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(&self.chart.file, place, code, cause, remedy));
    }
}

/// Every transition of the chart with the state that declares it and the words for it.
fn transitions(chart: &Chart) -> impl Iterator<Item = (&str, Trigger, &Transition)> {
    chart.states.iter().flat_map(|state| {
        triggers(state).into_iter().flat_map(move |(trigger, transitions)| {
            transitions.iter().map(move |transition| (state.path.as_str(), trigger.clone(), transition))
        })
    })
}
