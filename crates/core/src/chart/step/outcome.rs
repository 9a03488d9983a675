//! Results of invocations: the state's own, and those that come after their state was left.

use serde_json::{Value, json};

use super::{
    OPERATOR, StepError,
    error::code_word,
    walk::{Halt, Parking, Walk},
};
use crate::{
    chart::{
        lint::APPROVALS,
        model::{Invoke, Transition},
    },
    event::{Event, Failure, FailureClass, Outcome},
    ids::{InvokeId, RoleId},
    run::{Command, IncidentCode, OpenInvoke, Snapshot, TaskSpec},
};

/// The code of a failure by which a connector says that the other side holds something else than what was sent.
const REMOTE_DIFFERS: &str = "remote_differs";

impl<'a> Walk<'a> {
    pub fn result(&mut self, old: &Snapshot, event: &Event, id: InvokeId, outcome: &Outcome) -> Result<(), Halt> {
        let unknown = StepError::UnknownInvoke { invoke: id };
        let open = old.invokes.get(&id).filter(|open| open.activity != APPROVALS).ok_or(unknown)?;
        if self.run.incident.as_ref().is_some_and(|incident| incident.invoke == Some(id)) {
            // The answer came after all.
            self.run.incident = None;
        }
        if open.orphaned {
            return self.late_result(old, event, id, open, outcome);
        }
        let state = self.state_at(&open.state)?;
        let Some(invoke) = &state.invoke else {
            return Err(StepError::UnknownInvoke { invoke: id }.into());
        };
        let branch = match outcome {
            Outcome::Done { .. } => Some(("onDone".to_owned(), &invoke.on_done)),
            Outcome::Failed(failure) => error_branch(invoke, failure.class),
        };
        match (branch, outcome) {
            (Some((label, list)), _) => {
                self.run.invokes.remove(&id);
                self.absorb(&old.context, event, Some(&open.activity))?;
                self.fire(&label, list, event).map(|_| ())
            }
            (None, Outcome::Failed(failure)) => Err(unhandled(Some(id), &open.activity, failure)),
            (None, Outcome::Done { .. }) => Ok(()),
        }
    }

    /// A result whose state was left before it came. It never moves the run: an effect that was applied is undone, or given an owner.
    fn late_result(
        &mut self,
        old: &Snapshot,
        event: &Event,
        id: InvokeId,
        open: &OpenInvoke,
        outcome: &Outcome,
    ) -> Result<(), Halt> {
        self.run.invokes.remove(&id);
        self.absorb(&old.context, event, Some(&open.activity))?;
        let origin = open.compensates.unwrap_or(id);
        match (outcome, &open.compensate) {
            (Outcome::Done { .. }, Some(undo)) => {
                self.via.push("late.compensate".into());
                self.compensate(id, open, undo);
            }
            (Outcome::Done { .. }, None) if open.compensates.is_some() => self.via.push("late.undone".into()),
            (Outcome::Done { output }, None) => {
                self.via.push("late.effect".into());
                let title = format!(
                    "`{}` took effect after its state was left, and nothing undoes it: decide what becomes of it",
                    open.activity
                );
                self.give_owner(origin, open, title, output.clone());
            }
            (Outcome::Failed(failure), _)
                if open.compensates.is_some() || failure.class == FailureClass::OutcomeUnknown =>
            {
                self.via.push("late.open".into());
                let what = if open.compensates.is_some() {
                    "failed to undo an effect"
                } else {
                    "may have taken effect after its state was left"
                };
                let title = format!("`{}` {what}: find out and settle it by hand ({})", open.activity, failure.message);
                self.give_owner(origin, open, title, evidence(failure));
            }
            (Outcome::Failed(_), _) => self.via.push("late.no_effect".into()),
        }
        Ok(())
    }

    fn compensate(&mut self, id: InvokeId, open: &OpenInvoke, undo: &str) {
        match self.context().request(undo, &self.run.context) {
            Ok(request) => {
                let invoke = self.next_invoke();
                let undoing = OpenInvoke {
                    activity: undo.to_owned(),
                    state: open.state.clone(),
                    compensate: None,
                    orphaned: true,
                    compensates: Some(open.compensates.unwrap_or(id)),
                    held_since: None,
                };
                self.run.invokes.insert(invoke, undoing);
                self.commands.push(Command::Invoke { invoke, activity: undo.to_owned(), request });
            }
            Err(error) => {
                let title =
                    format!("`{}` took effect after its state was left and cannot be undone: {error}", open.activity);
                self.give_owner(id, open, title, Value::Null);
            }
        }
    }

    fn give_owner(&mut self, id: InvokeId, open: &OpenInvoke, title: String, evidence: Value) {
        let task = TaskSpec {
            key: format!("{}/{id}", code_word(IncidentCode::EffectWithoutOwner)),
            kind: "incident".into(),
            title,
            role: operator(),
            assignee: None,
            revision: None,
            due: None,
            detail: json!({ "activity": open.activity, "state": open.state, "invoke": id, "evidence": evidence }),
        };
        self.commands.push(Command::Ask { task });
    }
}

/// The branch of a failure: its own, or `other` where that may stand for it.
pub(super) fn error_branch(invoke: &Invoke, class: FailureClass) -> Option<(String, &Vec<Transition>)> {
    if let Some(own) = invoke.on_error.get(&Some(class)) {
        return Some((format!("onError.{}", class.word()), own));
    }
    let other = invoke.on_error.get(&None).filter(|_| !class.stands_apart())?;
    Some(("onError.other".to_owned(), other))
}

pub(super) fn unhandled(id: Option<InvokeId>, activity: &str, failure: &Failure) -> Halt {
    let differs = failure.code.as_deref() == Some(REMOTE_DIFFERS);
    let (code, remedy) = match failure.class {
        FailureClass::OutcomeUnknown if differs => {
            (IncidentCode::RemoteDiffers, "compare both sides, then say what happened")
        }
        FailureClass::OutcomeUnknown => {
            (IncidentCode::OutcomeUnknown, "look at the other side, then say whether it happened")
        }
        FailureClass::Transient | FailureClass::Auth => (IncidentCode::AttemptsExhausted, "mend the cause, then retry"),
        FailureClass::Withheld => (IncidentCode::Withheld, "it leaves by itself once its connection lets it"),
        _ => (IncidentCode::Unhandled, "decide how the run goes on"),
    };
    Halt::Park(Box::new(Parking {
        code,
        message: format!("`{activity}` failed ({}): {}; {remedy}", failure.class.word(), failure.message),
        invoke: id,
        evidence: evidence(failure),
        keep_event: false,
    }))
}

fn evidence(failure: &Failure) -> Value {
    serde_json::to_value(failure).unwrap_or_default()
}

/// The role that looks after what no rule assigns.
pub(super) fn operator() -> RoleId {
    OPERATOR.parse().expect("a constant of allowed characters")
}
