//! P9: a scheduled occurrence succeeds at most once, and missed ones follow the job's policy.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use entente::{
    runner::clock::Clock,
    schedule::{
        About, Claimed, Job, Planned, Scheduler,
        asked::{self, Asked},
    },
};
use entente_core::schedule::{MissedRuns, OverlapPolicy, Schedule};
use entente_store::{Occurrence, OccurrenceStatus, Store};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::ground;

#[derive(Debug)]
struct Hand(Mutex<Timestamp>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

static PLAIN: About =
    About { name: "plain", what: "", cron: "* * * * *", missed: MissedRuns::RunOnce, overlap: OverlapPolicy::Skip };
static EVERY_ONE: About =
    About { name: "every-one", what: "", cron: "* * * * *", missed: MissedRuns::All, overlap: OverlapPolicy::Skip };
static IN_TURN: About =
    About { name: "in-turn", what: "", cron: "* * * * *", missed: MissedRuns::RunOnce, overlap: OverlapPolicy::Queue };

/// Remembers what it ran.
struct Counting {
    about: &'static About,
    ran: Mutex<Vec<Timestamp>>,
    fails: bool,
}

#[async_trait]
impl Job for Counting {
    fn about(&self) -> &'static About {
        self.about
    }

    async fn run(&self, scheduled_for: Timestamp) -> anyhow::Result<String> {
        self.ran.lock().unwrap().push(scheduled_for);
        anyhow::ensure!(!self.fails, "told to fail");
        Ok("done".into())
    }
}

/// One job, a database, and a clock that a test moves.
struct World {
    _folder: TempDir,
    store: Arc<dyn Store>,
    clock: Arc<Hand>,
    job: Arc<Counting>,
    cron: &'static str,
}

impl World {
    async fn new(about: &'static About, cron: &'static str) -> World {
        World::with(about, cron, false).await
    }

    async fn with(about: &'static About, cron: &'static str, fails: bool) -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = ground::open(&folder.path().join("s.db")).await.store;
        let clock = Arc::new(Hand(Mutex::new("2026-05-01T00:00:30Z".parse().unwrap())));
        let job = Arc::new(Counting { about, ran: Mutex::default(), fails });
        let world = World { _folder: folder, store, clock, job, cron };
        // The first look sets the watermark.
        assert!(world.scheduler("first").claim_due(&BTreeSet::new()).await.unwrap().len() <= 1);
        world
    }

    fn scheduler(&self, process: &str) -> Scheduler {
        let schedule = Schedule::parse(self.cron, "UTC").unwrap();
        let plan = vec![Planned { job: self.job.clone(), schedule }];
        Scheduler::new(self.store.clone(), self.clock.clone(), process.parse().unwrap(), plan)
    }

    fn advance(&self, by: SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn rows(&self) -> Vec<Occurrence> {
        self.store.occurrences(self.job.about.name, 10_000).await.unwrap()
    }

    async fn with_status(&self, status: OccurrenceStatus) -> usize {
        self.rows().await.iter().filter(|row| row.status == status).count()
    }

    fn ran(&self) -> Vec<Timestamp> {
        self.job.ran.lock().unwrap().clone()
    }
}

fn idle() -> BTreeSet<&'static str> {
    BTreeSet::new()
}

