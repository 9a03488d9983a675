//! Workload D: the process is killed at two fifths of its effects and started again. Nothing may be missing; what was
//! in flight may be performed twice, because an effect here is a line in a file, which no marketplace would deduplicate.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use entente::runner::{clock::SystemClock, settings::Settings};
use serde_json::json;
use uuid::Uuid;

use crate::{
    closed_loop::{IN_FLIGHT, closed_loop},
    ground, kit,
    site::Site,
};

type Failure = Box<dyn std::error::Error>;

/// The word by which this program runs as the process to be killed.
pub const CHILD: &str = "--child";

/// The process that is killed: performs `runs` runs, each under the same id and key every time it is started.
pub async fn child(database: &Path, effects: &Path, runs: usize) -> Result<(), Failure> {
    let counter = Arc::new(kit::Counter { effects: Some(effects.to_owned()), ..kit::Counter::default() });
    let bench =
        Arc::new(kit::start_with(database, &[kit::STEPS], Settings::default(), Arc::new(SystemClock), counter).await);
    let starter = bench.clone();
    closed_loop(runs, IN_FLIGHT, move |at| {
        let bench = starter.clone();
        async move {
            let run = entente_core::ids::RunId(Uuid::from_u128(at as u128 + 1));
            bench.submit(kit::started(run, "kit_steps", &format!("D-{at:07}"), json!({}))).await;
            bench.until(run, |row| row.snapshot.ended).await;
        }
    })
    .await;
    bench.all_ended().await;
    Ok(())
}

/// Kills and restarts, and prints what came of it.
pub async fn measure(site: &Site, runs: usize) -> Result<(), Failure> {
    let database = site.path("d");
    let effects = database.with_extension("effects");
    fs::write(&effects, "")?;
    let mut first = spawn(&database, &effects, runs)?;
    while lines(&effects) < runs * 5 * 2 / 5 && first.try_wait()?.is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    first.kill()?;
    first.wait()?;
    let (killed, before) = (Instant::now(), lines(&effects));
    let mut second = spawn(&database, &effects, runs)?;
    let mut resumed = None;
    let status = loop {
        if resumed.is_none() && lines(&effects) > before {
            resumed = Some(killed.elapsed());
        }
        if let Some(status) = second.try_wait()? {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let done = killed.elapsed();
    if !status.success() {
        return Err(format!("the second process ended with {status}").into());
    }
    ground::forget(&database).await;
    report(site, &effects, runs, before, resumed, done)
}

fn report(
    site: &Site,
    effects: &Path,
    runs: usize,
    before: usize,
    resumed: Option<Duration>,
    done: Duration,
) -> Result<(), Failure> {
    let text = fs::read_to_string(effects)?;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    text.lines().for_each(|line| *seen.entry(line).or_default() += 1);
    let (missing, twice) = ((runs * 5).saturating_sub(seen.len()), seen.values().map(|count| count - 1).sum::<usize>());
    let line = json!({
        "engine": site.engine,
        "workload": "d",
        "runs": runs,
        "in_flight": IN_FLIGHT,
        "effects_at_kill": before,
        "lease_s": ground::on_server().then(|| Settings::default().lease_ttl.as_secs()),
        "kill_to_first_step_s": resumed.map(|time| time.as_secs_f64()),
        "kill_to_all_done_s": done.as_secs_f64(),
        "missing": missing,
        "performed_twice": twice,
    });
    println!("{line}");
    if missing > 0 || twice > IN_FLIGHT {
        return Err(format!("{missing} steps are missing and {twice} were performed twice").into());
    }
    Ok(())
}

fn spawn(database: &Path, effects: &Path, runs: usize) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg(CHILD)
        .args([database, effects])
        .arg(runs.to_string())
        .env("ENTENTE_TEST_STORE", if ground::on_server() { "postgres" } else { "sqlite" })
        .stdin(Stdio::null())
        .spawn()
}

fn lines(effects: &Path) -> usize {
    fs::read(effects).map(|bytes| bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0)
}
