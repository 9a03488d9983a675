//! A paper as the chart engine sees it.

use std::{collections::BTreeMap, marker::PhantomData};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    ASSESS, Names, Paper, Sheet, data,
    names::{object, optional},
    subject::FIX,
};
use crate::{
    context::{ApplyFacts, ContextType, EvalError, FieldError, Key, Type},
    event::Event,
    ledger::Posting,
    policy::approvals::Subject,
    run::TaskSpec,
};

/// The context type of the runs of a paper, version 1.
#[derive(Debug, Clone, Copy)]
pub struct SheetContext<P>(PhantomData<fn() -> P>);

impl<P> Default for SheetContext<P> {
    fn default() -> SheetContext<P> {
        SheetContext(PhantomData)
    }
}

const VERSION: u32 = 1;

/// What the rules said lets it go on.
const GOES_ON: &str = "rules_let_it_go_on";

fn typed<P: Paper>(what: &str, context: &Value) -> Result<Sheet<P>, EvalError> {
    serde_json::from_value(context.clone()).map_err(|error| EvalError::Failed {
        what: what.to_owned(),
        why: format!("the context is not one of `{}` version {VERSION}: {error}", P::NAME),
    })
}

fn unknown<P: Paper>(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: P::NAME.into(), kind, name: name.into() }
}

impl<P: Paper> ContextType for SheetContext<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        VERSION
    }

    fn upcast(&self, from: u32, context: Value) -> Result<Value, FieldError> {
        if from == VERSION {
            return Ok(context);
        }
        let message = format!("context `{}` has no version {from}; this binary knows version {VERSION}", P::NAME);
        Err(FieldError { field: String::new(), message })
    }

    fn schema(&self) -> Type {
        object([
            ("label", Type::Text),
            ("revision", Type::Text),
            ("requester", optional(Type::Text)),
            ("assessment", optional(object([("decision", Type::Text), ("record", Type::Text)]))),
            ("refusal", optional(object([("message", Type::Text), ("code", optional(Type::Text))]))),
            ("withdrawal", optional(object([("reason", Type::Text)]))),
        ])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        let Names { events, .. } = P::names()
            .event("submit", [])
            .event("revise", [("paper", object([]))])
            .event("withdraw", [("reason", Type::Text)])
            .event("note", [("text", Type::Text)]);
        events
    }

    fn guards(&self) -> Vec<&'static str> {
        P::names().guards.iter().copied().chain([GOES_ON]).collect()
    }

    fn deadlines(&self) -> Vec<&'static str> {
        P::names().deadlines.to_vec()
    }

    fn requests(&self) -> Vec<&'static str> {
        P::names().requests.to_vec()
    }

    fn postings(&self) -> Vec<&'static str> {
        P::names().postings.to_vec()
    }

    fn tasks(&self) -> Vec<&'static str> {
        P::names().tasks.iter().copied().chain([FIX]).collect()
    }

    fn init(&self, input: &Value, label: &str, _: Timestamp) -> Result<Value, FieldError> {
        let paper: P = data::parse(input)?;
        paper.check()?;
        serde_json::to_value(Sheet::new(paper, label))
            .map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check::<P>(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        let Ok(mut sheet) = typed::<P>("apply", context) else { return context.clone() };
        sheet.apply(event, facts);
        serde_json::to_value(&sheet).unwrap_or_else(|_| context.clone())
    }

    fn guard(&self, name: &str, context: &Value, event: &Event, now: Timestamp) -> Result<bool, EvalError> {
        let sheet = typed::<P>(name, context)?;
        if name == GOES_ON {
            return Ok(sheet.current_assessment().is_some_and(super::Assessment::goes_on));
        }
        P::guard(&sheet, name, event, now).ok_or_else(|| unknown::<P>("guard", name))
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        P::deadline(&typed::<P>(name, context)?, name).ok_or_else(|| unknown::<P>("deadline", name))
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        let sheet = typed::<P>(activity, context)?;
        if activity == ASSESS && P::names().requests.contains(&ASSESS) {
            let paper = serde_json::to_value(P::at_hand(&sheet)).unwrap_or_default();
            return Ok(serde_json::json!({ "chart": P::NAME, "paper": paper, "hash": sheet.paper_hash() }));
        }
        P::request(&sheet, activity).ok_or_else(|| unknown::<P>("request", activity))
    }

    fn posting(&self, name: &str, context: &Value) -> Result<Posting, EvalError> {
        let first = self.postings_for(name, context)?.into_iter().next();
        first.ok_or_else(|| EvalError::Failed { what: name.into(), why: "there is nothing to book".into() })
    }

    fn postings_for(&self, name: &str, context: &Value) -> Result<Vec<Posting>, EvalError> {
        P::postings(&typed::<P>(name, context)?, name).ok_or_else(|| unknown::<P>("posting", name))
    }

    fn task(&self, kind: &str, context: &Value, _: Timestamp) -> Result<TaskSpec, EvalError> {
        typed::<P>(kind, context)?.task(kind)
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        typed::<P>("the approval subject", context)?.subject()
    }

    fn changes_revision(&self, what: &str) -> bool {
        what == "revise" || what == ASSESS || P::names().changes.contains(&what)
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        typed::<P>("keys", context).map(|sheet| P::keys(&sheet)).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        typed::<P>("notice", context).map(|sheet| sheet.notice()).unwrap_or_default()
    }
}
