//! What a workflow knows: one typed context per workflow, behind the object-safe face that the step works with.

pub mod agreement_cancellation;
pub mod agreement_payment_request;
pub mod agreement_request;
pub mod billing_adjustment;
pub mod commitment;
pub mod commitment_card;
mod fits;
pub mod funding;
mod plain;
pub mod private_offer;
mod raise;

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::Timestamp;
pub use raise::{RaiseError, raised};
use serde_json::Value;

use crate::{event::Event, ledger::Posting, policy::approvals::Subject, run::TaskSpec};

/// Input that a context type does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (field `{field}`)")]
pub struct FieldError {
    /// The field, as a JSON pointer such as `/pricing/0/price`; empty for the document as a whole.
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A guard, deadline or request that could not be computed. The run is parked; it never counts as false.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// The context's type does not know the name; the lint refuses such a chart.
    #[error("context `{context}` has no {kind} `{name}`")]
    Unknown {
        /// The context type.
        context: String,
        /// `guard`, `request`, `posting`, `task`, …
        kind: &'static str,
        /// The name asked for.
        name: String,
    },
    /// The value at hand does not allow an answer.
    #[error("{what}: {why}")]
    Failed {
        /// What was computed.
        what: String,
        /// Why it could not be.
        why: String,
    },
}

/// The type of a value that CEL expressions may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number; amounts are minor units.
    Int,
    /// Text.
    Text,
    /// A list of one type.
    List(Box<Type>),
    /// Named fields. A field that may be absent is wrapped in [`Type::Optional`].
    Object(BTreeMap<String, Type>),
    /// A value that may be absent; it must be tested with `has(…)` before use.
    Optional(Box<Type>),
}

/// A workflow's context as the chart engine sees it. Implementations are pure and total.
pub trait ContextType: Send + Sync + fmt::Debug {
    /// The name charts use.
    fn name(&self) -> &'static str;

    /// The version of its schema.
    fn version(&self) -> u32;

    /// Raises a context of an older version by one version at a time; [`raised`] does so as often as it takes.
    fn upcast(&self, from: u32, context: Value) -> Result<Value, FieldError>;

    /// The fields that guards may look at, under `ctx`.
    fn schema(&self) -> Type;

    /// The events it understands, each with the fields of its data under `event`.
    fn events(&self) -> BTreeMap<String, Type>;

    /// The named guards.
    fn guards(&self) -> Vec<&'static str>;

    /// The named deadlines.
    fn deadlines(&self) -> Vec<&'static str>;

    /// The activities for which it can compute a request.
    fn requests(&self) -> Vec<&'static str>;

    /// The postings it can compute.
    fn postings(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The charts it can compute inputs for.
    fn starts(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The tasks it can describe.
    fn tasks(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The first context, made from a run's input.
    fn init(&self, input: &Value, label: &str, at: Timestamp) -> Result<Value, FieldError>;

    /// Checks an event's data before it enters a run's inbox.
    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError>;

    /// Applies an event, the one that starts the run included. Called before guards; total: what it does not understand
    /// leaves the context as it is.
    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value;

    /// Evaluates a named guard.
    fn guard(&self, name: &str, context: &Value, event: &Event, now: Timestamp) -> Result<bool, EvalError>;

    /// The instant of a named deadline; `None` when the context has none.
    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError>;

    /// The request of an activity.
    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError>;

    /// A posting.
    fn posting(&self, name: &str, context: &Value) -> Result<Posting, EvalError> {
        let _ = context;
        Err(EvalError::Unknown { context: self.name().into(), kind: "posting", name: name.into() })
    }

    /// Everything that a posting books: nothing, one movement or several.
    fn postings_for(&self, name: &str, context: &Value) -> Result<Vec<Posting>, EvalError> {
        Ok(vec![self.posting(name, context)?])
    }

    /// The input of a run to start.
    fn start(&self, chart: &str, context: &Value) -> Result<Value, EvalError> {
        let _ = context;
        Err(EvalError::Unknown { context: self.name().into(), kind: "start", name: chart.into() })
    }

    /// A task to open.
    fn task(&self, kind: &str, context: &Value, now: Timestamp) -> Result<TaskSpec, EvalError> {
        let _ = (context, now);
        Err(EvalError::Unknown { context: self.name().into(), kind: "task", name: kind.into() })
    }

    /// What is to be approved: the revision, its projections, who asks, whose hand is in it, and the facts that policy rows test.
    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        let _ = context;
        Err(EvalError::Unknown { context: self.name().into(), kind: "approval subject", name: "approvals".into() })
    }

    /// Whether what happened may change the revision that approvals bind to: an event by its name, or an
    /// activity's result by the activity's name. The lint refuses money or publication after such a change.
    fn changes_revision(&self, what: &str) -> bool {
        let _ = what;
        false
    }

    /// The named migrations between charts that it can perform.
    fn migrations(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Rewrites a context for a run that moves to another version of its chart.
    fn migrate(&self, name: &str, context: Value) -> Result<Value, EvalError> {
        let _ = context;
        Err(EvalError::Unknown { context: self.name().into(), kind: "migration", name: name.into() })
    }

    /// The keys under which the run can be found: remote ids, references in other systems.
    fn keys(&self, context: &Value) -> Vec<Key> {
        let _ = context;
        Vec::new()
    }

    /// Data for a notice.
    fn notice(&self, name: &str, context: &Value) -> Value {
        let _ = (name, context);
        Value::Null
    }
}

/// A key under which a run can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What kind of key: `offer`, `agreement`, `ref.crm_opportunity`.
    pub kind: String,
    /// The value; ids of marketplaces carry their connector: `aws/offer-abc`.
    pub value: String,
    /// No other run that has not ended may hold it.
    pub unique: bool,
}

/// What `apply` may know besides the event.
#[derive(Debug, Clone, Copy)]
pub struct ApplyFacts<'a> {
    /// Business time.
    pub now: Timestamp,
    /// The activity whose result the event carries, where it carries one.
    pub activity: Option<&'a str>,
    /// The step's number.
    pub seq: u64,
}

/// The context types that this binary knows, by name.
#[derive(Debug, Clone, Default)]
pub struct Contexts(BTreeMap<&'static str, Arc<dyn ContextType>>);

impl Contexts {
    /// Adds a type; a second one of the same name replaces the first.
    pub fn with(mut self, context: Arc<dyn ContextType>) -> Contexts {
        self.0.insert(context.name(), context);
        self
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn ContextType>> {
        self.0.get(name)
    }

    /// The known names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }
}
