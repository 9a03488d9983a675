//! What the operations read of their requests, and how they refuse what is not of its form.

use rust_decimal::Decimal;
use serde_json::Value;

use super::Agreement;
use crate::aws::paging::{Page, PageError, Paging};
use crate::aws::refusal::Refusal;
use crate::aws::service::Context;
use crate::aws::text;
use crate::aws::token::{self, Known};

/// The agreement that a request names, when the caller is a party to it.
pub(super) fn of_party<'a>(context: &'a Context<'_>) -> Result<&'a Agreement, Refusal> {
    let id = text(&context.call.input, "agreementId");
    if id.is_empty() {
        return Err(Refusal::agreement_validation("MISSING_AGREEMENT_ID", "agreementId", "`agreementId` is required"));
    }
    if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || "_/-".contains(c)) {
        return Err(Refusal::agreement_validation(
            "INVALID_AGREEMENT_ID",
            "agreementId",
            "`agreementId` is no such id",
        ));
    }
    let agreement =
        context.world.aws.agreements.get(id).ok_or_else(|| Refusal::agreement_not_found("Agreement", id))?;
    if agreement.is_party(&context.account.account_id) {
        Ok(agreement)
    } else {
        Err(Refusal::agreement_access(format!("the account is no party to the agreement `{id}`")))
    }
}

/// Cuts a page under the Agreement API's errors.
pub(super) fn page<T>(context: &Context<'_>, items: Vec<T>) -> Result<Page<T>, Refusal> {
    page_of(context, &Paging::AGREEMENT, items)
}

/// The same for an operation with bounds of its own.
pub(super) fn page_of<T>(context: &Context<'_>, paging: &Paging, items: Vec<T>) -> Result<Page<T>, Refusal> {
    let input = &context.call.input;
    let stale = || {
        Refusal::agreement_validation(
            "INVALID_NEXT_TOKEN",
            "nextToken",
            "the `nextToken` is not valid for this request",
        )
    };
    if context.plan.expire_page_tokens && input.get("nextToken").is_some() {
        return Err(stale());
    }
    paging.cut(&context.call.operation, input, items).map_err(|error| match error {
        PageError::Size => {
            Refusal::agreement_validation("INVALID_MAX_RESULTS", "maxResults", "`maxResults` must be from 1 to 50")
        }
        PageError::Token => stale(),
    })
}

/// A list answer with its page token.
pub(super) fn listed(key: &str, page: Page<Value>) -> Value {
    let mut answer = serde_json::Map::new();
    answer.insert(key.to_owned(), Value::Array(page.items));
    answer.extend(page.next_token.map(|token| ("nextToken".to_owned(), Value::String(token))));
    Value::Object(answer)
}

/// The agreement, when the caller proposed it.
pub(super) fn of_proposer<'a>(context: &'a Context<'_>, what: &str) -> Result<&'a Agreement, Refusal> {
    let agreement = of_party(context)?;
    match agreement.proposer == context.account.account_id {
        true => Ok(agreement),
        false => Err(Refusal::agreement_access(format!("only the proposer can {what}"))),
    }
}

/// Whether the caller asks as the proposer; `partyType` is required in lists of requests.
pub(super) fn as_proposer(context: &Context<'_>) -> Result<bool, Refusal> {
    match text(&context.call.input, "partyType") {
        "Proposer" => Ok(true),
        "Acceptor" => Ok(false),
        "" => Err(Refusal::agreement_validation("MISSING_PARTY_TYPE", "partyType", "`partyType` is required")),
        _ => {
            let message = "`partyType` is `Proposer` or `Acceptor`";
            Err(Refusal::agreement_validation("INVALID_PARTY_TYPE", "partyType", message))
        }
    }
}

/// The filters that all lists of requests share: agreement, status, catalog, agreement type.
pub(super) fn list_filters<'a>(context: &'a Context<'_>, statuses: &[&str]) -> Result<(&'a str, &'a str), Refusal> {
    let input = &context.call.input;
    let refused = |reason, field: &str, known: &str| {
        Err(Refusal::agreement_validation(reason, field, format!("`{field}` must be {known}")))
    };
    if !matches!(text(input, "catalog"), "" | "AWSMarketplace") {
        return refused("INVALID_CATALOG", "catalog", "`AWSMarketplace`");
    }
    if !matches!(text(input, "agreementType"), "" | "PurchaseAgreement") {
        return refused("INVALID_AGREEMENT_TYPE", "agreementType", "`PurchaseAgreement`");
    }
    let status = text(input, "status");
    if !status.is_empty() && !statuses.contains(&status) {
        return refused("INVALID_STATUS", "status", &format!("one of {}", statuses.join(", ")));
    }
    Ok((text(input, "agreementId"), status))
}

/// A text member within its bounds; absent is fine, empty is not.
pub(super) fn bounded<'a>(input: &'a Value, key: &str, max: usize, reason: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = input.get(key) else { return Ok(None) };
    match value.as_str().filter(|text| (1..=max).contains(&text.chars().count())) {
        Some(text) => Ok(Some(text)),
        None => Err(Refusal::agreement_validation(reason, key, format!("`{key}` is a text of 1 to {max} characters"))),
    }
}

/// An amount as requests write it: digits, and at most eight after the point; more than zero.
pub(super) fn positive_amount(text: &str) -> Option<Decimal> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let formed = digits(whole) && digits(part) && part.len() <= 8 && !(whole.is_empty() && part.is_empty());
    let whole = if whole.is_empty() { "0" } else { whole };
    let written = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
    let amount = formed.then(|| Decimal::from_str_exact(&written).ok()).flatten()?;
    (amount > Decimal::ZERO).then_some(amount)
}

/// A token of 1 to 64 letters, digits and hyphens.
pub(super) fn is_client_token(token: &str) -> bool {
    (1..=64).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The object that the same client token made before.
pub(super) fn replayed(context: &Context<'_>) -> Result<Option<String>, Refusal> {
    if context.call.client_token().is_some_and(|token| !is_client_token(token)) {
        let message = "`clientToken` has 1 to 64 letters, digits and hyphens";
        return Err(Refusal::agreement_validation("INVALID_CLIENT_TOKEN", "clientToken", message));
    }
    match token::look_up(context) {
        Known::New => Ok(None),
        Known::Replay(id) => Ok(Some(id)),
        Known::Reused(token) => {
            let message = format!("the client token `{token}` was used with another request");
            Err(Refusal::agreement_validation("INVALID_CLIENT_TOKEN", "clientToken", message))
        }
    }
}
