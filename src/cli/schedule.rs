//! `entente schedule`: the scheduled jobs, when they run, how they went, and a hand on them.

use std::time::Duration;

use entente_core::schedule::{MissedRuns, OverlapPolicy, Schedule as Times};
use entente_store::{Occurrence, OccurrenceStatus, ScheduleState};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    jobs,
    schedule::{
        About,
        asked::{self, Asked},
        times,
    },
};

/// How many coming runs are shown.
const NEXT: usize = 5;

/// How often the end of a run is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// See, pause and start scheduled jobs
#[derive(Debug, clap::Subcommand)]
pub enum Schedule {
    /// List the jobs with their times and last results
    List,
    /// Show the next five runs of a job, in its zone and in UTC
    Next {
        /// The job, such as backup; absent means all
        job: Option<String>,
    },
    /// Run a job now, whether or not it is paused
    Run {
        /// The job
        job: String,
        /// How long to wait for its end
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = input::duration)]
        wait: Duration,
    },
    /// Let a job's times pass without running it
    Pause {
        /// The job
        job: String,
    },
    /// Run a paused job again from its next time on
    Resume {
        /// The job
        job: String,
    },
    /// List the newest runs of a job
    History {
        /// The job
        job: String,
        /// At most so many
        #[arg(long, value_name = "NUMBER", default_value_t = 20)]
        limit: u32,
    },
}

impl Schedule {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let config = &session.app.config.jobs;
        let plan = times(&jobs::ABOUT, config).map_err(|error| Failure::usage(error.to_string()))?;
        let plan: Vec<(&'static About, Times)> = jobs::ABOUT.into_iter().zip(plan).collect();
        match self {
            Schedule::List => list(&session, &plan).await,
            Schedule::Next { job } => next(&session, &plan, job.as_deref()),
            Schedule::Run { job, wait } => run_now(&session, find(&plan, &job)?.0, wait).await,
            Schedule::Pause { job } => pause(&session, find(&plan, &job)?.0, true).await,
            Schedule::Resume { job } => pause(&session, find(&plan, &job)?.0, false).await,
            Schedule::History { job, limit } => history(&session, find(&plan, &job)?.0, limit).await,
        }
    }
}

