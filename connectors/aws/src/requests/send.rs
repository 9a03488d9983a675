//! What all requests share when they are sent and read.

use aws_sdk_marketplaceagreement::{config::http::HttpResponse, error::SdkError, types::error::ValidationException};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use entente_core::money::{Currency, Money};
use entente_port::{Error, Result};

use super::fields::explained;
pub(super) use crate::agreements::instant;
use crate::failure::{Purpose, fault, incomplete, redact};

/// The error of a send.
pub(super) fn refusal<'a, E>(
    error: &'a SdkError<E, HttpResponse>,
    object: &str,
    refused: impl FnOnce(&'a E) -> Option<&'a ValidationException>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    explained(fault(error, Purpose::Write, object), error.as_service_error().and_then(refused))
}

/// The id in the answer to a send: without one it is not known what was begun.
pub(super) fn begun(id: Option<&str>, answer: &impl std::fmt::Debug) -> Result<String> {
    match id.filter(|id| !id.is_empty()) {
        Some(id) => Ok(id.to_owned()),
        None => Err(Error::OutcomeUnknown {
            reason: "the answer does not hold the id of the request".to_owned(),
            evidence: redact(&format!("HTTP 200\n{answer:?}")),
        }),
    }
}

/// A part of an answer that every request has.
pub(super) fn part<T>(value: Option<T>, what: &str, object: &str) -> Result<T> {
    value.ok_or_else(|| incomplete(&format!("{what} of {object}")))
}

/// An amount as it was read, however it is written there.
pub(super) fn money(amount: &str, currency: &str) -> Option<Money> {
    let currency: Currency = currency.parse().ok()?;
    Money::parse(amount, currency).ok()
}
