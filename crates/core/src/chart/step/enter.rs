//! Leaving and entering states: actions, invocations, deadlines, the end.

use serde_json::Value;

use super::{
    moved::due_at,
    walk::{Halt, Walk},
};
use crate::{
    chart::{
        lint::APPROVALS,
        model::{Action, After, At, Due, Invoke, State, Transition},
    },
    event::{Body, ChildEnd, TimerKey},
    ids::InvokeId,
    run::{Child, Command, OpenInvoke},
};

/// The key under which a state's deadline is armed.
pub(super) fn timer_key(state: &State, after: &After) -> TimerKey {
    TimerKey(format!("{}/{}", state.path, after.text))
}

impl<'a> Walk<'a> {
    /// Takes a transition: leaves what it leaves, acts, enters what it enters. Without a target it only acts.
    pub fn go(&mut self, transition: &'a Transition) -> Result<(), Halt> {
        let Some(target) = &transition.target else {
            let here = self.run.state.clone();
            return self.act(&transition.entry, &here);
        };
        let (leaf, outer) = self.active()?;
        let target = self.state_at(target)?;
        let target_outer = self.bound.chart.parent(&target.path);
        // A move between the inner states of one compound state neither leaves nor enters that one.
        let inside = target_outer.is_some_and(|around| outer.is_some_and(|outer| outer.path == around.path));
        let left = std::iter::once(leaf).chain(outer.filter(|_| !inside));
        for state in left {
            self.exit(state, transition.compensate.as_deref());
        }
        self.act(&transition.entry, &target.path)?;
        if let Some(around) = target_outer.filter(|_| !inside) {
            self.enter(around)?;
        }
        self.enter_with_initial(target)
    }

    /// Enters a state and, where it is compound, its initial inner state.
    pub fn enter_with_initial(&mut self, state: &'a State) -> Result<(), Halt> {
        self.enter(state)?;
        match &state.initial {
            Some(inner) => {
                let inner = self.state_at(inner)?;
                self.enter(inner)
            }
            None => Ok(()),
        }
    }

    fn enter(&mut self, state: &'a State) -> Result<(), Halt> {
        self.run.state.clone_from(&state.path);
        self.join_due |= state.join.is_some();
        self.act(&state.entry, &state.path)?;
        if let Some(invoke) = &state.invoke {
            self.invoke(state, invoke)?;
        }
        for after in &state.after {
            self.arm(state, after)?;
        }
        if state.is_final {
            self.end(state);
        }
        Ok(())
    }

    fn exit(&mut self, state: &State, compensate: Option<&str>) {
        for after in &state.after {
            self.run.timers.remove(&timer_key(state, after));
        }
        let live = |open: &OpenInvoke| !open.orphaned && open.state == state.path;
        let left: Vec<_> = self.run.invokes.iter().filter(|(_, open)| live(open)).map(|(id, _)| *id).collect();
        for id in left {
            self.orphan(id, compensate);
        }
        self.close_tasks(|owner| owner == state.path);
    }

    /// An invocation whose state is left: approvals just stop, anything else is on its way and needs an owner.
    fn orphan(&mut self, id: InvokeId, compensate: Option<&str>) {
        let Some(open) = self.run.invokes.get_mut(&id) else { return };
        if open.activity == APPROVALS {
            self.run.invokes.remove(&id);
            self.close_approvals();
            return;
        }
        open.orphaned = true;
        if let Some(undo) = compensate {
            open.compensate = Some(undo.to_owned());
        }
        self.commands.push(Command::Void { invoke: id });
    }

    fn act(&mut self, actions: &'a [At<Action>], owner: &str) -> Result<(), Halt> {
        for action in actions {
            self.perform(&action.node, owner)?;
        }
        Ok(())
    }

