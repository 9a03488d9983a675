//! What a run waits for where it stands still.

use crate::chart::{
    lint::APPROVALS,
    model::{Chart, State},
};

/// What a run waits for in a state in which it can stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// An event or a deadline.
    Event,
    /// People's decision about a revision.
    Approvals,
    /// The runs that it has started.
    Children,
}

impl Rest {
    pub(super) fn words(self) -> &'static str {
        match self {
            Rest::Event => "events",
            Rest::Approvals => "approvals",
            Rest::Children => "its children",
        }
    }

    /// Whether somebody who waits for `self` may be put where one waits for `other`: nobody would open a round there, or
    /// start the children.
    pub(super) fn may_become(self, other: Rest) -> bool {
        self == other || (self == Rest::Children && other == Rest::Event)
    }
}

/// The states in which a run can stand still with nothing under way, and what it waits for there.
pub(super) fn resting(chart: &Chart) -> impl Iterator<Item = (&State, Rest)> {
    chart.states.iter().filter_map(|state| Some((state, rest(chart, state)?)))
}

fn rest(chart: &Chart, state: &State) -> Option<Rest> {
    if state.initial.is_some() || state.is_final {
        return None;
    }
    let active: Vec<&State> = std::iter::once(state).chain(chart.parent(&state.path)).collect();
    let moves_on = |state: &&State| state.always.iter().any(|transition| transition.guard.is_none());
    let mut invokes = active.iter().filter_map(|state| state.invoke.as_ref());
    if active.iter().any(moves_on) || invokes.clone().any(|invoke| invoke.src != APPROVALS) {
        return None;
    }
    if invokes.next().is_some() {
        return Some(Rest::Approvals);
    }
    Some(if active.iter().any(|state| state.join.is_some()) { Rest::Children } else { Rest::Event })
}
