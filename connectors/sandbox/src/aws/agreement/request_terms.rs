//! What a buyer's request asks for: the terms with their configurations, the contact, the purchase orders.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{charges, terms};
use crate::aws::refusal::Refusal;
use crate::aws::service::Context;
use crate::aws::term::Term;
use crate::aws::text;

/// The most terms and purchase orders of one request (Agreement API model).
const TERMS_MAX: usize = 30;
const ORDERS_MAX: usize = 86;

pub(super) fn invalid(reason: &str, field: &str, message: impl Into<String>) -> Refusal {
    Refusal::agreement_validation(reason, field, message)
}

/// One requested term: which of the terms that there are, and its configuration.
pub(super) type Requested = (usize, Option<Value>);

/// The requested terms of an offer, or of an agreement that came of it.
pub(super) fn read(context: &Context<'_>, offer_id: &str, known: &[Term]) -> Result<Vec<Requested>, Refusal> {
    const FIELD: &str = "requestedTerms";
    let wanted = context.call.input.get(FIELD).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if wanted.is_empty() {
        return Err(invalid("MISSING_REQUESTED_TERMS", FIELD, "`requestedTerms` is required"));
    }
    let mut seen = BTreeSet::new();
    if wanted.len() > TERMS_MAX || !wanted.iter().all(|term| seen.insert(text(term, "id"))) {
        let message = format!("`requestedTerms` has at most {TERMS_MAX} terms, each once");
        return Err(invalid("INVALID_REQUESTED_TERMS", FIELD, message));
    }
    wanted.iter().map(|term| one(offer_id, known, term)).collect()
}

fn one(offer_id: &str, known: &[Term], wanted: &Value) -> Result<Requested, Refusal> {
    const FIELD: &str = "requestedTerms";
    let id = text(wanted, "id");
    if id.is_empty() {
        return Err(invalid("MISSING_REQUESTED_TERM_ID", FIELD, "a requested term has no `id`"));
    }
    let found = known.iter().enumerate().find(|(index, _)| terms::term_id(offer_id, *index) == id);
    let Some((index, term)) = found else {
        return Err(invalid("INVALID_REQUESTED_TERM_ID", FIELD, format!("there is no term `{id}`")));
    };
    let configuration = wanted.get("configuration").filter(|given| !given.is_null());
    let key = match term {
        Term::ConfigurableUpfrontPricingTerm(_) => Some("configurableUpfrontPricingTermConfiguration"),
        Term::RenewalTerm(_) => Some("renewalTermConfiguration"),
        _ => None,
    };
    match (key, configuration) {
        (Some(key), None) => {
            Err(invalid("MISSING_REQUESTED_TERM_CONFIGURATION", FIELD, format!("the term `{id}` needs a `{key}`")))
        }
        (key, Some(given)) if !key.is_some_and(|key| fits(key, given)) => {
            let message = format!("the configuration of the term `{id}` is not one that it takes");
            Err(invalid("INVALID_REQUESTED_TERM_CONFIGURATION", FIELD, message))
        }
        (_, given) => Ok((index, given.cloned())),
    }
}

/// Whether a configuration is the one of its key, and of its form.
fn fits(key: &str, given: &Value) -> bool {
    let Some(choice) = given.get(key).filter(|_| given.as_object().is_some_and(|map| map.len() == 1)) else {
        return false;
    };
    match choice.get("dimensions").and_then(Value::as_array) {
        None => choice.get("enableAutoRenew").is_some_and(Value::is_boolean),
        Some(dimensions) => {
            !text(choice, "selectorValue").is_empty()
                && dimensions.iter().all(|it| {
                    let units = it.get("dimensionValue").and_then(Value::as_u64);
                    !text(it, "dimensionKey").is_empty() && units.is_some()
                })
        }
    }
}

/// The part of the configurations that is for one kind of term.
fn configuration<'a>(wanted: &'a [Requested], key: &str) -> Option<&'a Value> {
    wanted.iter().find_map(|(_, configuration)| configuration.as_ref()?.get(key))
}

/// Whether the agreement is to renew automatically, when the request says so.
pub(super) fn auto_renew(wanted: &[Requested]) -> Option<bool> {
    configuration(wanted, "renewalTermConfiguration")?.get("enableAutoRenew")?.as_bool()
}

/// The chosen agreement length and the units of each dimension.
pub(super) fn choice(wanted: &[Requested]) -> (Option<String>, Option<BTreeMap<String, u64>>) {
    let upfront = configuration(wanted, "configurableUpfrontPricingTermConfiguration");
    let duration = upfront.map(|choice| text(choice, "selectorValue").to_owned());
    let quantities = upfront.and_then(|choice| {
        let dimensions = choice.get("dimensions")?.as_array()?.iter();
        Some(
            dimensions
                .filter_map(|it| Some((text(it, "dimensionKey").to_owned(), it.get("dimensionValue")?.as_u64()?)))
                .collect(),
        )
    });
    (duration, quantities)
}

/// The contact that the buyer names for the agreement.
pub(super) fn contact(input: &Value) -> Result<Option<Value>, Refusal> {
    let Some(contact) = input.get("acceptorContact").filter(|given| !given.is_null()) else { return Ok(None) };
    let bounded = |key: &str, max: usize| (1..=max).contains(&text(contact, key).chars().count());
    let country = text(contact, "countryCode");
    let formed = bounded("firstName", 80)
        && bounded("lastName", 80)
        && bounded("companyName", 256)
        && bounded("emailAddress", 255)
        && is_mail_address(text(contact, "emailAddress"))
        && country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if formed {
        Ok(Some(contact.clone()))
    } else {
        let message = "an acceptor contact has a first name, a last name, an e-mail address, a company and a country";
        Err(invalid("INVALID_ACCEPTOR_CONTACT", "acceptorContact", message))
    }
}

/// `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}` (Agreement API model).
fn is_mail_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let all = |text: &str, others: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    all(local, "._%+-") && all(host, ".-") && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The purchase orders of an acceptance, by charge: of the charges that the request was told to expect.
pub(super) fn purchase_orders(input: &Value, expected: &[String]) -> Result<BTreeMap<String, String>, Refusal> {
    const FIELD: &str = "purchaseOrders";
    let Some(orders) = input.get(FIELD).filter(|given| !given.is_null()) else { return Ok(BTreeMap::new()) };
    let orders = orders.as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=ORDERS_MAX).contains(&orders.len()) {
        return Err(invalid("INVALID_PURCHASE_ORDERS", FIELD, format!("there are 1 to {ORDERS_MAX} purchase orders")));
    }
    let mut named = BTreeMap::new();
    for order in orders {
        charges::well_formed(order)?;
        let id = text(order, "chargeId");
        if !expected.iter().any(|known| known == id) {
            return Err(invalid("INVALID_CHARGE_ID", FIELD, format!("the request has no expected charge `{id}`")));
        }
        if order.get("chargeRevision").is_some_and(|revision| revision.as_u64() != Some(1)) {
            return Err(invalid("INVALID_CHARGE_REVISION", FIELD, format!("the charge `{id}` has revision 1")));
        }
        if named.insert(id.to_owned(), text(order, "purchaseOrderReference").to_owned()).is_some() {
            return Err(invalid("DUPLICATE_CHARGES", FIELD, format!("the charge `{id}` is named twice")));
        }
    }
    Ok(named)
}
