//! The fields that entity types can be filtered and sorted by, as the service's model lists them.

use serde_json::Value;

use crate::aws::refusal::Refusal;
use crate::aws::text;

/// How one field of one type may be used.
pub(super) struct Field {
    name: &'static str,
    /// The most values of a `ValueList`; 0 where there is none.
    values: usize,
    /// The only values of a `ValueList`; any when empty.
    known: &'static [&'static str],
    /// The fewest characters of a `WildCardValue`; 0 where there is none.
    wildcard: usize,
    dates: bool,
    sorts: bool,
}

/// A field with a list of values.
const fn listed(name: &'static str) -> Field {
    Field { name, values: 10, known: &[], wildcard: 0, dates: false, sorts: true }
}

/// A field with a list of these values.
const fn closed(name: &'static str, values: usize, known: &'static [&'static str]) -> Field {
    Field { values, known, ..listed(name) }
}

/// A text that may also be searched for a part of it.
const fn searched(name: &'static str) -> Field {
    Field { wildcard: 1, ..listed(name) }
}

/// A date with a range.
const fn dated(name: &'static str) -> Field {
    Field { values: 0, dates: true, ..listed(name) }
}

/// A field that only sorts.
const fn sorting(name: &'static str) -> Field {
    Field { values: 0, ..listed(name) }
}

const DRAFT_OR_RELEASED: &[&str] = &["Draft", "Released"];

const OFFER: &[Field] = &[
    listed("EntityId"),
    searched("Name"),
    listed("ProductId"),
    listed("ResaleAuthorizationId"),
    dated("ReleaseDate"),
    dated("AvailabilityEndDate"),
    Field { values: 0, ..searched("BuyerAccounts") },
    closed("State", 2, DRAFT_OR_RELEASED),
    closed("Targeting", 4, &["BuyerAccounts", "ParticipatingPrograms", "CountryCodes", "None"]),
    dated("LastModifiedDate"),
    listed("OfferSetId"),
    listed("TargetAgreementId"),
    closed("TargetAgreementIntent", 2, &["Renew"]),
    closed("CreatedBySource", 2, &["Seller", "AwsMarketplace"]),
];

const OFFER_SET: &[Field] = &[
    listed("EntityId"),
    listed("Name"),
    closed("State", 2, DRAFT_OR_RELEASED),
    dated("ReleaseDate"),
    Field { sorts: false, ..listed("AssociatedOfferIds") },
    listed("SolutionId"),
    dated("LastModifiedDate"),
];

const AUTHORIZATION: &[Field] = &[
    listed("EntityId"),
    searched("Name"),
    searched("ProductId"),
    Field { dates: true, ..listed("CreatedDate") },
    Field { dates: true, ..listed("AvailabilityEndDate") },
    searched("ManufacturerAccountId"),
    searched("ProductName"),
    searched("ManufacturerLegalName"),
    searched("ResellerAccountID"),
    searched("ResellerLegalName"),
    closed("Status", 10, &["Draft", "Active", "Restricted"]),
    listed("OfferExtendedStatus"),
    dated("LastModifiedDate"),
    closed("ResellerRole", 10, &["ChannelPartner", "Distributor"]),
    listed("SourceAuthorization"),
    listed("IssuerAccountId"),
];

const VISIBILITY: Field = closed("Visibility", 10, &["Limited", "Public", "Restricted", "Draft"]);

const PRODUCT: &[Field] = &[listed("EntityId"), searched("ProductTitle"), VISIBILITY, dated("LastModifiedDate")];

const SAAS_PRODUCT: &[Field] = &[
    listed("EntityId"),
    searched("ProductTitle"),
    VISIBILITY,
    dated("LastModifiedDate"),
    sorting("DeliveryOptionTypes"),
];

const CONTAINER_PRODUCT: &[Field] = &[
    listed("EntityId"),
    searched("ProductTitle"),
    VISIBILITY,
    dated("LastModifiedDate"),
    sorting("CompatibleAWSServices"),
];

const DATA_PRODUCT: &[Field] = &[
    listed("EntityId"),
    searched("ProductTitle"),
    closed("Visibility", 10, &["Limited", "Public", "Restricted", "Unavailable", "Draft"]),
    dated("LastModifiedDate"),
];

const EXPRESS: &[Field] = &[
    listed("EntityId"),
    listed("ProductId"),
    closed("State", 10, &["ACTIVE", "INACTIVE"]),
    sorting("LastModifiedDate"),
];

const SUBSIDIARY: &[Field] = &[
    listed("EntityId"),
    closed("Status", 10, &["Draft", "Active", "Restricted"]),
    listed("ResourceId"),
    Field { wildcard: 3, sorts: false, ..listed("ResourceName") },
    Field { wildcard: 3, sorts: false, ..listed("Name") },
    listed("SubsidiaryAccountId"),
    dated("CreatedDate"),
    dated("LastModifiedDate"),
];

/// Types without typed filters: the older ones alone.
const OTHER: &[Field] = &[listed("EntityId"), searched("Name"), listed("Visibility"), dated("LastModifiedDate")];

/// The fields of a type.
fn fields_of(entity_type: &str) -> &'static [Field] {
    match entity_type {
        "Offer" => OFFER,
        "OfferSet" => OFFER_SET,
        "ResaleAuthorization" => AUTHORIZATION,
        "SaaSProduct" => SAAS_PRODUCT,
        "ContainerProduct" => CONTAINER_PRODUCT,
        "DataProduct" => DATA_PRODUCT,
        "ExpressPrivateOfferConfiguration" => EXPRESS,
        "SubsidiaryAuthorization" => SUBSIDIARY,
        kind if kind.ends_with("Product") => PRODUCT,
        _ => OTHER,
    }
}

