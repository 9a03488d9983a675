//! What a migration does with one run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Migration;
use crate::{
    chart::{
        bound::BoundChart,
        model::{After, Chart, Due},
    },
    context::{ContextType, EvalError, FieldError},
    event::{Event, TimerKey},
    run::{ChartPin, Command, Decision, Snapshot},
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

/// A run that could not be moved. Nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MigrationError {
    /// The plan for the run is not a move.
    #[error("run `{label}` is not moved: {reason}")]
    NotPlanned {
        /// The run's label.
        label: String,
        /// Why.
        reason: String,
    },
    /// The context could not be raised to the current version of its type.
    #[error("the context of run `{label}` could not be raised to version {version}")]
    Upcast {
        /// The run's label.
        label: String,
        /// The version aimed at.
        version: u32,
        /// Why.
        #[source]
        source: FieldError,
    },
    /// The context migration or a deadline could not be computed.
    #[error("run `{label}` could not be moved")]
    Eval {
        /// The run's label.
        label: String,
        /// Why.
        #[source]
        source: EvalError,
    },
}

/// Computes when a deadline of the new chart comes due for a context; `None` leaves it unarmed.
pub type DueFor<'a> = &'a dyn Fn(&After, &Value) -> Result<Option<Timestamp>, EvalError>;

impl Migration {
    /// What the migration would do with a run.
    pub fn plan(&self, run: &Snapshot) -> Plan {
        let ours = run.chart.name == self.chart && run.chart.version == self.from;
        if !ours || run.ended {
            return Plan::Elsewhere;
        }
        if let Some(incident) = &run.incident {
            return Plan::NotAtRest(format!("parked since {}; settle its incident first", incident.since));
        }
        if let Some(open) = run.invokes.values().next() {
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

    /// Moves a run. A duration that both states know by the same text keeps its instant; the other deadlines
    /// of the new state are computed anew by `due`. Entry actions are not performed, open tasks stay open.
    /// `event` says who asked for it; the step is recorded as `migration.v1-to-v2`.
    ///
    /// # Errors
    /// When the run is not at rest, or its context or deadlines cannot be computed.
    pub fn apply(
        &self,
        run: &Snapshot,
        to: &BoundChart,
        due: DueFor<'_>,
        event: Event,
        now: Timestamp,
    ) -> Result<Decision, MigrationError> {
        let label = || run.label.clone();
        let refuse = |reason: String| MigrationError::NotPlanned { label: run.label.clone(), reason };
        if (to.chart.name.as_str(), to.chart.version) != (self.chart.as_str(), self.to) {
            let reason = format!("chart `{}` version {} is not where it leads", to.chart.name, to.chart.version);
            return Err(refuse(reason));
        }
        let target = match self.plan(run) {
            Plan::Move { to, .. } => to,
            Plan::NotAtRest(reason) => return Err(refuse(reason)),
            Plan::Unmapped { state } => {
                return Err(refuse(format!("the migration does not map state `{state}`")));
            }
            Plan::Elsewhere => {
                return Err(refuse("it has ended, or is pinned to another chart or version".to_owned()));
            }
        };
        let context = self.context_of(run, to.context.as_ref())?;
        let timers = timers(run, &to.chart, &target, &context, due)
            .map_err(|source| MigrationError::Eval { label: label(), source })?;
        let commands = difference(&run.timers, &timers);
        let snapshot = Snapshot {
            chart: ChartPin { name: to.chart.name.clone(), version: to.chart.version, sha256: to.chart.sha256.clone() },
            seq: run.seq.saturating_add(1),
            context_version: to.context.version(),
            tasks: tasks(run, &to.chart, &target),
            tags: to.chart.tags(&target),
            state: target,
            context,
            timers,
            ..run.clone()
        };
        let via = vec![format!("migration.v{}-to-v{}", self.from, self.to)];
        Ok(Decision::between(Some(run), snapshot, event, now, via, commands))
    }

    fn context_of(&self, run: &Snapshot, of: &dyn ContextType) -> Result<Value, MigrationError> {
        let label = || run.label.clone();
        let mut context = run.context.clone();
        for version in run.context_version..of.version() {
            context = of.upcast(version, context).map_err(|source| MigrationError::Upcast {
                label: label(),
                version: version.saturating_add(1),
                source,
            })?;
        }
        match &self.context {
            Some(name) => {
                of.migrate(&name.node, context).map_err(|source| MigrationError::Eval { label: label(), source })
            }
            None => Ok(context),
        }
    }
}

fn timers(
    run: &Snapshot,
    chart: &Chart,
    target: &str,
    context: &Value,
    due: DueFor<'_>,
) -> Result<BTreeMap<TimerKey, Timestamp>, EvalError> {
    let mut timers = BTreeMap::new();
    for path in chart.entered(target) {
        for after in chart.state(path).into_iter().flat_map(|state| &state.after) {
            let same_text = |key: &TimerKey| key.0.split_once('/').is_some_and(|(_, text)| text == after.text);
            let armed = run.timers.iter().find(|(key, _)| same_text(key));
            let at = match (&after.due, armed) {
                (Due::Span(_) | Due::Working { .. }, Some((_, at))) => Some(*at),
                _ => due(after, context)?,
            };
            if let Some(at) = at {
                timers.insert(TimerKey(format!("{path}/{}", after.text)), at);
            }
        }
    }
    Ok(timers)
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

fn difference(before: &BTreeMap<TimerKey, Timestamp>, after: &BTreeMap<TimerKey, Timestamp>) -> Vec<Command> {
    let gone = before.keys().filter(|key| !after.contains_key(key));
    let new = after.iter().filter(|(key, due)| before.get(key) != Some(due));
    gone.map(|key| Command::Disarm { key: key.clone() })
        .chain(new.map(|(key, due)| Command::Arm { key: key.clone(), due: *due }))
        .collect()
}
