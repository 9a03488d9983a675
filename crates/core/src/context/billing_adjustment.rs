//! The context of the `billing_adjustment` workflow: money that goes back to a buyer on one invoice of an agreement.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    FieldError, Key,
    agreement_request::{Ask, Figures, InvoiceFigures, Objection, Request, RequestContext, filled, refuse},
};
use crate::{
    ids::{ConnectorId, LegalEntityId},
    money::Money,
};

/// The context type `billing_adjustment`, version 1.
pub type BillingAdjustmentContext = RequestContext<Refund>;

/// Everything that the run of a refund knows.
pub type BillingAdjustment = Request<Refund>;

/// A refund: so much back on one invoice, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// The marketplace.
    pub marketplace: ConnectorId,
    /// The legal entity that gives the money back.
    pub legal_entity: LegalEntityId,
    /// The marketplace's id of the agreement.
    pub agreement_id: String,
    /// The marketplace's id of the invoice.
    pub invoice_id: String,
    /// How much, before tax, in the invoice's currency; more than zero.
    pub amount: Money,
    /// Why, as a word that every marketplace knows, such as `incorrect_metering`.
    pub reason: String,
    /// What the marketplace is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What approvers are told about it; it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// All of it, in basis points.
const WHOLE_BP: i64 = 10_000;

impl Ask for Refund {
    const NAME: &'static str = "billing_adjustment";
    const CHECK: &'static str = "agreement.check_refund";
    const WRITE: &'static str = "marketplace.adjust_billing";

    fn marketplace(&self) -> &ConnectorId {
        &self.marketplace
    }

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn agreement_id(&self) -> &str {
        &self.agreement_id
    }

    fn invoice_id(&self) -> Option<&str> {
        Some(&self.invoice_id)
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/agreement_id", &self.agreement_id)?;
        filled("/invoice_id", &self.invoice_id)?;
        filled("/reason", &self.reason)?;
        if self.amount.minor <= 0 {
            return refuse("/amount", "gives nothing back; write an amount of more than zero");
        }
        Ok(())
    }

    fn objection(&self, figures: &Figures) -> Option<Objection> {
        let Some(invoice) = &figures.invoice else {
            let (invoice, agreement) = (&self.invoice_id, &self.agreement_id);
            let message = format!("agreement `{agreement}` has no invoice `{invoice}`; choose one of its invoices");
            return Some(Objection { field: "/invoice_id", message });
        };
        self.beyond(invoice)
    }

    fn sent(&self) -> Map<String, Value> {
        let mut sent = Map::new();
        sent.insert("agreement_id".into(), json!(self.agreement_id));
        sent.insert("invoice_id".into(), json!(self.invoice_id));
        sent.insert("amount".into(), json!(self.amount));
        sent.insert("reason".into(), json!(self.reason));
        sent.extend(self.description.as_ref().map(|text| ("description".into(), json!(text))));
        sent
    }

    fn facts(&self, figures: Option<&Figures>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("invoice".into(), json!(self.invoice_id));
        facts.insert("reason".into(), json!(self.reason));
        facts.insert("currency".into(), json!(self.amount.currency));
        facts.insert("value_minor".into(), json!(self.amount.minor));
        let share = figures.and_then(|figures| self.share_bp(figures.invoice.as_ref()?));
        facts.extend(share.map(|share| ("share_bp".into(), json!(share))));
        facts
    }

    fn keys(&self) -> Vec<Key> {
        let key = |kind: &str, id: &str| Key {
            kind: kind.to_owned(),
            value: format!("{}/{id}", self.marketplace),
            unique: false,
        };
        vec![key("refund.agreement", &self.agreement_id), key(INVOICE_KEY, &self.invoice_id)]
    }

    fn justification(&self) -> Option<&str> {
        self.justification.as_deref()
    }

    fn title(&self) -> String {
        format!("{} on invoice `{}` of agreement `{}`", self.amount, self.invoice_id, self.agreement_id)
    }
}

/// The kind of key under which the refunds of an invoice are found.
pub const INVOICE_KEY: &str = "refund.invoice";

impl Refund {
    /// Why the invoice does not allow it.
    fn beyond(&self, invoice: &InvoiceFigures) -> Option<Objection> {
        let (id, currency) = (&self.invoice_id, invoice.amount.currency);
        if invoice.credit_memo {
            let message = format!("`{id}` gives money back already; choose an invoice that bills");
            return Some(Objection { field: "/invoice_id", message });
        }
        if self.amount.currency != currency {
            let message = format!("invoice `{id}` is in {currency}; write an amount in {currency}");
            return Some(Objection { field: "/amount/currency", message });
        }
        let most = invoice.adjustable.filter(|most| most.currency == currency).unwrap_or(invoice.amount);
        let left = Money { minor: most.minor.saturating_sub(invoice.held_minor).max(0), currency };
        if self.amount.minor <= left.minor {
            return None;
        }
        let mut message = format!("{} is more than can still go back on invoice `{id}`: {left}", self.amount);
        if invoice.held_minor > 0 {
            let held = Money { minor: invoice.held_minor, currency };
            message.push_str(&format!(" (the marketplace allows {most}, and {held} of it is asked for already)"));
        }
        message.push_str("; write a smaller amount");
        Some(Objection { field: "/amount", message })
    }

    /// The part of the invoice that goes back, in basis points, rounded up.
    fn share_bp(&self, invoice: &InvoiceFigures) -> Option<i64> {
        if invoice.amount.currency != self.amount.currency || invoice.amount.minor <= 0 {
            return None;
        }
        let (part, whole) = (i128::from(self.amount.minor), i128::from(invoice.amount.minor));
        let share = (part * i128::from(WHOLE_BP) + whole - 1) / whole;
        i64::try_from(share).ok()
    }
}
