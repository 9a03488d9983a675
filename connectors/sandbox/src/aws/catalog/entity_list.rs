//! `ListEntities`: typed filters, the older generic ones, sorting and paging.

use serde_json::{Value, json};

use super::entity_fields::{check_filter, check_sort};
use super::entity_rows::{Row, rows_of};
use super::{check_catalog, is_descending, page};
use crate::aws::paging::Paging;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

const PAGING: Paging = Paging::catalog(20, 50);

/// The most filters of one request.
const FILTERS_MAX: usize = 8;

pub(super) fn list(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    check_catalog(input)?;
    let entity_type = text(input, "EntityType");
    let mut rows = rows_of(context, entity_type)?;
    let typed = union_member(input, "EntityTypeFilters", &format!("{entity_type}Filters"))?;
    check_number(typed)?;
    for (field, filter) in typed.and_then(Value::as_object).into_iter().flatten() {
        retain(&mut rows, entity_type, field, filter)?;
    }
    let older = input.get("FilterList").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if older.len() > FILTERS_MAX {
        return Err(Refusal::catalog_validation(format!("`FilterList` takes at most {FILTERS_MAX} filters")));
    }
    for filter in older {
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

/// At most eight filters, one of them with a wildcard (Catalog API, `ListEntities`).
fn check_number(typed: Option<&Value>) -> Result<(), Refusal> {
    let filters = typed.and_then(Value::as_object).into_iter().flatten();
    let (all, wild) = filters
        .fold((0, 0), |(all, wild), (_, filter)| (all + 1, wild + usize::from(filter.get("WildCardValue").is_some())));
    if all > FILTERS_MAX || wild > 1 {
        let message = format!("a request has at most {FILTERS_MAX} filters, and one with a `WildCardValue`");
        return Err(Refusal::catalog_validation(message));
    }
    Ok(())
}

/// The member of a union, which has one member and the one of the listed type.
fn union_member<'a>(input: &'a Value, union: &str, member: &str) -> Result<Option<&'a Value>, Refusal> {
    let Some(given) = input.get(union).and_then(Value::as_object) else { return Ok(None) };
    match given.get(member).filter(|_| given.len() == 1) {
        Some(found) => Ok(Some(found)),
        None => Err(Refusal::catalog_validation(format!("`{union}` has exactly one member here, `{member}`"))),
    }
}

/// Keeps the rows that a filter admits: a list of values, a wildcard, or a range of dates.
fn retain(rows: &mut Vec<Row>, entity_type: &str, field: &str, filter: &Value) -> Result<(), Refusal> {
    check_filter(entity_type, field, filter)?;
    let values = filter.get("ValueList").and_then(Value::as_array);
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
    let typed = union_member(input, "EntityTypeSort", &format!("{entity_type}Sort"))?;
    let sort = typed.or_else(|| input.get("Sort"));
    let by = sort.map(|sort| text(sort, "SortBy")).filter(|by| !by.is_empty()).unwrap_or("LastModifiedDate");
    check_sort(entity_type, by, typed.is_some())?;
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
