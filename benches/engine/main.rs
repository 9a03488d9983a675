//! The engine on the embedded store, through the whole of it: inbox, step, commit, history, delivery, sealing.
//!
//! `cargo bench --bench engine -- [RUNS] [a] [b] [d] [one]` prints one JSON object per line: the raw SQLite anchors
//! first, then the workloads asked for, all of them by default.
//!
//! - `a`: runs of five empty steps, 64 in flight;
//! - `b`: parked runs, 64 closed-loop signallers, two steps per signal;
//! - `d`: as `a` in a process that is killed at two fifths of its effects and started again;
//! - `one`: as `a` with one run in flight.
//!
//! Rates are meant as ratios to the anchor of the same run. With `--check` the costs that no other load on the machine
//! moves, commits and processor time per step, are compared with their bounds, and one that is exceeded fails the run.

mod anchor;
mod closed_loop;
mod cost;
mod recovery;
mod workloads;

#[path = "../../tests/ground/mod.rs"]
mod ground;
#[path = "../../tests/kit/mod.rs"]
mod kit;

use serde_json::json;

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
    let runs = words.iter().find_map(|word| word.parse::<usize>().ok()).unwrap_or(20_000);
    let names: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| ["a", "b", "d", "one"].contains(word)).collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let check = words.iter().any(|word| word == "--check");
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let anchor = |batch: u64| -> Result<f64, Box<dyn std::error::Error>> {
        let rate = anchor::transitions_per_second(&at(&format!("anchor-{batch}.db")), batch)?;
        println!("{}", json!({ "engine": "sqlite-wal-full", "batch": batch, "transitions_per_s": rate.round() }));
        Ok(rate)
    };
    let (single, batched) = (anchor(1)?, anchor(closed_loop::IN_FLIGHT as u64)?);
    let mut held = true;
    if wanted("a") {
        held &= runtime.block_on(workloads::a(&at("a.db"), runs, batched)).holds();
    }
    if wanted("b") {
        held &= runtime.block_on(workloads::b(&at("b.db"), runs, batched)).holds();
    }
    if wanted("one") {
        held &= runtime.block_on(workloads::one(&at("one.db"), runs / 20, single)).holds();
    }
    if wanted("d") {
        runtime.block_on(recovery::measure(folder.path(), runs / 4))?;
    }
    if check && !held {
        return Err("a step costs more than its bound; see `bounds` and `exceeded` above".into());
    }
    Ok(())
}
