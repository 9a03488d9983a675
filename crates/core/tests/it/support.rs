//! A small world for tests: the context type `door`, its names, and charts about it.

use std::{collections::BTreeMap, sync::Arc};

use entente_core::{
    chart::{
        bound::BoundChart,
        lint::{EffectClass, Vocabulary},
        model::Chart,
    },
    context::{ApplyFacts, ContextType, EvalError, FieldError, Type},
    event::{Body, Event, Outcome},
    ids::RoleId,
    ledger::{Posting, PostingAction},
    money::Money,
    policy::approvals::{Projection, Subject},
    run::TaskSpec,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A door that people knock at, open, revise and pay for.
///
/// Its context: `{name, locked, knocks, keys, amount, revision, code?, closes_at?}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Door;

/// The door as the engine sees it.
pub fn door() -> Arc<dyn ContextType> {
    Arc::new(Door)
}

/// The names that the tests' binary has.
pub fn vocabulary() -> Vocabulary {
    Vocabulary::default()
        .activity("door.measure", EffectClass::Local, &[])
        .activity("door.paint", EffectClass::Reversible, &[])
        .activity("door.hang", EffectClass::Irreversible, &[])
        .activity("door.take_down", EffectClass::Irreversible, &[])
        .activity("door.announce", EffectClass::Irreversible, &["publishes"])
        .activity("door.pay", EffectClass::Irreversible, &["money_out"])
        .activity("door.unrequested", EffectClass::Local, &[])
        .notice("opened")
        .notice("closing_soon")
        .chart("door", Door.events().keys().map(String::as_str))
        .chart("lock", ["turn", "cancel"])
}

/// A chart from its text, bound to [`Door`].
pub fn bound(text: &str) -> BoundChart {
    let chart = Chart::parse("test.yaml", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    BoundChart::bind(Arc::new(chart), door(), &vocabulary()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A fresh context.
pub fn ctx() -> Value {
    json!({
        "name": "front", "locked": false, "knocks": 0, "keys": ["brass"], "amount": 1200, "revision": 1,
    })
}

/// An event that the chart names.
pub fn named(name: &str, data: Value) -> Event {
    Event { source: "test".into(), id: format!("{name}-1"), actor: None, body: Body::Named { name: name.into(), data } }
}

fn object(fields: &[(&str, Type)]) -> Type {
    Type::Object(fields.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect())
}

fn optional(of: Type) -> Type {
    Type::Optional(Box::new(of))
}

impl ContextType for Door {
    fn name(&self) -> &'static str {
        "door"
    }

    fn version(&self) -> u32 {
        2
    }

    /// Version 1 called `knocks` `rings`.
    fn upcast(&self, from: u32, mut context: Value) -> Result<Value, FieldError> {
        if from == 1
            && let Some(fields) = context.as_object_mut()
        {
            let rings = fields.remove("rings").unwrap_or(json!(0));
            if !rings.is_i64() {
                return Err(FieldError { field: "/rings".into(), message: "it is not a whole number".into() });
            }
            fields.insert("knocks".into(), rings);
        }
        Ok(context)
    }

    fn schema(&self) -> Type {
        object(&[
            ("name", Type::Text),
            ("locked", Type::Bool),
            ("knocks", Type::Int),
            ("keys", Type::List(Box::new(Type::Text))),
            ("amount", Type::Int),
            ("revision", Type::Int),
            ("code", optional(Type::Text)),
            ("closes_at", optional(Type::Text)),
            ("owner", optional(object(&[("name", Type::Text), ("age", optional(Type::Int))]))),
        ])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        [
            ("knock", object(&[("times", Type::Int), ("by", optional(Type::Text))])),
            ("open", object(&[])),
            ("close", object(&[])),
            ("lock", object(&[("code", Type::Text)])),
            ("unlock", object(&[])),
            ("schedule", object(&[("closes_at", optional(Type::Text))])),
            ("revise", object(&[("amount", Type::Int)])),
            ("cancel", object(&[])),
            ("door.moved", object(&[])),
        ]
        .into_iter()
        .map(|(name, of)| (name.to_owned(), of))
        .collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        vec!["is_locked", "knocked_enough", "cannot_tell"]
    }

    fn deadlines(&self) -> Vec<&'static str> {
        vec!["door.closes"]
    }

    fn requests(&self) -> Vec<&'static str> {
        vec!["door.measure", "door.paint", "door.hang", "door.take_down", "door.announce", "door.pay"]
    }

    fn postings(&self) -> Vec<&'static str> {
        vec!["hold", "spend", "give_back"]
    }

    fn starts(&self) -> Vec<&'static str> {
        vec!["lock"]
    }

    fn tasks(&self) -> Vec<&'static str> {
        vec!["confirm"]
    }

    fn init(&self, input: &Value, _label: &str, _at: Timestamp) -> Result<Value, FieldError> {
        let mut context = ctx();
        match (context.as_object_mut(), input) {
            (Some(fields), Value::Object(given)) => {
                fields.extend(given.iter().map(|(key, value)| (key.clone(), value.clone())));
                Ok(context)
            }
            (_, Value::Null) => Ok(context),
            _ => Err(FieldError { field: String::new(), message: "write an object".into() }),
        }
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        match (event, data.get("times")) {
            ("knock", Some(times)) if !times.is_i64() => {
                Err(FieldError { field: "/times".into(), message: "write a whole number".into() })
            }
            _ => Ok(()),
        }
    }

    fn apply(&self, context: &Value, event: &Event, _facts: &ApplyFacts<'_>) -> Value {
        let mut context = context.clone();
        match &event.body {
            Body::Named { name, data } => named_applied(&mut context, name, data),
            Body::Result { outcome: Outcome::Done { output: Value::Object(output) }, .. } => {
                if let Some(fields) = context.as_object_mut() {
                    fields.extend(output.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
            }
            _ => {}
        }
        context
    }

    fn guard(&self, name: &str, context: &Value, _event: &Event, _now: Timestamp) -> Result<bool, EvalError> {
        match name {
            "is_locked" => Ok(context["locked"] == json!(true)),
            "knocked_enough" => Ok(context["knocks"].as_i64() >= Some(3)),
            "cannot_tell" => Err(EvalError::Failed { what: "guard `cannot_tell`".into(), why: "it never can".into() }),
            _ => Err(unknown("guard", name)),
        }
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        if name != "door.closes" {
            return Err(unknown("deadline", name));
        }
        let text = context.get("closes_at").and_then(Value::as_str);
        text.map(str::parse).transpose().map_err(|error: jiff::Error| EvalError::Failed {
            what: "deadline `door.closes`".into(),
            why: error.to_string(),
        })
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        if self.requests().contains(&activity) {
            return Ok(json!({"door": context["name"], "revision": context["revision"]}));
        }
        Err(unknown("request", activity))
    }

    fn posting(&self, name: &str, context: &Value) -> Result<Posting, EvalError> {
        let action = match name {
            "hold" => PostingAction::Reserve,
            "spend" => PostingAction::Post,
            "give_back" => PostingAction::Void,
            _ => return Err(unknown("posting", name)),
        };
        let minor = context["amount"].as_i64().unwrap_or_default();
        let currency = "EUR".parse().map_err(|_| unknown("currency", "EUR"))?;
        Ok(Posting {
            fund: "doors".into(),
            key: format!("door/{}", context["name"].as_str().unwrap_or_default()),
            action,
            amount: Money { minor, currency },
            to: None,
        })
    }

    fn start(&self, chart: &str, context: &Value) -> Result<Value, EvalError> {
        match chart {
            "lock" => Ok(json!({"door": context["name"]})),
            _ => Err(unknown("start", chart)),
        }
    }

    fn task(&self, kind: &str, context: &Value, _now: Timestamp) -> Result<TaskSpec, EvalError> {
        let role: RoleId = "porter".parse().map_err(|_| unknown("role", "porter"))?;
        if kind != "confirm" {
            return Err(unknown("task", kind));
        }
        Ok(TaskSpec {
            key: "confirm".into(),
            kind: "confirm".into(),
            title: format!("look at door {}", context["name"]),
            role,
            assignee: None,
            revision: None,
            due: None,
            detail: Value::Null,
        })
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        let requester = "ada".parse().map_err(|_| unknown("person", "ada"))?;
        let hash = |value: &Value| hex::encode(Sha256::digest(value.to_string()));
        // Whose hand is on it is no part of what is shown.
        let mut shown = context.clone();
        shown.as_object_mut().and_then(|shown| shown.remove("hand"));
        Ok(Subject {
            revision: hash(&shown),
            projections: BTreeMap::from([
                (Projection::Commercial, hash(&context["amount"])),
                (Projection::Legal, hash(&context["keys"])),
                (Projection::Administrative, hash(&context["name"])),
            ]),
            requester,
            authors: context["hand"].as_str().into_iter().filter_map(|hand| hand.parse().ok()).collect(),
            hands: BTreeMap::new(),
            facts: json!({"value_minor": context["amount"], "currency": "EUR"}),
        })
    }

    fn changes_revision(&self, what: &str) -> bool {
        what == "revise"
    }

    fn migrations(&self) -> Vec<&'static str> {
        vec!["repaint"]
    }

    fn migrate(&self, name: &str, mut context: Value) -> Result<Value, EvalError> {
        match name {
            "repaint" => {
                context["code"] = json!("fresh");
                Ok(context)
            }
            _ => Err(unknown("migration", name)),
        }
    }
}

fn named_applied(context: &mut Value, name: &str, data: &Value) {
    match name {
        "knock" => {
            let times = data["times"].as_i64().unwrap_or(1);
            context["knocks"] = json!(context["knocks"].as_i64().unwrap_or_default() + times);
            if data["hand"].is_string() {
                context["hand"] = data["hand"].clone();
            }
        }
        "lock" => {
            context["locked"] = json!(true);
            context["code"] = data["code"].clone();
        }
        "unlock" => context["locked"] = json!(false),
        "schedule" => context["closes_at"] = data["closes_at"].clone(),
        "revise" => {
            context["amount"] = data["amount"].clone();
            context["revision"] = json!(context["revision"].as_i64().unwrap_or_default() + 1);
        }
        _ => {}
    }
}

fn unknown(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: "door".into(), kind, name: name.into() }
}
