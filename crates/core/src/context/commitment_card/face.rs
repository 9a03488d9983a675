//! A card as the chart engine sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{CARD_KEY, CommitmentCard, asking::ASK_AGAIN, data};
use crate::{
    commitment::card::Owner,
    context::{
        ApplyFacts, ContextType, EvalError, FieldError, Key, Type,
        funding::entity_key,
        plain::{Plain, object},
    },
    event::Event,
    run::TaskSpec,
};

/// The context type `commitment_card`, version 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommitmentCardContext;

const FACE: Plain<CommitmentCard> = Plain::new("commitment_card", 1);

/// When the next topic is to be asked again.
pub(super) const DUE: &str = "card.due";

/// Nothing is being asked any more.
const ALL_ANSWERED: &str = "all_answered";

/// The card is the buyer's: only a buyer has daily sums to share.
const IS_THE_BUYERS: &str = "is_the_buyers";

fn subject() -> Type {
    object([("buyer", Type::Text), ("commitment", Type::Text), ("legal_entity", Type::Text), ("side", Type::Text)])
}

impl ContextType for CommitmentCardContext {
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
        FACE.first(&card)
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        FACE.after(context, |card| card.apply(event, facts))
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        let card = FACE.read(name, context)?;
        match name {
            ALL_ANSWERED => Ok(card.asking.is_empty()),
            IS_THE_BUYERS => Ok(card.subject.side == Owner::Buyer),
            _ => Err(FACE.unknown("guard", name)),
        }
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        match name {
            DUE => Ok(FACE.read(name, context)?.next_due()),
            _ => Err(FACE.unknown("deadline", name)),
        }
    }

    fn request(&self, activity: &str, _: &Value) -> Result<Value, EvalError> {
        Err(FACE.unknown("request", activity))
    }

    fn task(&self, kind: &str, context: &Value, now: Timestamp) -> Result<TaskSpec, EvalError> {
        if kind != ASK_AGAIN {
            return Err(FACE.unknown("task", kind));
        }
        let why = || EvalError::Failed { what: kind.to_owned(), why: "nothing is being asked again".to_owned() };
        FACE.read(kind, context)?.ask(now).ok_or_else(why)
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        let card = FACE.read("keys", context).ok();
        card.map(|card| vec![entity_key(CARD_KEY, CommitmentCard::key(&card.subject))]).unwrap_or_default()
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        FACE.read("notice", context).map(|card| card.notice()).unwrap_or_default()
    }
}
