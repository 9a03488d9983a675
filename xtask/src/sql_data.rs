//! The committed knowledge of every SQL statement, made by a program of its own that links the database library.

use crate::{command, workspace::Workspace};

/// Rewrites `.sqlx`, or with `check` fails when it is not what it should be.
///
/// # Errors
/// When a statement does not fit the migrations, or the committed data is stale.
pub fn prepare(workspace: &Workspace, check: bool) -> anyhow::Result<()> {
    let program = workspace.binary("prepare-sql")?;
    let mut prepare = workspace.command(program);
    command::run(if check { prepare.arg("--check") } else { &mut prepare })
}
