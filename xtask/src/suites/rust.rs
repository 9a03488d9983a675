//! Suites of the Rust tool chain.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use anyhow::{Context, bail};

use super::Setting;
use crate::{
    cluster::{self, Cluster},
    command,
    report::Outcome,
    workspace::{EVERYTHING, Workspace},
};

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
    cargo.args(EVERYTHING).envs(setting.cluster()?.variables());
    match (nextest, setting.quick) {
        (true, true) => drop(cargo.args(["--filter-expr", "not (binary(/^(crash|fleet|torture)$/) | test(/crash/))"])),
        (false, true) => drop(cargo.args(["--no-fail-fast", "--", "--skip", "crash", "--skip", "kill"])),
        (true, false) => {}
        (false, false) => drop(cargo.arg("--no-fail-fast")),
    }
    command::run_and_keep(&mut cargo, failures())?;
    Ok(Outcome::Passed(if setting.quick { "without the crash tests".into() } else { String::new() }))
}

/// Crash tests, and those of the schedule, that are shown on a database server as well. Whole tales of kills are told there by three
/// processes, in `tests/fleet`; what only a file can do is left out.
const ON_A_SERVER_TOO: &str = "binary(/^(engine|funds|spend)$/) \
    | binary(crash) & test(/row_(05|08|10|12|24|25|27|28|29|30|31|34|35|36|38|40)_/) \
    | binary(ops) & test(/row_(21|22|23)_/)";

/// The tests of the engine, of funds and of spend, of single calls and of the schedule once more, on a database server.
pub fn server(setting: &Setting) -> anyhow::Result<Outcome> {
    let workspace = &setting.workspace;
    let nextest = command::succeeds(workspace.cargo("nextest").arg("--version"));
    let mut cargo = if nextest { nextest_run(setting) } else { workspace.cargo("test") };
    cargo.args(EVERYTHING).envs(setting.cluster()?.variables()).env("ENTENTE_TEST_STORE", "postgres");
    cargo.args(["--test", "engine", "--test", "funds", "--test", "spend"]);
    if nextest {
        cargo.args(["--test", "crash", "--test", "ops", "--filter-expr", ON_A_SERVER_TOO]);
    }
    command::run_and_keep(&mut cargo, failures())?;
    let all = "the engine, funds, spend, single calls and the schedule on PostgreSQL";
    Ok(Outcome::Passed(if nextest { all } else { "the engine, funds and spend on PostgreSQL" }.into()))
}

/// How many seeds the simulation plays.
const SEEDS: &str = "2000";

/// Kills from which on it is worth while to build with optimisation first.
const MANY_KILLS: u64 = 1_000;

/// The simulation, two thousand seeds of it, and whether it notices an engine that was broken on purpose.
pub fn sim(setting: &Setting) -> anyhow::Result<Outcome> {
    let mut cargo = setting.workspace.command("cargo");
    cargo.args(["--config", "sim/profile.toml", "test", "--locked", "--package", "entente-sim"]);
    cargo.args(["--features", "deliberate-bugs", "--test", "it", "--", "--nocapture"]);
    // Other flags make other files: beside the usual ones, not in their place.
    cargo.env("CARGO_TARGET_DIR", setting.workspace.target.join("sim")).env("ENTENTE_SIM_SEEDS", SEEDS);
    command::run(&mut cargo)?;
    Ok(Outcome::Passed(format!("{SEEDS} seeds, and engines broken on purpose")))
}

/// Kills processes at random until so many have died, half of them on each store. Each half is a test of its own binary:
/// a test that needs the server makes it the store of its whole process.
///
/// # Errors
/// When something was lost or done twice, or a server for the tests cannot be started.
pub fn torture(workspace: &Workspace, seed: Option<u64>, kills: u64) -> anyhow::Result<()> {
    let cluster = Cluster::start(workspace, cluster::QUICK)?;
    for (binary, test) in [("torture", "p4_p5_kills_on_the_embedded_store"), ("fleet", "p4_p5_kills_on_a_server")] {
        let mut cargo = workspace.cargo("test");
        cargo.args(EVERYTHING).args(["--test", binary]).envs(cluster.variables());
        if kills >= MANY_KILLS {
            // Crash points are there where debug assertions are.
            cargo.arg("--release").env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
            cargo.env("CARGO_TARGET_DIR", workspace.target.join("torture")).env("ENTENTE_TORTURE_AT_ONCE", "4");
        }
        cargo.env("ENTENTE_TORTURE_KILLS", kills.div_ceil(2).to_string());
        if let Some(seed) = seed {
            cargo.env("ENTENTE_STORM_SEED", seed.to_string());
        }
        command::run(cargo.args(["--", "--nocapture", test]))?;
    }
    Ok(())
}

fn nextest_run(setting: &Setting) -> std::process::Command {
    let mut cargo = setting.workspace.cargo("nextest");
    cargo.args(["run", "--no-fail-fast", "--status-level", "slow"]);
    cargo
}

/// The tests that nextest names below its summary because they did not pass.
fn failures() -> impl FnMut(&str) -> Option<String> {
    let mut ended = false;
    move |line| {
        ended |= line.trim_start().starts_with("Summary [");
        let (status, rest) = line.trim_start().split_once(" [")?;
        let (_, test) = rest.split_once("] ")?;
        (ended && status != "Summary" && status != "SLOW").then(|| format!("{status} {}", test.trim_start()))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_read_below_the_summary_only() {
        let told = [
            "        FAIL [   0.1s] (3/9) entente::cli row_1_said_when_it_happened",
            "     Summary [   9.9s] 9 tests run: 8 passed, 1 failed, 0 skipped",
            "        FAIL [   0.1s] (3/9) entente::cli row_1_told_again",
            "     SIGABRT [   1.0s] (4/9) entente::ops it_died",
            "error: test run failed",
        ];
        let kept: Vec<String> = told.iter().copied().filter_map(failures()).collect();
        assert_eq!(kept, ["FAIL (3/9) entente::cli row_1_told_again", "SIGABRT (4/9) entente::ops it_died"]);
    }
}
