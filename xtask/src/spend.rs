//! Reading spend files, beside DuckDB on the same result.

use crate::{
    command, python,
    workspace::{EVERYTHING, Workspace},
};

const BENCH: &str = "crates/spend/benches";
/// Enough rows for every reason and every kind of charge.
const FEW: u64 = 20_000;

/// Makes a month of so many rows as CSV and as Parquet, has both read each to daily sums, and prints processor time and peak
/// memory of both.
///
/// # Errors
/// When something does not compile or install, or the sums differ.
pub fn bench(workspace: &Workspace, rows: u64) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo("build");
    command::run(cargo.args(["--release", "--locked", "--package", "entente-spend", "--example", "daily"]))?;
    compare(workspace, rows, "release")
}

/// The same with few rows and the development profile: the sums count, and times mean nothing.
///
/// # Errors
/// As [`bench`].
pub fn agree(workspace: &Workspace) -> anyhow::Result<()> {
    command::run(workspace.cargo("build").args(EVERYTHING).args(["--example", "daily"]))?;
    compare(workspace, FEW, "debug")
}

fn compare(workspace: &Workspace, rows: u64, profile: &str) -> anyhow::Result<()> {
    let python = python::with(workspace, &[&format!("{BENCH}/requirements.txt")])?;
    let mut compare = workspace.command(python);
    compare.arg(format!("{BENCH}/compare.py")).arg(rows.to_string());
    compare.arg(workspace.target.join("spend-bench")).arg(workspace.target.join(profile).join("examples/daily"));
    command::run(&mut compare)
}
