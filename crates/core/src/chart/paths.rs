//! Every way through a chart: all edges, and all loop-free paths from the start to an end.

use std::{collections::BTreeSet, fmt};

use super::{
    graph::{Edge, Graph},
    problem::{Code, Problem},
};

/// The most paths that are listed.
pub const MAX_PATHS: usize = 10_000;

/// The most steps that the search for paths may take.
const MAX_STEPS: usize = 2_000_000;

/// A way from the start of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Path<'g, 'c> {
    /// The resting place in which runs begin.
    pub start: &'c str,
    /// What happens, in order.
    pub edges: Vec<&'g Edge<'c>>,
}

impl Path<'_, '_> {
    /// The resting places passed, the start first.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.start).chain(self.edges.iter().map(|edge| edge.to))
    }
}

impl fmt::Display for Path<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&walked(self.start, &self.edges))
    }
}

/// A path in words: `draft —submit→ review —approvals done→ signing`.
pub(crate) fn walked(start: &str, edges: &[&Edge<'_>]) -> String {
    let mut text = start.to_owned();
    for edge in edges {
        text.push_str(&format!(" —{}{}→ {}", edge.trigger, edge.condition(), edge.to));
    }
    text
}

/// For every edge that can be taken, a shortest path that ends with it, in the order of the graph's edges.
pub fn to_each_edge<'g, 'c>(graph: &'g Graph<'c>) -> Vec<Path<'g, 'c>> {
    let shortest = graph.shortest();
    graph
        .edges()
        .iter()
        .filter_map(|edge| {
            let before = shortest.get(edge.from)?;
            let edges = before.iter().copied().chain([edge]).collect();
            Some(Path { start: graph.start(), edges })
        })
        .collect()
}

/// Every path from the start to an end that passes no place twice, depth first in file order.
///
/// # Errors
/// When there are more than [`MAX_PATHS`] of them, or too many ways to look.
pub fn loop_free<'g, 'c>(graph: &'g Graph<'c>) -> Result<Vec<Path<'g, 'c>>, Problem> {
    let mut search = Search { graph, paths: Vec::new(), walked: Vec::new(), steps: 0 };
    let mut passed = BTreeSet::from([graph.start()]);
    // One frame per place on the current path: the edges out of it that are still to be tried.
    let mut frames = vec![search.open(graph.start())];
    while let Some(frame) = frames.last_mut() {
        search.steps += 1;
        let Some(edge) = frame.pop() else {
            frames.pop();
            if let Some(edge) = search.walked.pop() {
                passed.remove(edge.to);
            }
            continue;
        };
        if !passed.insert(edge.to) {
            continue;
        }
        search.walked.push(edge);
        frames.push(search.open(edge.to));
        if search.paths.len() > MAX_PATHS || search.steps > MAX_STEPS {
            return Err(search.too_many());
        }
    }
    Ok(search.paths)
}

struct Search<'g, 'c> {
    graph: &'g Graph<'c>,
    paths: Vec<Path<'g, 'c>>,
    walked: Vec<&'g Edge<'c>>,
    steps: usize,
}

impl<'g, 'c> Search<'g, 'c> {
    /// The edges to try from `leaf`, last first; an end is noted as a path.
    fn open(&mut self, leaf: &str) -> Vec<&'g Edge<'c>> {
        if self.graph.chart().state(leaf).is_some_and(|state| state.is_final) {
            let start = self.graph.start();
            self.paths.push(Path { start, edges: self.walked.clone() });
            return Vec::new();
        }
        let mut edges: Vec<&Edge<'c>> = self.graph.outgoing(leaf).collect();
        edges.reverse();
        edges
    }

    fn too_many(&self) -> Problem {
        let chart = self.graph.chart();
        let place = chart.state(&chart.initial).map(|state| state.place).unwrap_or_default();
        let cause =
            format!("chart `{}` has more than {MAX_PATHS} loop-free paths or too many ways to find them", chart.name);
        let remedy = "list its edges instead, or split the chart into two that start one another";
        Problem::new(&chart.file, place, Code::TooManyPaths, cause, remedy)
    }
}
