//! Telling a story: each event goes through the step, and what follows is compared.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{Act, Scenario, Scene};
use crate::{
    chart::{
        bound::BoundChart,
        step::{self, NewRun, VOTE, World},
    },
    event::{Actor, Body, Event, Outcome, TimerKey},
    ids::{InvokeId, RunId, derived},
    run::{Command, Decision, Record, Snapshot},
};

/// A story told to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The run as it ended up.
    pub snapshot: Snapshot,
    /// Its history.
    pub records: Vec<Record>,
    /// When the story ends.
    pub now: Timestamp,
}

/// Where a story went otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scenario `{title}`, line {line}: {message}")]
pub struct Failed {
    /// The story.
    pub title: String,
    /// The step's line in its file; 0 for the beginning.
    pub line: u32,
    /// What was expected, and what happened.
    pub message: String,
}

/// Tells a story; the first thing that goes otherwise ends it.
pub fn run_scenario(bound: &BoundChart, world: &World<'_>, scenario: &Scenario) -> Result<Told, Failed> {
    let failed = |line: u32, message: String| Failed { title: scenario.title.clone(), line, message };
    if scenario.chart != bound.chart.name {
        return Err(failed(0, format!("the story is about chart `{}`, not `{}`", scenario.chart, bound.chart.name)));
    }
    let new = NewRun {
        run: RunId(derived(&["scenario", &scenario.title])),
        label: "SCENARIO".into(),
        home: scenario.home.clone(),
        parent: None,
    };
    let body = Body::Started { input: scenario.input.clone() };
    let actor = scenario.by.clone().map(|person| Actor { person, roles: Vec::new(), on_behalf_of: None });
    let event = Event { source: "scenario".into(), id: "0".into(), actor, body };
    let begun =
        step::begin(bound, world, &new, &event, scenario.starts).map_err(|error| failed(0, error.to_string()))?;
    let mut told = Told { snapshot: begun.snapshot, records: vec![begun.record], now: scenario.starts };
    for (at, scene) in scenario.steps.iter().enumerate() {
        told.play(bound, world, scene, at + 1).map_err(|message| failed(scene.line, message))?;
    }
    Ok(told)
}

impl Told {
    fn play(&mut self, bound: &BoundChart, world: &World<'_>, scene: &Scene, at: usize) -> Result<(), String> {
        if let Act::Wait(span) = &scene.act {
            let later = self.now.to_zoned(TimeZone::UTC).checked_add(span.0).map_err(|error| error.to_string())?;
            self.now = later.timestamp();
            return Ok(());
        }
        let body = self.body(&scene.act)?;
        if let Body::Named { name, data } = &body
            && name != VOTE
            && let Err(error) = bound.context.check(name, data)
        {
            return self.refused(scene, &error.to_string());
        }
        let event = Event { source: "scenario".into(), id: at.to_string(), actor: scene.actor.clone(), body };
        match step::step(bound, world, &self.snapshot, &event, self.now) {
            Ok(_) if scene.refused => Err("the event was accepted, and should have been refused".into()),
            Ok(decision) => self.accept(scene, decision),
            Err(error) => self.refused(scene, &error.to_string()),
        }
    }

    fn refused(&self, scene: &Scene, why: &str) -> Result<(), String> {
        if !scene.refused {
            return Err(format!("in state `{}`: {why}", self.snapshot.state));
        }
        match &scene.expect {
            Some(expected) if *expected != self.snapshot.state => {
                Err(format!("state `{expected}` was expected, and the run is in `{}`", self.snapshot.state))
            }
            _ => Ok(()),
        }
    }

