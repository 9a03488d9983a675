//! The face that the chart engine works with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    PrivateOffer, data,
    guards::{DEADLINES, GUARDS},
    requests::{REQUESTS, TASKS},
    schema,
};
use crate::{
    context::{ApplyFacts, ContextType, EvalError, FieldError, Key, Type},
    event::Event,
    offer::Offer,
    policy::approvals::Subject,
    run::TaskSpec,
};

/// The context type `private_offer`, version 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrivateOfferContext;

const NAME: &str = "private_offer";
const VERSION: u32 = 1;

fn typed(what: &str, context: &Value) -> Result<PrivateOffer, EvalError> {
    serde_json::from_value(context.clone()).map_err(|error| EvalError::Failed {
        what: what.to_owned(),
        why: format!("the context is not one of `{NAME}` version {VERSION}: {error}"),
    })
}

fn unknown(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: NAME.into(), kind, name: name.into() }
}

impl ContextType for PrivateOfferContext {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        VERSION
    }

    fn upcast(&self, from: u32, context: Value) -> Result<Value, FieldError> {
        if from == VERSION {
            return Ok(context);
        }
        let message = format!("context `{NAME}` has no version {from}; this binary knows version {VERSION}");
        Err(FieldError { field: String::new(), message })
    }

    fn schema(&self) -> Type {
        schema::context()
    }

    fn events(&self) -> BTreeMap<String, Type> {
        schema::events()
    }

    fn guards(&self) -> Vec<&'static str> {
        GUARDS.iter().map(|(name, _)| *name).collect()
    }

    fn deadlines(&self) -> Vec<&'static str> {
        DEADLINES.iter().map(|(name, _)| *name).collect()
    }

    fn requests(&self) -> Vec<&'static str> {
        REQUESTS.to_vec()
    }

    fn tasks(&self) -> Vec<&'static str> {
        TASKS.to_vec()
    }

    fn init(&self, input: &Value, label: &str, _: Timestamp) -> Result<Value, FieldError> {
        let offer = Offer::from_json(input)?;
        serde_json::to_value(PrivateOffer::new(offer, label))
            .map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        let Ok(mut offer) = typed("apply", context) else { return context.clone() };
        offer.apply(event, facts);
        serde_json::to_value(&offer).unwrap_or_else(|_| context.clone())
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, now: Timestamp) -> Result<bool, EvalError> {
        let (_, guard) = GUARDS.iter().find(|(known, _)| *known == name).ok_or_else(|| unknown("guard", name))?;
        Ok(guard(&typed(name, context)?, now))
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        let (_, deadline) =
            DEADLINES.iter().find(|(known, _)| *known == name).ok_or_else(|| unknown("deadline", name))?;
        Ok(deadline(&typed(name, context)?))
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        typed(activity, context)?.request(activity)
    }

    fn task(&self, kind: &str, context: &Value, _: Timestamp) -> Result<TaskSpec, EvalError> {
        typed(kind, context)?.task(kind)
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        typed("the approval subject", context)?.subject()
    }

    fn changes_revision(&self, what: &str) -> bool {
        matches!(what, "revise" | "reissue" | "amend")
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        typed("keys", context).map(|offer| offer.keys()).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        typed("notice", context).map(|offer| offer.notice()).unwrap_or_default()
    }
}
