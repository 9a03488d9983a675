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
    context::{ApplyFacts, ContextType, EvalError, FieldError, Key, Type, plain::Plain},
    event::Event,
    offer::Offer,
    policy::approvals::Subject,
    run::TaskSpec,
};

/// The context type `private_offer`, version 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrivateOfferContext;

const FACE: Plain<PrivateOffer> = Plain::new("private_offer", 1);

impl ContextType for PrivateOfferContext {
    fn name(&self) -> &'static str {
        FACE.name
    }

    fn version(&self) -> u32 {
        FACE.version
    }

    fn upcast(&self, from: u32, context: Value) -> Result<Value, FieldError> {
        FACE.only_version(from, context)
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
        FACE.first(&PrivateOffer::new(Offer::from_json(input)?, label))
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        FACE.after(context, |offer| offer.apply(event, facts))
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, now: Timestamp) -> Result<bool, EvalError> {
        let (_, guard) = GUARDS.iter().find(|(known, _)| *known == name).ok_or_else(|| FACE.unknown("guard", name))?;
        Ok(guard(&FACE.read(name, context)?, now))
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        let (_, deadline) =
            DEADLINES.iter().find(|(known, _)| *known == name).ok_or_else(|| FACE.unknown("deadline", name))?;
        Ok(deadline(&FACE.read(name, context)?))
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        FACE.read(activity, context)?.request(activity)
    }

    fn task(&self, kind: &str, context: &Value, _: Timestamp) -> Result<TaskSpec, EvalError> {
        FACE.read(kind, context)?.task(kind)
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        FACE.read("the approval subject", context)?.subject()
    }

    fn changes_revision(&self, what: &str) -> bool {
        matches!(what, "revise" | "reissue" | "amend")
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        FACE.read("keys", context).map(|offer| offer.keys()).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        FACE.read("notice", context).map(|offer| offer.notice()).unwrap_or_default()
    }
}
