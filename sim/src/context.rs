//! The context of the simulated charts: a number, an amount and a fund.

use std::collections::BTreeMap;

use entente_core::{
    context::{ApplyFacts, ContextType, EvalError, FieldError, Type},
    event::{Body, Event, Outcome},
    ledger::{Posting, PostingAction},
    money::{Currency, Money},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::activity::{LOCAL, REMOTE};

/// A context that takes what an event or a result brings.
#[derive(Debug, Clone, Copy)]
pub struct SimContext;

fn object(fields: &[&str]) -> Type {
    Type::Object(fields.iter().map(|name| ((*name).to_owned(), Type::Int)).collect())
}

impl ContextType for SimContext {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn version(&self) -> u32 {
        1
    }

    fn upcast(&self, _: u32, context: Value) -> Result<Value, FieldError> {
        Ok(context)
    }

    fn schema(&self) -> Type {
        object(&["n", "amount"])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        ["go", "add", "note", "cancel", "stop"].into_iter().map(|name| (name.to_owned(), object(&[]))).collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn deadlines(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn requests(&self) -> Vec<&'static str> {
        REMOTE.into_iter().map(|(name, _)| name).chain([LOCAL]).collect()
    }

    fn postings(&self) -> Vec<&'static str> {
        vec!["allocate", "reserve", "spend", "release"]
    }

    fn starts(&self) -> Vec<&'static str> {
        vec!["sim_child"]
    }

    fn init(&self, input: &Value, _: &str, _: Timestamp) -> Result<Value, FieldError> {
        let mut context = json!({ "n": 0, "amount": 0, "fund": "sim", "key": "" });
        merge(&mut context, input);
        Ok(context)
    }

    fn check(&self, _: &str, _: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn apply(&self, context: &Value, event: &Event, _: &ApplyFacts<'_>) -> Value {
        let mut context = context.clone();
        match &event.body {
            Body::Named { data, .. } => merge(&mut context, data),
            Body::Result { outcome: Outcome::Done { output }, .. } => merge(&mut context, output),
            _ => {}
        }
        context
    }

    fn guard(&self, name: &str, _: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        Err(unknown("guard", name))
    }

    fn deadline(&self, name: &str, _: &Value) -> Result<Option<Timestamp>, EvalError> {
        Err(unknown("deadline", name))
    }

    fn request(&self, _: &str, context: &Value) -> Result<Value, EvalError> {
        Ok(json!({ "n": context["n"] }))
    }

    fn posting(&self, name: &str, context: &Value) -> Result<Posting, EvalError> {
        let action = match name {
            "allocate" => PostingAction::Allocate,
            "reserve" => PostingAction::Reserve,
            "spend" => PostingAction::Post,
            _ => PostingAction::Void,
        };
        let text = |field: &str| context[field].as_str().unwrap_or_default().to_owned();
        let currency: Currency = "USD".parse().map_err(|_| unknown("currency", "USD"))?;
        let amount = Money { minor: context["amount"].as_i64().unwrap_or(0), currency };
        Ok(Posting::new(action, text("fund"), text("key"), amount))
    }

    fn start(&self, _: &str, context: &Value) -> Result<Value, EvalError> {
        Ok(json!({ "n": context["n"] }))
    }
}

fn unknown(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: "sim".into(), kind, name: name.into() }
}

fn merge(context: &mut Value, more: &Value) {
    if let (Some(context), Some(more)) = (context.as_object_mut(), more.as_object()) {
        context.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}
