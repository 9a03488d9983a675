//! The terms of an offer, typed as the Catalog API writes them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::detail_time;
use super::price::Price;
use crate::period::{self, Period};

/// The version of the standard licence that new offers may carry.
pub(crate) const STANDARD_EULA_VERSION: &str = "2022-07-14";

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(crate) struct $name { $($(#[$attr])* pub(crate) $field: $kind,)* }
    };
}

record! {
    /// The price of one unit of a dimension.
    RateItem { dimension_key: String, price: Price, }
}
record! {
    /// Unit prices of usage.
    UsageRateCard { rate_card: Vec<RateItem>, }
}
record! {
    /// Pay by use.
    UsageBasedPricing { currency_code: String, rate_cards: Vec<UsageRateCard>, }
}
record! {
    /// Which agreement length a rate card is for.
    Selector { #[serde(rename = "Type")] kind: String, value: Period, }
}
record! {
    /// Whether the buyer picks several dimensions and how many of each.
    Constraints { multiple_dimension_selection: String, quantity_configuration: String, }
}
record! {
    /// Prices of one agreement length.
    UpfrontRateCard { selector: Selector, rate_card: Vec<RateItem>, constraints: Constraints, }
}
record! {
    /// A contract whose dimensions the buyer chooses.
    ConfigurableUpfrontPricing { currency_code: String, rate_cards: Vec<UpfrontRateCard>, }
}
record! {
    /// What a buyer gets of a dimension.
    Grant { dimension_key: String, #[serde(skip_serializing_if = "Option::is_none")] max_quantity: Option<u64>, }
}
record! {
    /// A contract with fixed contents.
    FixedUpfrontPricing {
        currency_code: String,
        price: Price,
        grants: Vec<Grant>,
        #[serde(skip_serializing_if = "Option::is_none")] duration: Option<Period>,
    }
}
record! {
    /// A flat fee per month.
    RecurringPayment { currency_code: String, billing_period: String, price: Price, }
}
record! {
    /// A trial without charges.
    FreeTrialPricing { duration: Period, grants: Vec<Grant>, }
}
record! {
    /// Bring your own licence.
    ByolPricing {}
}
record! {
    /// One licence document.
    LegalDocument {
        #[serde(rename = "Type")] kind: String,
        #[serde(skip_serializing_if = "Option::is_none")] url: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] version: Option<String>,
    }
}
record! {
    /// The licence.
    Legal { documents: Vec<LegalDocument>, }
}
record! {
    /// The refund policy.
    Support { refund_policy: String, }
}
record! {
    /// How long the agreement lasts, or from when to when.
    Validity {
        #[serde(skip_serializing_if = "Option::is_none")] agreement_duration: Option<Period>,
        #[serde(skip_serializing_if = "Option::is_none")] agreement_start_date: Option<Date>,
        #[serde(skip_serializing_if = "Option::is_none")] agreement_end_date: Option<Date>,
    }
}
record! {
    /// One instalment.
    ScheduledCharge { charge_date: Date, charge_amount: Price, }
}
record! {
    /// Instalments.
    PaymentSchedule { currency_code: String, schedule: Vec<ScheduledCharge>, }
}
record! {
    /// Days until an invoice is due.
    NetPayment { payment_due_period: Period, }
}
record! {
    /// How prices move at a renewal: one fixed percentage, or a range with a default.
    PriceIncrease {
        #[serde(rename = "Type")] kind: String,
        #[serde(skip_serializing_if = "Option::is_none")] value: Option<Price>,
        #[serde(skip_serializing_if = "Option::is_none")] range: Option<PercentageRange>,
    }
}
record! {
    /// The bounds of a price increase.
    PercentageRange { min_value: Price, max_value: Price, default_value: Price, }
}
record! {
    /// One instalment of a renewal, relative to its start.
    TemplateCharge {
        charge_date_offset: Period,
        charge_percentage: Price,
        #[serde(skip_serializing_if = "Option::is_none")] day_of_month: Option<u8>,
    }
}
record! {
    /// The instalments of a renewal.
    TermTemplate { #[serde(rename = "Type")] kind: String, schedule: Vec<TemplateCharge>, }
}
record! {
    /// Automatic renewal.
    Renewal {
        #[serde(skip_serializing_if = "Option::is_none")] lockout_period: Option<Period>,
        #[serde(skip_serializing_if = "Option::is_none")] adjustment_deadline: Option<Period>,
        #[serde(skip_serializing_if = "Option::is_none")] max_renewals: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")] price_increase: Option<PriceIncrease>,
        #[serde(skip_serializing_if = "Option::is_none")] term_templates: Option<Vec<TermTemplate>>,
    }
}

/// One term of an offer. The variants carry the API's own names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Type")]
#[expect(clippy::enum_variant_names, reason = "the API's names end so")]
pub(crate) enum Term {
    UsageBasedPricingTerm(UsageBasedPricing),
    ConfigurableUpfrontPricingTerm(ConfigurableUpfrontPricing),
    FixedUpfrontPricingTerm(FixedUpfrontPricing),
    RecurringPaymentTerm(RecurringPayment),
    FreeTrialPricingTerm(FreeTrialPricing),
    ByolPricingTerm(ByolPricing),
    LegalTerm(Legal),
    SupportTerm(Support),
    ValidityTerm(Validity),
    PaymentScheduleTerm(PaymentSchedule),
    NetPaymentTerm(NetPayment),
    RenewalTerm(Renewal),
}

/// The kind of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TermKind {
    Usage,
    ConfigurableUpfront,
    FixedUpfront,
    Recurring,
    FreeTrial,
    Byol,
    Legal,
    Support,
    Validity,
    PaymentSchedule,
    NetPayment,
    Renewal,
}

/// The kinds that `UpdatePricingTerms` replaces as a whole.
pub(crate) const PRICING: [TermKind; 6] = [
    TermKind::Usage,
    TermKind::ConfigurableUpfront,
    TermKind::FixedUpfront,
    TermKind::Recurring,
    TermKind::FreeTrial,
    TermKind::Byol,
];

impl Term {
    pub(crate) fn kind(&self) -> TermKind {
        match self {
            Self::UsageBasedPricingTerm(_) => TermKind::Usage,
            Self::ConfigurableUpfrontPricingTerm(_) => TermKind::ConfigurableUpfront,
            Self::FixedUpfrontPricingTerm(_) => TermKind::FixedUpfront,
            Self::RecurringPaymentTerm(_) => TermKind::Recurring,
            Self::FreeTrialPricingTerm(_) => TermKind::FreeTrial,
            Self::ByolPricingTerm(_) => TermKind::Byol,
            Self::LegalTerm(_) => TermKind::Legal,
            Self::SupportTerm(_) => TermKind::Support,
            Self::ValidityTerm(_) => TermKind::Validity,
            Self::PaymentScheduleTerm(_) => TermKind::PaymentSchedule,
            Self::NetPaymentTerm(_) => TermKind::NetPayment,
            Self::RenewalTerm(_) => TermKind::Renewal,
        }
    }

    /// The currency, for terms that have one.
    pub(crate) fn currency(&self) -> Option<&str> {
        match self {
            Self::UsageBasedPricingTerm(term) => Some(&term.currency_code),
            Self::ConfigurableUpfrontPricingTerm(term) => Some(&term.currency_code),
            Self::FixedUpfrontPricingTerm(term) => Some(&term.currency_code),
            Self::RecurringPaymentTerm(term) => Some(&term.currency_code),
            Self::PaymentScheduleTerm(term) => Some(&term.currency_code),
            _ => None,
        }
    }

    /// The form in which the service shows it: charge dates are instants.
    pub(crate) fn read_form(&self) -> Value {
        let mut shown = serde_json::to_value(self).unwrap_or_else(|_| json!({}));
        if let (Self::PaymentScheduleTerm(term), Value::Object(map)) = (self, &mut shown) {
            map.insert("Schedule".to_owned(), term.shown_schedule());
        }
        shown
    }
}

impl PaymentSchedule {
    /// The instalments with their days as instants.
    pub(crate) fn shown_schedule(&self) -> Value {
        let charges = self.schedule.iter().map(|charge| {
            json!({
                "ChargeDate": detail_time(period::start_of(charge.charge_date)),
                "ChargeAmount": charge.charge_amount.as_str(),
            })
        });
        charges.collect()
    }
}

impl LegalDocument {
    /// A standard licence with the version that new offers carry.
    pub(crate) fn dated(mut self) -> Self {
        if self.kind == "StandardEula" {
            self.version.get_or_insert_with(|| STANDARD_EULA_VERSION.to_owned());
        }
        self
    }
}

/// The terms in a details document, in the API's form.
pub(crate) fn parse(document: &Value) -> Result<Vec<Term>, String> {
    let terms = document.get("Terms").cloned().unwrap_or_else(|| json!([]));
    serde_json::from_value(terms).map_err(|error| error.to_string())
}

fn list_price(keys: &[&str], price: &Price) -> Vec<RateItem> {
    keys.iter().map(|key| RateItem { dimension_key: (*key).to_owned(), price: price.clone() }).collect()
}

/// A public price for usage, when there is anything to meter.
pub(crate) fn list_price_usage(keys: &[&str]) -> Option<Term> {
    let rate_card = list_price(keys, &Price::of(Decimal::new(10, 2)));
    (!keys.is_empty()).then(|| {
        Term::UsageBasedPricingTerm(UsageBasedPricing {
            currency_code: "USD".to_owned(),
            rate_cards: vec![UsageRateCard { rate_card }],
        })
    })
}

/// A public price for twelve months, when there is anything to entitle.
pub(crate) fn list_price_contract(keys: &[&str]) -> Option<Term> {
    let value = Period::try_from("P12M".to_owned()).ok().filter(|_| !keys.is_empty())?;
    Some(Term::ConfigurableUpfrontPricingTerm(ConfigurableUpfrontPricing {
        currency_code: "USD".to_owned(),
        rate_cards: vec![UpfrontRateCard {
            selector: Selector { kind: "Duration".to_owned(), value },
            rate_card: list_price(keys, &Price::of(Decimal::from(1200))),
            constraints: Constraints {
                multiple_dimension_selection: "Allowed".to_owned(),
                quantity_configuration: "Allowed".to_owned(),
            },
        }],
    }))
}

/// The standard licence.
pub(crate) fn standard_eula() -> Term {
    Term::LegalTerm(Legal {
        documents: vec![LegalDocument {
            kind: "StandardEula".to_owned(),
            url: None,
            version: Some(STANDARD_EULA_VERSION.to_owned()),
        }],
    })
}

/// A refund policy.
pub(crate) fn no_refunds() -> Term {
    Term::SupportTerm(Support { refund_policy: "No refunds.".to_owned() })
}
