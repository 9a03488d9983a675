//! `entente chart paths`.

use std::path::Path;

use entente_core::chart::{graph::Graph, paths};

use super::readable;
use crate::cli::{exit::Exit, failure::Failure, output::Out};

pub fn run(out: &Out, file: &Path, edges: bool) -> Result<Exit, Failure> {
    let chart = readable(out, file)?;
    let graph = Graph::new(&chart);
    let found: Vec<String> = if edges {
        paths::to_each_edge(&graph).iter().map(ToString::to_string).collect()
    } else {
        let paths = paths::loop_free(&graph)
            .map_err(|problem| Failure::new(Exit::Error, problem.to_string()).hint("use --edges"))?;
        paths.iter().map(ToString::to_string).collect()
    };
    if out.is_json() {
        out.json(&found)?;
    } else {
        for path in &found {
            out.data(path);
        }
    }
    out.say(&format!("{} {}", found.len(), if edges { "edges" } else { "ways" }));
    Ok(Exit::Ok)
}
