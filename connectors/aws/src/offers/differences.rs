//! What differs between an offer as documented and as it stands at AWS. Only meaning counts: `150` and `150.00` are one price,
//! a day and its first instant one day, the order of dimensions nothing.

use std::collections::BTreeMap;

use entente_core::offer::{Offer, Period, document::Countries};
use entente_port::{Difference, RemoteOffer, Write};
use jiff::{Timestamp, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{changes, read};

/// The field of the offer document that each term comes from.
const TERM_FIELDS: [(&str, &str); 10] = [
    ("UsageBasedPricingTerm", "/pricing/usage"),
    ("ConfigurableUpfrontPricingTerm", "/pricing/contract"),
    ("FixedUpfrontPricingTerm", "/pricing/contract"),
    ("FreeTrialPricingTerm", "/pricing/free_trial"),
    ("PaymentScheduleTerm", "/pricing/contract/instalments"),
    ("ValidityTerm", "/term"),
    ("LegalTerm", "/eula"),
    ("SupportTerm", "/refund_policy"),
    ("NetPaymentTerm", "/payment_due_days"),
    ("RenewalTerm", "/auto_renewal"),
];

/// Every difference, by field of the offer document.
pub(crate) fn differences(offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
    let mut found = Vec::new();
    let theirs = &remote.document;
    let text = |key: &str| theirs.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut compare = |field: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(Difference { field: field.to_owned(), ours, theirs });
        }
    };
    compare("/name", offer.name.clone(), text("Name"));
    compare("/description", offer.description.clone(), text("Description"));
    if offer.renewal.is_none() {
        compare("/product/id", offer.product.id.clone(), text("ProductId"));
        compare("/buyer/accounts", sorted(&offer.buyer.accounts), sorted(&remote.buyers));
        compare("/countries", documented_countries(offer.countries.as_ref()), remote_countries(theirs));
    }
    compare(
        "/expires_on",
        offer.expires_on.to_string(),
        remote.expires_on.map_or_else(|| "no last day".to_owned(), |day| day.to_string()),
    );
    let wanted = wanted_terms(offer);
    for (kind, field) in TERM_FIELDS {
        // An offer that states no refund policy gets the product's own.
        if kind == "SupportTerm" && offer.refund_policy.is_none() {
            continue;
        }
        let plain =
            |term: Option<&Value>| term.map_or_else(|| "nothing".to_owned(), |term| meaning(kind, term).to_string());
        compare(field, plain(wanted.get(kind)), plain(read::term(theirs, kind)));
    }
    found
}

/// Whether a write's effect stands in the offer as it was read.
pub(crate) fn holds(write: &Write, remote: &RemoteOffer, now: Timestamp) -> Option<bool> {
    match write {
        Write::CreateOffer { .. }
        | Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::WithdrawPayment { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. } => None,
        Write::WithdrawOffer { .. } => {
            Some(remote.expires_on.is_some_and(|last| last < now.to_zoned(TimeZone::UTC).date()))
        }
        Write::ExtendOffer { expires_on, .. } => Some(remote.expires_on == Some(*expires_on)),
        Write::AmendOffer { name, description, duration, expires_on, .. } => {
            let is = |key: &str, wish: &Option<String>| {
                wish.as_ref().is_none_or(|wish| remote.document.get(key).and_then(Value::as_str) == Some(wish))
            };
            let lasts = read::term(&remote.document, "ValidityTerm").and_then(|term| term.get("AgreementDuration"));
            let lasts = lasts.and_then(Value::as_str).and_then(|text| text.parse::<Period>().ok());
            let same_duration = duration.is_none_or(|wish| lasts == Some(wish));
            let same_day = expires_on.is_none_or(|wish| remote.expires_on == Some(wish));
            Some(is("Name", name) && is("Description", description) && same_duration && same_day)
        }
    }
}

/// The terms that creating the offer would write, by type.
fn wanted_terms(offer: &Offer) -> BTreeMap<String, Value> {
    let planned = changes(&Write::CreateOffer { offer: Box::new(offer.clone()) }).unwrap_or_default();
    let terms = planned.iter().filter_map(|change| change.details.get("Terms")).filter_map(Value::as_array).flatten();
    terms.filter_map(|term| Some((term.get("Type")?.as_str()?.to_owned(), term.clone()))).collect()
}

fn sorted(texts: &[String]) -> String {
    let mut texts = texts.to_vec();
    texts.sort();
    texts.join(", ")
}

fn documented_countries(countries: Option<&Countries>) -> String {
    match countries.map(Countries::listed) {
        Some((word, codes)) => format!("{word} {}", sorted(codes)),
        None => "all".to_owned(),
    }
}

fn remote_countries(theirs: &Value) -> String {
    let rule = read::rule(theirs, "TargetingRule");
    let codes = |pointer: &str| read::texts(rule.and_then(|rule| rule.pointer(pointer)));
    let (only, except) = (codes("/PositiveTargeting/CountryCodes"), codes("/NegativeTargeting/CountryCodes"));
    match (only.is_empty(), except.is_empty()) {
        (true, true) => "all".to_owned(),
        (false, true) => format!("only {}", sorted(&only)),
        (true, false) => format!("except {}", sorted(&except)),
        (false, false) => format!("only {} except {}", sorted(&only), sorted(&except)),
    }
}

/// A term without what is only form. A custom licence is copied by AWS, and read back from AWS's own address.
fn meaning(kind: &str, term: &Value) -> Value {
    let mut term = plain(term);
    if let (Some(fields), "LegalTerm") = (term.as_object_mut(), kind) {
        let documents = fields.get_mut("Documents").and_then(Value::as_array_mut);
        for document in documents.into_iter().flatten().filter_map(Value::as_object_mut) {
            document.remove("Url");
        }
    }
    term
}

/// The same value with decimals without trailing zeros, instants as days, and lists in one order.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain_text(text)),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(plain).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| !value.is_null() && *key != "Id");
            Value::Object(kept.map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        Value::Number(number) => Value::String(plain_text(&number.to_string())),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

fn plain_text(text: &str) -> String {
    let decimal = || {
        Decimal::from_str_exact(text).ok().filter(|_| text.len() < 29).map(|decimal| decimal.normalize().to_string())
    };
    let day = || read::day(text).filter(|_| text.len() >= 10).map(|day| day.to_string());
    decimal().or_else(day).unwrap_or_else(|| text.to_owned())
}
