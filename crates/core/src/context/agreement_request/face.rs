//! The face that the chart engine works with.

use std::{collections::BTreeMap, marker::PhantomData};

use jiff::Timestamp;
use serde_json::Value;

use super::{AWAIT, Ask, Request, data, requests::FIX, schema};
use crate::{
    context::{ApplyFacts, ContextType, EvalError, FieldError, Key, Type},
    event::Event,
    policy::approvals::Subject,
    run::TaskSpec,
};

/// The context type of the requests that ask for an `A`, version 1.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<A>(PhantomData<fn() -> A>);

impl<A> Default for RequestContext<A> {
    fn default() -> RequestContext<A> {
        RequestContext(PhantomData)
    }
}

const VERSION: u32 = 1;

/// The marketplace is still working on it.
const PENDING: &str = "change_pending";

fn typed<A: Ask>(what: &str, context: &Value) -> Result<Request<A>, EvalError> {
    serde_json::from_value(context.clone()).map_err(|error| EvalError::Failed {
        what: what.to_owned(),
        why: format!("the context is not one of `{}` version {VERSION}: {error}", A::NAME),
    })
}

fn unknown<A: Ask>(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: A::NAME.into(), kind, name: name.into() }
}

impl<A: Ask> ContextType for RequestContext<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn version(&self) -> u32 {
        VERSION
    }

    fn upcast(&self, from: u32, context: Value) -> Result<Value, FieldError> {
        if from == VERSION {
            return Ok(context);
        }
        let message = format!("context `{}` has no version {from}; this binary knows version {VERSION}", A::NAME);
        Err(FieldError { field: String::new(), message })
    }

    fn schema(&self) -> Type {
        schema::context()
    }

    fn events(&self) -> BTreeMap<String, Type> {
        schema::events()
    }

    fn guards(&self) -> Vec<&'static str> {
        vec![PENDING]
    }

    fn deadlines(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn requests(&self) -> Vec<&'static str> {
        [A::CHECK, A::WRITE, AWAIT].into_iter().chain(A::UNDO).collect()
    }

    fn tasks(&self) -> Vec<&'static str> {
        vec![FIX]
    }

    fn init(&self, input: &Value, label: &str, _: Timestamp) -> Result<Value, FieldError> {
        let ask: A = data::parse(input)?;
        ask.check()?;
        serde_json::to_value(Request::new(ask, label))
            .map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check::<A>(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        let Ok(mut request) = typed::<A>("apply", context) else { return context.clone() };
        request.apply(event, facts);
        serde_json::to_value(&request).unwrap_or_else(|_| context.clone())
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        if name != PENDING {
            return Err(unknown::<A>("guard", name));
        }
        let request = typed::<A>(name, context)?;
        Ok(request.change.is_some() && request.applied_at.is_none())
    }

    fn deadline(&self, name: &str, _: &Value) -> Result<Option<Timestamp>, EvalError> {
        Err(unknown::<A>("deadline", name))
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        typed::<A>(activity, context)?.request(activity)
    }

    fn task(&self, kind: &str, context: &Value, _: Timestamp) -> Result<TaskSpec, EvalError> {
        typed::<A>(kind, context)?.task(kind)
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        typed::<A>("the approval subject", context)?.subject()
    }

    fn changes_revision(&self, what: &str) -> bool {
        what == "revise"
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        typed::<A>("keys", context).map(|request| request.keys()).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        typed::<A>("notice", context).map(|request| request.notice()).unwrap_or_default()
    }
}
