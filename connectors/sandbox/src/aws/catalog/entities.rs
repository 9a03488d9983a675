//! `DescribeEntity` and `BatchDescribeEntities`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::check_catalog;
use crate::aws::entity::Revision;
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
    let of = |revisions: &[Revision], last: u32| {
        let number = wanted.map_or(Ok(last), str::parse).map_err(|_| missing())?;
        revisions.iter().find(|revision| revision.number == number).cloned().ok_or_else(missing)
    };
    if let Some(offer) = aws.offers.get(id).filter(|offer| offer.is_visible(now)) {
        if offer.owner != *caller {
            return Err(denied());
        }
        let found = of(&offer.revisions, offer.revision)?;
        return Ok(described("Offer", id, found.number, &offer.owner, found.at, &found.details));
    }
    if let Some(set) = aws.offer_sets.get(id).filter(|set| set.is_visible(now)) {
        if set.owner != *caller {
            return Err(denied());
        }
        let found = of(&set.revisions, set.revision)?;
        return Ok(described("OfferSet", id, found.number, &set.owner, found.at, &found.details));
    }
    if let Some(held) = aws.authorizations.get(id).filter(|held| held.is_visible(now)) {
        if !held.may_be_read_by(caller) {
            return Err(denied());
        }
        let found = of(&held.revisions, held.revision)?;
        let shown = held.described(aws, &found.details);
        return Ok(described("ResaleAuthorization", id, found.number, &held.owner, found.at, &shown));
    }
    let listed_only = aws.solutions.contains_key(id) || aws.change_sets.iter().any(|set| set.id == id);
    if listed_only {
        let message = format!("`{id}` is of a type that this operation does not support");
        return Err(Refusal::new(415, "ResourceNotSupportedException", message));
    }
    Err(missing())
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
