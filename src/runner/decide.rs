//! One decision: a run, what waits for it, and what the core makes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use entente_core::{
    chart::{
        bound::BoundChart,
        step::{self, NewRun, StepError, World},
    },
    context::ContextType,
    event::{Body, Event},
    ids::{Fence, RunId},
    run::{ChartPin, Decision, Incident, IncidentCode, Snapshot},
};
use entente_store::{Consumed, RunKey, Start, Verdict};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Shared,
    cell::{Known, Work},
    definitions::Unusable,
    left,
    member::{self, Base, Prepared},
    moving,
};

/// What became of a piece of work.
pub enum Decided {
    /// A step to commit.
    Step(Box<Prepared>),
    /// No step; the message gets this verdict.
    Answer(Verdict),
    /// Nothing to do: it came twice, or is out of date.
    Drop,
    /// The run is parked: to be offered again once its incident is settled.
    Defer,
    /// The database could not be read: to be decided a little later.
    Later,
    /// This binary cannot drive the run; everything stays in the database for one that can.
    Leave,
}

/// Where a decision would be written.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// The fence of the run's shard.
    pub fence: Fence,
    /// How many messages the batch appends already: the place of a fresh one.
    pub appends: usize,
}

/// Decides one piece of work of one run.
pub async fn decide(shared: &Shared, run: RunId, known: Option<&Known>, work: &Work, ground: Ground) -> Decided {
    let event = work.event();
    if let Some(refusal) = precondition(known, work) {
        return Decided::Answer(refusal);
    }
    if let Some(known) = known
        && let Some(decided) = moving::decide(shared, known, work, &event, ground).await
    {
        return decided;
    }
    let pin = match pin_of(shared, known, work).await {
        Ok(Some(pin)) => pin,
        Ok(None) => return absent(known, work),
        Err(reason) => return unusable(run, &reason, work),
    };
    let bound = match shared.definitions.bound(&pin).await {
        Ok(bound) => bound,
        Err(reason) => return unusable(run, &reason, work),
    };
    if let Some(reason) = known.and_then(|known| left::too_new(&bound, &known.snapshot)) {
        tracing::warn!(run.id = %run, "this run is left to another binary: {reason}");
        return Decided::Leave;
    }
    let now = shared.clock.now();
    let world = shared.world.borrow().clone();
    let world = World { policy: world.policies.of(&pin.name), calendars: &world.calendars };
    // The way out of a refused posting was refused as well: offered again, it would be so for ever.
    if let (Work::LedgerRefused { cause, reason }, Some(known)) = (work, known)
        && matches!(**cause, Work::LedgerRefused { .. })
    {
        let decision = step::park(&known.snapshot, &event, unbooked(cause, reason, now), now);
        return prepared(shared, bound.context.as_ref(), Some(known), work, &decision, ground, now);
    }
    let stepped = catch_unwind(AssertUnwindSafe(|| match known {
        Some(known) => step::step(&bound, &world, &known.snapshot, &event, now),
        None => begin(&bound, &world, run, work, &event, now),
    }));
    let decision = match stepped {
        Ok(Ok(decision)) => decision,
        Ok(Err(error)) => return refused(&bound, known, work, &event, &error, shared, ground, now),
        Err(panic) => match known {
            Some(known) => step::park(&known.snapshot, &event, poison(&event, panic.as_ref(), now), now),
            None => return Decided::Answer(refusal("start_failed", panic_text(panic.as_ref()))),
        },
    };
    prepared(shared, bound.context.as_ref(), known, work, &decision, ground, now)
}

fn begin(
    bound: &BoundChart,
    world: &World<'_>,
    run: RunId,
    work: &Work,
    event: &Event,
    now: Timestamp,
) -> Result<Decision, StepError> {
    let start = start_of(work).ok_or_else(|| StepError::NotABeginning { event: event.name().to_owned() })?;
    let new = NewRun { run, label: start.label.clone(), home: start.home.clone(), parent: start.parent };
    step::begin(bound, world, &new, event, now)
}

