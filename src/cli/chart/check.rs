//! `entente chart check`.

use std::path::PathBuf;

use super::{is_chart, names::Names, read, show};
use crate::cli::{exit::Exit, failure::Failure, input, output::Out};

pub fn run(out: &Out, files: &[PathBuf]) -> Result<Exit, Failure> {
    let names = Names::of_this_binary();
    let mut charts = Vec::new();
    for file in files {
        charts.extend(input::files(file, &is_chart)?);
    }
    if charts.is_empty() {
        return Err(Failure::usage("there is no chart to check; charts are called v1.yaml, v2.yaml and so on"));
    }
    let mut problems = Vec::new();
    for path in &charts {
        match read(path)?.and_then(|chart| names.bind(chart)) {
            Ok(bound) => {
                out.say(&format!("{}: `{}` version {} holds", path.display(), bound.chart.name, bound.chart.version))
            }
            Err(found) => problems.extend(found),
        }
    }
    if out.is_json() {
        let rows: Vec<serde_json::Value> = problems.iter().map(json).collect();
        out.json(&rows)?;
    } else {
        show(out, &problems);
    }
    Ok(if problems.is_empty() { Exit::Ok } else { Exit::Usage })
}

fn json(problem: &entente_core::chart::problem::Problem) -> serde_json::Value {
    serde_json::json!({
        "file": problem.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "code": problem.code.to_string(),
        "cause": problem.cause,
        "remedy": problem.remedy,
    })
}
