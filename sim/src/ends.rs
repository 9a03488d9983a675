//! The end of a simulation: without faults everything comes to rest within a day, and what the marketplace did is known.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::Duration,
};

use entente_core::{
    event::{Body, FailureClass, Outcome},
    ids::{InvokeId, RunId},
    run::{OpenInvoke, Record, Snapshot},
};
use entente_store::{Audit as _, IntentStatus, model::Tables};

use crate::{laws, play::House};

/// The time without faults after which nothing may be left to do.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer than the longest pause between two attempts: whoever has written nothing for so long waits for nothing.
const STANDSTILL: Duration = Duration::from_secs(45 * 60);
/// The time within which somebody notices that a job's process is gone, its lease included.
const INTERRUPTED: Duration = Duration::from_secs(180);

/// Waits until everything is at rest, and looks at what came of it.
pub async fn settle(house: &House) {
    let deadline = house.ground.elapsed() + DAY;
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let people = house.busy.load(Ordering::SeqCst);
        let left = house.database.model.examine(left);
        if people == 0 && left.is_empty() {
            break;
        }
        let still = house.ground.elapsed().saturating_sub(house.database.last_news()) > STANDSTILL;
        if still || house.ground.elapsed() > deadline {
            let (left, nobodys) = (left.join("; "), house.database.left_alone().await);
            return house
                .ground
                .violated("liveness", format!("{people} people wait; {left}; nobody holds {nobodys:?}"));
        }
    }
    jobs_end(house).await;
    at_home(house);
    match house.database.model.integrity().await {
        Ok(findings) if findings.is_empty() => {}
        found => house.ground.violated("integrity", format!("{found:?}")),
    }
    known(house);
}

/// Occurrences that dead processes left are ended by the others, and nothing that was due is forgotten.
async fn jobs_end(house: &House) {
    if !house.ground.mix.jobs {
        return;
    }
    let left = || {
        let running = house.database.model.examine(laws::jobs::running).into_iter();
        let left = running.filter(|(owner, _)| !house.runners.iter().any(|runner| runner.lives_as(owner)));
        left.map(|(owner, what)| format!("{what} of {owner}")).collect::<Vec<_>>()
    };
    let deadline = house.ground.elapsed() + INTERRUPTED;
    while !left().is_empty() {
        if house.ground.elapsed() > deadline {
            return house.ground.violated("occurrence", format!("nobody ends {:?}", left()));
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    house.database.laws.all_occurrences(&house.database.model, &house.schedule);
}

/// Whatever belongs to a run lies where the run does: its children, its tasks and what it sends.
fn at_home(house: &House) {
    let astray = house.database.model.examine(|tables| {
        let home = |run: RunId| tables.run(run).map(|row| &row.snapshot.home);
        let runs = tables.runs().filter_map(|row| Some((row.snapshot.parent?, &row.snapshot.home)));
        let tasks = tables.tasks().map(|row| (row.run, &row.home));
        let intents = tables.intents().map(|row| (row.run, &row.home));
        let all = runs.chain(tasks).chain(intents);
        all.filter(|(run, at)| home(*run) != Some(*at)).map(|(run, at)| format!("{at:?} of {run}")).collect::<Vec<_>>()
    });
    if !astray.is_empty() {
        house.ground.violated("scope", format!("these belong to somebody else than their runs: {astray:?}"));
    }
}

/// What is not at rest.
fn left(tables: Tables<'_>) -> Vec<String> {
    // What was left before it was sent has no effect; a run may list it until it is next read.
    let forgotten: BTreeSet<(RunId, InvokeId)> = tables
        .intents()
        .filter(|row| row.status == IntentStatus::Voided)
        .map(|row| (row.run, row.intent.invoke))
        .collect();
    let owes = |snapshot: &Snapshot| {
        let open =
            |(invoke, open): (&InvokeId, &OpenInvoke)| !(open.orphaned && forgotten.contains(&(snapshot.run, *invoke)));
        snapshot.invokes.iter().any(open)
    };
    let runs = tables.runs().filter(|row| !row.snapshot.ended || owes(&row.snapshot));
    let runs = runs.map(|row| {
        let snapshot = &row.snapshot;
        let parked = snapshot.incident.as_ref().map(|incident| format!(", parked: {:?}", incident.code));
        let invokes: Vec<String> = snapshot.invokes.keys().map(ToString::to_string).collect();
        format!("{} in `{}` invokes {invokes:?}{}", snapshot.label, snapshot.state, parked.unwrap_or_default())
    });
    let messages = tables.inbox().iter().filter(|stored| stored.verdict.is_none());
    let messages = messages.map(|stored| format!("message {} waits", stored.no));
    let open = tables.intents().filter(|row| !matches!(row.status, IntentStatus::Settled | IntentStatus::Voided));
    let open = open.map(|row| format!("intent {} of {} is {:?}", row.intent.invoke, row.label, row.status));
    runs.chain(messages).chain(open).collect()
}

/// Nothing was done at the marketplace that no history tells of.
fn known(house: &House) {
    let told = house.database.model.examine(results);
    for (run, invoke) in house.market.touched() {
        if !told.get(&(run, invoke)).copied().unwrap_or(false) {
            house
                .ground
                .violated("nothing unknown", format!("{invoke} of run {run} was applied, and no history tells of it"));
        }
    }
}

/// Every invocation that history tells of, and whether it says that it happened or that a person was asked.
fn results(tables: Tables<'_>) -> BTreeMap<(RunId, InvokeId), bool> {
    let mut told: BTreeMap<(RunId, InvokeId), bool> = BTreeMap::new();
    for row in tables.history() {
        let Ok(record) = serde_json::from_str::<Record>(&row.record) else { continue };
        if let Body::Result { invoke, outcome } = &record.event.body {
            let known = match outcome {
                Outcome::Done { .. } => true,
                Outcome::Failed(failure) => failure.class == FailureClass::OutcomeUnknown,
            };
            *told.entry((row.run, *invoke)).or_default() |= known;
        }
    }
    told
}