fn unknown(entity_type: &str, name: &str, what: &str) -> Refusal {
    Refusal::catalog_validation(format!("`{name}` is not a field of `{entity_type}` to {what} by"))
}

/// The field to sort by. The older `Sort` also takes `Name`, which all entities have; the typed one of a type takes what
/// its model lists.
pub(super) fn check_sort(entity_type: &str, name: &str, typed: bool) -> Result<(), Refusal> {
    let known = fields_of(entity_type).iter().any(|field| field.name == name && field.sorts);
    if known || (name == "Name" && !typed) { Ok(()) } else { Err(unknown(entity_type, name, "sort")) }
}

/// A filter against the field's ways of filtering.
pub(super) fn check_filter(entity_type: &str, name: &str, filter: &Value) -> Result<(), Refusal> {
    let filters = |field: &&Field| field.values > 0 || field.wildcard > 0 || field.dates;
    let Some(field) = fields_of(entity_type).iter().filter(filters).find(|field| field.name == name) else {
        return Err(unknown(entity_type, name, "filter"));
    };
    let refused = |message: String| Err(Refusal::catalog_validation(message));
    if let Some(values) = filter.get("ValueList").and_then(Value::as_array) {
        if !(1..=field.values).contains(&values.len()) {
            return refused(format!("the filter `{name}` of `{entity_type}` takes 1 to {} values", field.values));
        }
        let strange = |value: &&Value| !value.as_str().is_some_and(|value| field.known.contains(&value));
        if let Some(value) = values.iter().find(strange).filter(|_| !field.known.is_empty()) {
            return refused(format!("{value} is not one of `{}` of the filter `{name}`", field.known.join("`, `")));
        }
    }
    let misused = [("WildCardValue", field.wildcard > 0), ("DateRange", field.dates)];
    if let Some((way, _)) = misused.iter().find(|(way, allowed)| !allowed && filter.get(*way).is_some()) {
        return refused(format!("the filter `{name}` of `{entity_type}` has no `{way}`"));
    }
    if filter.get("WildCardValue").is_some() && text(filter, "WildCardValue").chars().count() < field.wildcard {
        return refused(format!("the wildcard of the filter `{name}` has at least {} characters", field.wildcard));
    }
    let range = filter.get("DateRange");
    for key in ["AfterValue", "BeforeValue"] {
        let bound = range.map(|range| text(range, key)).unwrap_or_default();
        if !bound.is_empty() && (bound.len() != 20 || bound.parse::<jiff::Timestamp>().is_err()) {
            return refused(format!("`{key}` of the filter `{name}` is a time such as `2026-01-31T00:00:00Z`"));
        }
    }
    Ok(())
}
