//! Reading spend files, measured beside DuckDB on the same result.

use crate::{command, python, workspace::Workspace};

const BENCH: &str = "crates/spend/benches";

/// Makes a month of so many rows as CSV and as Parquet, has both read each to daily sums, and prints processor time and peak
/// memory of both.
///
/// # Errors
/// When something does not compile or install, or the sums differ.
pub fn bench(workspace: &Workspace, rows: u64) -> anyhow::Result<()> {
    let python = python::with(workspace, &[&format!("{BENCH}/requirements.txt")])?;
    let mut cargo = workspace.cargo("build");
    command::run(cargo.args(["--release", "--locked", "--package", "entente-spend", "--example", "daily"]))?;
    let mut compare = workspace.command(python);
    compare.arg(format!("{BENCH}/compare.py")).arg(rows.to_string());
    compare.arg(workspace.target.join("spend-bench")).arg(workspace.target.join("release/examples/daily"));
    command::run(&mut compare)
}
