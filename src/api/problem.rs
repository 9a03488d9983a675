//! Errors as clients read them.

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use entente_store::Error as StoreError;
use serde::Serialize;

use crate::{authz::Refused, commitments::CommitmentError, offers::DeskError};

/// Seconds after which a client that was turned away may come again, where nothing better is known.
pub const AGAIN: u64 = 5;

/// An error as clients read it: RFC 9457, with a stable code that has a page in `docs/errors/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The status.
    #[serde(skip)]
    pub status: StatusCode,
    /// The stable code.
    pub code: String,
    /// What happened and what to do.
    pub detail: String,
    /// The field concerned, where it is one: of a document as a JSON pointer, else a parameter or a field of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds after which the same may be tried again.
    #[serde(skip)]
    pub again: Option<u64>,
}

impl Problem {
    /// One with this status; its code is given with it.
    pub fn of(status: StatusCode, detail: impl Into<String>) -> Problem {
        let again = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE).then_some(AGAIN);
        Problem { status, code: String::new(), detail: detail.into(), field: None, again }
    }

    /// Too many requests came.
    pub fn too_many(detail: impl Into<String>) -> Problem {
        Problem { code: "too_many_requests".into(), ..Problem::of(StatusCode::TOO_MANY_REQUESTS, detail) }
    }

    /// About a field.
    pub fn about(self, field: impl Into<String>) -> Problem {
        Problem { field: Some(field.into()).filter(|field| !field.is_empty()), ..self }
    }

    /// There is nothing of the kind.
    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem { code: "not_found".into(), ..Problem::of(StatusCode::NOT_FOUND, detail) }
    }

    /// What was sent cannot be meant.
    pub fn input(detail: impl Into<String>) -> Problem {
        Problem { code: "input_refused".into(), ..Problem::of(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// It is in no state for this.
    pub fn conflict(detail: impl Into<String>) -> Problem {
        Problem { code: "conflict".into(), ..Problem::of(StatusCode::CONFLICT, detail) }
    }

    /// Whoever asks may not.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem { code: "not_allowed".into(), ..Problem::of(StatusCode::FORBIDDEN, detail) }
    }

    /// Something of ours failed: it is logged here, and told to nobody outside.
    pub fn internal(error: impl std::fmt::Display) -> Problem {
        tracing::error!("a request over HTTP failed: {error}");
        let detail = "the request failed here, and why is in the server's log; it may be sent again under its key";
        Problem { code: "internal".into(), ..Problem::of(StatusCode::INTERNAL_SERVER_ERROR, detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, again) = (self.status, self.again);
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], Json(self)).into_response();
        if let Some(again) = again {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(again));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        Problem::forbidden(refused.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        let words = error.to_string();
        match error {
            StoreError::NotFound { .. } => Problem::not_found(words),
            StoreError::Conflict { .. } => Problem::conflict(words),
            StoreError::KeyReused { .. } => {
                let detail = "the key was already used for another request: send a new key, or the same body";
                Problem { code: "key_reused".into(), ..Problem::of(StatusCode::CONFLICT, detail) }
            }
            StoreError::Busy(_) => {
                tracing::warn!("{words}");
                let detail = "the database is busy; send the request again under its key";
                Problem { code: "busy".into(), ..Problem::of(StatusCode::SERVICE_UNAVAILABLE, detail) }
            }
            _ => Problem::internal(words),
        }
    }
}

impl From<CommitmentError> for Problem {
    fn from(error: CommitmentError) -> Problem {
        match error {
            CommitmentError::Desk(DeskError::Store(error)) => error.into(),
            CommitmentError::NotAllowed(refused) => refused.into(),
            CommitmentError::Document(error) => Problem::input(error.to_string()).about(error.field),
            CommitmentError::Wrong { field, why, .. } => Problem::input(format!("field `{field}`: {why}")).about(field),
            CommitmentError::Sequence(_)
            | CommitmentError::Drawdown(_)
            | CommitmentError::Statement(_)
            | CommitmentError::Focus(_)
            | CommitmentError::Warehouse(_)
            | CommitmentError::Refused(_) => Problem::input(error.to_string()),
            CommitmentError::Desk(_) | CommitmentError::Spend(_) | CommitmentError::Amount(_) => {
                Problem::internal(error)
            }
        }
    }
}
