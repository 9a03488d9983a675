//! Tags of applications.

use serde_json::{Value, json};

use super::input::{id_of, invalid, missing, required};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};

/// How many tags a resource may have. AWS publishes no number for this service; this is what its others allow.
const TAGS_MAX: usize = 50;

fn resource(context: &Context<'_>) -> Result<String, Refusal> {
    let arn = required(&context.call.input, "resourceArn", 1000)?;
    let known = context.world.aws.benefits.applications.get(id_of(arn));
    let ours = known.is_some_and(|known| known.account == context.account.account_id && known.arn() == arn);
    if ours { Ok(arn.to_owned()) } else { Err(missing("Resource", arn)) }
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let arn = resource(context)?;
    let tags = context.world.aws.tags.get(&arn).cloned().unwrap_or_default();
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "tags": tags }))
}

/// Reads tags as requests write them.
pub(super) fn given(input: &Value, key: &str) -> Result<Vec<(String, String)>, Refusal> {
    let tags = input.get(key).and_then(Value::as_array);
    let read = |tag: &Value| {
        let part = |part: &str, max: usize| {
            let text = tag.get(part).and_then(Value::as_str).filter(|text| text.chars().count() <= max);
            text.map(str::to_owned).ok_or_else(|| {
                invalid(key, "INVALID_VALUE", format!("each tag has a `{part}` of at most {max} characters"))
            })
        };
        Ok((part("Key", 128)?, part("Value", 256)?))
    };
    tags.into_iter().flatten().map(read).collect()
}

pub(super) fn tag(context: Context<'_>) -> Reply {
    let arn = resource(&context)?;
    let given = given(&context.call.input, "tags")?;
    let tags = context.world.aws.tags.entry(arn.clone()).or_default();
    let mut wanted = tags.clone();
    wanted.extend(given);
    if wanted.len() > TAGS_MAX {
        let message = format!("a resource has at most {TAGS_MAX} tags");
        let refused = Refusal::new(400, "ServiceQuotaExceededException", message);
        return Err(refused
            .with("ResourceId", arn)
            .with("ResourceType", "BenefitApplication")
            .with("QuotaCode", "L-TAGS"));
    }
    *tags = wanted;
    Ok(json!({}))
}

pub(super) fn untag(context: Context<'_>) -> Reply {
    let arn = resource(&context)?;
    let keys = super::input::texts(&context.call.input, "tagKeys", 50)?;
    if keys.is_empty() {
        return Err(invalid("tagKeys", "NOT_ENOUGH_VALUES", "`tagKeys` has at least one value."));
    }
    if let Some(tags) = context.world.aws.tags.get_mut(&arn) {
        tags.retain(|key, _| !keys.contains(key));
    }
    Ok(json!({}))
}
