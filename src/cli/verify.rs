//! `entente verify`: what is stored of every run is what its history makes of it, and texts are the ones that were stored.

use entente_core::{
    chart::{
        bound::BoundChart,
        step::{self, NewRun, StepError, World},
    },
    context::raised,
    run::{Decision, Record, Snapshot, fold},
    scope::Scope,
};
use entente_store::{RunFilter, RunRow};
use serde::Serialize;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::{
    audit::{
        folded::{self, differing},
        sound,
    },
    offers::stored,
    runner::moving,
};

/// Check that every run's history makes its stored state
///
/// Ends with 7 when one does not. Works beside a running server; a run that moves meanwhile is looked at again.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Decide every step again with this binary, today's policy and calendars, and report differences as advice
    #[arg(long)]
    redecide: bool,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    runs: usize,
    archived: usize,
    steps: usize,
    differences: Vec<Found>,
    advice: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    label: String,
    what: String,
}

impl Verify {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        session.of_the_vendor("history of everything")?;
        let mut report = Report::default();
        let store = session.app.store.as_ref();
        for what in sound::of_documents(store).await? {
            report.differences.push(Found { label: "-".into(), what });
        }
        for row in stored::runs(store, RunFilter::default()).await? {
            self.check(&session, row, &mut report).await?;
        }
        if session.out.is_json() {
            session.out.json(&report)?;
        } else {
            for (kind, found) in [("difference", &report.differences), ("advice", &report.advice)] {
                let cells = found.iter().map(|found| vec![kind.to_owned(), found.label.clone(), found.what.clone()]);
                session.out.table(&["kind", "run", "what"], &cells.collect::<Vec<_>>());
            }
        }
        let (runs, steps, wrong) = (report.runs, report.steps, report.differences.len());
        session.out.say(&format!("{runs} runs with {steps} steps, {wrong} of which differ from their history"));
        if report.archived > 0 {
            session.out.say(&format!("{} more runs have their history in archives alone", report.archived));
        }
        Ok(if report.differences.is_empty() { Exit::Ok } else { Exit::Differences })
    }

    async fn check(&self, session: &Session, row: RunRow, report: &mut Report) -> Result<(), Failure> {
        let store = session.app.store.as_ref();
        if store.archive_of(&Scope::vendor(), row.snapshot.run).await?.is_some_and(|place| place.gone) {
            report.archived += 1;
            return Ok(());
        }
        let label = row.snapshot.label.clone();
        report.runs += 1;
        report.steps += usize::try_from(row.snapshot.seq).unwrap_or(usize::MAX);
        let found = sound::of_run(store, &row).await?;
        report.differences.extend(found.into_iter().map(|what| Found { label: label.clone(), what }));
        if self.redecide {
            let records = folded::records(&folded::history(store, &row).await?)?;
            let advice = redecided(session, &records).await;
            report.advice.extend(advice.into_iter().map(|what| Found { label: label.clone(), what }));
        }
        Ok(())
    }
}

/// Where deciding a run's steps again comes to something else.
async fn redecided(session: &Session, records: &[Record]) -> Vec<String> {
    let mut advice = Vec::new();
    let mut before: Option<Snapshot> = None;
    for (at, record) in records.iter().enumerate() {
        let Ok(after) = fold(records.get(..=at).unwrap_or_default()) else { return advice };
        let bound = match session.app.definitions.bound(&after.chart).await {
            Ok(bound) => bound,
            Err(reason) => {
                advice.push(reason.to_string());
                return advice;
            }
        };
        // What an older program wrote is compared as this one reads it.
        let today = raised(bound.context.as_ref(), &after).map(|context| Snapshot {
            context: context.into_owned(),
            context_version: bound.context.version(),
            ..after.clone()
        });
        match (again(session, &bound, before.as_ref(), &after, record).await, today) {
            (Ok(decision), Ok(today)) if decision.snapshot == today => {}
            (Ok(decision), Ok(today)) => {
                advice.push(format!("step {}: {}", record.seq, differing(&decision.snapshot, &today)))
            }
            (Err(error), _) => advice.push(format!("step {}: would be refused now: {error}", record.seq)),
            (_, Err(error)) => advice.push(format!("step {}: {error}", record.seq)),
        }
        before = Some(after);
    }
    advice
}

/// Decides a step once more.
async fn again(
    session: &Session,
    bound: &BoundChart,
    before: Option<&Snapshot>,
    after: &Snapshot,
    record: &Record,
) -> Result<Decision, String> {
    let world = session.app.world.borrow().clone();
    let words = |error: StepError| error.to_string();
    if let (Some(before), Some(Ok(asked))) = (before, moving::asked(&record.event)) {
        let way = session.app.definitions.way(&before.chart.name, &asked).await.map_err(|reason| reason.to_string())?;
        return way.lead(before, &world, &record.event, record.at).map_err(|error| error.to_string());
    }
    let world = World { policy: world.policies.of(&after.chart.name), calendars: &world.calendars };
    match before {
        Some(before) => step::step(bound, &world, before, &record.event, record.at).map_err(words),
        None => {
            let new =
                NewRun { run: after.run, label: after.label.clone(), home: after.home.clone(), parent: after.parent };
            step::begin(bound, &world, &new, &record.event, record.at).map_err(words)
        }
    }
}
