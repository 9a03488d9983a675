//! A card as the chart engine sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{CARD_KEY, CommitmentCard, asking::ASK_AGAIN, data};
use crate::{
    commitment::card::Owner,
    context::{ApplyFacts, ContextType, EvalError, FieldError, Key, Type, funding::entity_key},
    event::Event,
    run::TaskSpec,
};

/// The context type `commitment_card`, version 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommitmentCardContext;

const NAME: &str = "commitment_card";

const VERSION: u32 = 1;

/// When the next topic is to be asked again.
pub(super) const DUE: &str = "card.due";

/// Nothing is being asked any more.
const ALL_ANSWERED: &str = "all_answered";

/// The card is the buyer's: only a buyer has daily sums to share.
const IS_THE_BUYERS: &str = "is_the_buyers";

fn typed(what: &str, context: &Value) -> Result<CommitmentCard, EvalError> {
    serde_json::from_value(context.clone()).map_err(|error| EvalError::Failed {
        what: what.to_owned(),
        why: format!("the context is not one of `{NAME}` version {VERSION}: {error}"),
    })
}

fn unknown(kind: &'static str, name: &str) -> EvalError {
    EvalError::Unknown { context: NAME.into(), kind, name: name.into() }
}

fn object<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Object(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}

fn subject() -> Type {
    object([("buyer", Type::Text), ("commitment", Type::Text), ("legal_entity", Type::Text), ("side", Type::Text)])
}

impl ContextType for CommitmentCardContext {
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
        object([("label", Type::Text), ("subject", subject()), ("shares_daily_sums", Type::Bool)])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        let events = [
            ("say", object([])),
            ("withdraw_consent", object([("fact", Type::Text)])),
            ("nobody_knows", object([("topic", Type::Text)])),
            ("share", object([])),
            ("stop_sharing", object([])),
            ("close", object([])),
        ];
        events.into_iter().map(|(name, data)| (name.to_owned(), data)).collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        vec![ALL_ANSWERED, IS_THE_BUYERS]
    }

    fn deadlines(&self) -> Vec<&'static str> {
        vec![DUE]
    }

    fn requests(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn tasks(&self) -> Vec<&'static str> {
        vec![ASK_AGAIN]
    }

    fn init(&self, input: &Value, label: &str, _: Timestamp) -> Result<Value, FieldError> {
        let card = CommitmentCard::new(data::opening(input)?, label);
        serde_json::to_value(card).map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        let Ok(mut card) = typed("apply", context) else { return context.clone() };
        card.apply(event, facts);
        serde_json::to_value(&card).unwrap_or_else(|_| context.clone())
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        let card = typed(name, context)?;
        match name {
            ALL_ANSWERED => Ok(card.asking.is_empty()),
            IS_THE_BUYERS => Ok(card.subject.side == Owner::Buyer),
            _ => Err(unknown("guard", name)),
        }
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        match name {
            DUE => Ok(typed(name, context)?.next_due()),
            _ => Err(unknown("deadline", name)),
        }
    }

    fn request(&self, activity: &str, _: &Value) -> Result<Value, EvalError> {
        Err(unknown("request", activity))
    }

    fn task(&self, kind: &str, context: &Value, now: Timestamp) -> Result<TaskSpec, EvalError> {
        if kind != ASK_AGAIN {
            return Err(unknown("task", kind));
        }
        let why = || EvalError::Failed { what: kind.to_owned(), why: "nothing is being asked again".to_owned() };
        typed(kind, context)?.ask(now).ok_or_else(why)
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        let card = typed("keys", context).ok();
        card.map(|card| vec![entity_key(CARD_KEY, CommitmentCard::key(&card.subject))]).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        typed("notice", context).map(|card| card.notice()).unwrap_or_default()
    }
}
