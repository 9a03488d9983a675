//! What a chart means: one event in, one decision out.
//!
//! [`step`] is pure and total. It applies the event to the context, takes the first transition whose guard holds
//! (the inner state before the outer one, in file order), leaves and enters states, and says what the shell must do.
//! Anything that cannot be computed parks the run as it stood before, with the event kept to be offered again.
//!
//! What the shell owes in return:
//! - `Arm` and `Disarm` say exactly how the armed timers differ; a timer that fired is disarmed by the step that took it.
//! - [`StepError::Parked`] refuses a person's event for good, whereas a timer, a result or a refused posting is to be offered again
//!   once the incident is settled. Any other error is the verdict on the event.
//! - `Void` is answered by a result of its invocation, always, even where the result had been taken by a step that was rolled back.
//! - [`StepError::Newer`] leaves the event where it is, for a newer program.
//! - A step whose `Post` is refused did not happen; [`Body::LedgerRefused`] is offered in its place.

mod approvals;
mod dispatch;
mod enter;
mod error;
mod join;
mod moved;
mod outcome;
mod resolve;
mod walk;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

pub(in crate::chart) use approvals::{is_round_timer, open_invoke};
pub use error::StepError;
pub(in crate::chart) use moved::{due_at, settled};
pub use resolve::settled_by;

use crate::{
    calendar::Calendars,
    chart::bound::BoundChart,
    context::{ApplyFacts, RaiseError, raised},
    event::{Body, Event},
    ids::RunId,
    policy::Policy,
    run::{ChartPin, Command, Decision, Incident, IncidentCode, Snapshot},
    scope::Home,
};
use resolve::Offered;
use walk::{Halt, Walk};

/// The event by which a run is parked from outside; its data may say why under `reason`. The rest of it is the evidence.
pub const PARK: &str = "incident.park";

/// The notice that a run was parked.
const INCIDENT: &str = "incident";
/// The event by which a person votes; see [`crate::policy::Ballot`] for its data.
pub const VOTE: &str = "approval.vote";
/// The name under which a chart handles a refused posting.
pub const LEDGER_REFUSED: &str = "ledger.refused";
/// The role that is asked where no rule names another.
pub const OPERATOR: &str = "operator";

/// What a step may know besides the run and the event.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The policy that approvals are judged by: the one that an open round pins, else the active one.
    pub policy: &'a Policy,
    /// The calendars that working time is counted in.
    pub calendars: &'a Calendars,
}

/// A run about to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Its id.
    pub run: RunId,
    /// Its readable name.
    pub label: String,
    /// Where it belongs.
    pub home: Home,
    /// The run that starts it.
    pub parent: Option<RunId>,
}

/// Takes the first step of a run. `event` is [`Body::Started`].
///
/// # Errors
/// When the input is refused or the chart leads in a circle; nothing has begun then.
pub fn begin(
    bound: &BoundChart,
    world: &World<'_>,
    new: &NewRun,
    event: &Event,
    now: Timestamp,
) -> Result<Decision, StepError> {
    let Body::Started { input } = &event.body else {
        return Err(StepError::NotABeginning { event: event.name().to_owned() });
    };
    let input = bound.context.init(input, &new.label, now).map_err(StepError::Input)?;
    let context = bound.context.apply(&input, event, &ApplyFacts { now, activity: None, seq: 1 });
    let blank = Snapshot {
        run: new.run,
        label: new.label.clone(),
        home: new.home.clone(),
        chart: pin(bound),
        context_version: bound.context.version(),
        seq: 0,
        state: bound.chart.initial.clone(),
        tags: Vec::new(),
        context,
        invokes: Default::default(),
        timers: Default::default(),
        tasks: Default::default(),
        approvals: None,
        children: Default::default(),
        parent: new.parent,
        incident: None,
        ended: false,
    };
    let mut walk = Walk::new(bound, world, &blank, now)?;
    walk.run.context = blank.context.clone();
    match walk.start(event) {
        Ok(()) => Ok(walk.finish(None, event)),
        Err(Halt::Refuse(error)) => Err(error),
        Err(Halt::Park(parking)) => {
            let incident = parking.incident(Some(event), now);
            let told = told(&incident);
            let parked = Snapshot { seq: 1, incident: Some(incident), ..blank };
            Ok(Decision::between(None, parked, event.clone(), now, vec!["parked".into()], vec![told]))
        }
    }
}

/// Takes one step: what `event` does to a run at `now`.
///
/// # Errors
/// When the event makes no step; see [`StepError`]. The run is unchanged then.
pub fn step(
    bound: &BoundChart,
    world: &World<'_>,
    snapshot: &Snapshot,
    event: &Event,
    now: Timestamp,
) -> Result<Decision, StepError> {
    admit(bound, snapshot, event)?;
    let offered = match &event.body {
        Body::Resolve { decision, reason } => resolve::offered(snapshot, event, decision, reason)?,
        _ => Offered::Same(event),
    };
    match decide(bound, world, snapshot, event, &offered, now) {
        Ok(decision) => Ok(decision),
        Err(Halt::Refuse(error)) => Err(error),
        Err(Halt::Park(parking)) => match other_incident(snapshot, event) {
            Some(code) => Err(StepError::Parked { code }),
            None => Ok(park(snapshot, event, parking.incident(offered.event(), now), now)),
        },
    }
}

