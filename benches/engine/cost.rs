//! What a workload cost: the counts and the processor time that other load on the machine does not move.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    anchor::Anchor,
    closed_loop::quantile_ms,
    ground::{
        self, Tallies, Tally,
        work::{self, ServerWork},
    },
    rounded,
    site::Site,
};

/// Where a measurement begins.
pub struct Meter {
    tallies: Tallies,
    began: Instant,
    cpu: f64,
    server: Option<ServerWork>,
    tally: Tally,
}

/// What a workload may cost per step.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Processor milliseconds per step, the server's included, at most.
    pub cpu_ms: f64,
    /// Steps per commit, at least.
    pub steps_per_commit: f64,
    /// Bytes of a server's log per step, at most.
    pub log_bytes: f64,
}

impl Bounds {
    /// Nothing is too much.
    pub const NONE: Bounds = Bounds { cpu_ms: f64::INFINITY, steps_per_commit: 0.0, log_bytes: f64::INFINITY };
}

/// A measured workload.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    took: Duration,
    steps: u64,
    commits: u64,
    /// Of the engine and, where it can be seen, of the server.
    cpu: f64,
    server: Option<ServerCost>,
    bounds: Bounds,
}

#[derive(Debug, Clone, Copy)]
struct ServerCost {
    cpu: Option<f64>,
    log_bytes: u64,
    transactions: u64,
}

impl Meter {
    pub async fn start(tallies: Tallies) -> Meter {
        let (server, tally) = (server().await, tallies.read());
        Meter { tallies, began: Instant::now(), cpu: work::own_cpu(), server, tally }
    }

    pub async fn stop(self, bounds: Bounds) -> Cost {
        let (took, own, now) = (self.began.elapsed(), work::own_cpu() - self.cpu, self.tallies.read());
        let server = server().await.zip(self.server).map(|(now, before)| ServerCost {
            cpu: now.cpu.zip(before.cpu).map(|(now, before)| now - before),
            log_bytes: now.log_bytes - before.log_bytes,
            transactions: now.transactions.saturating_sub(before.transactions),
        });
        let cpu = own + server.and_then(|server| server.cpu).unwrap_or(0.0);
        let (steps, commits) = (now.steps - self.tally.steps, now.commits - self.tally.commits);
        Cost { took, steps, commits, cpu, server, bounds }
    }
}

async fn server() -> Option<ServerWork> {
    if !ground::on_server() {
        return None;
    }
    Some(work::server(&ground::server()).await)
}

impl Cost {
    /// Prints the workload's line. `unit` is what `units` counts.
    pub fn print(
        &self,
        site: &Site,
        workload: &str,
        (unit, units): (&str, usize),
        in_flight: usize,
        seconds: &[f64],
        anchor: Anchor,
    ) {
        let (rate, steps) = (units as f64 / self.took.as_secs_f64(), self.steps_per_s());
        let (p50, p99) = (quantile_ms(seconds, 0.5), quantile_ms(seconds, 0.99));
        // One that begins a piece of work, and those that follow.
        let edges = (self.steps as f64 / seconds.len().max(1) as f64).max(1.0);
        let mut line = json!({
            "engine": site.engine,
            "workload": workload,
            "unit": unit,
            "in_flight": in_flight,
            "units": units,
            "per_s": rate.round(),
            "per_s_to_anchor": rounded(rate / anchor.per_s, 1e3),
            "steps_per_s": steps.round(),
            "steps_to_anchor": rounded(steps / anchor.per_s, 1e3),
            "p50_ms": rounded(p50, 1e2),
            "p99_ms": rounded(p99, 1e2),
            "edge_p50_to_anchor": rounded(p50 / edges / anchor.p50_ms, 1e2),
            "p99_to_anchor": rounded(p99 / anchor.p99_ms, 1e2),
            "cpu_ms_per_step": rounded(self.cpu_ms_per_step(), 1e4),
            "steps_per_commit": rounded(self.steps_per_commit(), 1e2),
            "commits_per_step": rounded(self.per_step(self.commits as f64), 1e4),
            "bounds": {
                "cpu_ms_per_step": self.bounds.cpu_ms,
                "steps_per_commit": self.bounds.steps_per_commit,
                "wal_bytes_per_step": self.bounds.log_bytes,
            },
            "exceeded": !self.holds(),
        });
        if let Some(server) = &self.server {
            line["server_cpu_ms_per_step"] = json!(server.cpu.map(|cpu| rounded(self.per_step(cpu * 1e3), 1e4)));
            line["wal_bytes_per_step"] = json!(self.log_bytes_per_step().round());
            line["server_transactions_per_step"] = json!(rounded(self.per_step(server.transactions as f64), 1e4));
        }
        println!("{line}");
    }

    /// Steps per second.
    pub fn steps_per_s(&self) -> f64 {
        self.steps as f64 / self.took.as_secs_f64()
    }

    /// Whether the cost keeps within its bounds.
    pub fn holds(&self) -> bool {
        self.cpu_ms_per_step() <= self.bounds.cpu_ms
            && self.steps_per_commit() >= self.bounds.steps_per_commit
            && self.log_bytes_per_step() <= self.bounds.log_bytes
    }

    fn per_step(&self, whole: f64) -> f64 {
        whole / self.steps.max(1) as f64
    }

    fn cpu_ms_per_step(&self) -> f64 {
        self.per_step(self.cpu * 1e3)
    }

    fn steps_per_commit(&self) -> f64 {
        self.steps as f64 / self.commits.max(1) as f64
    }

    fn log_bytes_per_step(&self) -> f64 {
        self.server.map_or(0.0, |server| self.per_step(server.log_bytes as f64))
    }
}
