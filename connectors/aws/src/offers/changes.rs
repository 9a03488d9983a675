//! One change of a change set.

use aws_sdk_marketplacecatalog::types as sdk;
use entente_port::{CallContext, Error, Result};
use serde_json::{Map, Value, json};

use crate::{client::CATALOG, failure::MARKETPLACE, json::to_document, key::change_set_name};

/// The entity type of offers.
const OFFER: &str = "Offer@1.0";

/// The name by which the changes of one set refer to the offer that the first one creates.
const CREATED: &str = "CreateTheOffer";

/// The offer that a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The one that this change creates.
    New,
    /// The one that the set's first change creates.
    Created,
    /// An existing one.
    Existing(String),
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// AWS's name of the kind of change.
    pub kind: &'static str,
    /// The offer.
    pub target: Target,
    /// What is changed.
    pub details: Value,
}

impl Change {
    pub(crate) fn new(kind: &'static str, target: Target, details: Value) -> Change {
        Change { kind, target, details }
    }

    fn identifier(&self) -> Option<String> {
        match &self.target {
            Target::New => None,
            Target::Created => Some(format!("${CREATED}.Entity.Identifier")),
            Target::Existing(id) => Some(id.clone()),
        }
    }

    fn name(&self) -> Option<&'static str> {
        (self.target == Target::New).then_some(CREATED)
    }

    fn body(&self) -> Value {
        let mut entity = Map::from_iter([("Type".to_owned(), Value::from(OFFER))]);
        if let Some(identifier) = self.identifier() {
            entity.insert("Identifier".to_owned(), Value::from(identifier));
        }
        let mut body = Map::from_iter([
            ("ChangeType".to_owned(), Value::from(self.kind)),
            ("Entity".to_owned(), Value::Object(entity)),
        ]);
        if let Some(name) = self.name() {
            body.insert("ChangeName".to_owned(), Value::from(name));
        }
        body.insert("DetailsDocument".to_owned(), self.details.clone());
        Value::Object(body)
    }

    /// The change as the SDK sends it.
    pub(crate) fn to_sdk(&self) -> Result<sdk::Change> {
        let unbuildable = |error: aws_smithy_types::error::operation::BuildError| Error::Rejected {
            marketplace: MARKETPLACE,
            field: None,
            code: None,
            reason: format!("the change `{}` cannot be built: {error}", self.kind),
        };
        let entity =
            sdk::Entity::builder().r#type(OFFER).set_identifier(self.identifier()).build().map_err(unbuildable)?;
        sdk::Change::builder()
            .change_type(self.kind)
            .entity(entity)
            .set_change_name(self.name().map(str::to_owned))
            .details_document(to_document(&self.details))
            .build()
            .map_err(unbuildable)
    }
}

/// The body of `StartChangeSet`, as a plan shows it.
pub(crate) fn body(call: &CallContext, changes: &[Change]) -> Value {
    json!({
        "Catalog": CATALOG,
        "ChangeSetName": change_set_name(&call.key),
        "ClientRequestToken": call.token.to_string(),
        "ChangeSet": changes.iter().map(Change::body).collect::<Vec<_>>(),
    })
}
