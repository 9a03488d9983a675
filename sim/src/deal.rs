//! Deals: documents that may only be published once the right people agreed to exactly what is published.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::{ApplyFacts, ContextType, EvalError, FieldError, Type},
    event::{Body, Event},
    ids::PersonId,
    policy::{
        Policy,
        approvals::{Projection, Subject},
    },
    settings::SettingsError,
};
#[cfg(feature = "deliberate-bugs")]
use entente_store::deliberate::{self, Bug};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::activity::LOCAL;

/// The chart's name, and its context's.
pub const DEAL: &str = "sim_deal";
/// The activity that publishes.
pub const PUBLISH: &str = "sim.publish";
/// The state in which a deal is published: nobody gets there without its approvals.
pub const PUBLISHING: &str = "publishing";
/// A deal above this price needs finance as well.
pub const COSTLY: i64 = 1000;
/// Terms that need no lawyer.
pub const STANDARD: &str = "standard";

/// The life of a deal. It may be revised while people vote.
pub const CHART: &str = r#"
chart: sim_deal
version: 1
context: sim_deal
initial: draft
states:
  draft:
    tags: [editable, waits_for:test]
    on: { submit: review, revise: {}, cancel: cancelled }
    after: { PT5M: lapsed }
  review:
    invoke: { src: sim.local, onDone: approvals, onError: draft }
    on: { revise: draft, cancel: cancelled }
  approvals:
    tags: [awaiting_approval, waits_for:test]
    invoke: { src: approvals, onDone: publishing, onError: { declined: declined, other: draft } }
    on: { revise: {}, cancel: cancelled }
    after: { PT5M: lapsed }
  publishing:
    invoke: { src: sim.publish, onDone: published, onError: failed }
    on: { cancel: {} }
  published: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
  declined: { type: final, tags: [failure] }
  lapsed: { type: final, tags: [failure] }
  cancelled: { type: final, tags: [cancelled] }
"#;

const POLICY: &str = r#"
policy: sim_deal
version: 1
rows:
  - { id: two_of_sales, role: sales, quorum: 2, projection: commercial }
  - { id: costly, when: [{ fact: price, op: gt, value: 1000 }], role: finance, projection: commercial }
  - { id: own_terms, when: [{ fact: standard, op: eq, value: false }], role: legal, projection: legal }
"#;

/// The policy that deals are approved by.
///
/// # Errors
/// When it does not parse: a mistake of its author.
pub fn policy() -> Result<Policy, SettingsError> {
    Policy::from_yaml("sim_deal.yaml", POLICY)
}

/// What a deal says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Content {
    /// What it costs.
    pub price: i64,
    /// Under which terms.
    pub terms: String,
    /// Something that nobody needs to approve.
    pub note: i64,
}

impl Content {
    /// With what an event changes.
    pub fn with(&self, data: &Value) -> Content {
        Content {
            price: data["price"].as_i64().unwrap_or(self.price),
            terms: data["terms"].as_str().unwrap_or(&self.terms).to_owned(),
            note: data["note"].as_i64().unwrap_or(self.note),
        }
    }

    /// The name of exactly this content.
    pub fn revision(&self) -> String {
        format!("{}/{}/{}", self.price, self.terms, self.note)
    }
}

/// The context of a deal.
#[derive(Debug, Clone, Copy)]
pub struct DealContext;

#[derive(Clone, Serialize, Deserialize)]
struct Deal {
    n: i64,
    #[serde(flatten)]
    content: Content,
    requester: Option<PersonId>,
    authors: BTreeSet<PersonId>,
}

fn read(context: &Value) -> Result<Deal, EvalError> {
    let failed = |error: serde_json::Error| EvalError::Failed { what: "the deal".into(), why: error.to_string() };
    Deal::deserialize(context).map_err(failed)
}

fn unknown(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: DEAL.into(), kind, name: name.into() }
}

fn object(fields: &[(&str, Type)]) -> Type {
    Type::Object(fields.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect())
}

impl ContextType for DealContext {
    fn name(&self) -> &'static str {
        DEAL
    }

    fn version(&self) -> u32 {
        1
    }

    fn upcast(&self, _: u32, context: Value) -> Result<Value, FieldError> {
        Ok(context)
    }

    fn schema(&self) -> Type {
        object(&[("n", Type::Int), ("price", Type::Int), ("terms", Type::Text), ("note", Type::Int)])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        ["submit", "revise", "cancel"].into_iter().map(|name| (name.to_owned(), object(&[]))).collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn deadlines(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn requests(&self) -> Vec<&'static str> {
        vec![LOCAL, PUBLISH]
    }

    fn init(&self, input: &Value, _: &str, _: Timestamp) -> Result<Value, FieldError> {
        let deal = Deal {
            n: input["n"].as_i64().unwrap_or(0),
            content: Content::default().with(input),
            requester: None,
            authors: BTreeSet::new(),
        };
        serde_json::to_value(deal).map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    fn check(&self, _: &str, _: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn apply(&self, context: &Value, event: &Event, _: &ApplyFacts<'_>) -> Value {
        let Ok(mut deal) = read(context) else { return context.clone() };
        let person = event.actor.as_ref().map(|actor| actor.person.clone());
        match &event.body {
            Body::Started { .. } => deal.authors.extend(person),
            Body::Named { name, data } if name == "revise" => {
                deal.content = deal.content.with(data);
                deal.authors.extend(person);
            }
            Body::Named { name, .. } if name == "submit" => {
                deal.authors.extend(person.clone());
                deal.requester = person;
            }
            _ => return context.clone(),
        }
        serde_json::to_value(deal).unwrap_or_else(|_| context.clone())
    }

    fn guard(&self, name: &str, _: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        Err(unknown("guard", name))
    }

    fn deadline(&self, name: &str, _: &Value) -> Result<Option<Timestamp>, EvalError> {
        Err(unknown("deadline", name))
    }

    fn request(&self, _: &str, context: &Value) -> Result<Value, EvalError> {
        let deal = read(context)?;
        Ok(json!({ "n": deal.n, "revision": deal.content.revision() }))
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        let Deal { content, requester, authors, .. } = read(context)?;
        let requester = requester.ok_or_else(|| unknown("requester", "of a deal that nobody submitted"))?;
        let facts = json!({ "price": content.price, "standard": content.terms == STANDARD });
        let revision = content.revision();
        #[cfg(feature = "deliberate-bugs")]
        let content = if deliberate::is_made(Bug::VotesStay) { Content::default() } else { content };
        let projections = BTreeMap::from([
            (Projection::Commercial, content.price.to_string()),
            (Projection::Legal, content.terms.clone()),
            (Projection::Administrative, content.note.to_string()),
        ]);
        let hands = Default::default();
        Ok(Subject { revision, projections, requester, authors, hands, facts })
    }

    fn changes_revision(&self, what: &str) -> bool {
        what == "revise"
    }
}