fn start_of(work: &Work) -> Option<&Start> {
    match work {
        Work::Message(_) | Work::Fresh(_) => work.message()?.start.as_ref(),
        Work::LedgerRefused { cause, .. } => start_of(cause),
        Work::Timer(_) | Work::Result(_) => None,
    }
}

async fn pin_of(shared: &Shared, known: Option<&Known>, work: &Work) -> Result<Option<ChartPin>, Unusable> {
    if let Some(known) = known {
        return Ok(Some(known.snapshot.chart.clone()));
    }
    match start_of(work) {
        Some(start) => shared.definitions.pin(&start.chart, start.version).await.map(Some),
        None => Ok(None),
    }
}

fn precondition(known: Option<&Known>, work: &Work) -> Option<Verdict> {
    let message = work.message()?;
    let snapshot = &known?.snapshot;
    if message.start.is_some() {
        return Some(refusal("already_started", format!("{} exists already", snapshot.label)));
    }
    if let Some(expected) = message.expect_seq
        && expected != snapshot.seq
    {
        let now = snapshot.seq;
        return Some(stale(format!(
            "{} is at step {now}, the request was made for step {expected}: look again and repeat",
            snapshot.label
        )));
    }
    let revision = snapshot.approvals.as_ref().map(|round| round.subject.revision.as_str());
    if let (Some(expected), Some(current)) = (&message.expect_revision, revision)
        && !current.starts_with(expected.as_str())
    {
        return Some(stale(format!(
            "{} is at revision {current}, the request was made for {expected}: look again and repeat",
            snapshot.label
        )));
    }
    None
}

fn absent(known: Option<&Known>, work: &Work) -> Decided {
    debug_assert!(known.is_none(), "a stored run has a pin");
    match work.message() {
        Some(message) => Decided::Answer(refusal("not_found", format!("run {} does not exist", message.run))),
        None => Decided::Drop,
    }
}

fn unusable(run: RunId, reason: &Unusable, work: &Work) -> Decided {
    if let Unusable::Store(error) = reason {
        tracing::warn!(run.id = %run, "the run's chart could not be read, trying again: {error}");
        return Decided::Later;
    }
    tracing::warn!(run.id = %run, "this run is left to another binary: {reason}");
    match (reason, work.message()) {
        (Unusable::Unknown(_), Some(message)) if message.start.is_some() => {
            Decided::Answer(refusal("unknown_chart", reason.to_string()))
        }
        _ => Decided::Leave,
    }
}

#[expect(clippy::too_many_arguments, reason = "everything a refusal may need to become a parked step")]
fn refused(
    bound: &BoundChart,
    known: Option<&Known>,
    work: &Work,
    event: &Event,
    error: &StepError,
    shared: &Shared,
    ground: Ground,
    now: Timestamp,
) -> Decided {
    match (error, work) {
        (StepError::Newer(_), _) => {
            let label = known.map(|known| known.snapshot.label.as_str());
            tracing::warn!(run.label = label, "this run is left to another binary: {error}");
            Decided::Leave
        }
        (StepError::Parked { .. }, Work::Timer(_) | Work::Result(_)) => Decided::Defer,
        (StepError::Parked { .. }, Work::Message(pending))
            if matches!(pending.message.event.body, Body::Result { .. } | Body::ChildEnded { .. }) =>
        {
            Decided::Defer
        }
        (StepError::StaleTimer { .. } | StepError::UnknownInvoke { .. } | StepError::Ended { .. }, _) => match work {
            Work::Message(_) | Work::Fresh(_) => Decided::Answer(Verdict::Noted { reason: error.to_string() }),
            _ => Decided::Drop,
        },
        (_, Work::LedgerRefused { cause, reason }) => match (cause.message_no(), known) {
            (Some(_), _) | (None, None) => Decided::Answer(refusal("ledger_refused", reason.clone())),
            (None, Some(known)) => {
                let decision = step::park(&known.snapshot, event, unbooked(cause, reason, now), now);
                prepared(shared, bound.context.as_ref(), Some(known), work, &decision, ground, now)
            }
        },
        (_, Work::Message(_) | Work::Fresh(_)) => Decided::Answer(refusal(code(error), error.to_string())),
        (_, Work::Timer(_) | Work::Result(_)) => {
            tracing::error!(
                run.label = known.map(|known| known.snapshot.label.as_str()),
                "an event could not be decided: {error}"
            );
            Decided::Drop
        }
    }
}