    fn accept(&mut self, scene: &Scene, decision: Decision) -> Result<(), String> {
        let expected = scene.expect.as_ref().unwrap_or(&self.snapshot.state);
        let incident = decision.snapshot.incident.as_ref();
        if let Some(incident) = incident.filter(|_| scene.parked.is_none()) {
            return Err(format!("the run was parked: {}", incident.message));
        }
        if incident.map(|incident| incident.code) != scene.parked {
            return Err(format!("incident {:?} was expected", scene.parked));
        }
        if decision.snapshot.state != *expected {
            let via = decision.record.via.join(", ");
            return Err(format!(
                "state `{expected}` was expected, and the run went to `{}` ({via})",
                decision.snapshot.state
            ));
        }
        if let Some(expected) = &scene.commands {
            let given: Vec<String> = decision.record.commands.iter().filter_map(words).collect();
            if given != *expected {
                return Err(format!(
                    "commands [{}] were expected, and [{}] given",
                    expected.join(", "),
                    given.join(", ")
                ));
            }
        }
        self.snapshot = decision.snapshot;
        self.records.push(decision.record);
        Ok(())
    }

    fn body(&mut self, act: &Act) -> Result<Body, String> {
        Ok(match act {
            Act::Event { name, data } => Body::Named { name: name.clone(), data: data.clone() },
            Act::Vote { verdict, row, reason } => {
                let revision = self.snapshot.approvals.as_ref().map(|round| round.subject.revision.clone());
                let data = json!({ "verdict": verdict, "row": row, "reason": reason, "revision": revision });
                Body::Named { name: VOTE.into(), data }
            }
            Act::Done { activity, output } => {
                Body::Result { invoke: self.open(activity)?, outcome: Outcome::Done { output: output.clone() } }
            }
            Act::Failed { activity, failure } => {
                Body::Result { invoke: self.open(activity)?, outcome: Outcome::Failed(failure.clone()) }
            }
            Act::After(deadline) => {
                let (key, due) = self.armed(deadline)?;
                self.now = self.now.max(due);
                Body::Timer { key, due }
            }
            Act::LedgerRefused(reason) => Body::LedgerRefused { reason: reason.clone(), cause: "scenario".into() },
            Act::Resolve(decision) => Body::Resolve { decision: decision.clone(), reason: "scenario".into() },
            Act::Wait(_) => return Err("waiting is no event".into()),
        })
    }

    fn open(&self, activity: &str) -> Result<InvokeId, String> {
        let open = self.snapshot.invokes.iter().find(|(_, open)| open.activity == activity);
        open.map(|(id, _)| *id).ok_or_else(|| {
            let open: Vec<&str> = self.snapshot.invokes.values().map(|open| open.activity.as_str()).collect();
            format!("`{activity}` is not under way in state `{}`; under way: {}", self.snapshot.state, open.join(", "))
        })
    }

    fn armed(&self, deadline: &str) -> Result<(TimerKey, Timestamp), String> {
        let ours =
            |key: &TimerKey| key.0 == deadline || key.0.split_once('/').is_some_and(|(_, text)| text == deadline);
        let armed = self.snapshot.timers.iter().find(|(key, _)| ours(key));
        armed.map(|(key, due)| (key.clone(), *due)).ok_or_else(|| {
            let armed: Vec<&str> = self.snapshot.timers.keys().map(|key| key.0.as_str()).collect();
            format!(
                "deadline `{deadline}` is not armed in state `{}`; armed: {}",
                self.snapshot.state,
                armed.join(", ")
            )
        })
    }
}

/// A command in the words of a scenario; timers are not mentioned there.
fn words(command: &Command) -> Option<String> {
    Some(match command {
        Command::Invoke { activity, .. } => format!("invoke {activity}"),
        Command::Retry { invoke } => format!("retry {invoke}"),
        Command::Void { invoke } => format!("void {invoke}"),
        Command::Start { chart, .. } => format!("start {chart}"),
        Command::Send { body, .. } => match body {
            Body::Named { name, .. } => format!("send {name}"),
            _ => "send".into(),
        },
        Command::Notify { notice, .. } => format!("notify {notice}"),
        Command::Post { posting } => format!("post {}", posting.key),
        Command::Ask { task } => format!("ask {}", task.key),
        Command::Arm { .. } | Command::Disarm { .. } | Command::Close { .. } => return None,
    })
}
