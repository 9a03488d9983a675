//! `DescribeEntity` and `BatchDescribeEntities`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::check_catalog;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{catalog_arn, catalog_time, text};

const BATCH_MAX: usize = 20;

fn described(kind: &str, id: &str, revision: u32, owner: &str, modified: Timestamp, details: &Value) -> Value {
    json!({
        "EntityType": format!("{kind}@1.0"),
        "EntityIdentifier": format!("{id}@{revision}"),
        "EntityArn": catalog_arn(owner, kind, id),
        "LastModifiedDate": catalog_time(modified),
        "Details": details.to_string(),
        "DetailsDocument": details,
    })
}

/// The entity of an id, with or without a revision (`offer-…@2` shows that revision).
fn find(context: &Context<'_>, identifier: &str) -> Result<Value, Refusal> {
    let (id, wanted) = identifier.split_once('@').map_or((identifier, None), |(id, revision)| (id, Some(revision)));
    let missing = || Refusal::not_found(format!("the entity `{identifier}` does not exist"));
    let caller = &context.account.account_id;
    let denied = || Refusal::access_denied(format!("the account `{caller}` is not authorized for the entity `{id}`"));
    let aws = &context.world.aws;
    if let Some(product) = aws.products.get(id) {
        if product.owner != *caller {
            return Err(denied());
        }
        let kind = product.kind.name();
        return Ok(described(kind, id, product.revision, &product.owner, product.modified_at, &product.details()));
    }
    let now = context.world.clock.now();
    let offer = aws.offers.get(id).filter(|offer| offer.is_visible(now)).ok_or_else(missing)?;
    if offer.owner != *caller {
        return Err(denied());
    }
    let number = wanted.map_or(Ok(offer.revision), str::parse).map_err(|_| missing())?;
    let revision = offer.revisions.iter().find(|revision| revision.number == number).ok_or_else(missing)?;
    Ok(described("Offer", id, revision.number, &offer.owner, revision.at, &revision.details))
}

pub(super) fn describe(context: &Context<'_>) -> Reply {
    check_catalog(&context.call.input)?;
    find(context, text(&context.call.input, "EntityId"))
}

pub(super) fn describe_batch(context: &Context<'_>) -> Reply {
    let requests = context.call.input.get("EntityRequestList").and_then(Value::as_array);
    let requests = requests.map(Vec::as_slice).unwrap_or_default();
    if !(1..=BATCH_MAX).contains(&requests.len()) {
        return Err(Refusal::catalog_validation(format!("`EntityRequestList` must have 1 to {BATCH_MAX} requests")));
    }
    let mut details = Map::new();
    let mut errors = Map::new();
    for request in requests {
        let id = text(request, "EntityId");
        match check_catalog(request).and_then(|()| find(context, id)) {
            Ok(mut entity) => {
                if let Value::Object(map) = &mut entity {
                    map.remove("Details");
                }
                details.insert(id.to_owned(), entity);
            }
            Err(refusal) => {
                let error = json!({ "ErrorCode": refusal.code, "ErrorMessage": refusal.message });
                errors.insert(id.to_owned(), error);
            }
        }
    }
    Ok(json!({ "EntityDetails": details, "Errors": errors }))
}