/// The ledger refused a step, and the chart has no way to go on.
fn unbooked(cause: &Work, reason: &str, now: Timestamp) -> Incident {
    Incident {
        code: IncidentCode::Unhandled,
        message: format!("the ledger refused {}: {reason}", cause.event().name()),
        invoke: None,
        evidence: Value::Null,
        since: now,
        event: Some(Box::new(cause.event())),
    }
}

/// A step, ready to be committed.
pub(super) fn prepared(
    shared: &Shared,
    context: &dyn ContextType,
    known: Option<&Known>,
    work: &Work,
    decision: &Decision,
    ground: Ground,
    now: Timestamp,
) -> Decided {
    let head = known.map_or([0; 32], |known| known.head);
    let verdict = match work {
        Work::LedgerRefused { reason, .. } => refusal("ledger_refused", reason.clone()),
        _ => Verdict::Accepted { seq: decision.record.seq, state: decision.snapshot.state.clone() },
    };
    let consumed = match work {
        Work::Fresh(_) => Some((Consumed::Appended(ground.appends), verdict)),
        _ => work.message_no().map(|no| (Consumed::Stored(no), verdict)),
    };
    let base = Base { fence: ground.fence, head, at: now };
    let keys = changed_keys(context, known.map(|known| known.snapshot.as_ref()), &decision.snapshot);
    match member::prepare(decision, base, &shared.activities, keys, consumed, work.closes()) {
        Ok(mut prepared) => {
            prepared.take_on(&shared.performing);
            Decided::Step(Box::new(prepared))
        }
        Err(error) => Decided::Answer(refusal("internal", format!("the step cannot be written: {error}"))),
    }
}

fn changed_keys(context: &dyn ContextType, before: Option<&Snapshot>, after: &Snapshot) -> Option<Vec<RunKey>> {
    let old = before.map(|snapshot| context.keys(&snapshot.context)).unwrap_or_default();
    let new = context.keys(&after.context);
    let rows = |keys: Vec<entente_core::context::Key>| {
        keys.into_iter().map(|key| RunKey { kind: key.kind, value: key.value, unique: key.unique }).collect()
    };
    // What was written under an older version may have been found under other keys than it would be now.
    let raised = before.is_some_and(|before| before.context_version != after.context_version);
    (old != new || raised).then(|| rows(new))
}

fn stale(reason: String) -> Verdict {
    refusal("stale", reason)
}

pub(super) fn refusal(code: &str, reason: String) -> Verdict {
    Verdict::Refused { code: code.into(), reason }
}

/// The stable code of a refusal, with its page in `docs/errors/`.
pub(super) fn code(error: &StepError) -> &'static str {
    use StepError as E;
    match error {
        E::Ended { .. } => "ended",
        E::Parked { .. } => "parked",
        E::NotAccepted { .. } | E::ConditionFails { .. } | E::NotABeginning { .. } => "not_accepted",
        E::StaleTimer { .. } | E::UnknownInvoke { .. } | E::UnknownChild { .. } => "out_of_date",
        E::NoIncident | E::Unresolvable { .. } => "no_incident",
        E::Vote(_) | E::BadVote { .. } => "vote_refused",
        E::NoActor { .. } => "no_actor",
        E::Input(_) => "input_refused",
        E::Newer(_) | E::Livelock { .. } | E::WrongChart { .. } | E::UnknownState { .. } => "chart_unusable",
    }
}

fn poison(event: &Event, panic: &(dyn std::any::Any + Send), now: Timestamp) -> Incident {
    Incident {
        code: IncidentCode::Poison,
        message: format!(
            "deciding `{}` failed inside the program: {}; report it, then resume the run",
            event.name(),
            panic_text(panic)
        ),
        invoke: match &event.body {
            Body::Result { invoke, .. } => Some(*invoke),
            _ => None,
        },
        evidence: Value::Null,
        since: now,
        event: Some(Box::new(event.clone())),
    }
}

/// The words of a panic.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".into())
}
