//! Every name means something: to the context type, or to this binary.

use std::collections::BTreeSet;

use super::{APPROVALS, Lint, conditions::made_by_the_engine, transitions};
use crate::chart::{
    migration::MIGRATE,
    model::{Action, At, Due, Guard, JoinRule, Place, State},
    problem::{Code, choose},
    step::{PARK, VOTE},
};

/// Events that the engine answers itself; charts have `after` and `invoke` for what follows from them.
const RESERVED: [&str; 7] = ["started", "timer", "result", "resolve", VOTE, PARK, MIGRATE];

impl<'c> Lint<'c> {
    pub(super) fn names(&mut self) {
        let chart = self.chart;
        for state in &chart.states {
            self.actions(&state.path, &state.entry);
            self.event_names(state);
            self.waits(state);
        }
        for (state, trigger, transition) in transitions(chart) {
            self.actions(state, &transition.entry);
            let place = transition.guard_place.unwrap_or(transition.place);
            if let Some(Guard::Named(name)) = &transition.guard {
                self.guard(state, name, place);
            }
            if let Some(activity) = &transition.compensate {
                let place = transition.compensate_place.unwrap_or(transition.place);
                let what = format!("`{trigger}` in state `{state}`");
                self.activity(&what, activity, place);
            }
        }
    }

    fn event_names(&mut self, state: &State) {
        let (known, engine) = (self.context.events(), made_by_the_engine());
        for event in state.on.keys() {
            let place = state.event_places.get(event).copied().unwrap_or(state.place);
            if known.contains_key(event) || engine.contains_key(event.as_str()) {
                continue;
            }
            let cause = format!(
                "state `{}` reacts to `{event}`, which context `{}` does not understand",
                state.path, self.chart.context
            );
            let remedy = if RESERVED.contains(&event.as_str()) {
                "the engine answers this event itself: react with `after` or `invoke`".to_owned()
            } else {
                let ours = known.keys().map(String::as_str).chain(engine.keys().copied());
                choose(event, ours, "its events")
            };
            self.report(place, Code::UnknownEvent, cause, remedy);
        }
    }

    fn waits(&mut self, state: &'c State) {
        let what = format!("state `{}`", state.path);
        if let Some(invoke) = &state.invoke {
            self.activity(&what, &invoke.src, invoke.place);
            if let Some(activity) = &invoke.compensate {
                self.activity(&what, activity, invoke.compensate_place.unwrap_or(invoke.place));
            }
        }
        if let Some(join) = &state.join
            && let JoinRule::Named(name) = &join.until
        {
            self.guard(&state.path, name, join.place);
        }
        let deadlines = self.context.deadlines();
        for after in &state.after {
            let Due::Deadline(name) = &after.due else {
                continue;
            };
            if !deadlines.contains(&name.as_str()) {
                let cause =
                    format!("{what} waits for `{name}`, which is no deadline of context `{}`", self.chart.context);
                let remedy = choose(name, deadlines.iter().copied(), "its deadlines");
                self.report(after.place, Code::UnknownDeadline, cause, remedy);
            }
        }
    }

    /// The sentence for a missing activity names chart, state and activity: it is what an operator reads when
    /// a binary does not claim a run.
    fn activity(&mut self, what: &str, activity: &str, place: Place) {
        if activity == APPROVALS {
            return;
        }
        let chart = format!("chart `{}` version {}", self.chart.name, self.chart.version);
        let known = self.vocabulary.activities();
        if !known.contains_key(activity) {
            let cause = format!("{what} of {chart} invokes the activity `{activity}`, which this binary does not have");
            let remedy = choose(activity, known.keys().map(String::as_str), "its activities");
            self.report(place, Code::UnknownActivity, cause, remedy);
            return;
        }
        let requests = self.context.requests();
        if !requests.contains(&activity) {
            let cause =
                format!("{what} invokes `{activity}`, for which context `{}` computes no request", self.chart.context);
            let remedy = choose(activity, requests.iter().copied(), "its requests");
            self.report(place, Code::UnknownRequest, cause, remedy);
        }
    }

    fn guard(&mut self, state: &str, name: &str, place: Place) {
        let known = self.context.guards();
        if !known.contains(&name) {
            let cause =
                format!("state `{state}` asks for `{name}`, which is no guard of context `{}`", self.chart.context);
            let remedy = choose(name, known.iter().copied(), "its guards");
            self.report(place, Code::UnknownGuard, cause, remedy);
        }
    }

    fn actions(&mut self, state: &str, actions: &[At<Action>]) {
        for action in actions {
            self.action(state, &action.node, action.place);
        }
    }

    fn action(&mut self, state: &str, action: &Action, place: Place) {
        let context = format!("context `{}`", self.chart.context);
        let (name, known, code, lacks): (&str, Vec<&str>, Code, String) = match action {
            Action::Notify(name) => {
                let known = self.vocabulary.notices().iter().map(String::as_str).collect();
                let lacks = "which is no notice of this binary".to_owned();
                (name, known, Code::UnknownNotice, lacks)
            }
            Action::Post(name) => {
                let lacks = format!("which is no posting of {context}");
                (name, self.context.postings(), Code::UnknownPosting, lacks)
            }
            Action::Ask(name) => {
                let lacks = format!("which is no task of {context}");
                (name, self.context.tasks(), Code::UnknownTask, lacks)
            }
            Action::Start(name) => {
                let starts = self.context.starts();
                let charts = self.vocabulary.charts();
                let known = starts.into_iter().filter(|chart| charts.contains_key(*chart));
                let lacks = format!("which {context} has no input for, or this binary no chart");
                (name, known.collect(), Code::UnknownStart, lacks)
            }
            Action::SendParent(name) | Action::SendChildren(name) => {
                let charts = self.vocabulary.charts();
                let events: BTreeSet<&str> = charts.values().flatten().map(String::as_str).collect();
                let lacks = "which no chart of this binary understands".to_owned();
                (name, events.into_iter().collect(), Code::UnknownEvent, lacks)
            }
        };
        if !known.contains(&name) {
            let cause = format!("state `{state}` names `{name}`, {lacks}");
            self.report(place, code, cause, choose(name, known.iter().copied(), "known"));
        }
    }
}
