//! Accepted terms in the Agreement API's form: lower camel case, an id each, days as timestamps.

use serde_json::{Map, Value, json};

use super::{Agreement, Configuration};
use crate::aws::cbor::timestamp;
use crate::aws::term::{PriceIncrease, Renewal, Term};
use crate::period;

/// The id of the n-th term, which `CreateAgreementRequest` refers to.
pub(super) fn term_id(offer_id: &str, index: usize) -> String {
    format!("term-{}-{index}", offer_id.trim_start_matches("offer-"))
}

/// All terms of an agreement.
pub(super) fn accepted(agreement: &Agreement) -> Vec<Value> {
    let configured =
        Configured { choice: agreement.configuration.as_ref(), auto_renew: agreement.auto_renew.unwrap_or(false) };
    let terms = shown(&agreement.offer_id, &agreement.terms, &configured).into_iter();
    terms.chain(agreement.variable_payment.as_ref().map(|term| term.shown(&agreement.currency))).collect()
}

/// What the buyer chose within the terms.
pub(super) struct Configured<'a> {
    pub(super) choice: Option<&'a Configuration>,
    pub(super) auto_renew: bool,
}

/// The terms of an offer as the buyer configured them.
pub(super) fn shown(offer_id: &str, terms: &[Term], configured: &Configured<'_>) -> Vec<Value> {
    let terms = terms.iter().enumerate();
    terms.map(|(index, term)| union_of(configured, term, &term_id(offer_id, index))).collect()
}

fn union_of(configured: &Configured<'_>, term: &Term, id: &str) -> Value {
    let mut shown = match term {
        Term::RenewalTerm(term) => renewal(term),
        other => lower_camel(&serde_json::to_value(other).unwrap_or_default()),
    };
    let kind = serde_json::to_value(term)
        .ok()
        .and_then(|value| value.get("Type")?.as_str().map(str::to_owned))
        .unwrap_or_default();
    if let Value::Object(map) = &mut shown {
        map.insert("type".to_owned(), kind.clone().into());
        map.insert("id".to_owned(), id.into());
        match term {
            Term::ValidityTerm(term) => {
                let dates = [
                    ("agreementStartDate", term.agreement_start_date.map(period::start_of)),
                    ("agreementEndDate", term.agreement_end_date.map(period::end_of)),
                ];
                map.extend(dates.into_iter().filter_map(|(key, at)| Some((key.to_owned(), timestamp(at?)))));
            }
            Term::PaymentScheduleTerm(term) => {
                let schedule = term.schedule.iter().map(|charge| {
                    json!({
                        "chargeDate": timestamp(period::start_of(charge.charge_date)),
                        "chargeAmount": charge.charge_amount.as_str(),
                    })
                });
                map.insert("schedule".to_owned(), schedule.collect());
            }
            Term::ConfigurableUpfrontPricingTerm(_) => {
                map.extend(configuration(configured.choice).map(|choice| ("configuration".to_owned(), choice)));
            }
            Term::RenewalTerm(_) => {
                let on = json!({ "enableAutoRenew": configured.auto_renew });
                map.insert("configuration".to_owned(), on);
            }
            _ => {}
        }
    }
    let mut union = Map::new();
    union.insert(lower_first(&kind), shown);
    Value::Object(union)
}

fn configuration(choice: Option<&Configuration>) -> Option<Value> {
    let choice = choice?;
    let dimensions: Vec<Value> = choice
        .quantities
        .iter()
        .map(|(key, quantity)| json!({ "dimensionKey": key, "dimensionValue": quantity }))
        .collect();
    Some(json!({ "selectorValue": choice.selector, "dimensions": dimensions }))
}

/// A renewal term: its unions are named by their key instead of a `Type`.
fn renewal(term: &Renewal) -> Value {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Option<Value>| shown.extend(value.map(|value| (key.to_owned(), value)));
    put("lockoutPeriod", term.lockout_period.as_ref().map(|period| period.as_str().into()));
    put("adjustmentDeadline", term.adjustment_deadline.as_ref().map(|period| period.as_str().into()));
    put("maxRenewals", term.max_renewals.map(Value::from));
    put("priceIncrease", term.price_increase.as_ref().map(increase));
    put(
        "termTemplates",
        term.term_templates.as_ref().map(|templates| {
            templates
                .iter()
                .map(|template| {
                    let schedule = lower_camel(&serde_json::to_value(&template.schedule).unwrap_or_default());
                    json!({ "paymentScheduleTermTemplate": { "schedule": schedule } })
                })
                .collect()
        }),
    );
    Value::Object(shown)
}

fn increase(increase: &PriceIncrease) -> Value {
    match (&increase.value, &increase.range) {
        (_, Some(range)) => json!({ "percentageRange": lower_camel(&serde_json::to_value(range).unwrap_or_default()) }),
        (value, None) => json!({ "fixedPercentage": { "value": value } }),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

fn lower_camel(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (lower_first(key), lower_camel(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(lower_camel).collect()),
        other => other.clone(),
    }
}
