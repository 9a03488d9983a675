//! The rows of `ListEntities`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::aws::offer::{CreatedBy, Offer, SourceIntent};
use crate::aws::offer_set::OfferSet;
use crate::aws::product::{Product, ProductKind};
use crate::aws::refusal::Refusal;
use crate::aws::resale::ResaleAuthorization;
use crate::aws::service::Context;
use crate::aws::solution::Solution;
use crate::aws::{Aws, catalog_arn, catalog_time, text};

/// Entity types that exist in the catalogue, but of which this sandbox holds none.
const EMPTY_TYPES: [&str; 7] = [
    "SubsidiaryAuthorization",
    "ExpressPrivateOfferConfiguration",
    "Seller",
    "ProcurementPolicy",
    "Experience",
    "Audience",
    "BrandingSettings",
];

/// One entity: what is shown, and what filters and sorting look at.
pub(super) struct Row {
    pub(super) summary: Value,
    pub(super) fields: Map<String, Value>,
}

/// The rows of a type that the caller sees: his own, or those that others share with him.
pub(super) fn rows_of(context: &Context<'_>, entity_type: &str) -> Result<Vec<Row>, Refusal> {
    let aws = &context.world.aws;
    let caller = &context.account.account_id;
    let now = context.world.clock.now();
    let shared = match text(&context.call.input, "OwnershipType") {
        "" | "SELF" => false,
        "SHARED" => true,
        other => {
            let message = format!("`OwnershipType` `{other}` is not one of `SELF`, `SHARED`");
            return Err(Refusal::catalog_validation(message));
        }
    };
    if entity_type == "ResaleAuthorization" {
        let held = aws.authorizations.values().filter(|held| held.is_visible(now));
        let mine = held.filter(|held| (held.owner == *caller) != shared && held.may_be_read_by(caller));
        return Ok(mine.map(|held| authorization_row(aws, held)).collect());
    }
    let kind = ProductKind::ALL.into_iter().find(|kind| kind.name() == entity_type);
    let rows: Vec<Row> = match (entity_type, kind) {
        ("Offer", _) => {
            let offers = aws.offers.values().filter(|offer| offer.owner == *caller && offer.is_visible(now));
            offers.map(offer_row).collect()
        }
        ("OfferSet", _) => {
            let sets = aws.offer_sets.values().filter(|set| set.owner == *caller && set.is_visible(now));
            sets.map(offer_set_row).collect()
        }
        ("Solution", _) => {
            aws.solutions.values().filter(|solution| solution.owner == *caller).map(solution_row).collect()
        }
        (_, Some(kind)) => {
            let products = aws.products.values().filter(|product| product.owner == *caller && product.kind == kind);
            products.map(product_row).collect()
        }
        (other, None) if EMPTY_TYPES.contains(&other) => Vec::new(),
        (other, None) => {
            return Err(Refusal::not_found(format!("`{other}` is not an entity type of the catalogue")));
        }
    };
    Ok(if shared { Vec::new() } else { rows })
}

fn offer_row(offer: &Offer) -> Row {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("Name", offer.name.clone().unwrap_or_default().into());
    put("ProductId", offer.product_id.clone().into());
    put("State", offer.state.name().into());
    put("BuyerAccounts", json!(offer.buyer_accounts()));
    put("Targeting", json!(offer.targeting_kinds()));
    let created_by = if offer.created_by == CreatedBy::Seller { "Seller" } else { "AwsMarketplace" };
    put("CreatedBySource", created_by.into());
    if let Some(at) = offer.released_at {
        put("ReleaseDate", catalog_time(at).into());
    }
    if let Some(end) = offer.available_until() {
        put("AvailabilityEndDate", catalog_time(end).into());
    }
    if let Some(resale) = &offer.resale {
        put("ResaleAuthorizationId", resale.authorization_id.clone().into());
    }
    if let Some(id) = &offer.offer_set_id {
        put("OfferSetId", id.clone().into());
    }
    if let Some(source) = &offer.source_agreement {
        put("TargetAgreementId", source.id.clone().into());
        if source.intent == SourceIntent::Renew {
            put("TargetAgreementIntent", "Renew".into());
        }
    }
    let modified = catalog_time(offer.modified_at);
    let summary = json!({
        "Name": offer.name.clone().unwrap_or_default(),
        "EntityType": "Offer",
        "EntityId": offer.id,
        "EntityArn": catalog_arn(&offer.owner, "Offer", &offer.id),
        "LastModifiedDate": modified,
        "OfferSummary": shown,
    });
    shown.insert("EntityId".to_owned(), offer.id.clone().into());
    shown.insert("LastModifiedDate".to_owned(), modified.into());
    Row { summary, fields: shown }
}

