//! A step in the making: the snapshot as it changes, the commands as they arise.

use jiff::Timestamp;
use serde_json::Value;

use super::{StepError, World};
use crate::{
    calendar::OutOfReach,
    chart::{
        bound::BoundChart,
        model::{State, Transition},
    },
    context::{ApplyFacts, ContextType, EvalError, RaiseError},
    event::{Body, Event, TimerKey},
    ids::InvokeId,
    run::{Command, Decision, Incident, IncidentCode, Snapshot},
};

/// Why a step stops before its end.
pub(super) enum Halt {
    /// The event is refused; nothing is recorded.
    Refuse(StepError),
    /// The run is parked as it stood before.
    Park(Box<Parking>),
}

/// What an incident will say.
pub(super) struct Parking {
    pub code: IncidentCode,
    pub message: String,
    pub invoke: Option<InvokeId>,
    pub evidence: Value,
    /// Whether the event can be offered again once the cause is mended.
    pub keep_event: bool,
}

impl Parking {
    pub fn incident(self, event: Option<&Event>, now: Timestamp) -> Incident {
        let carried = event.and_then(|event| match &event.body {
            Body::Result { invoke, .. } => Some(*invoke),
            _ => None,
        });
        Incident {
            code: self.code,
            message: self.message,
            invoke: self.invoke.or(carried),
            evidence: self.evidence,
            since: now,
            event: event.filter(|_| self.keep_event).map(|event| Box::new(event.clone())),
        }
    }
}

impl From<StepError> for Halt {
    fn from(error: StepError) -> Halt {
        Halt::Refuse(error)
    }
}

impl From<EvalError> for Halt {
    fn from(error: EvalError) -> Halt {
        guard_failed(error.to_string())
    }
}

impl From<OutOfReach> for Halt {
    fn from(error: OutOfReach) -> Halt {
        guard_failed(error.to_string())
    }
}

impl From<RaiseError> for Halt {
    fn from(error: RaiseError) -> Halt {
        match error {
            RaiseError::Newer { .. } => Halt::Refuse(StepError::Newer(error)),
            RaiseError::Upcast { .. } => guard_failed(error.to_string()),
        }
    }
}

fn guard_failed(cause: String) -> Halt {
    Halt::Park(Box::new(Parking {
        code: IncidentCode::GuardFailed,
        message: format!("the step cannot be decided: {cause}; mend the cause, then resume"),
        invoke: None,
        evidence: Value::Null,
        keep_event: true,
    }))
}

/// A step in the making.
pub(super) struct Walk<'a> {
    pub bound: &'a BoundChart,
    pub world: &'a World<'a>,
    pub now: Timestamp,
    /// The run as it will be.
    pub run: Snapshot,
    pub via: Vec<String>,
    pub commands: Vec<Command>,
    /// Whether the active states' `join` is to be asked.
    pub join_due: bool,
    /// The context was of an older version: whatever follows from it is looked at anew.
    pub raised: bool,
    invokes_made: u32,
    pub children_made: u32,
    eventless: usize,
}

