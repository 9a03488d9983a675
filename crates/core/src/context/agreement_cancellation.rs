//! The context of the `agreement_cancellation` workflow: the vendor asks a buyer to end an agreement before its end.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    FieldError, Key,
    agreement_request::{Ask, Figures, Objection, Request, RequestContext, filled},
};
use crate::ids::{ConnectorId, LegalEntityId};

/// The context type `agreement_cancellation`, version 1.
pub type AgreementCancellationContext = RequestContext<Cancellation>;

/// Everything that the run of such a request knows.
pub type AgreementCancellation = Request<Cancellation>;

/// An early end: which agreement, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// The marketplace.
    pub marketplace: ConnectorId,
    /// The legal entity that sells.
    pub legal_entity: LegalEntityId,
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// Why, as a word that every marketplace knows, such as `replaced_by_another`.
    pub reason: String,
    /// What the buyer is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What approvers are told about it; it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

impl Ask for Cancellation {
    const NAME: &'static str = "agreement_cancellation";
    const CHECK: &'static str = "agreement.check_cancellation";
    const WRITE: &'static str = "marketplace.cancel_agreement";

    fn marketplace(&self) -> &ConnectorId {
        &self.marketplace
    }

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn agreement_id(&self) -> &str {
        &self.agreement_id
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/agreement_id", &self.agreement_id)?;
        filled("/reason", &self.reason)
    }

    fn objection(&self, figures: &Figures) -> Option<Objection> {
        let message = format!("agreement `{}` is no longer in force, so there is nothing to end", self.agreement_id);
        (!figures.in_force).then_some(Objection { field: "/agreement_id", message })
    }

    fn sent(&self) -> Map<String, Value> {
        let mut sent = Map::new();
        sent.insert("agreement_id".into(), json!(self.agreement_id));
        sent.insert("reason".into(), json!(self.reason));
        sent.extend(self.description.as_ref().map(|text| ("description".into(), json!(text))));
        sent
    }

    fn facts(&self, figures: Option<&Figures>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("reason".into(), json!(self.reason));
        if let Some(value) = figures.and_then(|figures| figures.value) {
            facts.insert("currency".into(), json!(value.currency));
            facts.insert("value_minor".into(), json!(value.minor));
        }
        facts
    }

    /// Two requests at a time to end one agreement would be one too many.
    fn keys(&self) -> Vec<Key> {
        let value = format!("{}/{}", self.marketplace, self.agreement_id);
        vec![Key { kind: "cancellation.agreement".to_owned(), value, unique: true }]
    }

    fn justification(&self) -> Option<&str> {
        self.justification.as_deref()
    }

    fn title(&self) -> String {
        format!("the early end of agreement `{}`", self.agreement_id)
    }
}
