//! Reading spend files, beside DuckDB on the same result.

use std::fs;

use crate::{
    command, python,
    workspace::{EVERYTHING, Workspace},
};

const BENCH: &str = "crates/spend/benches";
/// The program, and what does nothing but read and judge.
const MEASURED: [&str; 4] = ["--bin", "entente", "--example", "daily"];
/// Enough rows for every reason and every kind of charge.
const FEW: u64 = 20_000;

/// Makes a month of so many rows as CSV and as Parquet, has the program take each in, reads it to daily sums without anything
/// else, has DuckDB make the same sums, and prints processor time and peak memory of all three.
///
/// # Errors
/// When something does not compile or install, or the sums differ.
pub fn bench(workspace: &Workspace, rows: u64) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--release", "--locked", "--package", "entente", "--package", "entente-spend"]).args(MEASURED);
    command::run(&mut cargo)?;
    compare(workspace, rows, "release")
}

/// Has the test of US-11 import a bill of so many rows with the program itself, and DuckDB make daily sums of the same files.
///
/// # Errors
/// When something does not compile or install, or the figures are not those of the sheet.
pub fn story(workspace: &Workspace, rows: u64) -> anyhow::Result<()> {
    let python = python::with(workspace, &[&format!("{BENCH}/requirements.txt")])?;
    let folder = workspace.target.join("spend-story");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut cargo = workspace.command("cargo");
    // Crash points and the sandbox's clock need a build with its checks on; what rows pass through is optimised.
    cargo.args(["--config", &format!("{BENCH}/profile.toml"), "test", "--locked", "--package", "entente"]);
    cargo.args(["--test", "commitments", "--", "us11_whole_bill::"]);
    command::run(cargo.env("ENTENTE_STORY_ROWS", rows.to_string()).env("ENTENTE_STORY_FOLDER", &folder))?;
    let mut compare = workspace.command(python);
    command::run(compare.arg(format!("{BENCH}/compare.py")).arg("story").arg(&folder))?;
    Ok(fs::remove_dir_all(&folder)?)
}

/// What [`bench`] does, with few rows and the development profile: the sums count, and times mean nothing.
///
/// # Errors
/// As [`bench`].
pub fn agree(workspace: &Workspace) -> anyhow::Result<()> {
    command::run(workspace.cargo("build").args(EVERYTHING).args(MEASURED))?;
    compare(workspace, FEW, "debug")
}

fn compare(workspace: &Workspace, rows: u64, profile: &str) -> anyhow::Result<()> {
    let python = python::with(workspace, &[&format!("{BENCH}/requirements.txt")])?;
    let mut compare = workspace.command(python);
    compare.arg(format!("{BENCH}/compare.py")).arg(rows.to_string());
    let built = workspace.target.join(profile);
    compare.arg(workspace.target.join("spend-bench")).arg(built.join("entente")).arg(built.join("examples/daily"));
    command::run(&mut compare)
}