fn find<'a>(plan: &'a [(&'static About, Times)], job: &str) -> Result<&'a (&'static About, Times), Failure> {
    plan.iter().find(|(about, _)| about.name == job).ok_or_else(|| {
        let names: Vec<&str> = plan.iter().map(|(about, _)| about.name).collect();
        Failure::new(Exit::NotFound, format!("there is no job `{job}`; there are {}", names.join(", ")))
    })
}

async fn list(session: &Session, plan: &[(&'static About, Times)]) -> Result<Exit, Failure> {
    let states = session.app.store.schedule_states().await?;
    let now = session.app.clock.now();
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    for (about, schedule) in plan {
        let paused = states.iter().any(|ScheduleState { job, paused, .. }| job == about.name && *paused);
        let last = session.app.store.occurrences(about.name, 1).await?.pop();
        let zone = zone(schedule);
        let next = schedule.next(now).filter(|_| !paused).map(|next| next.at);
        rows.push(json!({
            "job": about.name, "what": about.what, "cron": schedule.text(), "zone": zone, "missed": about.missed,
            "overlap": about.overlap, "paused": paused, "next": next, "last": last.as_ref().map(row),
        }));
        let result = last.as_ref().map(|last| format!("{} {}: {}", last.scheduled_for, word(last.status), last.detail));
        let policy = format!("{}, {}", missed(about.missed), overlap(about.overlap));
        let next = next.map_or_else(|| "paused".to_owned(), |next| next.to_string());
        cells.push(vec![
            about.name.to_owned(),
            schedule.text().to_owned(),
            zone,
            next,
            policy,
            result.unwrap_or_else(|| "never run".to_owned()),
        ]);
    }
    if session.out.is_json() {
        session.out.json(&rows)?;
    } else {
        session.out.table(&["job", "when", "zone", "next", "missed, overlapping", "last"], &cells);
    }
    Ok(Exit::Ok)
}

fn next(session: &Session, plan: &[(&'static About, Times)], job: Option<&str>) -> Result<Exit, Failure> {
    let wanted = match job {
        Some(job) => std::slice::from_ref(find(plan, job)?),
        None => plan,
    };
    let now = session.app.clock.now();
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    for (about, schedule) in wanted {
        for occurrence in schedule.next_n(now, NEXT) {
            let local = occurrence.at.to_zoned(schedule.zone().clone());
            let shown = local.strftime("%Y-%m-%d %H:%M %Z").to_string();
            rows.push(json!({ "job": about.name, "local": local.to_string(), "utc": occurrence.at }));
            cells.push(vec![about.name.to_owned(), shown, utc(occurrence.at)]);
        }
    }
    if session.out.is_json() {
        session.out.json(&rows)?;
    } else {
        session.out.table(&["job", "in its zone", "utc"], &cells);
    }
    Ok(Exit::Ok)
}

async fn run_now(session: &Session, about: &'static About, wait: Duration) -> Result<Exit, Failure> {
    let actor = session.act(Action::OperateSchedule, "job", about.name)?;
    let store = session.app.store.as_ref();
    let asked = Asked::now(&actor.person, session.app.clock.now())
        .map_err(|error| Failure::new(Exit::Error, format!("the clock shows no usable time: {error}")))?;
    let at = asked.at;
    asked::ask(store, about.name, &asked).await?;
    let until = tokio::time::Instant::now() + wait;
    loop {
        let found = store.occurrences(about.name, 20).await?.into_iter().find(|row| row.scheduled_for == at);
        match found.filter(|found| found.status != OccurrenceStatus::Running) {
            Some(ended) => return told(session, &ended),
            None if tokio::time::Instant::now() >= until => {
                let message =
                    format!("`{}` has not ended in the time waited; it is asked for and not forgotten", about.name);
                let hint =
                    format!("look with `entente schedule history {}`; jobs run while `entente serve` does", about.name);
                return Err(Failure::new(Exit::TimedOut, message).hint(hint));
            }
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

fn told(session: &Session, ended: &Occurrence) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&row(ended))?;
    }
    let line = format!("`{}` {}: {}", ended.job, word(ended.status), ended.detail);
    match ended.status {
        OccurrenceStatus::Succeeded => {
            session.out.say(&line);
            Ok(Exit::Ok)
        }
        OccurrenceStatus::Skipped => Err(Failure::new(Exit::Conflict, line)),
        OccurrenceStatus::Failed | OccurrenceStatus::Running => Err(Failure::new(Exit::Error, line)),
    }
}

async fn pause(session: &Session, about: &'static About, paused: bool) -> Result<Exit, Failure> {
    session.act(Action::OperateSchedule, "job", about.name)?;
    session.app.store.pause(about.name, paused).await?;
    let words = if paused { "is paused: its times pass without a run" } else { "runs again from its next time on" };
    session.out.say(&format!("`{}` {words}", about.name));
    Ok(Exit::Ok)
}

async fn history(session: &Session, about: &'static About, limit: u32) -> Result<Exit, Failure> {
    let rows = session.app.store.occurrences(about.name, limit).await?;
    if session.out.is_json() {
        session.out.json(&rows.iter().map(row).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        let ended = row.ended_at.map(|ended| ended.to_string()).unwrap_or_default();
        vec![row.scheduled_for.to_string(), word(row.status), row.started_at.to_string(), ended, row.detail.clone()]
    });
    session.out.table(&["due", "result", "started", "ended", "detail"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

fn row(row: &Occurrence) -> Value {
    json!({
        "job": row.job, "scheduled_for": row.scheduled_for, "status": row.status, "by": row.owner,
        "started_at": row.started_at, "ended_at": row.ended_at, "detail": row.detail,
    })
}

fn word(status: OccurrenceStatus) -> String {
    let word = serde_json::to_value(status).ok();
    word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn missed(policy: MissedRuns) -> &'static str {
    match policy {
        MissedRuns::RunOnce => "one run for all",
        MissedRuns::Skip => "left out",
        MissedRuns::All => "all made up for",
    }
}

fn overlap(policy: OverlapPolicy) -> &'static str {
    match policy {
        OverlapPolicy::Skip => "skipped",
        OverlapPolicy::Queue => "queued",
    }
}

fn zone(schedule: &Times) -> String {
    schedule.zone().iana_name().unwrap_or("UTC").to_owned()
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}
