//! The schedule: every process has a scheduler with the same jobs, and one of them runs each occurrence.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use entente::schedule::{About, Job, Planned};
use entente_core::schedule::{MissedRuns, OverlapPolicy, Schedule, ScheduleError};
use jiff::Timestamp;

use crate::{laws::Laws, process::Life};

/// A job of each policy, once a minute.
static JOBS: [About; 3] = [
    About {
        name: "sim.once",
        what: "one run stands for all that were missed",
        cron: "* * * * *",
        missed: MissedRuns::RunOnce,
        overlap: OverlapPolicy::Skip,
    },
    About {
        name: "sim.all",
        what: "every one is made up for",
        cron: "* * * * *",
        missed: MissedRuns::All,
        overlap: OverlapPolicy::Queue,
    },
    About {
        name: "sim.skip",
        what: "none is made up for; people pause it and ask for it",
        cron: "* * * * *",
        missed: MissedRuns::Skip,
        overlap: OverlapPolicy::Queue,
    },
];

/// The job that people pause, resume and ask for.
pub const ASKED_FOR: &str = "sim.skip";

/// When they are due.
///
/// # Errors
/// When it cannot be read: a mistake of its author.
pub fn schedule() -> Result<Schedule, ScheduleError> {
    Schedule::parse("* * * * *", "UTC")
}

/// The jobs of one life of a process.
pub fn plan(life: &Arc<Life>, laws: &Arc<Laws>, schedule: &Schedule) -> Vec<Planned> {
    let planned = |about| Planned {
        job: Arc::new(Minutely { about, life: life.clone(), laws: laws.clone() }),
        schedule: schedule.clone(),
    };
    JOBS.iter().map(planned).collect()
}

struct Minutely {
    about: &'static About,
    life: Arc<Life>,
    laws: Arc<Laws>,
}

#[async_trait]
impl Job for Minutely {
    fn about(&self) -> &'static About {
        self.about
    }

    async fn run(&self, scheduled_for: Timestamp) -> anyhow::Result<String> {
        let process = &self.life.process;
        process.ground.line(&process.name, "runs", format_args!("{} of {scheduled_for}", self.about.name));
        self.laws.occurs(self.about.name, scheduled_for);
        if process.ground.strikes(process.ground.mix.store.crash * 4) {
            self.life.die("in a job").await;
        }
        self.life.pass(Duration::from_secs(30)).await;
        let failed = process.ground.draw(|draw| draw.chance(1000));
        if failed { Err(anyhow::anyhow!("told to fail")) } else { Ok("done".into()) }
    }
}
