//! Where each state stands in a picture: columns by distance from the start, ends last, rows in file order.

use std::collections::BTreeMap;

use crate::chart::{
    graph::{Graph, Trigger},
    model::Chart,
};

/// A picture of a chart on a grid; also the rows of the table beneath it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The chart's name and version.
    pub title: String,
    /// How many columns.
    pub columns: usize,
    /// How many rows.
    pub rows: usize,
    /// The resting places.
    pub nodes: Vec<LayoutNode>,
    /// What joins them; several ways of one kind between the same two places are one edge.
    pub edges: Vec<LayoutEdge>,
}

/// A resting place in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutNode {
    /// The state's path.
    pub path: String,
    /// The state's own name.
    pub label: String,
    /// The compound state around it.
    pub group: Option<String>,
    /// What is invoked there.
    pub invoke: Option<String>,
    /// What kind of place it is.
    pub kind: NodeKind,
    /// From 0 at the left.
    pub column: usize,
    /// From 0 at the top.
    pub row: usize,
}

/// The kinds of resting places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// Runs begin here.
    Start,
    /// Something is under way.
    Work,
    /// The run waits.
    Wait,
    /// Runs end here.
    End,
}

/// A way from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutEdge {
    /// The path of the place left.
    pub from: String,
    /// The path of the place entered; the same one for a reaction that stays.
    pub to: String,
    /// What makes it happen, with its condition; several are separated by commas.
    pub label: String,
    /// What kind of trigger.
    pub kind: EdgeKind,
}

/// The kinds of triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// Someone or something sends an event.
    Event,
    /// A deadline passes.
    Deadline,
    /// An activity or a wait for children ends well.
    Done,
    /// An activity or a wait for children fails.
    Failed,
    /// At once.
    Always,
}

impl EdgeKind {
    fn of(trigger: &Trigger) -> EdgeKind {
        match trigger {
            Trigger::Event(_) => EdgeKind::Event,
            Trigger::Deadline(_) => EdgeKind::Deadline,
            Trigger::Done(_) | Trigger::Joined => EdgeKind::Done,
            Trigger::Failed(..) | Trigger::JoinFailed => EdgeKind::Failed,
            Trigger::Always => EdgeKind::Always,
        }
    }
}

/// Lays out a chart.
pub fn layout(chart: &Chart) -> Layout {
    let graph = Graph::new(chart);
    let distances: BTreeMap<&str, usize> =
        graph.shortest().into_iter().map(|(leaf, path)| (leaf, path.len())).collect();
    let last = graph.leaves().iter().filter(|leaf| !leaf.is_final);
    let last = last.filter_map(|leaf| distances.get(leaf.path.as_str())).max();
    let beyond = last.map_or(0, |last| last + 1);
    let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
    let mut nodes = Vec::new();
    for leaf in graph.leaves() {
        let distance = distances.get(leaf.path.as_str()).filter(|_| !leaf.is_final);
        let column = distance.copied().unwrap_or(beyond);
        let row = filled.entry(column).or_default();
        let around = leaf.path.split_once('.');
        let kind = if leaf.is_final {
            NodeKind::End
        } else if leaf.path == graph.start() {
            NodeKind::Start
        } else if leaf.invoke.is_some() {
            NodeKind::Work
        } else {
            NodeKind::Wait
        };
        nodes.push(LayoutNode {
            path: leaf.path.clone(),
            label: around.map_or(leaf.path.as_str(), |(_, name)| name).to_owned(),
            group: around.map(|(outer, _)| outer.to_owned()),
            invoke: leaf.invoke.as_ref().map(|invoke| invoke.src.clone()),
            kind,
            column,
            row: *row,
        });
        *row += 1;
    }
    Layout {
        title: format!("{} version {}", chart.name, chart.version),
        columns: filled.keys().last().map_or(0, |last| last + 1),
        rows: filled.values().max().copied().unwrap_or_default(),
        nodes,
        edges: edges(&graph),
    }
}

fn edges(graph: &Graph<'_>) -> Vec<LayoutEdge> {
    let mut edges: Vec<LayoutEdge> = Vec::new();
    for edge in graph.edges() {
        let kind = EdgeKind::of(&edge.trigger);
        let label = format!("{}{}", edge.trigger, edge.condition());
        let same = |found: &&mut LayoutEdge| found.from == edge.from && found.to == edge.to && found.kind == kind;
        match edges.iter_mut().find(same) {
            Some(found) => {
                found.label.push_str(", ");
                found.label.push_str(&label);
            }
            None => edges.push(LayoutEdge { from: edge.from.to_owned(), to: edge.to.to_owned(), label, kind }),
        }
    }
    edges
}
