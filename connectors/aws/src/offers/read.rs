//! Entities as `DescribeEntity` gives them, in the port's words.

use std::collections::BTreeSet;

use entente_core::offer::document::ProductKind;
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

/// A product. `entity_type` is the kind of product and the version of its form, such as `SaaSProduct@1.0`.
pub(crate) fn product_facts(identifier: &str, entity_type: &str, details: &Value) -> ProductFacts {
    let kind = product_kind(entity_type);
    let id = identifier.split_once('@').map_or(identifier, |(id, _)| id);
    let text = |pointer: &str| details.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let visibility = text("/Description/Visibility");
    ProductFacts {
        id: id.to_owned(),
        title: text("/Description/ProductTitle"),
        kind,
        public: matches!(visibility.as_str(), "Public" | "Limited"),
        dimensions: details
            .get("Dimensions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|details| dimension(kind, details))
            .collect(),
    }
}

/// AWS's name of each kind of product.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_ListEntities.html>
fn product_kind(entity_type: &str) -> Option<ProductKind> {
    match entity_type.split_once('@').map_or(entity_type, |(kind, _)| kind) {
        "SaaSProduct" => Some(ProductKind::Saas),
        "AmiProduct" => Some(ProductKind::MachineImage),
        "ContainerProduct" => Some(ProductKind::Container),
        "MachineLearningProduct" => Some(ProductKind::MachineLearning),
        "DataProduct" => Some(ProductKind::Data),
        "ProfessionalServicesProduct" => Some(ProductKind::ProfessionalServices),
        _ => None,
    }
}

fn dimension(product: Option<ProductKind>, details: &Value) -> Option<(String, Vec<String>)> {
    let key = details.get("Key").and_then(Value::as_str)?;
    let kinds = details.get("Types")?.as_array()?.iter().filter_map(Value::as_str);
    let uses: BTreeSet<&str> = kinds.flat_map(|kind| usable_as(product, kind)).copied().collect();
    Some((key.to_owned(), uses.into_iter().map(str::to_owned).collect()))
}

/// How a dimension of a type is sold. What a machine image or a container meters may be paid a year in advance, too.
fn usable_as(product: Option<ProductKind>, kind: &str) -> &'static [&'static str] {
    let in_advance = matches!(product, Some(ProductKind::MachineImage | ProductKind::Container));
    match kind {
        "Entitled" => &["contract"],
        "Metered" | "ExternallyMetered" if in_advance => &["contract", "usage"],
        "Metered" | "ExternallyMetered" => &["usage"],
        _ => &[],
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

/// The texts of a list.
pub(super) fn texts(list: Option<&Value>) -> Vec<String> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The day of a date or of an instant in UTC: days are written `YYYY-MM-DD` and read as instants.
pub(super) fn day(text: &str) -> Option<Date> {
    let instant = || text.parse::<Timestamp>().ok().map(|at| at.to_zoned(TimeZone::UTC).date());
    instant().or_else(|| text.parse().ok())
}
