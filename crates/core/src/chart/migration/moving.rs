//! What a migration does with one run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Migration;
use crate::{
    chart::{
        bound::BoundChart,
        lint::APPROVALS,
        model::{After, Chart, Due},
        step::{World, due_at, is_round_timer, open_invoke, settled},
    },
    context::{EvalError, FieldError, RaiseError, raised},
    event::{Event, TimerKey},
    ids::InvokeId,
    run::{ChartPin, Decision, OpenInvoke, Snapshot},
};

/// What a migration would do with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// The run moves.
    Move {
        /// The state it rests in.
        from: String,
        /// The state it will rest in.
        to: String,
    },
    /// The run is in the middle of something; the reason completes "not moved: …".
    NotAtRest(String),
    /// The migration says nothing about the state it rests in.
    Unmapped {
        /// That state.
        state: String,
    },
    /// The run is pinned to another chart or version, or has ended.
    Elsewhere,
}

/// Why a run could not be moved. Nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MigrationError {
    /// The plan for the run is not a move.
    #[error("{0}")]
    NotPlanned(String),
    /// The context could not be raised to the current version of its type.
    #[error(transparent)]
    Raise(#[from] RaiseError),
    /// The context migration or a deadline could not be computed.
    #[error("{0}")]
    Eval(#[from] EvalError),
    /// The migrated context lacks what the new chart looks at.
    #[error("its context does not fit the new version: {0}")]
    Unfit(FieldError),
    /// The run could not go on from where it would stand.
    #[error("it could not go on in the new version: {0}")]
    GoOn(String),
}

/// The charts that a migration leads between, and the world in which runs pass.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The chart that runs leave. Its names may be ones that this program lacks.
    pub from: &'a Chart,
    /// The chart that they enter.
    pub to: &'a BoundChart,
    /// Policy and calendars.
    pub world: &'a World<'a>,
}

impl Migration {
    /// What the migration would do with a run. Approvals under way move with it; anything else that is under way keeps it.
    pub fn plan(&self, run: &Snapshot) -> Plan {
        let ours = run.chart.name == self.chart && run.chart.version == self.from;
        if !ours || run.ended {
            return Plan::Elsewhere;
        }
        if let Some(incident) = &run.incident {
            return Plan::NotAtRest(format!("it stands still since {}; settle its incident first", incident.since));
        }
        let round = open_invoke(run);
        if let Some((_, open)) = run.invokes.iter().find(|(invoke, _)| Some(**invoke) != round) {
            return Plan::NotAtRest(format!(
                "`{}` is under way for state `{}`; try again when it has a result",
                open.activity, open.state
            ));
        }
        match self.target(&run.state) {
            Some(to) => Plan::Move { from: run.state.clone(), to: to.to_owned() },
            None => Plan::Unmapped { state: run.state.clone() },
        }
    }

    /// Moves a run. A deadline that both states know by the same text is carried over: a duration keeps its instant, what
    /// has passed stays passed. Other deadlines of the new state are counted from now. Entry actions are not performed,
    /// open tasks and approvals stay open; where the context's revision changes, votes on what changed are void.
    /// `event` says who asked for it; the step is recorded as `migration.v1-to-v2`.
    ///
    /// # Errors
    /// When the run is not at rest, or its context or deadlines cannot be computed.
    pub fn apply(
        &self,
        run: &Snapshot,
        passage: &Passage<'_>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Decision, MigrationError> {
        let target = self.planned(run, passage)?;
        let moved = self.moved(run, passage, &target, now)?;
        let via = format!("migration.v{}-to-v{}", self.from, self.to);
        settled(passage.to, passage.world, &moved, run, event, via, now).map_err(MigrationError::GoOn)
    }

    fn planned(&self, run: &Snapshot, passage: &Passage<'_>) -> Result<String, MigrationError> {
        let refuse = |reason: String| Err(MigrationError::NotPlanned(reason));
        let to = &passage.to.chart;
        if (to.name.as_str(), to.version) != (self.chart.as_str(), self.to) {
            return refuse(format!("chart `{}` version {} is not where the migration leads", to.name, to.version));
        }
        match self.plan(run) {
            Plan::Move { .. } if passage.from.sha256 != run.chart.sha256 => {
                refuse("it is pinned to another text of its chart".to_owned())
            }
            Plan::Move { to, .. } => Ok(to),
            Plan::NotAtRest(reason) => refuse(reason),
            Plan::Unmapped { state } => refuse(format!("the migration does not map state `{state}`")),
            Plan::Elsewhere => refuse("it has ended, or is pinned to another chart or version".to_owned()),
        }
    }

