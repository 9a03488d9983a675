//! The committed knowledge of every SQL statement, made by a program of its own that links the database library.

use crate::{
    cluster::{self, Cluster},
    command,
    workspace::Workspace,
};

/// Rewrites `.sqlx`, or with `check` fails when it is not what it should be.
///
/// # Errors
/// When a statement does not fit the migrations, the committed data is stale, or PostgreSQL is missing.
pub fn prepare(workspace: &Workspace, check: bool) -> anyhow::Result<()> {
    prepare_with(workspace, &Cluster::start(workspace, cluster::QUICK)?, check)
}

/// The same, with a server that runs already.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_with(workspace: &Workspace, cluster: &Cluster, check: bool) -> anyhow::Result<()> {
    let program = workspace.binary("prepare-sql")?;
    let mut prepare = workspace.command(program);
    prepare.envs(cluster.variables());
    command::run(if check { prepare.arg("--check") } else { &mut prepare })
}
