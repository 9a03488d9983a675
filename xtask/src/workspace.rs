//! Where things are.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, bail};

use crate::command;

/// Selects everything for cargo, always in this form: selecting single packages would select other features of shared
/// dependencies and build those a second time.
pub const EVERYTHING: [&str; 4] = ["--workspace", "--locked", "--features", "xtask/sql"];

/// The folders of this checkout.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The repository's root.
    pub root: PathBuf,
    /// Where cargo puts what it builds; private environments and tools live there too.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub fn find() -> anyhow::Result<Workspace> {
        let asked = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .context("cargo could not be started")?;
        if !asked.status.success() {
            bail!("`cargo metadata` failed: {}", String::from_utf8_lossy(&asked.stderr).trim());
        }
        let told: serde_json::Value =
            serde_json::from_slice(&asked.stdout).context("`cargo metadata` was not understood")?;
        let folder =
            |name: &str| told[name].as_str().map(PathBuf::from).with_context(|| format!("`{name}` is missing"));
        Ok(Workspace { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// A command that runs at the root.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// `cargo` at the root, with this subcommand.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command("cargo");
        command.arg(subcommand);
        command
    }

    /// A binary of this workspace in the development profile, freshly built.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn binary(&self, name: &str) -> anyhow::Result<PathBuf> {
        command::run(self.cargo("build").args(EVERYTHING).args(["--bin", name]))?;
        Ok(self.target.join("debug").join(name))
    }
}
