//! Which transition an event leads to.

use serde_json::Value;

use super::{
    LEDGER_REFUSED, PARK, StepError, VOTE, approvals,
    enter::timer_key,
    reason_in,
    walk::{Halt, Parking, Walk},
};
use crate::{
    chart::model::Guard,
    event::{Body, ChildEnd, Event, TimerKey},
    ids::{InvokeId, RunId},
    run::{Command, IncidentCode, Snapshot},
};

impl<'a> Walk<'a> {
    /// Enters the chart's initial state.
    pub fn start(&mut self, event: &Event) -> Result<(), Halt> {
        self.via.push("started".into());
        let initial = self.state_at(&self.bound.chart.initial)?;
        self.enter_with_initial(initial)?;
        self.settle(event)
    }

    /// Does what the event asks for, from applying it to the context to the rest that follows.
    pub fn take(&mut self, old: &Snapshot, event: &Event) -> Result<(), Halt> {
        match &event.body {
            Body::Started { .. } => {
                self.run.context = old.context.clone();
                self.start(event)
            }
            Body::Named { name, data } => {
                self.named(old, event, name, data)?;
                self.settle(event)
            }
            Body::Timer { key, due } => {
                if self.run.timers.get(key) != Some(due) {
                    return Err(StepError::StaleTimer { key: key.clone() }.into());
                }
                self.timer(old, event, key)?;
                self.settle(event)?;
                // An instant that has fired does not fire again, not even for a state that was entered anew.
                if self.run.timers.get(key) == Some(due) {
                    self.run.timers.remove(key);
                }
                Ok(())
            }
            Body::Result { invoke, outcome } => {
                self.result(old, event, *invoke, outcome)?;
                self.settle(event)
            }
            Body::ChildEnded { child, end, .. } => self.child_ended(old, event, *child, *end),
            Body::LedgerRefused { reason, .. } => {
                self.ledger_refused(old, event, reason)?;
                self.settle(event)
            }
            Body::Resolve { .. } => self.lift(old, event),
        }
    }

    /// Lets a run whose incident is settled go on where it stands.
    pub fn lift(&mut self, old: &Snapshot, event: &Event) -> Result<(), Halt> {
        self.run.context = old.context.clone();
        self.join_due = true;
        self.settle(event)
    }

    /// Has the incident's invocation delivered again.
    pub fn retry(&mut self, old: &Snapshot, invoke: InvokeId) {
        self.run.context = old.context.clone();
        self.commands.push(Command::Retry { invoke });
    }

    fn named(&mut self, old: &Snapshot, event: &Event, name: &str, data: &Value) -> Result<(), Halt> {
        if name == VOTE && approvals::open_invoke(old).is_some() {
            self.absorb(&old.context, event, None)?;
            return self.vote(event, data);
        }
        if name == PARK {
            return Err(by_hand(event, data));
        }
        if name == LEDGER_REFUSED {
            // Only the ledger itself says that, by an event of its own kind.
            return Err(self.not_accepted(event));
        }
        let (inner, outer) = self.active()?;
        let lists = [Some(inner), outer].map(|state| state.and_then(|state| state.on.get(name)));
        if lists.iter().all(Option::is_none) {
            return Err(self.not_accepted(event));
        }
        self.absorb(&old.context, event, None)?;
        let label = format!("on.{name}");
        for list in lists.iter().flatten() {
            if self.fire(&label, list, event)? {
                return Ok(());
            }
        }
        let guards = lists.into_iter().flatten().flatten().filter_map(|transition| transition.guard.as_ref());
        let conditions = guards.map(|(Guard::Named(text) | Guard::When(text))| text.clone()).collect();
        Err(StepError::ConditionFails { state: self.run.state.clone(), event: name.to_owned(), conditions }.into())
    }

    fn not_accepted(&self, event: &Event) -> Halt {
        let (state, event) = (self.run.state.clone(), event.name().to_owned());
        StepError::NotAccepted { state, event, accepted: super::accepted(self.bound, &self.run) }.into()
    }

    fn timer(&mut self, old: &Snapshot, event: &Event, key: &TimerKey) -> Result<(), Halt> {
        self.run.timers.remove(key);
        self.absorb(&old.context, event, None)?;
        if self.approval_timer(key)? {
            return Ok(());
        }
        let (inner, outer) = self.active()?;
        for state in std::iter::once(inner).chain(outer) {
            for after in &state.after {
                if timer_key(state, after) == *key {
                    self.fire(&format!("after.{}", after.text), &after.transitions, event)?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn child_ended(&mut self, old: &Snapshot, event: &Event, child: RunId, end: ChildEnd) -> Result<(), Halt> {
        let known = self.run.children.get_mut(&child).ok_or(StepError::UnknownChild { child })?;
        known.end.get_or_insert(end);
        self.absorb(&old.context, event, None)?;
        if self.run.incident.is_some() {
            // A parked run only notes it; the join is asked when the incident is settled.
            return Ok(());
        }
        let (inner, outer) = self.active()?;
        for list in std::iter::once(inner).chain(outer).filter_map(|state| state.on.get(event.name())) {
            if self.fire("on.child.ended", list, event)? {
                break;
            }
        }
        self.join_due = true;
        self.settle(event)
    }

    fn ledger_refused(&mut self, old: &Snapshot, event: &Event, reason: &str) -> Result<(), Halt> {
        self.absorb(&old.context, event, None)?;
        let (inner, outer) = self.active()?;
        for list in std::iter::once(inner).chain(outer).filter_map(|state| state.on.get(LEDGER_REFUSED)) {
            if self.fire("on.ledger.refused", list, event)? {
                return Ok(());
            }
        }
        Err(Halt::Park(Box::new(Parking {
            code: IncidentCode::Unhandled,
            message: format!(
                "the ledger refused a posting ({reason}) and state `{}` has no branch for it",
                self.run.state
            ),
            invoke: None,
            evidence: Value::String(reason.to_owned()),
            keep_event: false,
        })))
    }

    /// Takes the first eventless transition whose guard holds.
    pub fn take_always(&mut self, event: &Event) -> Result<bool, Halt> {
        let (inner, outer) = self.active()?;
        for state in std::iter::once(inner).chain(outer) {
            if self.fire("always", &state.always, event)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn by_hand(event: &Event, data: &Value) -> Halt {
    let who = event.actor.as_ref().map_or("somebody", |actor| actor.person.as_str());
    let why = reason_in(data).unwrap_or("no reason given");
    // Whatever came with the reason is evidence: who parks a run may know more than the run does.
    let mut evidence = data.clone();
    if let Some(fields) = evidence.as_object_mut() {
        fields.remove("reason");
    }
    let known = evidence.as_object().is_some_and(|fields| !fields.is_empty());
    Halt::Park(Box::new(Parking {
        code: IncidentCode::ByHand,
        message: format!("`{who}` parked the run: {why}"),
        invoke: None,
        evidence: if known { evidence } else { Value::Null },
        keep_event: false,
    }))
}
