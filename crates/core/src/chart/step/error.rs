//! Why an event makes no step. None of these leaves a record; the shell keeps the verdict beside the event.

use crate::{
    context::{FieldError, RaiseError},
    event::TimerKey,
    ids::{InvokeId, RunId},
    policy::VoteRefused,
    run::IncidentCode,
};

/// An event that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The run has ended; the event is noted and changes nothing.
    #[error("noted: the run has ended in state `{state}`")]
    Ended {
        /// Its final state.
        state: String,
    },
    /// The run waits for a person. An event of a person is refused; a timer or a result is to be offered again afterwards.
    #[error("the run is parked ({}); settle its incident first", code_word(*.code))]
    Parked {
        /// Why it is parked.
        code: IncidentCode,
    },
    /// The state takes the event, but only under conditions none of which holds.
    #[error("state `{state}` takes `{event}` only under {}, which does not hold now", list(.conditions))]
    ConditionFails {
        /// The state.
        state: String,
        /// The event.
        event: String,
        /// The conditions, as the chart writes them.
        conditions: Vec<String>,
    },
    /// The state has no use for the event.
    #[error("state `{state}` does not take `{event}` now; it takes {}", list(.accepted))]
    NotAccepted {
        /// The state.
        state: String,
        /// The event.
        event: String,
        /// The events that the state names.
        accepted: Vec<String>,
    },
    /// The timer is not armed, or has been armed for another instant since.
    #[error("timer `{}` is not armed for that instant any more", .key.0)]
    StaleTimer {
        /// Its key.
        key: TimerKey,
    },
    /// No such invocation is open.
    #[error("invocation `{invoke}` is not open; its result has been taken already")]
    UnknownInvoke {
        /// The invocation.
        invoke: InvokeId,
    },
    /// This run did not start that one.
    #[error("run `{child}` was not started by this run")]
    UnknownChild {
        /// The other run.
        child: RunId,
    },
    /// There is nothing to resolve.
    #[error("the run has no incident; there is nothing to settle")]
    NoIncident,
    /// The decision does not fit the incident.
    #[error("`{decision}` does not settle this incident ({}); use {}", code_word(*.code), list(.allowed))]
    Unresolvable {
        /// What was decided.
        decision: &'static str,
        /// The incident.
        code: IncidentCode,
        /// What would fit.
        allowed: Vec<String>,
    },
    /// A vote that does not count.
    #[error(transparent)]
    Vote(#[from] VoteRefused),
    /// A vote that cannot be read.
    #[error("the vote cannot be read: {why}; give `verdict`, `revision` and, where needed, `row` and `reason`")]
    BadVote {
        /// What is wrong.
        why: String,
    },
    /// An event that only a person may send came without one.
    #[error("`{event}` needs a person; send it with an actor")]
    NoActor {
        /// The event.
        event: String,
    },
    /// The run's input is refused.
    #[error("the input is refused: {0}")]
    Input(#[source] FieldError),
    /// A run begins with `started`, and only once.
    #[error("a run begins with `started`, and only once; `{event}` does not fit here")]
    NotABeginning {
        /// The event.
        event: String,
    },
    /// Eventless transitions lead round and round.
    #[error(
        "eventless transitions of chart `{chart}` lead in a circle through state `{state}`; give one of them a condition that ends it"
    )]
    Livelock {
        /// The chart.
        chart: String,
        /// A state on the circle.
        state: String,
    },
    /// The chart is not the one that the run pins.
    #[error("the run pins chart `{pinned}` and was given `{given}`; load the pinned one")]
    WrongChart {
        /// What it pins, as `name v1 (sha256…)`.
        pinned: String,
        /// What it was given.
        given: String,
    },
    /// A newer program wrote the run's context; only one that knows it takes steps with it.
    #[error(transparent)]
    Newer(RaiseError),
    /// The chart has no such state.
    #[error("chart `{chart}` has no state `{state}`; the run's snapshot and its chart do not belong together")]
    UnknownState {
        /// The chart.
        chart: String,
        /// The state.
        state: String,
    },
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return "nothing".into();
    }
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}

/// The code's word in history and documents, such as `outcome_unknown`.
pub(super) fn code_word(code: IncidentCode) -> &'static str {
    match code {
        IncidentCode::GuardFailed => "guard_failed",
        IncidentCode::AttemptsExhausted => "attempts_exhausted",
        IncidentCode::OutcomeUnknown => "outcome_unknown",
        IncidentCode::RemoteDiffers => "remote_differs",
        IncidentCode::EffectWithoutOwner => "effect_without_owner",
        IncidentCode::Poison => "poison",
        IncidentCode::Unhandled => "unhandled",
        IncidentCode::Withheld => "withheld",
        IncidentCode::ByHand => "by_hand",
    }
}
