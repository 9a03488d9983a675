//! Moving runs at rest from one version of their chart to another: `v1-to-v2.yaml`.

mod change;
mod check;
mod moving;
mod rest;

use std::collections::BTreeMap;

pub use change::{Change, Deadline};
pub use moving::{MigrationError, Passage, Plan};
use serde::{Deserialize, Serialize};

use super::{
    model::{At, Place},
    parse::{
        reader::{Fields, Reader},
        yaml,
    },
    problem::Problem,
};

/// The event by which a person has a run moved; its data is [`Asked`].
pub const MIGRATE: &str = "chart.migrate";

const KEYS: [&str; 5] = ["chart", "from", "to", "states", "context"];

/// What a person asks for who has a run moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The version that the run is to leave.
    pub from: u32,
    /// The version that it is to enter.
    pub to: u32,
    /// SHA-256 of the migration's text, as it is stored.
    pub migration: String,
}

/// A checked way from one version of a chart to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The file it was read from, for messages.
    pub file: String,
    /// The chart's name.
    pub chart: String,
    /// The version that runs leave.
    pub from: u32,
    /// The version that runs enter.
    pub to: u32,
    /// Where a run goes, by the state in which it rests.
    pub states: BTreeMap<At<String>, At<String>>,
    /// The context migration of the context type, where one is needed.
    pub context: Option<At<String>>,
    /// Where the file begins.
    pub place: Place,
}

impl Migration {
    /// Reads a migration from YAML. [`check`](Migration::check) compares it with the charts.
    ///
    /// # Errors
    /// Every problem of grammar, in file order.
    pub fn parse(file: &str, text: &str) -> Result<Migration, Vec<Problem>> {
        let tree = yaml::read(file, text).map_err(|problem| vec![problem])?;
        let mut reader = Reader::new(file);
        let fields = reader.fields(&tree, "the migration", &KEYS);
        let migration = fields.and_then(|fields| read(&mut reader, file, tree.place, &fields));
        let problems = reader.finish();
        match migration {
            Some(migration) if problems.is_empty() => Ok(migration),
            _ => Err(problems),
        }
    }

    fn target(&self, state: &str) -> Option<&str> {
        let mut states = self.states.iter();
        states.find(|(source, _)| source.node == state).map(|(_, target)| target.node.as_str())
    }
}

fn read(reader: &mut Reader<'_>, file: &str, place: Place, fields: &Fields<'_>) -> Option<Migration> {
    let chart = reader.required(fields, "chart");
    let chart = chart.and_then(|tree| reader.named(tree, "the chart's name", false));
    let from = reader.required(fields, "from").and_then(|tree| reader.version(tree, "`from`"));
    let to = reader.required(fields, "to").and_then(|tree| reader.version(tree, "`to`"));
    let entries = reader.required(fields, "states");
    let entries = entries.and_then(|tree| reader.entries(tree, "`states`"));
    let mut states = BTreeMap::new();
    for (source, target) in entries.into_iter().flatten() {
        let what = format!("the target of state `{}`", source.node);
        if let Some(node) = reader.named(target, &what, true) {
            states.insert(source.clone(), At { node, place: target.place });
        }
    }
    let context = fields.get("context").and_then(|tree| {
        let node = reader.named(tree, "the context migration", true)?;
        Some(At { node, place: tree.place })
    });
    let file = file.to_owned();
    Some(Migration { file, chart: chart?, from: from?, to: to?, states, context, place })
}
