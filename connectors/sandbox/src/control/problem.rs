//! What the control API answers when it refuses, and how it reads bodies.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::persist::SnapshotError;

/// A refusal: a status, a stable code and a sentence.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "invalid_request", message: message.into() }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", message: message.into() }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, code: "refused", message: message.into() }
    }
}

impl From<SnapshotError> for Problem {
    fn from(error: SnapshotError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "state_not_saved", message: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.code, "message": self.message }))).into_response()
    }
}

/// Reads a JSON body; an unknown or missing member is named in the refusal. No body is `{}`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        let cause = error.into_inner();
        Problem::invalid(if place == "." { cause.to_string() } else { format!("`{place}`: {cause}") })
    })?;
    reader.end().map_err(|error| Problem::invalid(error.to_string()))?;
    Ok(value)
}
