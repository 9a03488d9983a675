//! Small changes of an application that is being reviewed.

use serde_json::{Value, json};

use super::catalogue;
use super::form::{self, Depth};
use super::input::{application, current, identifier, in_state, invalid, refused, replayed, required};
use super::{Application, Status, review};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{text, token};

/// How many changes one call may make (developer guide: a minor fix).
const AMENDMENTS_MAX: usize = 10;

pub(super) fn amend(mut context: Context<'_>) -> Reply {
    if replayed(&context)?.is_some() {
        return Ok(json!({}));
    }
    let input = &context.call.input;
    let id = identifier(input, "Identifier", "benappl-")?.to_owned();
    let mut changed = application(&context.world.aws, &context.account.account_id, &id)?.clone();
    in_state(&changed, &[Status::InReview, Status::ActionRequired], "amended")?;
    current(&changed, input)?;
    required(input, "AmendmentReason", 1000)?;
    let amendments = input.get("Amendments").and_then(Value::as_array).cloned().unwrap_or_default();
    if !(1..=AMENDMENTS_MAX).contains(&amendments.len()) {
        let code = if amendments.is_empty() { "NOT_ENOUGH_VALUES" } else { "TOO_MANY_VALUES" };
        return Err(invalid("Amendments", code, format!("an amendment changes 1 to {AMENDMENTS_MAX} fields")));
    }
    for amendment in &amendments {
        set(&mut changed, text(amendment, "FieldPath"), text(amendment, "NewValue"))?;
    }
    checked(&changed)?;
    let now = context.world.clock.now();
    if changed.status == Status::ActionRequired {
        changed.status = Status::InReview;
        changed.reason = None;
        changed.reason_codes = Vec::new();
        review::go_on(&mut changed, now);
    }
    changed.touch(now);
    context.world.aws.benefits.applications.insert(id.clone(), changed);
    token::remember(&mut context, &id);
    context.record_effect(None, vec![id]);
    Ok(json!({}))
}

fn checked(changed: &Application) -> Result<(), Refusal> {
    let Some(benefit) = catalogue::benefit(&changed.benefit_id) else { return Ok(()) };
    let wrong = form::problems(&benefit.schema(), &changed.details, Depth::Whole);
    if wrong.is_empty() { Ok(()) } else { Err(refused("fieldValidationFailed", wrong)) }
}

/// Sets a field of the details by its path: names with dots between them, `$.` before them where somebody writes that. A value
/// is a text; where a number stands it has to be one.
fn set(application: &mut Application, path: &str, value: &str) -> Result<(), Refusal> {
    let unknown = || invalid("Amendments", "INVALID_VALUE", format!("the application has no field `{path}`"));
    let inner = path.trim_start_matches("$.").trim_start_matches("BenefitApplicationDetails.");
    let pointer = format!("/{}", inner.replace('.', "/"));
    let place = application.details.pointer_mut(&pointer).ok_or_else(unknown)?;
    *place = match place {
        Value::Number(_) => json!(value.parse::<i64>().map_err(|_| {
            invalid("Amendments", "INVALID_VALUE", format!("`{path}` is a whole number, and `{value}` is none"))
        })?),
        Value::String(_) => json!(value),
        _ => return Err(unknown()),
    };
    Ok(())
}
