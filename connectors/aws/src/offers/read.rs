//! Entities as `DescribeEntity` gives them, in the port's words.

use std::collections::BTreeMap;

use entente_port::{ProductFacts, RemoteOffer};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::status::offer_state;

/// An offer. `identifier` is `id@revision`.
pub(crate) fn remote_offer(identifier: &str, details: Value) -> RemoteOffer {
    let (id, revision) = identifier.split_once('@').unwrap_or((identifier, ""));
    let accounts = rule(&details, "TargetingRule").and_then(|rule| rule.pointer("/PositiveTargeting/BuyerAccounts"));
    let last = rule(&details, "AvailabilityRule").and_then(|rule| rule.get("AvailabilityEndDate"));
    RemoteOffer {
        id: id.to_owned(),
        revision: revision.to_owned(),
        state: offer_state(details.get("State").and_then(Value::as_str)),
        name: details.get("Name").and_then(Value::as_str).map(str::to_owned),
        expires_on: last.and_then(Value::as_str).and_then(day),
        buyers: texts(accounts),
        document: details,
    }
}

/// A product.
pub(crate) fn product_facts(identifier: &str, details: &Value) -> ProductFacts {
    let id = identifier.split_once('@').map_or(identifier, |(id, _)| id);
    let text = |pointer: &str| details.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let visibility = text("/Description/Visibility");
    ProductFacts {
        id: id.to_owned(),
        title: text("/Description/ProductTitle"),
        public: matches!(visibility.as_str(), "Public" | "Limited"),
        dimensions: details
            .get("Dimensions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(dimension)
            .collect(),
    }
}

fn dimension(details: &Value) -> Option<(String, Vec<String>)> {
    let key = details.get("Key").and_then(Value::as_str)?;
    let uses: BTreeMap<&str, ()> =
        details.get("Types")?.as_array()?.iter().filter_map(Value::as_str).filter_map(usable_as).collect();
    Some((key.to_owned(), uses.into_keys().map(str::to_owned).collect()))
}

fn usable_as(kind: &str) -> Option<(&'static str, ())> {
    match kind {
        "Entitled" => Some(("contract", ())),
        "Metered" | "ExternallyMetered" => Some(("usage", ())),
        _ => None,
    }
}

/// A rule of an offer by its type.
pub(super) fn rule<'a>(details: &'a Value, kind: &str) -> Option<&'a Value> {
    of_type(details.get("Rules"), kind)
}

/// A term of an offer by its type.
pub(super) fn term<'a>(details: &'a Value, kind: &str) -> Option<&'a Value> {
    of_type(details.get("Terms"), kind)
}

fn of_type<'a>(list: Option<&'a Value>, kind: &str) -> Option<&'a Value> {
    list?.as_array()?.iter().find(|item| item.get("Type").and_then(Value::as_str) == Some(kind))
}

fn texts(list: Option<&Value>) -> Vec<String> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The day of a date or of an instant in UTC: days are written `YYYY-MM-DD` and read as instants.
pub(super) fn day(text: &str) -> Option<Date> {
    let instant = || text.parse::<Timestamp>().ok().map(|at| at.to_zoned(TimeZone::UTC).date());
    instant().or_else(|| text.parse().ok())
}
