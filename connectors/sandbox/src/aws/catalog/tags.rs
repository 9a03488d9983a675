//! Tags and resource policies of catalogue objects.

use serde_json::{Value, json};

use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

/// Characters of a resource policy.
const POLICY_MAX: usize = 10_240;

/// The most tags of one resource.
const TAGS_MAX: usize = 200;

/// The ARN of an object of the caller that exists.
fn owned_arn(context: &Context<'_>) -> Result<String, Refusal> {
    let arn = text(&context.call.input, "ResourceArn");
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "aws-marketplace", _, account, path] = parts.as_slice() else {
        return Err(Refusal::catalog_validation(format!("`{arn}` is not the ARN of a marketplace resource")));
    };
    if *account != context.account.account_id {
        return Err(Refusal::access_denied(format!("`{arn}` belongs to another account")));
    }
    let id = path.rsplit('/').next().unwrap_or_default();
    let aws = &context.world.aws;
    let exists = aws.offers.contains_key(id)
        || aws.offer_sets.contains_key(id)
        || aws.authorizations.contains_key(id)
        || aws.products.contains_key(id)
        || aws.solutions.contains_key(id)
        || aws.change_sets.iter().any(|set| set.id == id);
    if exists { Ok(arn.to_owned()) } else { Err(Refusal::not_found(format!("`{arn}` does not exist"))) }
}

/// A list of tags within the bounds of the model.
pub(crate) fn check_tags(what: &str, tags: &Value) -> Result<(), Refusal> {
    let tags = tags.as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=TAGS_MAX).contains(&tags.len()) {
        return Err(Refusal::catalog_validation(format!("`{what}` must have 1 to {TAGS_MAX} tags")));
    }
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    for tag in tags {
        let (key, value) = (text(tag, "Key"), text(tag, "Value"));
        let bounded = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !bounded || !key.chars().chain(value.chars()).all(allowed) {
            let message = "a tag has a `Key` of 1 to 128 characters and a `Value` of at most 256: letters, digits, spaces and `_.:/=+-@`";
            return Err(Refusal::catalog_validation(message));
        }
    }
    Ok(())
}

pub(super) fn tag(mut context: Context<'_>) -> Reply {
    let arn = owned_arn(&context)?;
    let tags = context.call.input.get("Tags").cloned().unwrap_or_default();
    check_tags("Tags", &tags)?;
    let tags = tags.as_array().cloned().unwrap_or_default();
    let stored = context.world.aws.tags.entry(arn.clone()).or_default();
    stored.extend(tags.iter().map(|tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned())));
    context.record_effect(None, vec![arn]);
    Ok(json!({}))
}

pub(super) fn untag(mut context: Context<'_>) -> Reply {
    let arn = owned_arn(&context)?;
    let keys = context.call.input.get("TagKeys").and_then(Value::as_array).cloned().unwrap_or_default();
    if !(1..=TAGS_MAX).contains(&keys.len()) {
        return Err(Refusal::catalog_validation(format!("`TagKeys` must have 1 to {TAGS_MAX} keys")));
    }
    if let Some(stored) = context.world.aws.tags.get_mut(&arn) {
        stored.retain(|key, _| !keys.iter().any(|gone| gone.as_str() == Some(key)));
    }
    context.record_effect(None, vec![arn]);
    Ok(json!({}))
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let arn = owned_arn(context)?;
    let tags: Vec<Value> = context
        .world
        .aws
        .tags
        .get(&arn)
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "ResourceArn": arn, "Tags": tags }))
}

pub(super) fn put_policy(mut context: Context<'_>) -> Reply {
    let arn = owned_arn(&context)?;
    let policy = text(&context.call.input, "Policy").to_owned();
    if !(1..=POLICY_MAX).contains(&policy.chars().count()) {
        return Err(Refusal::catalog_validation(format!("`Policy` must have 1 to {POLICY_MAX} characters")));
    }
    if serde_json::from_str::<Value>(&policy).is_err() {
        return Err(Refusal::catalog_validation("`Policy` must be a JSON policy document"));
    }
    context.world.aws.policies.insert(arn.clone(), policy);
    context.record_effect(None, vec![arn]);
    Ok(json!({}))
}

pub(super) fn policy(context: &Context<'_>) -> Reply {
    let arn = owned_arn(context)?;
    let policy = context.world.aws.policies.get(&arn);
    policy.map(|policy| json!({ "Policy": policy })).ok_or_else(|| Refusal::not_found(format!("`{arn}` has no policy")))
}

pub(super) fn delete_policy(mut context: Context<'_>) -> Reply {
    let arn = owned_arn(&context)?;
    if context.world.aws.policies.remove(&arn).is_none() {
        return Err(Refusal::not_found(format!("`{arn}` has no policy")));
    }
    context.record_effect(None, vec![arn]);
    Ok(json!({}))
}
