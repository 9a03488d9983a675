//! `entente chart check`.

use std::path::{Path, PathBuf};

use entente_core::chart::{
    migration::Migration,
    problem::{Code, Problem},
};

use super::{is_chart, is_migration, names::Names, read, show};
use crate::cli::{exit::Exit, failure::Failure, input, output::Out};

pub fn run(out: &Out, files: &[PathBuf]) -> Result<Exit, Failure> {
    let names = Names::of_this_binary();
    let mut found = Vec::new();
    for file in files {
        found.extend(input::files(file, &|path| is_chart(path) || is_migration(path))?);
    }
    if found.is_empty() {
        return Err(Failure::usage("there is no chart to check; charts are called v1.yaml, v2.yaml and so on"));
    }
    let mut problems: Vec<Problem> = Vec::new();
    for path in &found {
        let checked = if is_migration(path) { migration(&names, path)? } else { chart(&names, path)? };
        match checked {
            Ok(what) => out.say(&format!("{}: {what} holds", path.display())),
            // A chart's problems keep its migrations from being checked: they are told once.
            Err(more) => more.into_iter().for_each(|problem| {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }),
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

/// What was proved, or everything that is wrong.
type Checked = Result<String, Vec<Problem>>;

fn chart(names: &Names, path: &Path) -> Result<Checked, Failure> {
    let bound = read(path)?.and_then(|chart| names.bind(chart));
    Ok(bound.map(|bound| format!("`{}` version {}", bound.chart.name, bound.chart.version)))
}

/// A migration lies beside both of its charts, and is named for them.
fn migration(names: &Names, path: &Path) -> Result<Checked, Failure> {
    let migration = match Migration::parse(&input::name(path), &input::document(path)?) {
        Ok(migration) => migration,
        Err(problems) => return Ok(Err(problems)),
    };
    let (from, to) = (migration.from, migration.to);
    let mut problems = Vec::new();
    let mut report = |cause: String, remedy: &str| {
        problems.push(Problem::new(&migration.file, migration.place, Code::MigrationCharts, cause, remedy));
    };
    let named = format!("v{from}-to-v{to}.yaml");
    if path.file_name().is_some_and(|name| name != named.as_str()) {
        report(format!("it leads from version {from} to {to}"), &format!("call it `{named}`, or correct the versions"));
    }
    let beside = [from, to].map(|version| path.with_file_name(format!("v{version}.yaml")));
    for chart in beside.iter().filter(|chart| !chart.is_file()) {
        report(format!("there is no `{}`", input::name(chart)), "lay it beside both of its charts");
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let [old, new] = &beside;
    let old = match read(old)? {
        Ok(old) => old,
        Err(problems) => return Ok(Err(problems)),
    };
    let new = read(new)?.and_then(|new| names.bind(new));
    Ok(new.and_then(|new| {
        let problems = migration.check(&old, &new.chart, new.context.as_ref());
        if problems.is_empty() {
            Ok(format!("`{}` from version {from} to {to}", migration.chart))
        } else {
            Err(problems)
        }
    }))
}

fn json(problem: &Problem) -> serde_json::Value {
    serde_json::json!({
        "file": problem.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "code": problem.code.to_string(),
        "cause": problem.cause,
        "remedy": problem.remedy,
    })
}
