//! A person settles an incident.

use super::StepError;
use crate::{
    event::{Body, Event, Failure, Outcome, Resolution},
    ids::InvokeId,
    run::{Incident, IncidentCode, Snapshot},
};

/// What a decision comes down to.
pub(super) enum Offered<'e> {
    /// The event as it came.
    Same(&'e Event),
    /// Another event, which the decision stands for.
    Told(Box<Event>),
    /// This invocation is delivered again.
    Retry(InvokeId),
    /// The run just goes on.
    Nothing,
}

impl Offered<'_> {
    /// The event offered, where there is one.
    pub fn event(&self) -> Option<&Event> {
        match self {
            Offered::Same(event) => Some(event),
            Offered::Told(event) => Some(event),
            Offered::Retry(_) | Offered::Nothing => None,
        }
    }
}

/// Whether the event asks for the kept event to be offered once more.
pub(super) fn resumes(event: &Event) -> bool {
    matches!(event.body, Body::Resolve { decision: Resolution::Resume, .. })
}

/// Turns a decision into what is offered to the run.
pub(super) fn offered<'e>(
    snapshot: &Snapshot,
    event: &Event,
    decision: &Resolution,
    reason: &str,
) -> Result<Offered<'e>, StepError> {
    let incident = snapshot.incident.as_ref().ok_or(StepError::NoIncident)?;
    let misfit = || StepError::Unresolvable {
        decision: word(decision),
        code: incident.code,
        allowed: allowed(snapshot, incident),
    };
    // A kept event is decided again, never overruled: the invocation's true result is inside it.
    let invoke = incident.invoke.filter(|invoke| incident.event.is_none() && snapshot.invokes.contains_key(invoke));
    let told = |invoke: InvokeId, outcome: Outcome| Event { body: Body::Result { invoke, outcome }, ..event.clone() };
    match (decision, invoke) {
        (Resolution::Retry, Some(invoke)) if may_retry(snapshot, incident, invoke) => Ok(Offered::Retry(invoke)),
        (Resolution::Happened { output }, Some(invoke)) => {
            Ok(Offered::Told(Box::new(told(invoke, Outcome::Done { output: output.clone() }))))
        }
        (Resolution::DidNotHappen { class }, Some(invoke)) => {
            let failure = Failure {
                class: *class,
                message: reason.to_owned(),
                field: None,
                code: None,
                evidence: incident.evidence.clone(),
            };
            Ok(Offered::Told(Box::new(told(invoke, Outcome::Failed(failure)))))
        }
        (Resolution::Resume, None) => Ok(match &incident.event {
            Some(kept) => Offered::Told(kept.clone()),
            None => Offered::Nothing,
        }),
        _ => Err(misfit()),
    }
}

/// Delivering again helps only an invocation that the run still waits for, and not where the other side holds something else.
fn may_retry(snapshot: &Snapshot, incident: &Incident, invoke: InvokeId) -> bool {
    let live = snapshot.invokes.get(&invoke).is_some_and(|open| !open.orphaned);
    live && incident.code != IncidentCode::RemoteDiffers
}

fn word(decision: &Resolution) -> &'static str {
    match decision {
        Resolution::Retry => "retry",
        Resolution::Happened { .. } => "happened",
        Resolution::DidNotHappen { .. } => "did_not_happen",
        Resolution::Resume => "resume",
    }
}

/// The decisions that settle a run's incident, by their names; none where nothing stands still.
pub fn settled_by(snapshot: &Snapshot) -> Vec<String> {
    snapshot.incident.as_ref().map(|incident| allowed(snapshot, incident)).unwrap_or_default()
}

fn allowed(snapshot: &Snapshot, incident: &Incident) -> Vec<String> {
    let words: &[&str] = match incident.invoke.filter(|_| incident.event.is_none()) {
        Some(invoke) if may_retry(snapshot, incident, invoke) => &["retry", "happened", "did_not_happen"],
        Some(invoke) if snapshot.invokes.contains_key(&invoke) => &["happened", "did_not_happen"],
        _ => &["resume"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}