async fn tick(scheduler: &Scheduler) -> usize {
    let claimed: Vec<Claimed> = scheduler.claim_due(&idle()).await.unwrap();
    for claimed in &claimed {
        scheduler.perform(claimed).await;
    }
    claimed.len()
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn row_21_five_schedulers_and_a_thousand_ticks_make_one_row_and_one_run_per_occurrence() {
    let world = World::new(&PLAIN, "* * * * *").await;
    let schedulers: Vec<Scheduler> = (0..5).map(|n| world.scheduler(&format!("process-{n}"))).collect();
    let before = world.rows().await.len();
    for _ in 0..1000 {
        world.advance(MINUTE);
        futures::future::join_all(schedulers.iter().map(tick)).await;
    }
    let ran = world.ran();
    assert_eq!(ran.len(), 1000);
    assert_eq!(ran.iter().collect::<BTreeSet<_>>().len(), 1000, "no occurrence ran twice");
    assert_eq!(world.rows().await.len() - before, 1000);
    assert_eq!(world.with_status(OccurrenceStatus::Succeeded).await, 1000);
}

#[tokio::test]
async fn row_22_after_three_days_down_one_run_makes_up_for_all_and_the_missed_ones_are_named() {
    let world = World::new(&PLAIN, "15 1 * * *").await;
    world.advance(SignedDuration::from_hours(24 * 3 + 12));
    assert_eq!(tick(&world.scheduler("after")).await, 1);
    assert_eq!(world.ran(), ["2026-05-04T01:15:00Z".parse::<Timestamp>().unwrap()]);
    let rows = world.rows().await;
    let skipped: Vec<String> = rows
        .iter()
        .filter(|row| row.status == OccurrenceStatus::Skipped && row.detail.contains("missed"))
        .map(|row| row.scheduled_for.to_string())
        .collect();
    assert_eq!(skipped, ["2026-05-03T01:15:00Z", "2026-05-02T01:15:00Z", "2026-05-01T01:15:00Z"]);
    assert!(rows[0].detail.contains("3 missed, from 2026-05-01T01:15:00Z to 2026-05-03T01:15:00Z"), "{:?}", rows[0]);
    assert_eq!(tick(&world.scheduler("after")).await, 0, "it is dealt with");
}

#[tokio::test]
async fn row_22_a_job_that_must_not_leave_one_out_makes_up_for_each_in_order() {
    let world = World::new(&EVERY_ONE, "0 * * * *").await;
    world.advance(SignedDuration::from_hours(5));
    let scheduler = world.scheduler("after");
    while tick(&scheduler).await > 0 {}
    let hours: Vec<String> = world.ran().iter().map(|at| at.strftime("%H").to_string()).collect();
    assert_eq!(hours, ["01", "02", "03", "04", "05"]);
}

#[tokio::test]
async fn row_23_a_job_that_takes_longer_than_its_interval_leaves_the_next_one_out_visibly() {
    let world = World::new(&PLAIN, "* * * * *").await;
    let scheduler = world.scheduler("one");
    let busy = BTreeSet::from(["plain"]);
    world.advance(MINUTE);
    assert!(scheduler.claim_due(&busy).await.unwrap().is_empty());
    let newest = world.rows().await.remove(0);
    assert_eq!((newest.status, newest.detail.as_str()), (OccurrenceStatus::Skipped, "the last run had not ended"));
    world.advance(MINUTE);
    assert_eq!(tick(&scheduler).await, 1, "the one after it runs");
}

#[tokio::test]
async fn row_23_a_job_that_queues_runs_once_the_last_run_has_ended() {
    let world = World::new(&IN_TURN, "* * * * *").await;
    let scheduler = world.scheduler("one");
    world.advance(MINUTE);
    assert!(scheduler.claim_due(&BTreeSet::from(["in-turn"])).await.unwrap().is_empty());
    assert_eq!(tick(&scheduler).await, 1);
}

#[tokio::test]
async fn a_paused_job_lets_its_times_pass_and_goes_on_with_the_next_one() {
    let world = World::new(&PLAIN, "0 * * * *").await;
    let scheduler = world.scheduler("one");
    world.store.pause("plain", true).await.unwrap();
    world.advance(SignedDuration::from_hours(3));
    assert_eq!(tick(&scheduler).await, 0);
    world.store.pause("plain", false).await.unwrap();
    assert_eq!(tick(&scheduler).await, 0, "what passed is not made up for");
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(tick(&scheduler).await, 1);
}

#[tokio::test]
async fn a_run_that_a_person_asks_for_happens_once_even_while_the_job_is_paused() {
    let world = World::new(&PLAIN, "0 0 1 1 *").await;
    world.store.pause("plain", true).await.unwrap();
    let asked = Asked { at: world.now(), by: "ada".into() };
    asked::ask(world.store.as_ref(), "plain", &asked).await.unwrap();
    let schedulers: Vec<Scheduler> = (0..5).map(|n| world.scheduler(&format!("process-{n}"))).collect();
    for _ in 0..3 {
        futures::future::join_all(schedulers.iter().map(tick)).await;
    }
    assert_eq!(world.ran(), [asked.at]);
    assert_eq!(tick(&world.scheduler("started-later")).await, 0, "a wish is fulfilled once");
    let row = world.rows().await.remove(0);
    assert_eq!((row.status, row.detail.as_str()), (OccurrenceStatus::Succeeded, "done (asked for by ada)"));
}

#[tokio::test]
async fn a_job_that_goes_on_failing_is_told_once_and_then_once_a_day() {
    let world = World::with(&PLAIN, "* * * * *", true).await;
    let scheduler = world.scheduler("one");
    for _ in 0..60 {
        world.advance(MINUTE);
        tick(&scheduler).await;
    }
    let notices = world.store.due_notices(world.now(), 1000).await.unwrap();
    let told: Vec<&str> = notices.iter().map(|notice| notice.name.as_str()).collect();
    assert_eq!(told, ["job_failed", "job_failed"], "when it began to fail, and for the day");
    world.advance(SignedDuration::from_hours(24));
    tick(&scheduler).await;
    assert_eq!(world.store.due_notices(world.now(), 1000).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_run_whose_process_died_counts_as_failed_and_is_not_repeated() {
    let world = World::new(&PLAIN, "* * * * *").await;
    world.advance(MINUTE);
    let claimed = world.scheduler("died").claim_due(&idle()).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(Arc::new(world.scheduler("next")).run(stop.clone()));
    while world.with_status(OccurrenceStatus::Failed).await == 0 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
    let interrupted = world.rows().await.into_iter().find(|row| row.status == OccurrenceStatus::Failed).unwrap();
    assert_eq!(
        (interrupted.scheduled_for, interrupted.detail.as_str()),
        (claimed[0].at, "the process that ran it ended")
    );
    assert!(!world.ran().contains(&claimed[0].at));
}
