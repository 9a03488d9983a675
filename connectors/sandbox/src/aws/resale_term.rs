//! The terms of a resale authorization: those between manufacturer and reseller (`Resale…`), and those
//! that go on to the buyer (`Buyer…`).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::detail_time;
use super::term::{
    ConfigurableUpfrontPricing, FixedUpfrontPricing, Legal, LegalDocument, NetPayment, PaymentSchedule, Term,
    UsageBasedPricing,
};
use crate::period;

/// The only buyers that the reseller may make offers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct BuyerTargeting {
    pub(crate) positive_targeting: BuyerAccounts,
}

/// Accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct BuyerAccounts {
    pub(crate) buyer_accounts: Vec<String>,
}

/// How late an agreement may begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct BuyerValidity {
    pub(crate) maximum_agreement_start_date: Date,
}

/// One term. The variants carry the API's own names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Type")]
#[expect(clippy::enum_variant_names, reason = "the API's names end so")]
pub(crate) enum ResaleTerm {
    ResaleUsageBasedPricingTerm(UsageBasedPricing),
    ResaleConfigurableUpfrontPricingTerm(ConfigurableUpfrontPricing),
    ResaleFixedUpfrontPricingTerm(FixedUpfrontPricing),
    ResalePaymentScheduleTerm(PaymentSchedule),
    ResaleNetPaymentTerm(NetPayment),
    ResaleLegalTerm(Legal),
    BuyerLegalTerm(Legal),
    BuyerTargetingTerm(BuyerTargeting),
    BuyerValidityTerm(BuyerValidity),
}

/// The kind of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResaleTermKind {
    Usage,
    ConfigurableUpfront,
    FixedUpfront,
    PaymentSchedule,
    NetPayment,
    ResaleLegal,
    BuyerLegal,
    BuyerTargeting,
    BuyerValidity,
}

impl ResaleTermKind {
    /// The kinds that `UpdatePricingTerms` replaces as a whole.
    pub(crate) const PRICING: [Self; 3] = [Self::Usage, Self::ConfigurableUpfront, Self::FixedUpfront];
    /// The kinds that `UpdateLegalTerms` replaces as a whole.
    pub(crate) const LEGAL: [Self; 2] = [Self::BuyerLegal, Self::ResaleLegal];
}

impl ResaleTerm {
    pub(crate) fn kind(&self) -> ResaleTermKind {
        match self {
            Self::ResaleUsageBasedPricingTerm(_) => ResaleTermKind::Usage,
            Self::ResaleConfigurableUpfrontPricingTerm(_) => ResaleTermKind::ConfigurableUpfront,
            Self::ResaleFixedUpfrontPricingTerm(_) => ResaleTermKind::FixedUpfront,
            Self::ResalePaymentScheduleTerm(_) => ResaleTermKind::PaymentSchedule,
            Self::ResaleNetPaymentTerm(_) => ResaleTermKind::NetPayment,
            Self::ResaleLegalTerm(_) => ResaleTermKind::ResaleLegal,
            Self::BuyerLegalTerm(_) => ResaleTermKind::BuyerLegal,
            Self::BuyerTargetingTerm(_) => ResaleTermKind::BuyerTargeting,
            Self::BuyerValidityTerm(_) => ResaleTermKind::BuyerValidity,
        }
    }

    /// What an offer made from the authorization begins with.
    pub(crate) fn offered(&self) -> Option<Term> {
        Some(match self.clone() {
            Self::ResaleUsageBasedPricingTerm(term) => Term::UsageBasedPricingTerm(term),
            Self::ResaleConfigurableUpfrontPricingTerm(term) => Term::ConfigurableUpfrontPricingTerm(term),
            Self::ResaleFixedUpfrontPricingTerm(term) => Term::FixedUpfrontPricingTerm(term),
            Self::ResalePaymentScheduleTerm(term) => Term::PaymentScheduleTerm(term),
            Self::ResaleNetPaymentTerm(term) => Term::NetPaymentTerm(term),
            Self::BuyerLegalTerm(term) => {
                Term::LegalTerm(Legal { documents: term.documents.into_iter().map(LegalDocument::dated).collect() })
            }
            Self::ResaleLegalTerm(_) | Self::BuyerTargetingTerm(_) | Self::BuyerValidityTerm(_) => return None,
        })
    }

    /// The form in which the service shows it: an id, instants instead of days, accounts as objects.
    pub(crate) fn read_form(&self, authorization_id: &str, index: usize) -> Value {
        let mut shown = serde_json::to_value(self).unwrap_or_else(|_| json!({}));
        let Value::Object(map) = &mut shown else { return shown };
        let suffix = authorization_id.trim_start_matches("resaleauthz-");
        map.insert("Id".to_owned(), format!("term-{suffix}-{index}").into());
        match self {
            Self::ResalePaymentScheduleTerm(term) => {
                map.insert("Schedule".to_owned(), term.shown_schedule());
            }
            Self::BuyerTargetingTerm(term) => {
                let accounts: Vec<Value> = term
                    .positive_targeting
                    .buyer_accounts
                    .iter()
                    .map(|account| json!({ "AwsAccountId": account }))
                    .collect();
                map.insert("PositiveTargeting".to_owned(), json!({ "BuyerAccounts": accounts }));
            }
            Self::BuyerValidityTerm(term) => {
                let last = detail_time(period::end_of(term.maximum_agreement_start_date));
                map.insert("MaximumAgreementStartDate".to_owned(), last.into());
            }
            _ => {}
        }
        shown
    }
}

/// The terms in a details document, in the API's form.
pub(crate) fn parse(document: &Value) -> Result<Vec<ResaleTerm>, String> {
    let terms = document.get("Terms").cloned().unwrap_or_else(|| json!([]));
    serde_json::from_value(terms).map_err(|error| error.to_string())
}
