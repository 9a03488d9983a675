//! Idempotency tokens: what a repeated request is answered with.
//!
//! The documentation gives no window and no rule for another body under the same token. Here a
//! token is remembered until a fault forgets it, and another body is refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::service::Context;

/// A remembered token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    account: String,
    operation: String,
    token: String,
    body: String,
    /// The object that the first request made.
    result_id: String,
    forgotten_at: Option<Timestamp>,
}

/// What is known about the token of a request.
pub(super) enum Known {
    /// Nothing: the request is a new one.
    New,
    /// The same request made this object.
    Replay(String),
    /// Another request had the token.
    Reused(String),
}

/// Looks the request's token up.
pub(super) fn look_up(context: &Context<'_>) -> Known {
    match context.call.client_token() {
        Some(token) => look_up_for(context, token, &context.call.input),
        None => Known::New,
    }
}

/// Looks up a token that stands for a part of the request.
pub(super) fn look_up_for(context: &Context<'_>, token: &str, body: &Value) -> Known {
    if context.plan.ignore_client_token {
        return Known::New;
    }
    let now = context.world.clock.now();
    let known = context.world.aws.tokens.iter().find(|record| {
        record.account == context.account.account_id
            && record.operation == context.call.operation
            && record.token == token
            && record.forgotten_at.is_none_or(|at| now < at)
    });
    match known {
        Some(record) if record.body == canonical(body) => Known::Replay(record.result_id.clone()),
        Some(_) => Known::Reused(token.to_owned()),
        None => Known::New,
    }
}

/// Remembers the request's token with what it made.
pub(super) fn remember(context: &mut Context<'_>, result_id: &str) {
    if let Some(token) = context.call.client_token().map(str::to_owned) {
        let body = context.call.input.clone();
        remember_for(context, &token, &body, result_id);
    }
}

/// Remembers a token that stands for a part of the request.
pub(super) fn remember_for(context: &mut Context<'_>, token: &str, body: &Value, result_id: &str) {
    let now = context.world.clock.now();
    let record = TokenRecord {
        account: context.account.account_id.clone(),
        operation: context.call.operation.clone(),
        token: token.to_owned(),
        body: canonical(body),
        result_id: result_id.to_owned(),
        forgotten_at: context.plan.forget_client_token.map(|after| now.saturating_add(after).unwrap_or(now)),
    };
    context.world.aws.tokens.push(record);
}

/// A JSON text in which equal values are equal texts: keys sorted, no spaces.
pub(super) fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                Value::Object(keys.into_iter().filter_map(|key| Some((key.clone(), sorted(map.get(key)?)))).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}
