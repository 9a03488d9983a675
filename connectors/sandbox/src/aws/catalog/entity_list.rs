//! `ListEntities`: typed filters, the older generic ones, sorting and paging.

use serde_json::{Map, Value, json};

use super::{check_catalog, is_descending, page};
use crate::aws::offer::{CreatedBy, Offer, SourceIntent};
use crate::aws::paging::Paging;
use crate::aws::product::{Product, ProductKind};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{catalog_arn, catalog_time, text};

const PAGING: Paging = Paging::catalog(20, 50);

/// Entity types that exist in the catalogue, but of which this sandbox holds none.
const EMPTY_TYPES: [&str; 10] = [
    "OfferSet",
    "ResaleAuthorization",
    "Solution",
    "SubsidiaryAuthorization",
    "ExpressPrivateOfferConfiguration",
    "Seller",
    "ProcurementPolicy",
    "Experience",
    "Audience",
    "BrandingSettings",
];

pub(super) fn list(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    check_catalog(input)?;
    let entity_type = text(input, "EntityType");
    let mut rows = rows_of(context, entity_type)?;
    if text(input, "OwnershipType") == "SHARED" {
        rows.clear();
    }
    let typed = input.get("EntityTypeFilters").and_then(|filters| filters.get(format!("{entity_type}Filters")));
    for (field, filter) in typed.and_then(Value::as_object).into_iter().flatten() {
        retain(&mut rows, entity_type, field, filter)?;
    }
    for filter in input.get("FilterList").and_then(Value::as_array).into_iter().flatten() {
        let field = text(filter, "Name");
        retain(&mut rows, entity_type, field, &json!({ "ValueList": filter.get("ValueList") }))?;
    }
    sort(&mut rows, input, entity_type)?;
    let page = page(context, &PAGING, rows)?;
    let shown: Vec<Value> = page.items.into_iter().map(|row| row.summary).collect();
    let mut answer = json!({ "EntitySummaryList": shown });
    if let (Value::Object(map), Some(token)) = (&mut answer, page.next_token) {
        map.insert("NextToken".to_owned(), token.into());
    }
    Ok(answer)
}

/// One entity: what is shown, and what filters and sorting look at.
struct Row {
    summary: Value,
    fields: Map<String, Value>,
}

fn rows_of(context: &Context<'_>, entity_type: &str) -> Result<Vec<Row>, Refusal> {
    let aws = &context.world.aws;
    let owner = &context.account.account_id;
    let now = context.world.clock.now();
    if entity_type == "Offer" {
        let offers = aws.offers.values().filter(|offer| offer.owner == *owner && offer.is_visible(now));
        return Ok(offers.map(offer_row).collect());
    }
    if let Some(kind) = ProductKind::ALL.into_iter().find(|kind| kind.name() == entity_type) {
        let products = aws.products.values().filter(|product| product.owner == *owner && product.kind == kind);
        return Ok(products.map(product_row).collect());
    }
    if EMPTY_TYPES.contains(&entity_type) {
        return Ok(Vec::new());
    }
    Err(Refusal::catalog_validation(format!("`{entity_type}` is not an entity type of the catalogue")))
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

/// The fields that a type can be filtered and sorted by.
fn fields_of(entity_type: &str) -> &'static [&'static str] {
    match entity_type {
        "Offer" => &[
            "EntityId",
            "Name",
            "ProductId",
            "ResaleAuthorizationId",
            "ReleaseDate",
            "AvailabilityEndDate",
            "BuyerAccounts",
            "State",
            "Targeting",
            "LastModifiedDate",
            "OfferSetId",
            "TargetAgreementId",
            "TargetAgreementIntent",
            "CreatedBySource",
        ],
        _ => &["EntityId", "Name", "ProductTitle", "Visibility", "LastModifiedDate"],
    }
}

fn check_field(entity_type: &str, field: &str) -> Result<(), Refusal> {
    if EMPTY_TYPES.contains(&entity_type) || fields_of(entity_type).contains(&field) {
        Ok(())
    } else {
        Err(Refusal::catalog_validation(format!("`{field}` is not a field of `{entity_type}` to filter or sort by")))
    }
}

/// Keeps the rows that a filter admits: a list of values, a wildcard, or a range of dates.
fn retain(rows: &mut Vec<Row>, entity_type: &str, field: &str, filter: &Value) -> Result<(), Refusal> {
    check_field(entity_type, field)?;
    let values = filter.get("ValueList").and_then(Value::as_array);
    if values.is_some_and(|values| !(1..=10).contains(&values.len())) {
        return Err(Refusal::catalog_validation(format!("the filter `{field}` takes 1 to 10 values")));
    }
    let wildcard = filter.get("WildCardValue").and_then(Value::as_str);
    let range = filter.get("DateRange");
    let bound = |key: &str| range.map(|range| text(range, key)).filter(|bound| !bound.is_empty());
    let (after, before) = (bound("AfterValue"), bound("BeforeValue"));
    rows.retain(|row| {
        let found: Vec<&str> = match row.fields.get(field) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        values.is_none_or(|values| values.iter().any(|value| value.as_str().is_some_and(|value| found.contains(&value))))
            && wildcard.is_none_or(|part| found.iter().any(|text| text.contains(part)))
            // All times have the same 20 characters, so their texts order as the times do.
            && after.is_none_or(|after| found.iter().any(|text| *text >= after))
            && before.is_none_or(|before| found.iter().any(|text| *text <= before))
    });
    Ok(())
}

fn sort(rows: &mut [Row], input: &Value, entity_type: &str) -> Result<(), Refusal> {
    let typed = input.get("EntityTypeSort").and_then(|sort| sort.get(format!("{entity_type}Sort")));
    let sort = typed.or_else(|| input.get("Sort"));
    let by = sort.map(|sort| text(sort, "SortBy")).filter(|by| !by.is_empty()).unwrap_or("LastModifiedDate");
    check_field(entity_type, by)?;
    let key = |row: &Row| {
        let text = |name: &str| row.fields.get(name).map(Value::to_string).unwrap_or_default();
        (text(by), text("EntityId"))
    };
    rows.sort_by_key(key);
    if is_descending(sort)? {
        rows.reverse();
    }
    Ok(())
}
