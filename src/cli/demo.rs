//! `entente demo`: private offers, funds for partners, and what becomes of them, on a sandbox.

use std::{path::PathBuf, time::Duration};

use super::{exit::Exit, failure::Failure, input};
use crate::demo;

/// Tell the story of seventeen private offers, a refund and five claims on a sandbox
///
/// Killed in the middle and started again, it goes on where it was and ends the same way. Ends with 7 when a promise
/// did not hold.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// End when the story is told, instead of serving on
    #[arg(long)]
    once: bool,
    /// Begin anew, whatever the folder holds
    #[arg(long)]
    fresh: bool,
    /// Where it keeps its files
    #[arg(long, value_name = "FOLDER", default_value = "entente-demo")]
    dir: PathBuf,
    /// Have several processes tell it on a database server: postgres://..., empty or with this folder's story
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,
    /// How many processes
    #[arg(long, value_name = "N", default_value_t = 3, requires = "database",
          value_parser = clap::value_parser!(u16).range(1..=16))]
    processes: u16,
    /// Kill one of them every so often, such as 2s; another one takes its place
    #[arg(long, value_name = "TIME", requires = "database", value_parser = pace)]
    kill_every: Option<Duration>,
}

/// Shorter, and no process would live to do anything.
const PACE_MIN: Duration = Duration::from_millis(500);

fn pace(text: &str) -> Result<Duration, String> {
    input::duration(text).and_then(|pace| match pace >= PACE_MIN {
        true => Ok(pace),
        false => Err("no process lives to do anything then: write 500ms or more".into()),
    })
}

impl Demo {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let (processes, kill_every) = (self.processes, self.kill_every);
        let fleet = self.database.map(|database| demo::Plan { database, processes, kill_every });
        let demo = demo::Demo { folder: self.dir, once: self.once, fresh: self.fresh, fleet };
        let held = demo::tell(&demo, super::serve::told_to_stop()).await?;
        Ok(if held { Exit::Ok } else { Exit::Differences })
    }
}