    /// The run as it stands in the new version, before it goes on from there.
    fn moved(
        &self,
        run: &Snapshot,
        passage: &Passage<'_>,
        target: &str,
        now: Timestamp,
    ) -> Result<Snapshot, MigrationError> {
        let (of, chart) = (&passage.to.context, &passage.to.chart);
        let old = raised(of.as_ref(), run)?;
        let context = match &self.context {
            Some(name) => of.migrate(&name.node, old.clone().into_owned())?,
            None => old.clone().into_owned(),
        };
        of.schema().fits(&context).map_err(MigrationError::Unfit)?;
        let mut moved = Snapshot {
            chart: ChartPin { name: chart.name.clone(), version: chart.version, sha256: chart.sha256.clone() },
            context_version: of.version(),
            tasks: tasks(run, chart, target),
            state: target.to_owned(),
            invokes: invokes(run, chart, target).ok_or_else(|| {
                MigrationError::NotPlanned(format!("its approvals are under way, and `{target}` has none"))
            })?,
            context,
            ..run.clone()
        };
        moved.timers = timers(run, &old, &moved, passage, now)?;
        Ok(moved)
    }
}

/// The deadlines of the new state, by what the old one had armed.
fn timers(
    run: &Snapshot,
    old: &Value,
    moved: &Snapshot,
    passage: &Passage<'_>,
    now: Timestamp,
) -> Result<BTreeMap<TimerKey, Timestamp>, EvalError> {
    let of_round = |key: &TimerKey| is_round_timer(key) && open_invoke(run).is_some();
    let mut timers: BTreeMap<TimerKey, Timestamp> =
        run.timers.iter().filter(|(key, _)| of_round(key)).map(|(key, at)| (key.clone(), *at)).collect();
    let known = |text: &str| {
        let mut paths = passage.from.entered(&run.state).into_iter().rev();
        paths.find(|path| passage.from.state(path).is_some_and(|state| state.after.iter().any(|a| a.text == text)))
    };
    for path in passage.to.chart.entered(&moved.state) {
        for after in passage.to.chart.state(path).into_iter().flat_map(|state| &state.after) {
            let armed = known(&after.text).map(|from| run.timers.get(&key(from, after)));
            let at = match (&after.due, armed) {
                (Due::Span(_) | Due::Working { .. }, Some(armed)) => armed.copied(),
                // It has passed, and passes again only if it moves.
                (Due::Deadline(name), Some(None)) => {
                    let then = passage.to.context.deadline(name, old)?;
                    passage.to.context.deadline(name, &moved.context)?.filter(|due| Some(*due) != then)
                }
                _ => due_at(passage.to, passage.world.calendars, after, moved, now)?,
            };
            timers.extend(at.map(|at| (key(path, after), at)));
        }
    }
    Ok(timers)
}

fn key(path: &str, after: &After) -> TimerKey {
    TimerKey(format!("{path}/{}", after.text))
}

/// Approvals under way belong to the state that stands for the one that asked for them; `None` where it asks for none.
fn invokes(run: &Snapshot, chart: &Chart, target: &str) -> Option<BTreeMap<InvokeId, OpenInvoke>> {
    let asks = |path: &&str| {
        chart.state(path).and_then(|state| state.invoke.as_ref()).is_some_and(|invoke| invoke.src == APPROVALS)
    };
    let owner = chart.entered(target).into_iter().find(asks);
    let moved = |(id, open): (&InvokeId, &OpenInvoke)| {
        owner.map(|owner| (*id, OpenInvoke { state: owner.to_owned(), ..open.clone() }))
    };
    run.invokes.iter().map(moved).collect()
}

/// Open tasks belong to the state that stands for the one that asked for them.
fn tasks(run: &Snapshot, chart: &Chart, target: &str) -> BTreeMap<String, String> {
    let around = run.state.split_once('.').map(|(outer, _)| outer);
    let new_around = chart.parent(target).map_or(target, |outer| &outer.path);
    let owner = |owner: &str| {
        if owner == run.state {
            target.to_owned()
        } else if Some(owner) == around {
            new_around.to_owned()
        } else {
            owner.to_owned()
        }
    };
    run.tasks.iter().map(|(key, of)| (key.clone(), owner(of))).collect()
}
