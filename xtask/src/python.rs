//! A private Python environment in the target folder, with exactly the packages that a suite pins.

use std::{fs, path::PathBuf};

use anyhow::Context;

use crate::{command, workspace::Workspace};

/// The environment's Python with the packages of `requirements` (paths from the root) installed.
///
/// # Errors
/// When there is no Python 3, or a package cannot be installed.
pub fn with(workspace: &Workspace, requirements: &[&str]) -> anyhow::Result<PathBuf> {
    let (home, python) = environment(workspace, "python")?;
    for file in requirements {
        install(workspace, &home, &python, file, "0")?;
    }
    Ok(python)
}

/// The same in an environment of its own, for packages that agree with no others, and whatever version of Python they ask for.
///
/// # Errors
/// As [`with`].
pub fn apart(workspace: &Workspace, name: &str, file: &str) -> anyhow::Result<PathBuf> {
    let (home, python) = environment(workspace, name)?;
    install(workspace, &home, &python, file, "1")?;
    Ok(python)
}

fn environment(workspace: &Workspace, name: &str) -> anyhow::Result<(PathBuf, PathBuf)> {
    let home = workspace.target.join(name);
    let python = home.join("bin/python");
    if !command::succeeds(workspace.command(&python).arg("--version")) {
        create(workspace, &home)?;
    }
    Ok((home, python))
}

fn create(workspace: &Workspace, home: &PathBuf) -> anyhow::Result<()> {
    let venv = || {
        let mut command = workspace.command("python3");
        command.args(["-m", "venv", "--clear"]).arg(home);
        command
    };
    if command::run(&mut venv()).is_ok() {
        return Ok(());
    }
    // Debian ships the `venv` module in a package of its own.
    let mut apt = workspace.command("apt-get");
    command::run(apt.args(["install", "--yes", "--no-install-recommends", "python3-venv"]))
        .context("no Python environment could be made; install Python 3 with its `venv` module")?;
    command::run(&mut venv())
}

/// Installs a file of pinned packages, unless exactly this file was installed before.
fn install(
    workspace: &Workspace,
    home: &std::path::Path,
    python: &PathBuf,
    file: &str,
    any_python: &str,
) -> anyhow::Result<()> {
    let wanted = fs::read_to_string(workspace.root.join(file)).with_context(|| format!("`{file}` cannot be read"))?;
    let stamp = home.join(format!("{}.installed", file.replace('/', "-")));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut pip = workspace.command(python);
    pip.env("PIP_IGNORE_REQUIRES_PYTHON", any_python);
    command::run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", file]))?;
    fs::write(&stamp, wanted).with_context(|| format!("`{}` cannot be written", stamp.display()))
}
