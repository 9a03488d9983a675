//! Each store measured in a process of its own, and the server one of its own: what other tests do is not counted.

use std::{process::Command, sync::Arc};

use entente_store_postgres::PostgresStore;

use super::{STEPS, five_steps_each, start};
use crate::{
    ground::{self, Opened, Tallies, work},
    kit,
};

#[path = "../../crates/store-postgres/tests/it/server.rs"]
#[expect(dead_code, reason = "this server is measured and not restarted")]
mod server;

/// Tells the process in which a test measures that it is that one.
const APART: &str = "ENTENTE_COST_APART";

const RUNS: u64 = 640;

/// Milliseconds of processor time per step, a server's included, at most: what the fastest engine that we measured takes
/// (`docs/performance.md`) is not taken even by a build without optimisation, on a machine that does other things too.
const CPU_MS: f64 = 1.9;

/// Bytes of a server's log per step, at most: inbox, history, intents and leases included.
const LOG_BYTES: u64 = 1500;

/// Steps per commit at 64 in flight, at least, on a server.
const SHARED_BY: u64 = 10;

/// Whether this process is the one in which the test measures. The other starts it and passes its verdict on.
fn is_apart(test: &str) -> bool {
    if std::env::var_os(APART).is_some() {
        return true;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let name = format!("cost::apart::{test}");
    let told = child.args(["--exact", &name, "--nocapture"]).env(APART, "1").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    println!("{out}");
    assert!(told.status.success() && out.contains("1 passed"), "`{name}` in a process of its own: {out}{err}");
    false
}

fn cpu_ms_per_step(seconds: f64, steps: u64) -> f64 {
    let milliseconds = seconds * 1e3 / steps as f64;
    println!("{milliseconds:.3} ms of processor time per step");
    assert!(milliseconds > 0.0, "no processor time was counted");
    milliseconds
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_on_a_file_takes_no_more_processor_time_than_promised() {
    if !is_apart("a_step_on_a_file_takes_no_more_processor_time_than_promised") {
        return;
    }
    ground::require_files();
    let folder = tempfile::tempdir().unwrap();
    let bench = start(&folder).await;
    let before = work::own_cpu();
    let (steps, _) = five_steps_each(&bench, RUNS, 64).await;
    assert!(cpu_ms_per_step(work::own_cpu() - before, steps) <= CPU_MS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_on_a_server_takes_no_more_commits_log_and_processor_time_than_promised() {
    if !is_apart("a_step_on_a_server_takes_no_more_commits_log_and_processor_time_than_promised") {
        return;
    }
    let server = server::Server::start();
    let store = PostgresStore::open(&server.url, Default::default()).await.unwrap();
    let opened = Opened { tally: Tallies::Server(store.tally()), store: Arc::new(store) };
    let bench = Arc::new(kit::start_on(opened, &[kit::STEPS]).await);

    let (own, before) = (work::own_cpu(), work::server(&server.url).await);
    let (steps, commits) = five_steps_each(&bench, RUNS, 64).await;
    let (own, after) = (work::own_cpu() - own, work::server(&server.url).await);
    assert_eq!(steps, RUNS * STEPS, "no step twice");
    assert!(commits * SHARED_BY <= steps, "{steps} steps took {commits} commits");
    let bytes = (after.log_bytes - before.log_bytes) / steps;
    println!("{bytes} bytes of log, {:.3} commits per step", commits as f64 / steps as f64);
    assert!(bytes <= LOG_BYTES, "{bytes} bytes of log per step");
    let theirs = after.cpu.zip(before.cpu).map(|(after, before)| after - before);
    let theirs = theirs.expect("the server's processes are seen");
    assert!(theirs > 0.0, "no processor time of the server was counted");
    assert!(cpu_ms_per_step(own + theirs, steps) <= CPU_MS);

    let (steps, commits) = five_steps_each(&bench, 40, 1).await;
    assert!(commits <= steps + 12, "alone, {steps} steps took {commits} commits");
}
