//! From YAML text to a [`Chart`]: grammar, names and targets, each problem with its line and column.

mod deadline;
pub(crate) mod reader;
mod state;
mod transition;
mod wait;
pub(crate) mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use self::{reader::Reader, yaml::Tree};
use super::{
    model::{Chart, State},
    problem::{Code, Problem, choose},
};

const KEYS: [&str; 5] = ["chart", "version", "context", "initial", "states"];

impl Chart {
    /// Reads a chart from YAML 1.2 text. `file` is only used in messages.
    ///
    /// # Errors
    /// Every problem of grammar, names and targets, in file order. What the words mean is for
    /// [`lint`](super::lint::lint) to check.
    pub fn parse(file: &str, text: &str) -> Result<Chart, Vec<Problem>> {
        let tree = yaml::read(file, text).map_err(|problem| vec![problem])?;
        let mut reader = Reader::new(file);
        let chart = chart(&mut reader, file, text, &tree);
        let problems = reader.finish();
        match chart {
            Some(chart) if problems.is_empty() => Ok(chart),
            _ => Err(problems),
        }
    }
}

/// The names of all states, known before any target is read.
pub(crate) struct Names {
    paths: BTreeSet<String>,
}

impl Names {
    fn collect(states: &Tree) -> Names {
        let mut paths = BTreeSet::new();
        for (name, state) in children(states) {
            paths.insert(name.to_owned());
            let inner = children(state).find(|(key, _)| *key == "states");
            for (inner, _) in inner.into_iter().flat_map(|(_, tree)| children(tree)) {
                paths.insert(format!("{name}.{inner}"));
            }
        }
        Names { paths }
    }

    /// The path that `name` means in a transition of the state `owner`: beside it first, then at the top.
    pub(crate) fn resolve(&self, owner: &str, name: &str) -> Option<String> {
        let beside = owner.split_once('.').map(|(outer, _)| format!("{outer}.{name}"));
        beside.filter(|path| self.paths.contains(path)).or_else(|| self.paths.contains(name).then(|| name.to_owned()))
    }

    /// Every path, for messages.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}

fn children(tree: &Tree) -> impl Iterator<Item = (&str, &Tree)> {
    let entries: &[_] = match &tree.node {
        yaml::Node::Map(entries) => entries,
        _ => &[],
    };
    entries.iter().map(|(key, value)| (key.node.as_str(), value))
}

fn chart(reader: &mut Reader<'_>, file: &str, text: &str, tree: &Tree) -> Option<Chart> {
    let fields = reader.fields(tree, "the chart", &KEYS)?;
    let name = reader.required(&fields, "chart");
    let name = name.and_then(|tree| reader.named(tree, "the chart's name", false));
    let version = reader.required(&fields, "version");
    let version = version.and_then(|tree| reader.version(tree, "the chart's version"));
    let context_tree = reader.required(&fields, "context");
    let context = context_tree.and_then(|tree| reader.named(tree, "the context", false));
    let initial_tree = reader.required(&fields, "initial");
    let initial = initial_tree.and_then(|tree| reader.text(tree, "`initial`"));
    let states_tree = reader.required(&fields, "states")?;
    let names = Names::collect(states_tree);
    let states = states(reader, &names, states_tree)?;
    if let (Some(initial), Some(tree)) = (initial, initial_tree) {
        known_initial(reader, &states, initial, tree, None);
    }
    let index = states.iter().enumerate().map(|(at, state)| (state.path.clone(), at)).collect();
    Some(Chart {
        file: file.to_owned(),
        name: name?,
        version: version?,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: text.to_owned(),
        context: context?,
        context_place: context_tree?.place,
        initial: initial?.to_owned(),
        states,
        index,
    })
}

fn states(reader: &mut Reader<'_>, names: &Names, tree: &Tree) -> Option<Vec<State>> {
    let entries = reader.entries(tree, "`states`")?;
    if entries.is_empty() {
        let remedy = "describe at least one state";
        reader.report(tree.place, Code::WrongShape, "`states` is empty", remedy);
    }
    let mut states = Vec::new();
    for (name, body) in entries {
        if reader.name(&name.node, name.place, "the state", false) {
            state::read(reader, names, &mut states, None, name, body);
        }
    }
    Some(states)
}

/// Checks that an `initial` names a state at its own level.
pub(crate) fn known_initial(
    reader: &mut Reader<'_>,
    states: &[State],
    initial: &str,
    tree: &Tree,
    outer: Option<&str>,
) {
    let level: BTreeMap<&str, &str> = states
        .iter()
        .filter_map(|state| match (outer, state.path.split_once('.')) {
            (None, None) => Some((state.path.as_str(), state.path.as_str())),
            (Some(outer), Some((around, name))) if around == outer => Some((name, name)),
            _ => None,
        })
        .collect();
    if !level.contains_key(initial) {
        let around = outer.map_or("the chart".to_owned(), |outer| format!("state `{outer}`"));
        let cause = format!("{around} begins in the state `{initial}`, which does not exist");
        let remedy = choose(initial, level.keys().copied(), "its states");
        reader.report(tree.place, Code::UnknownInitial, cause, remedy);
    }
}
