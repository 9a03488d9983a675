//! What the operations read of their requests, and how they refuse what is not of its form.

use serde_json::{Value, json};

use super::{Application, Status};
use crate::aws::paging::{Page, PageError, Paging};
use crate::aws::refusal::Refusal;
use crate::aws::service::Context;
use crate::aws::token::{self, Known};
use crate::aws::{Aws, text};

/// How lists are paged.
const PAGING: Paging = Paging { size_key: "MaxResults", token_key: "NextToken", size_default: 50, size_max: 100 };

/// A request that is refused for one field.
pub(super) fn invalid(field: &str, code: &str, message: impl Into<String>) -> Refusal {
    let message = message.into();
    refused("fieldValidationFailed", vec![json!({ "Name": field, "Message": message, "Code": code })])
}

/// A request that makes no sense as things stand.
pub(super) fn business(field: &str, code: &str, message: impl Into<String>) -> Refusal {
    let message = message.into();
    refused("BUSINESS_VALIDATION_FAILED", vec![json!({ "Name": field, "Message": message, "Code": code })])
}

/// A request that is refused for these fields.
pub(super) fn refused(reason: &str, fields: Vec<Value>) -> Refusal {
    Refusal::new(400, "ValidationException", "The request is not valid.")
        .with("Reason", reason)
        .with("FieldList", fields)
}

/// Somebody else was faster, or a token is used for something else.
pub(super) fn conflict(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ConflictException", message)
}

fn not_found(kind: &str, id: &str) -> Refusal {
    Refusal::new(400, "ResourceNotFoundException", format!("{kind} `{id}` does not exist."))
}

/// The catalog that every operation but those of tags names.
pub(super) fn catalog(context: &Context<'_>) -> Result<(), Refusal> {
    match text(&context.call.input, "Catalog") {
        "AWS" => Ok(()),
        "" => Err(invalid("Catalog", "REQUIRED_FIELD_MISSING", "`Catalog` is required.")),
        _ => Err(invalid("Catalog", "INVALID_ENUM_VALUE", "`Catalog` is `AWS`.")),
    }
}

/// A required text of at most so many characters.
pub(super) fn required<'a>(input: &'a Value, key: &str, max: usize) -> Result<&'a str, Refusal> {
    match optional(input, key, max)? {
        Some(text) => Ok(text),
        None => Err(invalid(key, "REQUIRED_FIELD_MISSING", format!("`{key}` is required."))),
    }
}

/// A text of at most so many characters; empty is not absent.
pub(super) fn optional<'a>(input: &'a Value, key: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = input.get(key) else { return Ok(None) };
    match value.as_str().filter(|text| (1..=max).contains(&text.chars().count())) {
        Some(text) => Ok(Some(text)),
        None => Err(invalid(key, "INVALID_STRING_FORMAT", format!("`{key}` is a text of 1 to {max} characters."))),
    }
}

/// A list of texts, of at most so many.
pub(super) fn texts(input: &Value, key: &str, max: usize) -> Result<Vec<String>, Refusal> {
    let Some(value) = input.get(key) else { return Ok(Vec::new()) };
    let wrong = || invalid(key, "INVALID_VALUE", format!("`{key}` is a list of texts."));
    let items = value.as_array().ok_or_else(wrong)?;
    if items.len() > max {
        return Err(invalid(key, "TOO_MANY_VALUES", format!("`{key}` has at most {max} values.")));
    }
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

/// A list of the values that the service knows.
pub(super) fn words(input: &Value, key: &str, max: usize, known: &[&str]) -> Result<Vec<String>, Refusal> {
    let words = texts(input, key, max)?;
    match words.iter().find(|word| !known.contains(&word.as_str())) {
        None => Ok(words),
        Some(word) => Err(invalid(key, "INVALID_ENUM_VALUE", format!("`{word}` is not one of {}.", known.join(", ")))),
    }
}

/// Ids and ARNs name the same: what stands behind the last slash.
pub(super) fn id_of(identifier: &str) -> &str {
    identifier.rsplit('/').next().unwrap_or(identifier)
}

/// The id behind an identifier of the form that the service has.
pub(super) fn identifier<'a>(input: &'a Value, key: &str, prefix: &str) -> Result<&'a str, Refusal> {
    let id = id_of(required(input, key, 1600)?);
    let tail = id.strip_prefix(prefix).unwrap_or_default();
    let formed = tail.len() == 14 && tail.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if formed { Ok(id) } else { Err(invalid(key, "INVALID_STRING_FORMAT", format!("`{key}` is no id of this kind."))) }
}

/// The caller's application that a request names.
pub(super) fn application<'a>(aws: &'a Aws, account: &str, id: &str) -> Result<&'a Application, Refusal> {
    let known = aws.benefits.applications.get(id).filter(|known| known.account == account);
    known.ok_or_else(|| not_found("BenefitApplication", id))
}

/// What a request that names something unknown is refused with.
pub(super) fn missing(kind: &str, id: &str) -> Refusal {
    not_found(kind, id)
}

/// Refuses an application that is not in one of these states.
pub(super) fn in_state(application: &Application, allowed: &[Status], what: &str) -> Result<(), Refusal> {
    if allowed.contains(&application.status) {
        return Ok(());
    }
    let message = format!("An application that is {} cannot be {what}.", application.status.name());
    Err(business("Identifier", "INVALID_RESOURCE_STATE", message))
}

/// Refuses a revision that is not the last one.
pub(super) fn current(application: &Application, input: &Value) -> Result<(), Refusal> {
    let revision = required(input, "Revision", 64)?;
    if revision == application.revision.to_string() {
        return Ok(());
    }
    Err(conflict(format!("The application has revision `{}`, not `{revision}`.", application.revision)))
}

/// The object that the same client token made before.
pub(super) fn replayed(context: &Context<'_>) -> Result<Option<String>, Refusal> {
    required(&context.call.input, "ClientToken", 64)?;
    match token::look_up(context) {
        Known::New => Ok(None),
        Known::Replay(id) => Ok(Some(id)),
        Known::Reused(token) => Err(conflict(format!("The client token `{token}` was used with another request."))),
    }
}

/// A page of a list.
pub(super) fn page(context: &Context<'_>, key: &str, items: Vec<Value>) -> Result<Value, Refusal> {
    let input = &context.call.input;
    let stale = || invalid("NextToken", "INVALID_VALUE", "The token is not valid for this request.");
    if context.plan.expire_page_tokens && input.get("NextToken").is_some() {
        return Err(stale());
    }
    let page: Page<Value> = PAGING.cut(&context.call.operation, input, items).map_err(|error| match error {
        PageError::Size => invalid("MaxResults", "VALUE_OUT_OF_RANGE", "`MaxResults` is from 1 to 100."),
        PageError::Token => stale(),
    })?;
    let mut answer = serde_json::Map::new();
    answer.insert(key.to_owned(), Value::Array(page.items));
    answer.extend(page.next_token.map(|token| ("NextToken".to_owned(), Value::String(token))));
    Ok(Value::Object(answer))
}
