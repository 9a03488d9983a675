//! The project's own commands: `cargo xtask <command>`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bench;
mod cluster;
mod command;
mod duplicates;
mod python;
mod report;
mod spend;
mod sql_data;
mod suites;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand, builder::PossibleValuesParser};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Commands for working on Entente")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the test suites, all of them or those named; installs what they need into the target folder.
    Test {
        /// Only what answers within a few minutes: formatting, lints, and tests without the crash tests.
        #[arg(long)]
        quick: bool,
        /// Installs cargo-deny where it is missing (about four minutes of processor time, once per target folder).
        #[arg(long)]
        deny: bool,
        /// The suites to run.
        #[arg(value_parser = PossibleValuesParser::new(suites::NAMES))]
        suites: Vec<String>,
    },
    /// Kills real processes at random while offers go out, on both stores, and prints the seed that repeats a failure.
    Torture {
        /// What is drawn follows from it.
        #[arg(long)]
        seed: Option<u64>,
        /// How many processes are killed, half of them on each store.
        #[arg(long, default_value_t = 300)]
        kills: u64,
    },
    /// Measures the workloads of `docs/performance.md` on both stores, beside their anchors.
    Bench {
        /// Small sizes, to see that everything works; times mean nothing then.
        #[arg(long)]
        quick: bool,
        /// What the bench is told after that: `RUNS`, workloads, `--sleepers N`, `--seconds N`, `--store file|server`, `--check`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Finds duplicates, split and doubly funded claims in made-up corpora, and prints recall, precision and work.
    Duplicates {
        /// How many claims each corpus has.
        #[arg(long, default_value_t = 100_000)]
        claims: u64,
        /// How many corpora.
        #[arg(long, default_value_t = 20)]
        seeds: u64,
        /// The first seed; those below 7000 are for tuning.
        #[arg(long, default_value_t = 8_001)]
        first: u64,
    },
    /// Has `entente spend import` take made-up spend files in beside DuckDB, compares their daily sums, and prints what both took.
    SpendBench {
        /// How many rows each file has (10,000,000), or the bill (2,000,000).
        #[arg(long)]
        rows: Option<u64>,
        /// Instead, has `entente spend import` take in a bill of twenty-four months, whose figures must be those of a sheet.
        #[arg(long)]
        story: bool,
    },
    /// Runs a PostgreSQL server for single tests until it is stopped, and prints how to use it.
    Postgres,
    /// Checks every SQL statement against the migrations and rewrites `.sqlx` from it.
    PrepareSql {
        /// Changes nothing, and fails when `.sqlx` is not what it should be.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test { quick, deny, suites } => suites::run(quick, deny, &suites),
        Command::Torture { seed, kills } => suites::torture(seed, kills),
        Command::Bench { quick, words } => {
            workspace::Workspace::find().and_then(|workspace| bench::run(&workspace, quick, &words)).map(|()| true)
        }
        Command::Duplicates { claims, seeds, first } => workspace::Workspace::find()
            .and_then(|workspace| duplicates::run(&workspace, claims, seeds, first))
            .map(|()| true),
        Command::SpendBench { rows, story } => workspace::Workspace::find()
            .and_then(|workspace| match story {
                true => spend::story(&workspace, rows.unwrap_or(2_000_000)),
                false => spend::bench(&workspace, rows.unwrap_or(10_000_000)),
            })
            .map(|()| true),
        Command::Postgres => {
            workspace::Workspace::find().and_then(|workspace| cluster::serve(&workspace)).map(|()| true)
        }
        Command::PrepareSql { check } => {
            workspace::Workspace::find().and_then(|workspace| sql_data::prepare(&workspace, check)).map(|()| true)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
