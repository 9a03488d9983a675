//! What a workload cost: the counts and the processor time that other load on the machine does not move.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    closed_loop::quantile_ms,
    ground::{Tallies, Tally},
};

/// Where a measurement begins.
pub struct Meter {
    tallies: Tallies,
    began: Instant,
    cpu: f64,
    tally: Tally,
}

/// What a workload may cost per step.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Processor milliseconds per step, at most.
    pub cpu_ms: f64,
    /// Steps per commit, at least.
    pub steps_per_commit: f64,
}

/// A measured workload.
pub struct Cost {
    took: Duration,
    cpu_ms_per_step: f64,
    steps_per_commit: f64,
    steps: u64,
    bounds: Bounds,
}

impl Meter {
    pub fn start(tallies: Tallies) -> Meter {
        let tally = tallies.read();
        Meter { tallies, began: Instant::now(), cpu: cpu_seconds(), tally }
    }

    pub fn stop(self, bounds: Bounds) -> Cost {
        let (took, cpu, now) = (self.began.elapsed(), cpu_seconds() - self.cpu, self.tallies.read());
        let (steps, commits) = (now.steps - self.tally.steps, now.commits - self.tally.commits);
        let steps_per_commit = steps as f64 / commits.max(1) as f64;
        Cost { took, cpu_ms_per_step: cpu * 1e3 / steps.max(1) as f64, steps_per_commit, steps, bounds }
    }
}

impl Cost {
    /// Prints the workload's line. `unit` is what `units` counts; `anchor` is in transitions per second.
    pub fn print(&self, workload: &str, (unit, units): (&str, usize), in_flight: usize, seconds: &[f64], anchor: f64) {
        let rate = units as f64 / self.took.as_secs_f64();
        let steps = self.steps as f64 / self.took.as_secs_f64();
        let line = json!({
            "engine": "entente-sqlite",
            "workload": workload,
            "unit": unit,
            "in_flight": in_flight,
            "units": units,
            "per_s": rate.round(),
            "steps_per_s": steps.round(),
            "steps_to_anchor": rounded(steps / anchor, 1e3),
            "p50_ms": rounded(quantile_ms(seconds, 0.5), 1e2),
            "p99_ms": rounded(quantile_ms(seconds, 0.99), 1e2),
            "cpu_ms_per_step": rounded(self.cpu_ms_per_step, 1e4),
            "steps_per_commit": rounded(self.steps_per_commit, 1e2),
            "bounds": { "cpu_ms_per_step": self.bounds.cpu_ms, "steps_per_commit": self.bounds.steps_per_commit },
            "exceeded": !self.holds(),
        });
        println!("{line}");
    }

    /// Whether the cost keeps within its bounds.
    pub fn holds(&self) -> bool {
        self.cpu_ms_per_step <= self.bounds.cpu_ms && self.steps_per_commit >= self.bounds.steps_per_commit
    }
}

fn rounded(value: f64, places: f64) -> f64 {
    (value * places).round() / places
}

/// User and system seconds of this process so far, as the kernel counts them.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
