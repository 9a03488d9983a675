//! A commitment as the chart engine sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    COMMITMENT, COMMITMENT_KEY, COMMITMENT_PARTY_KEY, Contract, LOOK_AT_COMMITMENT, Outlook, Written,
    data::{self, Start},
};
use crate::{
    context::{
        ApplyFacts, ContextType, EvalError, FieldError, Key, Type,
        funding::entity_key,
        plain::{Plain, object},
    },
    event::Event,
};

/// The context type `commitment`, version 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommitmentContext;

const FACE: Plain<Contract> = Plain::new(COMMITMENT, 1);

const GUARDS: [&str; 8] = [
    "revision_was_taken",
    "was_rolled_over",
    "is_planned",
    "is_fulfilled",
    "is_short",
    "is_superseded",
    "something_is_to_tell",
    "trouble_is_new",
];

const DEADLINES: [&str; 4] = ["commitment.look", "commitment.due", "commitment.settled", "commitment.rolled_over"];

fn optional(kind: Type) -> Type {
    Type::Optional(Box::new(kind))
}

impl ContextType for CommitmentContext {
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
        let look = object([("day", Type::Text), ("outlook", Type::Text), ("at_risk", Type::Bool)]);
        object([
            ("label", Type::Text),
            ("commitment", Type::Text),
            ("party", Type::Text),
            ("look", optional(look)),
            ("ending", optional(object([("reason", Type::Text), ("into", optional(Type::Text))]))),
        ])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        let text = || optional(Type::Text);
        let ending = || object([("reason", Type::Text)]);
        let events = [
            ("revise", object([("document", Type::Text), ("reason", Type::Text)])),
            ("spend_imported", object([("reading", text()), ("from", text()), ("through", text())])),
            ("look", object([])),
            (
                "statement",
                object([
                    ("as_of", Type::Text),
                    ("remaining", Type::Text),
                    ("source", Type::Text),
                    ("read", Type::Text),
                ]),
            ),
            ("plan", object([("name", Type::Text), ("product", Type::Text), ("amount", Type::Text)])),
            ("drop_plan", object([("name", Type::Text)])),
            ("roll_over", object([("into", Type::Text), ("reason", Type::Text)])),
            ("end", ending()),
            ("withdraw", ending()),
            ("note", object([("text", Type::Text)])),
        ];
        events.into_iter().map(|(name, data)| (name.to_owned(), data)).collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        GUARDS.to_vec()
    }

    fn deadlines(&self) -> Vec<&'static str> {
        DEADLINES.to_vec()
    }

    fn requests(&self) -> Vec<&'static str> {
        vec![LOOK_AT_COMMITMENT]
    }

    fn init(&self, input: &Value, label: &str, at: Timestamp) -> Result<Value, FieldError> {
        let start: Start = data::parse(input)?;
        let commitment = data::document(&start.document)?;
        let contract = Contract {
            label: label.to_owned(),
            commitment: commitment.id,
            party: commitment.party,
            documents: vec![Written { text: start.document, reason: None, by: None, at }],
            statements: Vec::new(),
            plans: Vec::new(),
            told: Vec::new(),
            news: Vec::new(),
            spells: Vec::new(),
            look: None,
            looked_at: None,
            trouble: None,
            ending: None,
        };
        FACE.first(&contract)
    }

    fn check(&self, event: &str, data: &Value) -> Result<(), FieldError> {
        data::check(event, data)
    }

    fn apply(&self, context: &Value, event: &Event, facts: &ApplyFacts<'_>) -> Value {
        FACE.after(context, |contract| contract.apply(event, facts))
    }

    fn guard(&self, name: &str, context: &Value, event: &Event, _: Timestamp) -> Result<bool, EvalError> {
        let contract = FACE.read(name, context)?;
        let is = |outlook| contract.look.as_ref().is_some_and(|look| look.outlook == outlook);
        match name {
            "revision_was_taken" => Ok(contract.has_taken(event)),
            "was_rolled_over" => Ok(contract.ending.as_ref().is_some_and(|ending| ending.into.is_some())),
            // Until it was looked at, nothing is known of it.
            "is_planned" => Ok(contract.look.is_none() || is(Outlook::Planned)),
            "is_fulfilled" => Ok(is(Outlook::Fulfilled)),
            "is_short" => Ok(is(Outlook::Shortfall)),
            "is_superseded" => Ok(is(Outlook::Superseded)),
            "something_is_to_tell" => Ok(!contract.news.is_empty()),
            "trouble_is_new" => Ok(contract.trouble.as_ref().is_some_and(|trouble| trouble.new)),
            _ => Err(FACE.unknown("guard", name)),
        }
    }

    fn deadline(&self, name: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        let contract = FACE.read(name, context)?;
        match name {
            "commitment.look" => Ok(contract.next_look()),
            "commitment.due" => Ok(contract.next_due()),
            "commitment.settled" => Ok(contract.settled_at()),
            "commitment.rolled_over" => Ok(contract.rolled_over_until()),
            _ => Err(FACE.unknown("deadline", name)),
        }
    }

    fn request(&self, activity: &str, context: &Value) -> Result<Value, EvalError> {
        let contract = FACE.read(activity, context)?;
        if activity != LOOK_AT_COMMITMENT {
            return Err(FACE.unknown("request", activity));
        }
        let looked = contract.look.as_ref().map(|look| look.day);
        let (told, spells) = (&contract.told, &contract.spells);
        Ok(json!({ "commitment": contract.commitment, "looked": looked, "told": told, "spells": spells }))
    }

    fn keys(&self, context: &Value) -> Vec<Key> {
        let Ok(contract) = FACE.read("keys", context) else { return Vec::new() };
        let party = Key { kind: COMMITMENT_PARTY_KEY.into(), value: contract.party.to_string(), unique: false };
        vec![entity_key(COMMITMENT_KEY, &contract.commitment), party]
    }

    fn notice(&self, _: &str, context: &Value) -> Value {
        FACE.read("notice", context).map(|contract| contract.notice()).unwrap_or_default()
    }
}
