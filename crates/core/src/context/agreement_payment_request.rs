//! The context of the `agreement_payment_request` workflow: the vendor asks a buyer for a payment under a term of an agreement
//! that allows varying amounts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    FieldError, Key,
    agreement_request::{Ask, Figures, Objection, Request, RequestContext, TermFigures, filled, refuse},
};
use crate::{
    ids::{ConnectorId, LegalEntityId},
    money::Money,
};

/// The context type `agreement_payment_request`, version 1.
pub type AgreementPaymentRequestContext = RequestContext<PaymentRequest>;

/// Everything that the run of such a request knows.
pub type AgreementPaymentRequest = Request<PaymentRequest>;

/// A request for a payment: so much under one term, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// The marketplace.
    pub marketplace: ConnectorId,
    /// The legal entity that sells.
    pub legal_entity: LegalEntityId,
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// The marketplace's id of the term that allows it.
    pub term_id: String,
    /// What the buyer reads first, on one line.
    pub name: String,
    /// How much, before tax, in the term's currency; more than zero.
    pub amount: Money,
    /// What else the buyer is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What approvers are told about it; it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// All of it, in basis points.
const WHOLE_BP: i64 = 10_000;

/// The kind of key under which the payment requests of a term are found.
pub const TERM_KEY: &str = "payment.term";

/// The kind of key under which the payment requests of an agreement are found.
pub const AGREEMENT_KEY: &str = "payment.agreement";

impl Ask for PaymentRequest {
    const NAME: &'static str = "agreement_payment_request";
    const CHECK: &'static str = "agreement.check_payment";
    const WRITE: &'static str = "marketplace.request_payment";
    const UNDO: Option<&'static str> = Some("marketplace.withdraw_payment");

    fn marketplace(&self) -> &ConnectorId {
        &self.marketplace
    }

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn agreement_id(&self) -> &str {
        &self.agreement_id
    }

    fn term_id(&self) -> Option<&str> {
        Some(&self.term_id)
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/agreement_id", &self.agreement_id)?;
        filled("/term_id", &self.term_id)?;
        filled("/name", &self.name)?;
        if self.name.contains(['\n', '\r']) {
            return refuse("/name", "has more than one line; say the rest in the description");
        }
        if self.amount.minor <= 0 {
            return refuse("/amount", "asks for nothing; write an amount of more than zero");
        }
        Ok(())
    }

    fn objection(&self, figures: &Figures) -> Option<Objection> {
        let agreement = &self.agreement_id;
        if !figures.in_force {
            let message = format!("agreement `{agreement}` is no longer in force, so nothing can be charged under it");
            return Some(Objection { field: "/agreement_id", message });
        }
        let Some(term) = &figures.term else {
            let term = &self.term_id;
            let message = format!(
                "agreement `{agreement}` has no term `{term}` under which payments may be asked for; choose one of its payment terms"
            );
            return Some(Objection { field: "/term_id", message });
        };
        self.beyond(term)
    }

    fn sent(&self) -> Map<String, Value> {
        let mut sent = Map::new();
        sent.insert("agreement_id".into(), json!(self.agreement_id));
        sent.insert("term_id".into(), json!(self.term_id));
        sent.insert("name".into(), json!(self.name));
        sent.insert("amount".into(), json!(self.amount));
        sent.extend(self.description.as_ref().map(|text| ("description".into(), json!(text))));
        sent
    }

    fn facts(&self, figures: Option<&Figures>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("term".into(), json!(self.term_id));
        facts.insert("name".into(), json!(self.name));
        facts.insert("currency".into(), json!(self.amount.currency));
        facts.insert("value_minor".into(), json!(self.amount.minor));
        let share = figures.and_then(|figures| self.share_bp(figures.term.as_ref()?));
        facts.extend(share.map(|share| ("share_bp".into(), json!(share))));
        facts
    }

    fn keys(&self) -> Vec<Key> {
        let key = |kind: &str, id: &str| Key {
            kind: kind.to_owned(),
            value: format!("{}/{id}", self.marketplace),
            unique: false,
        };
        vec![key(AGREEMENT_KEY, &self.agreement_id), key(TERM_KEY, &self.term_id)]
    }

    fn justification(&self) -> Option<&str> {
        self.justification.as_deref()
    }

    fn title(&self) -> String {
        format!("{} for `{}` under agreement `{}`", self.amount, self.name, self.agreement_id)
    }
}

impl PaymentRequest {
    /// Why the term does not allow it.
    fn beyond(&self, term: &TermFigures) -> Option<Objection> {
        let currency = term.most.currency;
        if self.amount.currency != currency {
            let message = format!("the term is in {currency}; write an amount in {currency}");
            return Some(Objection { field: "/amount/currency", message });
        }
        let left = Money { minor: term.most.minor.saturating_sub(term.asked_minor).max(0), currency };
        if self.amount.minor <= left.minor {
            return None;
        }
        let mut message =
            format!("{} is more than can still be charged under term `{}`: {left}", self.amount, self.term_id);
        if term.asked_minor > 0 {
            let asked = Money { minor: term.asked_minor, currency };
            message.push_str(&format!(" (the term allows {}, and {asked} of it is asked for already)", term.most));
        }
        message.push_str("; write a smaller amount");
        Some(Objection { field: "/amount", message })
    }

    /// The part of all that the term allows, in basis points, rounded up.
    fn share_bp(&self, term: &TermFigures) -> Option<i64> {
        if term.most.currency != self.amount.currency || term.most.minor <= 0 {
            return None;
        }
        let (part, whole) = (i128::from(self.amount.minor), i128::from(term.most.minor));
        let share = (part * i128::from(WHOLE_BP) + whole - 1) / whole;
        i64::try_from(share).ok()
    }
}
