//! Every way in which a call can fail, brought to the port's closed set.

use std::{error::Error as StdError, io::ErrorKind, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_marketplacecatalog::config::http::HttpResponse;
use aws_smithy_runtime_api::client::{dns::ResolveDnsError, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use entente_port::Error;

/// The marketplace's name in errors.
pub(crate) const MARKETPLACE: &str = "AWS Marketplace";

/// How long to wait when too many change sets are open. AWS documents neither the number nor a wait; sets take minutes to hours.
pub(crate) const OPEN_REQUESTS_WAIT: Duration = Duration::from_secs(15 * 60);

/// The most of an answer that is kept as evidence.
const EVIDENCE_MAX: usize = 64 * 1024;

/// Codes that say that the caller, not the request, is not accepted.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/CommonErrors.html>
const CREDENTIAL_CODES: [&str; 17] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// What a call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It changes something: an answer that does not come says nothing.
    Write,
    /// It only reads: it can be asked again.
    Read,
}

/// The error of a call about `object`.
pub(crate) fn fault<E>(error: &SdkError<E, HttpResponse>, purpose: Purpose, object: &str) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let message = answer.err().message().or(answer.err().code()).unwrap_or("no reason given");
            answered(answer.raw(), answer.err().code(), message, purpose, object)
        }
        // A request that could not be built, signed or connected never left this machine.
        SdkError::ConstructionFailure(_) => not_sent(error, error.to_string()),
        SdkError::DispatchFailure(_) if never_connected(error) => {
            not_sent(error, "no connection to AWS Marketplace".to_owned())
        }
        SdkError::DispatchFailure(_) => {
            unanswered(purpose, "the connection broke before an answer came", error_text(error))
        }
        SdkError::TimeoutError(_) => unanswered(purpose, "no answer came in time", error_text(error)),
        SdkError::ResponseError(answer) => {
            let reason = format!("the answer (HTTP {}) could not be read", answer.raw().status().as_u16());
            unanswered(purpose, &reason, evidence(answer.raw()))
        }
        _ => unanswered(purpose, "the call failed in an unknown way", error_text(error)),
    }
}

/// A successful answer to a question, which lacks what it must hold.
pub(crate) fn incomplete(what: &str) -> Error {
    Error::Transient { retry_after: None, reason: format!("the answer does not hold {what}") }
}

/// An answer with an error status.
fn answered(raw: &HttpResponse, code: Option<&str>, message: &str, purpose: Purpose, object: &str) -> Error {
    let status = raw.status().as_u16();
    let code_text = code.unwrap_or_default();
    let reason = redact(message);
    let named = if code_text.is_empty() { reason.clone() } else { format!("{reason} (`{code_text}`)") };
    if CREDENTIAL_CODES.contains(&code_text) || (matches!(status, 401 | 403) && code_text != "ThrottlingException") {
        return Error::Auth { reason: named };
    }
    if code_text.contains("Throttl") || code_text == "TooManyRequestsException" {
        return Error::Transient { retry_after: retry_after(raw), reason: named };
    }
    match status {
        402 => Error::Transient { retry_after: Some(retry_after(raw).unwrap_or(OPEN_REQUESTS_WAIT)), reason: named },
        404 => Error::NotFound { object: object.to_owned() },
        409 | 423 => Error::Conflict { object: object.to_owned(), reason },
        429 | 503 => Error::Transient { retry_after: retry_after(raw), reason: named },
        // The service, or something before it, failed while it may have been at work.
        500..=599 => match purpose {
            Purpose::Write => unanswered(purpose, &format!("AWS Marketplace failed: {named}"), evidence(raw)),
            Purpose::Read => Error::Transient { retry_after: retry_after(raw), reason: named },
        },
        400..=499 => Error::Rejected { marketplace: MARKETPLACE, field: None, code: code.map(str::to_owned), reason },
        _ => unanswered(purpose, &format!("an answer of HTTP {status} was not expected"), evidence(raw)),
    }
}

fn unanswered(purpose: Purpose, reason: &str, evidence: String) -> Error {
    match purpose {
        Purpose::Write => Error::OutcomeUnknown { reason: reason.to_owned(), evidence },
        Purpose::Read => Error::Transient { retry_after: None, reason: reason.to_owned() },
    }
}

/// Nothing left this machine: missing credentials, or no connection.
fn not_sent<E>(error: &SdkError<E, HttpResponse>, reason: String) -> Error
where
    E: StdError + Send + Sync + 'static,
{
    match chain(error).find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
        Some(cause) => Error::Auth { reason: told(cause) },
        None => Error::Transient { retry_after: None, reason: format!("{reason}: {}", error_text(error)) },
    }
}

/// Whether the failure happened before a connection stood.
fn never_connected<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: StdError + Send + Sync + 'static,
{
    chain(error).any(|cause| {
        let refused = cause.downcast_ref::<std::io::Error>().is_some_and(|io| {
            matches!(
                io.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
                    | ErrorKind::AddrNotAvailable
            )
        });
        refused || cause.is::<ResolveDnsError>() || cause.is::<CredentialsError>()
    })
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn error_text<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: StdError + Send + Sync + 'static,
{
    told(error)
}

/// What an error and its causes say, from the outermost on.
fn told(error: &(dyn StdError + 'static)) -> String {
    let mut said: Vec<String> = chain(error).map(ToString::to_string).collect();
    said.dedup();
    redact(&said.join(": "))
}

/// The wait that the service asked for.
fn retry_after(raw: &HttpResponse) -> Option<Duration> {
    raw.headers().get("retry-after").and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs)
}

/// The answer as far as it came: status and body, redacted and capped.
pub(crate) fn evidence(raw: &HttpResponse) -> String {
    let body = raw.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body.get(..EVIDENCE_MAX).unwrap_or(body));
    redact(&format!("HTTP {}\n{body}", raw.status().as_u16()))
}

/// The text without access keys and signatures.
pub(crate) fn redact(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "+/=_-%".contains(c);
    let mut clean = String::with_capacity(text.len().min(EVIDENCE_MAX));
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        clean.push_str(rest.get(..start).unwrap_or_default());
        let word = rest.get(start..).unwrap_or_default();
        let end = word.find(|c: char| !is_word(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        clean.push_str(if is_secret(word) { "***" } else { word });
        rest = after;
    }
    clean.push_str(rest);
    let end = clean.char_indices().map(|(at, _)| at).take_while(|at| *at <= EVIDENCE_MAX).last().unwrap_or(0);
    if clean.len() > EVIDENCE_MAX {
        clean.truncate(end);
    }
    clean
}

/// Access key ids, signatures and session tokens, by their shape.
fn is_secret(word: &str) -> bool {
    let key_id = word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    let signature = word.contains("Signature=") || word.contains("Security-Token=");
    let long_token = word.len() >= 200;
    key_id || signature || long_token
}
