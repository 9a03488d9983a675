//! `entente chart simulate`.

use std::path::{Path, PathBuf};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        scenario::{self, Scenario, Values, run_scenario},
        step::World,
    },
    policy::Policy,
};

use super::{is_chart, names::Names, readable, show};
use crate::cli::{exit::Exit, failure::Failure, input, output::Out};

/// The file of documents that a folder's scenarios share.
const VALUES: &str = "values.yaml";

pub fn run(out: &Out, folders: &[PathBuf]) -> Result<Exit, Failure> {
    let names = Names::of_this_binary();
    let (mut told, mut failed) = (0_usize, Vec::new());
    for folder in folders {
        let calendars = Calendars::default();
        for path in &input::files(folder, &is_chart)? {
            // A workflow's policy and scenarios lie beside its charts, wherever the folder named lies above them.
            let workflow = path.parent().unwrap_or(folder);
            let policy = policy(workflow)?;
            let world = World { policy: &policy, calendars: &calendars };
            let bound = names.bind(readable(out, path)?).map_err(|problems| {
                show(out, &problems);
                Failure::usage(format!("{}: cannot run in this binary", path.display()))
            })?;
            let (good, bad) = tell(out, &bound, &world, &workflow.join("scenarios"))?;
            told += good;
            failed.extend(bad);
        }
    }
    if told == 0 && failed.is_empty() {
        return Err(Failure::usage("there is no story to tell: a chart's stories lie in `scenarios` beside it"));
    }
    if out.is_json() {
        out.json(&serde_json::json!({ "told": told, "failed": failed }))?;
    } else {
        failed.iter().for_each(|failure| out.data(failure));
    }
    out.say(&format!("{told} stories as told, {} otherwise", failed.len()));
    Ok(if failed.is_empty() { Exit::Ok } else { Exit::Differences })
}

/// Tells a chart every story about it: how many went as told, and what went otherwise.
fn tell(out: &Out, bound: &BoundChart, world: &World<'_>, folder: &Path) -> Result<(usize, Vec<String>), Failure> {
    if !folder.is_dir() {
        return Ok((0, Vec::new()));
    }
    let values = values(folder)?;
    let is_story = |path: &Path| {
        path.extension().is_some_and(|ending| ending == "yaml") && path.file_name().is_some_and(|name| name != VALUES)
    };
    let (mut told, mut failed) = (0, Vec::new());
    for path in input::files(folder, &is_story)? {
        let scenario = Scenario::from_yaml(&input::name(&path), &input::document(&path)?, &values)?;
        if scenario.chart != bound.chart.name || scenario.since > bound.chart.version {
            continue;
        }
        match run_scenario(bound, world, &scenario) {
            Ok(story) => {
                told += 1;
                out.say(&format!(
                    "{}: ends in `{}` after {} steps",
                    scenario.title, story.snapshot.state, story.snapshot.seq
                ));
            }
            Err(failure) => failed.push(format!("{}: {failure}", path.display())),
        }
    }
    Ok((told, failed))
}

fn values(folder: &Path) -> Result<Values, Failure> {
    let path = folder.join(VALUES);
    if !path.exists() {
        return Ok(Values::default());
    }
    Ok(scenario::values(&input::name(&path), &input::document(&path)?)?)
}

/// The newest policy of a workflow's folder; the built-in one where it has none.
fn policy(folder: &Path) -> Result<Policy, Failure> {
    let folder = folder.join("policy");
    let is_yaml = |path: &Path| path.extension().is_some_and(|ending| ending == "yaml");
    let files = if folder.is_dir() { input::files(&folder, &is_yaml)? } else { Vec::new() };
    let mut newest: Option<Policy> = None;
    for path in files {
        let policy = Policy::from_yaml(&input::name(&path), &input::document(&path)?)?;
        if newest.as_ref().is_none_or(|known| known.version < policy.version) {
            newest = Some(policy);
        }
    }
    match newest {
        Some(policy) => Ok(policy),
        None => crate::workflows::policy().map_err(|error| Failure::new(Exit::Error, error.to_string())),
    }
}