fn product_row(product: &Product) -> Row {
    let kind = product.kind.name();
    let modified = catalog_time(product.modified_at);
    let mut fields = Map::new();
    fields.insert("ProductTitle".to_owned(), product.title.clone().into());
    fields.insert("Visibility".to_owned(), product.visibility.name().into());
    let mut summary = Map::new();
    summary.insert("Name".to_owned(), product.title.clone().into());
    summary.insert("EntityType".to_owned(), kind.into());
    summary.insert("EntityId".to_owned(), product.id.clone().into());
    summary.insert("EntityArn".to_owned(), catalog_arn(&product.owner, kind, &product.id).into());
    summary.insert("LastModifiedDate".to_owned(), modified.clone().into());
    summary.insert("Visibility".to_owned(), product.visibility.name().into());
    summary.insert(format!("{kind}Summary"), Value::Object(fields.clone()));
    fields.insert("EntityId".to_owned(), product.id.clone().into());
    fields.insert("LastModifiedDate".to_owned(), modified.into());
    fields.insert("Name".to_owned(), product.title.clone().into());
    Row { summary: Value::Object(summary), fields }
}

/// A row whose summary has a typed part.
fn row(kind: &str, id: &str, owner: &str, name: &str, modified: Timestamp, typed: Map<String, Value>) -> Row {
    let modified = catalog_time(modified);
    let summary = json!({
        "Name": name,
        "EntityType": kind,
        "EntityId": id,
        "EntityArn": catalog_arn(owner, kind, id),
        "LastModifiedDate": modified,
        format!("{kind}Summary"): typed,
    });
    let mut fields = typed;
    fields.insert("EntityId".to_owned(), id.into());
    fields.insert("LastModifiedDate".to_owned(), modified.into());
    Row { summary, fields }
}

fn offer_set_row(set: &OfferSet) -> Row {
    let mut shown = Map::new();
    shown.insert("Name".to_owned(), set.name.clone().into());
    shown.insert("State".to_owned(), set.state.name().into());
    shown.insert("AssociatedOfferIds".to_owned(), set.offers.clone().into());
    shown.extend(set.released_at.map(|at| ("ReleaseDate".to_owned(), catalog_time(at).into())));
    shown.extend(set.solution_id.clone().map(|id| ("SolutionId".to_owned(), id.into())));
    row("OfferSet", &set.id, &set.owner, &set.name, set.modified_at, shown)
}

fn authorization_row(aws: &Aws, held: &ResaleAuthorization) -> Row {
    let product = aws.products.get(&held.product_id).map(|product| product.title.clone());
    let named = [
        ("Name", Some(held.name.clone())),
        ("ProductId", Some(held.product_id.clone())),
        ("ProductName", product),
        ("ManufacturerAccountId", Some(held.owner.clone())),
        ("ManufacturerLegalName", Some(aws.name_of(&held.owner))),
        ("ResellerAccountID", Some(held.reseller.clone())),
        ("ResellerLegalName", Some(aws.name_of(&held.reseller)).filter(|name| !name.is_empty())),
        ("Status", Some(held.status.name().to_owned())),
        ("OfferExtendedStatus", Some(held.offer_status().to_owned())),
        ("CreatedDate", Some(catalog_time(held.created_at))),
        ("AvailabilityEndDate", held.available_until().map(catalog_time)),
        ("ResellerRole", Some("ChannelPartner".to_owned())),
        ("IssuerAccountId", Some(held.owner.clone())),
    ];
    let shown = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))).collect();
    row("ResaleAuthorization", &held.id, &held.owner, &held.name, held.modified_at, shown)
}

/// The service has no typed summary for solutions.
fn solution_row(solution: &Solution) -> Row {
    let mut made = row("Solution", &solution.id, &solution.owner, &solution.title, solution.modified_at, Map::new());
    if let Value::Object(summary) = &mut made.summary {
        summary.remove("SolutionSummary");
        summary.insert("Visibility".to_owned(), solution.visibility.name().into());
    }
    made.fields.insert("Name".to_owned(), solution.title.clone().into());
    made.fields.insert("Visibility".to_owned(), solution.visibility.name().into());
    made
}
