//! The workloads of `docs/performance.md`, on both stores.

use crate::{
    cluster::{self, Cluster},
    command,
    workspace::{EVERYTHING, Workspace},
};

/// Sizes at which every workload ends within seconds: enough to see that it works, and to count, but not to time.
const QUICK: [&str; 5] = ["300", "--sleepers", "500", "--seconds", "1"];

/// Runs them beside a server with PostgreSQL's own durability, in a folder of the system's temporary one.
///
/// # Errors
/// When they do not compile, a step is lost, the server cannot be started, or a cost exceeds its bound with `--check`.
pub fn run(workspace: &Workspace, quick: bool, words: &[String]) -> anyhow::Result<()> {
    let cluster = Cluster::start(workspace, cluster::DURABLE)?;
    let mut cargo = workspace.cargo("bench");
    cargo.args(EVERYTHING).args(["--bench", "engine", "--"]).envs(cluster.variables());
    if quick {
        cargo.args(QUICK);
    }
    command::run(cargo.args(words))
}
