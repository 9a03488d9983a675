//! Where the workloads run: a file or a server, what the bare database does there, and what a step may cost.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::json;

use crate::{
    anchor::{self, Anchor},
    closed_loop::IN_FLIGHT,
    cost::Bounds,
    ground, pgbench, rounded,
};

type Failure = Box<dyn std::error::Error>;

/// A store under measurement.
#[derive(Debug)]
pub struct Site {
    /// Its name in the lines.
    pub engine: &'static str,
    folder: PathBuf,
    /// One transition at a time.
    pub alone: Anchor,
    /// As many at a time as the workloads have runs in flight.
    pub loaded: Anchor,
}

impl Site {
    /// The embedded store, and raw SQLite on the same disk.
    pub fn file(folder: &Path, time: Duration) -> Result<Site, Failure> {
        ground::require_files();
        let measured = |batch: usize| -> Result<Anchor, Failure> {
            let anchor = anchor::sqlite(&folder.join(format!("anchor-{batch}.db")), batch as u64, time)?;
            print_anchor("sqlite-wal-full", "batch", batch, &anchor);
            Ok(anchor)
        };
        let (alone, loaded) = (measured(1)?, measured(IN_FLIGHT)?);
        Ok(Site { engine: "entente-sqlite", folder: folder.to_owned(), alone, loaded })
    }

    /// PostgreSQL, and pgbench on the same server.
    pub async fn server(folder: &Path, time: Duration) -> Result<Site, Failure> {
        ground::require_server();
        let path = folder.join("pgbench");
        pgbench::prepare(&path).await;
        print_server(&path).await;
        let measured = |clients: usize| -> Result<Anchor, Failure> {
            let anchor = pgbench::measure(&path, clients, time)?;
            print_anchor("pgbench", "clients", clients, &anchor);
            Ok(anchor)
        };
        let (alone, loaded) = (measured(1)?, measured(IN_FLIGHT)?);
        ground::forget(&path).await;
        Ok(Site { engine: "entente-pg", folder: folder.to_owned(), alone, loaded })
    }

    /// Where a workload has its database.
    pub fn path(&self, workload: &str) -> PathBuf {
        self.folder.join(format!("{}-{workload}.db", self.engine))
    }

    /// Under load a step costs at most this much, with some room for a busy machine; see `docs/performance.md`.
    pub fn loaded_bounds(&self) -> Bounds {
        match ground::on_server() {
            true => Bounds { cpu_ms: 0.15, steps_per_commit: 10.0, log_bytes: 1500.0 },
            false => Bounds { cpu_ms: 0.065, steps_per_commit: 16.0, ..Bounds::NONE },
        }
    }

    /// Alone, a step may cost a commit of its own; on a server, leases are renewed beside them.
    pub fn alone_bounds(&self) -> Bounds {
        let steps_per_commit = if ground::on_server() { 0.9 } else { 1.0 };
        Bounds { steps_per_commit, ..Bounds::NONE }
    }

    /// A signal's three steps carry its message too, and most of their runs have left memory.
    pub fn signalled_bounds(&self) -> Bounds {
        match ground::on_server() {
            true => self.loaded_bounds(),
            false => Bounds { cpu_ms: 0.08, ..self.loaded_bounds() },
        }
    }
}

fn print_anchor(engine: &str, unit: &str, count: usize, anchor: &Anchor) {
    let line = json!({
        "engine": engine,
        "workload": "limit",
        unit: count,
        "transitions_per_s": anchor.per_s.round(),
        "p50_ms": rounded(anchor.p50_ms, 1e3),
        "p99_ms": rounded(anchor.p99_ms, 1e3),
    });
    println!("{line}");
}

/// Which server it is, and what it promises: an anchor on a server that does not flush is none.
async fn print_server(path: &Path) {
    let [version, fsync, pages, commit] = ground::settings(path).await;
    let durable = [&fsync, &pages, &commit].iter().all(|value| *value == "on");
    println!(
        "{}",
        json!({ "engine": "postgresql", "version": version, "fsync": fsync, "full_page_writes": pages, "synchronous_commit": commit })
    );
    if !durable {
        eprintln!("warning: this server does not flush what it commits; `cargo xtask bench` starts one that does");
    }
}
