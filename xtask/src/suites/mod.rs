//! The test suites, in the order in which they run.

mod product;
mod rust;
mod supply;

use std::{cell::OnceCell, time::Instant};

use crate::{
    cluster::{self, Cluster},
    report::{self, Line, Outcome},
    workspace::Workspace,
};

/// What every suite gets.
pub struct Setting {
    /// Where things are.
    pub workspace: Workspace,
    /// Leave out what takes long.
    pub quick: bool,
    /// Install cargo-deny where it is missing.
    pub deny: bool,
    /// The PostgreSQL server of all suites, once one of them needs it.
    cluster: OnceCell<Cluster>,
}

impl Setting {
    /// The PostgreSQL server of the tests, which runs until the last suite has ended.
    pub fn cluster(&self) -> anyhow::Result<&Cluster> {
        if let Some(cluster) = self.cluster.get() {
            return Ok(cluster);
        }
        let started = Cluster::start(&self.workspace, cluster::QUICK)?;
        Ok(self.cluster.get_or_init(|| started))
    }
}

type Run = fn(&Setting) -> anyhow::Result<Outcome>;

struct Suite {
    name: &'static str,
    /// Part of `--quick`.
    quick: bool,
    run: Run,
}

const fn suite(name: &'static str, quick: bool, run: Run) -> Suite {
    Suite { name, quick, run }
}

const SUITES: [Suite; 17] = [
    suite("fmt", true, rust::fmt),
    suite("build", false, rust::build),
    suite("tests", true, rust::tests),
    suite("server", false, rust::server),
    suite("sim", false, rust::sim),
    suite("doctests", false, rust::doctests),
    suite("clippy", true, rust::clippy),
    suite("prepared-sql", false, product::prepared_sql),
    suite("charts", false, product::charts),
    suite("mail", false, product::mail),
    suite("payments", false, product::payments),
    suite("evidence", false, product::evidence),
    suite("focus", false, product::focus),
    suite("fidelity", false, product::fidelity),
    suite("spend", false, product::spend),
    suite("demo", false, product::demo),
    suite("deny", false, supply::deny),
];

/// The suites' names.
pub const NAMES: [&str; SUITES.len()] = {
    let mut names = [""; SUITES.len()];
    let mut at = 0;
    while at < SUITES.len() {
        names[at] = SUITES[at].name;
        at += 1;
    }
    names
};

/// Kills processes at random, on both stores: see [`rust::torture`].
///
/// # Errors
/// As there.
pub fn torture(seed: Option<u64>, kills: u64) -> anyhow::Result<bool> {
    rust::torture(&Workspace::find()?, seed, kills).map(|()| true)
}

/// Runs suites and prints what they came to; one that fails does not stop the others. True when nothing failed.
///
/// # Errors
/// When the workspace cannot be found.
pub fn run(quick: bool, deny: bool, named: &[String]) -> anyhow::Result<bool> {
    let setting = Setting { workspace: Workspace::find()?, quick, deny, cluster: OnceCell::new() };
    let mut lines = Vec::new();
    for suite in SUITES.iter().filter(|suite| is_chosen(suite, quick, named)) {
        println!("\n== {}", suite.name);
        let begun = Instant::now();
        let outcome = (suite.run)(&setting).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        if let Outcome::Failed(why) | Outcome::Skipped(why) = &outcome {
            println!("{}: {why}", suite.name);
        }
        lines.push(Line { suite: suite.name, outcome, took: begun.elapsed() });
    }
    println!("{}", report::summary(&lines));
    Ok(report::is_clean(&lines))
}

fn is_chosen(suite: &Suite, quick: bool, named: &[String]) -> bool {
    if named.is_empty() { !quick || suite.quick } else { named.iter().any(|name| name == suite.name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(quick: bool, named: &[&str]) -> Vec<&'static str> {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        SUITES.iter().filter(|suite| is_chosen(suite, quick, &named)).map(|suite| suite.name).collect()
    }

    #[test]
    fn all_suites_run_unless_fewer_are_asked_for() {
        assert_eq!(chosen(false, &[]), NAMES);
        assert_eq!(chosen(true, &[]), ["fmt", "tests", "clippy"]);
        assert_eq!(chosen(false, &["mail", "fmt"]), ["fmt", "mail"]);
        assert_eq!(chosen(true, &["demo"]), ["demo"], "a named suite runs whatever it costs");
    }
}
