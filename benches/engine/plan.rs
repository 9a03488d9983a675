//! What the command line asks for.

use std::time::Duration;

/// Workloads by name.
const WORKLOADS: [&str; 5] = ["c", "a", "b", "one", "d"];

/// The embedded store, by its name on the command line.
pub const FILE: &str = "file";
/// PostgreSQL, by its name on the command line.
pub const SERVER: &str = "server";

/// What is measured, and how much of it.
#[derive(Debug)]
pub struct Plan {
    /// Runs of workloads A and B; C takes a quarter of them twice, D a quarter, `one` a twentieth.
    pub runs: usize,
    /// Sleeping runs of workload C.
    pub sleepers: usize,
    /// How long each anchor is measured.
    pub anchor: Duration,
    /// Whether a cost above its bound fails the run.
    pub check: bool,
    /// Only this store, [`FILE`] or [`SERVER`].
    pub store: Option<String>,
    workloads: Vec<String>,
}

impl Plan {
    /// # Errors
    /// When a word is not understood.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Plan, Box<dyn std::error::Error>> {
        let anchor = Duration::from_secs(3);
        let mut plan =
            Plan { runs: 20_000, sleepers: 50_000, anchor, check: false, store: None, workloads: Vec::new() };
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                // Cargo says so to every bench.
                "--bench" => {}
                "--check" => plan.check = true,
                "--sleepers" => plan.sleepers = value()?.parse()?,
                "--seconds" => plan.anchor = Duration::from_secs(value()?.parse()?),
                "--store" => match value()? {
                    store if [FILE, SERVER].contains(&store.as_str()) => plan.store = Some(store),
                    other => return Err(format!("`{other}` is no store: write `{FILE}` or `{SERVER}`").into()),
                },
                name if WORKLOADS.contains(&name) => plan.workloads.push(word),
                number => {
                    plan.runs = number.parse().map_err(|_| format!("`{number}` is neither a workload nor a number"))?;
                }
            }
        }
        Ok(plan)
    }

    /// Whether the workload is asked for; all are unless some are named.
    pub fn wants(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|name| name == workload)
    }
}
