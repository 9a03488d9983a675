//! What comes from others: licences, sources and banned crates, by the rules in `deny.toml`.

use super::Setting;
use crate::{command, report::Outcome};

/// The release that reads our `deny.toml`.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny from the target folder. Building it takes about four minutes of processor time, so that happens
/// only when asked for; a build that is there already is always used.
pub fn deny(setting: &Setting) -> anyhow::Result<Outcome> {
    let workspace = &setting.workspace;
    let tools = workspace.target.join("tools");
    let binary = tools.join("bin/cargo-deny");
    if !command::succeeds(workspace.command(&binary).arg("--version")) {
        if !setting.deny {
            return Ok(Outcome::Skipped("cargo-deny is not installed: `cargo xtask test --deny` builds it".into()));
        }
        let mut install = workspace.cargo("install");
        command::run(install.args(["cargo-deny", "--version", VERSION, "--locked", "--root"]).arg(tools))?;
    }
    command::run(workspace.command(&binary).args(["--log-level", "warn", "check", "bans", "licenses", "sources"]))?;
    // The advisory database is a repository on GitHub: a machine without that connection could only fail here.
    Ok(Outcome::Passed("without advisories: `cargo deny check advisories` needs github.com".into()))
}
