//! Suites of the Rust tool chain.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use anyhow::{Context, bail};

use super::Setting;
use crate::{command, report::Outcome, workspace::EVERYTHING};

/// Formatting.
pub fn fmt(setting: &Setting) -> anyhow::Result<Outcome> {
    command::run(setting.workspace.cargo("fmt").args(["--all", "--check"]))?;
    Ok(Outcome::Passed(String::new()))
}

/// Everything compiles, with the locked dependencies. Says how many crates were compiled, so that a first build's
/// duration can be told from a repeated one's.
pub fn build(setting: &Setting) -> anyhow::Result<Outcome> {
    let mut cargo = setting.workspace.cargo("build");
    cargo.args(EVERYTHING).arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let shown = command::show(&cargo);
    println!("$ {shown}");
    let mut child = cargo.spawn().context("cargo could not be started")?;
    let told = child.stdout.take().context("cargo's output is missing")?;
    let mut compiled = 0;
    for line in BufReader::new(told).lines() {
        let line = line.context("cargo's output cannot be read")?;
        compiled += usize::from(line.contains(r#""reason":"compiler-artifact""#) && line.contains(r#""fresh":false"#));
    }
    let status = child.wait().context("cargo did not end")?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(Outcome::Passed(format!("compiled {compiled} crates")))
}

/// The tests of all crates; `--quick` leaves out those that kill processes.
pub fn tests(setting: &Setting) -> anyhow::Result<Outcome> {
    let workspace = &setting.workspace;
    let nextest = command::succeeds(workspace.cargo("nextest").arg("--version"));
    let mut cargo = if nextest { nextest_run(setting) } else { workspace.cargo("test") };
    cargo.args(EVERYTHING);
    match (nextest, setting.quick) {
        (true, true) => drop(cargo.args(["--filter-expr", "not (binary(crash) | test(/crash/))"])),
        (false, true) => drop(cargo.args(["--no-fail-fast", "--", "--skip", "crash"])),
        (true, false) => {}
        (false, false) => drop(cargo.arg("--no-fail-fast")),
    }
    command::run(&mut cargo)?;
    Ok(Outcome::Passed(if setting.quick { "without the crash tests".into() } else { String::new() }))
}

fn nextest_run(setting: &Setting) -> std::process::Command {
    let mut cargo = setting.workspace.cargo("nextest");
    cargo.args(["run", "--no-fail-fast", "--status-level", "slow"]);
    cargo
}

/// The examples in doc comments.
pub fn doctests(setting: &Setting) -> anyhow::Result<Outcome> {
    command::run(setting.workspace.cargo("test").args(EVERYTHING).args(["--doc", "--quiet"]))?;
    Ok(Outcome::Passed(String::new()))
}

/// Lints; a warning fails.
pub fn clippy(setting: &Setting) -> anyhow::Result<Outcome> {
    let mut cargo = setting.workspace.cargo("clippy");
    command::run(cargo.args(EVERYTHING).args(["--all-targets", "--", "--deny", "warnings"]))?;
    Ok(Outcome::Passed(String::new()))
}
