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
    command::run(workspace.cargo("build").arg("--release").args(EVERYTHING).args(MEASURED))?;
    compare(workspace, rows, "release")
}

/// Has the test of US-11 import a bill of so many rows with the program itself, and DuckDB make daily sums of the same files.
///
/// # Errors
/// When something does not compile or install, or the figures are not those of the sheet.
pub fn story(workspace: &Workspace, rows: u64) -> anyhow::Result<()> {
    let mut compare = comparison(workspace)?;
    let folder = workspace.target.join("spend-story");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut cargo = workspace.command("cargo");
    // Crash points and the sandbox's clock need a build with its checks on; what rows pass through is optimised.
    cargo.args(["--config", &format!("{BENCH}/profile.toml"), "test"]).args(EVERYTHING);
    cargo.args(["--test", "commitments", "--", "us11_whole_bill::"]);
    command::run(cargo.env("ENTENTE_STORY_ROWS", rows.to_string()).env("ENTENTE_STORY_FOLDER", &folder))?;
    command::run(compare.arg("story").arg(&folder))?;
    Ok(fs::remove_dir_all(&folder)?)
}

/// What [`bench`] does, with few rows and the development profile: the sums count, and times mean nothing. Then a small bill is taken
/// in, and brought to daily sums by the statements for warehouses as they are documented, which has to be the same.
///
/// # Errors
/// As [`bench`].
pub fn agree(workspace: &Workspace) -> anyhow::Result<()> {
    command::run(workspace.cargo("build").args(EVERYTHING).args(MEASURED))?;
    compare(workspace, FEW, "debug")?;
    let mut bill = comparison(workspace)?;
    command::run(bill.arg("bill").arg(workspace.target.join("spend-bench")).arg(workspace.target.join("debug/entente")))
}

fn compare(workspace: &Workspace, rows: u64, profile: &str) -> anyhow::Result<()> {
    let mut compare = comparison(workspace)?;
    let built = workspace.target.join(profile);
    compare
        .arg(rows.to_string())
        .arg(workspace.target.join("spend-bench"))
        .arg(built.join("entente"))
        .arg(built.join("examples/daily"));
    command::run(&mut compare)
}

/// What compares with DuckDB, without its arguments.
fn comparison(workspace: &Workspace) -> anyhow::Result<std::process::Command> {
    let python = python::with(workspace, &[&format!("{BENCH}/requirements.txt")])?;
    let mut compare = workspace.command(python);
    compare.arg(format!("{BENCH}/compare.py"));
    Ok(compare)
}