fn decide(
    bound: &BoundChart,
    world: &World<'_>,
    snapshot: &Snapshot,
    event: &Event,
    offered: &Offered<'_>,
    now: Timestamp,
) -> Result<Decision, Halt> {
    let old = of_today(bound, snapshot)?;
    let begin = || -> Result<_, Halt> {
        let mut walk = Walk::new(bound, world, &old, now)?;
        walk.raised = old.context_version != snapshot.context_version;
        if matches!(event.body, Body::Resolve { .. }) {
            walk.run.incident = None;
        }
        Ok(walk)
    };
    let mut walk = begin()?;
    match (offered, offered.event()) {
        (_, Some(offered)) => match walk.take(&old, offered) {
            // The run has moved on since it was parked: the kept event has lost its meaning.
            Err(Halt::Refuse(error)) if resolve::resumes(event) && !matches!(error, StepError::Livelock { .. }) => {
                walk = begin()?;
                walk.via.push("resume.dropped".into());
                walk.lift(&old, event)?;
            }
            taken => taken?,
        },
        (Offered::Retry(invoke), None) => walk.retry(&old, *invoke),
        (_, None) => walk.lift(&old, event)?,
    }
    Ok(walk.finish(Some(snapshot), event))
}

/// The run with its context in the version that this program knows. An incident stays as it is where that fails: it is
/// about something else.
fn of_today<'a>(bound: &BoundChart, snapshot: &'a Snapshot) -> Result<Cow<'a, Snapshot>, Halt> {
    match (raised(bound.context.as_ref(), snapshot), &snapshot.incident) {
        (Ok(Cow::Borrowed(_)), _) => Ok(Cow::Borrowed(snapshot)),
        (Ok(Cow::Owned(context)), _) => {
            Ok(Cow::Owned(Snapshot { context, context_version: bound.context.version(), ..snapshot.clone() }))
        }
        (Err(RaiseError::Upcast { .. }), Some(incident)) => Err(StepError::Parked { code: incident.code }.into()),
        (Err(error), _) => Err(error.into()),
    }
}

/// Parks a run as it stands: the shell's own way, for a step that crashes the process again and again.
pub fn park(snapshot: &Snapshot, event: &Event, incident: Incident, now: Timestamp) -> Decision {
    let mut parked = Snapshot { seq: snapshot.seq + 1, ..snapshot.clone() };
    let commands = if held_again(&mut parked, &incident) { Vec::new() } else { vec![told(&incident)] };
    parked.incident = Some(incident);
    Decision::between(Some(snapshot), parked, event.clone(), now, vec!["parked".into()], commands)
}

/// Whether people know already that this write is held back; from now on they do. A person who has it tried too early is no news.
fn held_again(run: &mut Snapshot, incident: &Incident) -> bool {
    let held = incident.invoke.filter(|_| incident.code == IncidentCode::Withheld);
    let Some(open) = held.and_then(|invoke| run.invokes.get_mut(&invoke)) else { return false };
    let known = open.held_since.is_some();
    open.held_since.get_or_insert(incident.since);
    known
}

/// A run never stands still in silence: who keeps the installation running hears of it in the same commit.
fn told(incident: &Incident) -> Command {
    Command::Notify { notice: INCIDENT.into(), data: json!({ "code": incident.code, "message": incident.message }) }
}

/// The events that a person may send to the run now; what a page shows as buttons.
pub fn accepted(bound: &BoundChart, snapshot: &Snapshot) -> Vec<String> {
    if snapshot.ended || snapshot.incident.is_some() {
        return Vec::new();
    }
    let outer = bound.chart.parent(&snapshot.state);
    let states = bound.chart.state(&snapshot.state).into_iter().chain(outer);
    let mut names: Vec<String> = states.flat_map(|state| state.on.keys().cloned()).collect();
    if approvals::open_invoke(snapshot).is_some() {
        names.push(VOTE.into());
    }
    names.sort();
    names.dedup();
    names
}

fn pin(bound: &BoundChart) -> ChartPin {
    let chart = &bound.chart;
    ChartPin { name: chart.name.clone(), version: chart.version, sha256: chart.sha256.clone() }
}

fn admit(bound: &BoundChart, snapshot: &Snapshot, event: &Event) -> Result<(), StepError> {
    if snapshot.chart.sha256 != bound.chart.sha256 {
        let shown = |name: &str, version: u32, sha: &str| format!("{name} v{version} ({:.12}…)", sha);
        return Err(StepError::WrongChart {
            pinned: shown(&snapshot.chart.name, snapshot.chart.version, &snapshot.chart.sha256),
            given: shown(&bound.chart.name, bound.chart.version, &bound.chart.sha256),
        });
    }
    // A result that comes after the end still needs its effect undone.
    let late_result = matches!(&event.body, Body::Result { invoke, .. } if snapshot.invokes.contains_key(invoke));
    if snapshot.ended && !late_result {
        return Err(StepError::Ended { state: snapshot.state.clone() });
    }
    match (&event.body, &snapshot.incident) {
        (Body::Started { .. }, _) => Err(StepError::NotABeginning { event: event.name().to_owned() }),
        (Body::Named { .. } | Body::Timer { .. }, Some(incident)) => Err(StepError::Parked { code: incident.code }),
        (Body::Resolve { .. }, None) => Err(StepError::NoIncident),
        _ => Ok(()),
    }
}

/// The incident that parking because of `event` would overwrite, when it is about something else.
fn other_incident(snapshot: &Snapshot, event: &Event) -> Option<IncidentCode> {
    let incident = snapshot.incident.as_ref()?;
    let same = match &event.body {
        Body::Resolve { .. } => true,
        Body::Result { invoke, .. } => incident.invoke == Some(*invoke),
        _ => false,
    };
    if same { None } else { Some(incident.code) }
}

/// The reason that a person gave in an event's data.
fn reason_in(data: &Value) -> Option<&str> {
    data.get("reason").and_then(Value::as_str).filter(|reason| !reason.is_empty())
}