    fn perform(&mut self, action: &Action, owner: &str) -> Result<(), Halt> {
        let context = self.context();
        match action {
            Action::Notify(notice) => {
                let data = context.notice(notice, &self.run.context);
                self.commands.push(Command::Notify { notice: notice.clone(), data });
            }
            Action::Post(name) => {
                let postings = context.postings_for(name, &self.run.context)?;
                self.commands.extend(postings.into_iter().map(|posting| Command::Post { posting }));
            }
            Action::Start(chart) => {
                let input = context.start(chart, &self.run.context)?;
                let child = self.run.run.child(self.run.seq, self.children_made);
                self.children_made += 1;
                self.run.children.insert(child, Child { chart: chart.clone(), end: None });
                self.commands.push(Command::Start { child, chart: chart.clone(), input });
            }
            Action::SendParent(name) => {
                let body = self.message(name);
                self.commands.extend(self.run.parent.map(|to| Command::Send { to, body }));
            }
            Action::SendChildren(name) => {
                let body = self.message(name);
                let under_way = self.run.children.iter().filter(|(_, child)| child.end.is_none());
                let sends: Vec<_> = under_way.map(|(to, _)| Command::Send { to: *to, body: body.clone() }).collect();
                self.commands.extend(sends);
            }
            Action::Ask(kind) => {
                let task = context.task(kind, &self.run.context, self.now)?;
                self.run.tasks.insert(task.key.clone(), owner.to_owned());
                self.commands.push(Command::Ask { task });
            }
        }
        Ok(())
    }

    /// What another run is sent: the event's name, and the data that the context gives a notice of that name.
    fn message(&self, name: &str) -> Body {
        Body::Named { name: name.to_owned(), data: self.context().notice(name, &self.run.context) }
    }

    fn invoke(&mut self, state: &State, invoke: &Invoke) -> Result<(), Halt> {
        let id = self.next_invoke();
        let open = OpenInvoke {
            activity: invoke.src.clone(),
            state: state.path.clone(),
            compensate: invoke.compensate.clone(),
            orphaned: false,
            compensates: None,
            held_since: None,
        };
        self.run.invokes.insert(id, open);
        if invoke.src == APPROVALS {
            return self.open_round();
        }
        let request = self.context().request(&invoke.src, &self.run.context)?;
        self.commands.push(Command::Invoke { invoke: id, activity: invoke.src.clone(), request });
        Ok(())
    }

    fn arm(&mut self, state: &State, after: &After) -> Result<(), Halt> {
        if let Some(due) = due_at(self.bound, self.world.calendars, after, &self.run, self.now)? {
            self.run.timers.insert(timer_key(state, after), due);
        }
        Ok(())
    }

    /// Moves the active states' named deadlines to where the new context has them. One that has fired stays fired until it moves.
    pub fn rearm_deadlines(&mut self, old: &Value) -> Result<(), Halt> {
        let (inner, outer) = self.active()?;
        for state in std::iter::once(inner).chain(outer) {
            for after in &state.after {
                let Due::Deadline(name) = &after.due else { continue };
                let (before, now) =
                    (self.context().deadline(name, old)?, self.context().deadline(name, &self.run.context)?);
                match now {
                    _ if before == now => {}
                    Some(due) => {
                        self.run.timers.insert(timer_key(state, after), due);
                    }
                    None => {
                        self.run.timers.remove(&timer_key(state, after));
                    }
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, state: &State) {
        self.run.ended = true;
        self.run.incident = None;
        let live: Vec<_> = self.run.invokes.iter().filter(|(_, open)| !open.orphaned).map(|(id, _)| *id).collect();
        for id in live {
            self.orphan(id, None);
        }
        self.run.timers.clear();
        self.close_tasks(|_| true);
        if let Some(to) = self.run.parent {
            let end = if state.tags.iter().any(|tag| tag == "failure") {
                ChildEnd::Failed
            } else if state.tags.iter().any(|tag| tag == "cancelled") {
                ChildEnd::Cancelled
            } else {
                ChildEnd::Succeeded
            };
            let body = Body::ChildEnded { child: self.run.run, end, state: state.path.clone() };
            self.commands.push(Command::Send { to, body });
        }
    }

    /// Closes the tasks whose owner, a state or the approvals, has gone.
    pub fn close_tasks(&mut self, gone: impl Fn(&str) -> bool) {
        let tasks: Vec<String> =
            self.run.tasks.iter().filter(|(_, owner)| gone(owner)).map(|(key, _)| key.clone()).collect();
        if tasks.is_empty() {
            return;
        }
        for key in &tasks {
            self.run.tasks.remove(key);
        }
        self.commands.push(Command::Close { tasks });
    }
}
