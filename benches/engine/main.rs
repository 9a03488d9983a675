//! The engine on both stores, through the whole of it: inbox, step, commit, history, delivery, sealing.
//!
//! `cargo bench --bench engine -- [RUNS] [a] [b] [c] [d] [one]` prints one JSON object per line: the anchors of a store
//! first (raw SQLite; pgbench), then the workloads asked for, all of them by default.
//!
//! - `a`: runs of five empty steps, 64 in flight;
//! - `b`: parked runs, 64 closed-loop signallers, two steps per signal;
//! - `c`: as `a`, without and with sleeping runs in front (`--sleepers N`);
//! - `d`: as `a` in a process that is killed at two fifths of its effects and started again;
//! - `one`: as `a` with one run in flight.
//!
//! The embedded store comes first; PostgreSQL follows where `ENTENTE_TEST_POSTGRES` names a server, which
//! `cargo xtask bench` starts. `--store file` and `--store server` choose one, `--seconds N` is how long each anchor is
//! measured.
//!
//! Rates are meant as ratios to the anchor of the same run. With `--check` the costs that no other load on the machine
//! moves, commits, processor time and bytes of log per step, are compared with their bounds, and one that is exceeded
//! fails the run.

mod anchor;
mod backlog;
mod closed_loop;
mod cost;
mod pgbench;
mod plan;
mod recovery;
mod site;
mod workloads;

#[path = "../../tests/ground/mod.rs"]
mod ground;
#[path = "../../tests/kit/mod.rs"]
mod kit;

use std::process::Command;

use plan::Plan;
use site::Site;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [child, database, effects, runs] = words.as_slice()
        && child == recovery::CHILD
    {
        return runtime.block_on(recovery::child(database.as_ref(), effects.as_ref(), runs.parse()?));
    }
    let plan = Plan::read(words.iter().cloned())?;
    let Some(store) = plan.store.as_deref() else { return each_apart(&words) };
    let folder = tempfile::tempdir()?;
    let held = runtime.block_on(async {
        let site = match store {
            plan::FILE => Site::file(folder.path(), plan.anchor)?,
            _ => Site::server(folder.path(), plan.anchor).await?,
        };
        all(&site, &plan).await
    })?;
    if plan.check && !held {
        return Err("a step costs more than its bound; see `bounds` and `exceeded` above".into());
    }
    Ok(())
}

/// Measures each store in a process of its own: memory that one has given back would hide what the other takes.
fn each_apart(words: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let mut held = true;
    for store in [plan::FILE, plan::SERVER] {
        if store == plan::SERVER && std::env::var_os("ENTENTE_TEST_POSTGRES").is_none() {
            eprintln!("without PostgreSQL: ENTENTE_TEST_POSTGRES names no server; `cargo xtask bench` starts one");
            continue;
        }
        let mut child = Command::new(std::env::current_exe()?);
        held &= child.args(words).args(["--store", store]).status()?.success();
    }
    if held { Ok(()) } else { Err("one store failed; see above".into()) }
}

/// The workloads on one store.
async fn all(site: &Site, plan: &Plan) -> Result<bool, Box<dyn std::error::Error>> {
    let mut held = true;
    if plan.wants("c") {
        held &= backlog::measure(site, plan.runs / 4, plan.sleepers).await;
    }
    if plan.wants("a") {
        held &= workloads::a(site, plan.runs).await.holds();
    }
    if plan.wants("b") {
        held &= workloads::b(site, plan.runs).await.holds();
    }
    if plan.wants("one") {
        held &= workloads::one(site, plan.runs / 20).await.holds();
    }
    if plan.wants("d") {
        recovery::measure(site, plan.runs / 4).await?;
    }
    Ok(held)
}

/// To so many places: 1e2 for two.
fn rounded(value: f64, places: f64) -> f64 {
    (value * places).round() / places
}