impl<'a> Walk<'a> {
    /// Begins from a snapshot whose context is left behind: [`Walk::absorb`] brings the new one.
    pub fn new(
        bound: &'a BoundChart,
        world: &'a World<'a>,
        old: &Snapshot,
        now: Timestamp,
    ) -> Result<Walk<'a>, StepError> {
        let run = Snapshot {
            run: old.run,
            label: old.label.clone(),
            home: old.home.clone(),
            chart: old.chart.clone(),
            context_version: old.context_version,
            seq: old.seq + 1,
            state: old.state.clone(),
            tags: old.tags.clone(),
            context: Value::Null,
            invokes: old.invokes.clone(),
            timers: old.timers.clone(),
            tasks: old.tasks.clone(),
            approvals: old.approvals.clone(),
            children: old.children.clone(),
            parent: old.parent,
            incident: old.incident.clone(),
            ended: old.ended,
        };
        let (via, commands) = (Vec::new(), Vec::new());
        let walk = Walk {
            bound,
            world,
            now,
            run,
            via,
            commands,
            join_due: false,
            raised: false,
            invokes_made: 0,
            children_made: 0,
            eventless: 0,
        };
        walk.state_at(&old.state)?;
        Ok(walk)
    }

    /// The first transition of `list` whose guard holds.
    pub fn choose(&self, list: &'a [Transition], event: &Event) -> Result<Option<(usize, &'a Transition)>, Halt> {
        for (at, transition) in list.iter().enumerate() {
            let holds = match &transition.guard {
                Some(guard) => self.bound.guard(guard, &self.run.context, event, self.now)?,
                None => true,
            };
            if holds {
                return Ok(Some((at, transition)));
            }
        }
        Ok(None)
    }

    /// Takes the first transition of `list` whose guard holds; says whether there was one.
    pub fn fire(&mut self, label: &str, list: &'a [Transition], event: &Event) -> Result<bool, Halt> {
        let Some((at, transition)) = self.choose(list, event)? else { return Ok(false) };
        self.via.push(format!("{label}[{at}]"));
        self.go(transition)?;
        Ok(true)
    }

    /// Applies an event to `old`, the context so far, and lets deadlines and approvals follow.
    pub fn absorb(&mut self, old: &Value, event: &Event, activity: Option<&str>) -> Result<(), Halt> {
        let facts = ApplyFacts { now: self.now, activity, seq: self.run.seq };
        self.run.context = self.bound.context.apply(old, event, &facts);
        if !self.run.ended && (self.raised || self.run.context != *old) {
            self.rearm_deadlines(old)?;
            self.rebase_approvals()?;
        }
        Ok(())
    }

    /// Follows eventless transitions, decided approvals and joins until the run rests.
    pub fn settle(&mut self, event: &Event) -> Result<(), Halt> {
        while !self.run.ended
            && (self.close_decided_round(event)? || self.take_always(event)? || self.take_join(event)?)
        {
            self.eventless += 1;
            if self.eventless > self.bound.chart.states.len() {
                let chart = self.bound.chart.name.clone();
                return Err(StepError::Livelock { chart, state: self.run.state.clone() }.into());
            }
        }
        Ok(())
    }

    /// The inner state and, where there is one, the outer state around it.
    pub fn active(&self) -> Result<(&'a State, Option<&'a State>), StepError> {
        let inner = self.state_at(&self.run.state)?;
        Ok((inner, self.bound.chart.parent(&inner.path)))
    }

    pub fn state_at(&self, path: &str) -> Result<&'a State, StepError> {
        self.bound
            .chart
            .state(path)
            .ok_or_else(|| StepError::UnknownState { chart: self.bound.chart.name.clone(), state: path.to_owned() })
    }

    pub fn next_invoke(&mut self) -> InvokeId {
        let id = InvokeId { seq: self.run.seq, n: self.invokes_made };
        self.invokes_made += 1;
        id
    }

    pub fn context(&self) -> &'a dyn ContextType {
        self.bound.context.as_ref()
    }

    /// Closes the books: tags of the state reached, timers as commands, the record.
    pub fn finish(mut self, old: Option<&Snapshot>, event: &Event) -> Decision {
        if old.is_none_or(|old| old.state != self.run.state) {
            self.run.tags = self.tags();
        }
        self.mirror_timers(old);
        Decision::between(old, self.run, event.clone(), self.now, self.via, self.commands)
    }

    fn tags(&self) -> Vec<String> {
        let Ok((inner, outer)) = self.active() else { return Vec::new() };
        let mut tags = inner.tags.clone();
        for tag in outer.into_iter().flat_map(|outer| &outer.tags) {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }

    /// `Arm` and `Disarm` say exactly how the timers differ, so that the shell's timers never drift from the snapshot's.
    fn mirror_timers(&mut self, old: Option<&Snapshot>) {
        let none = Default::default();
        let before = old.map_or(&none, |old| &old.timers);
        if *before == self.run.timers {
            return;
        }
        let gone = |key: &&TimerKey| !self.run.timers.contains_key(key);
        let disarmed = before.keys().filter(gone).map(|key| Command::Disarm { key: key.clone() });
        let changed = self.run.timers.iter().filter(|(key, due)| before.get(key) != Some(due));
        let armed = changed.map(|(key, due)| Command::Arm { key: key.clone(), due: *due });
        self.commands.extend(disarmed.chain(armed));
    }
}
