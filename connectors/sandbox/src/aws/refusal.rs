//! Errors as the services answer them.

use serde_json::{Map, Value, json};

/// An error answer of either service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Further members of the error's shape, in the service's own key style.
    pub(crate) members: Map<String, Value>,
    /// Seconds for a `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), members: Map::new(), retry_after: None }
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.members.insert(key.to_owned(), value.into());
        self
    }

    /// Catalog: the request breaks the schema of the operation.
    pub(crate) fn catalog_validation(message: impl Into<String>) -> Self {
        Self::new(422, "ValidationException", message)
    }

    /// Agreement: the request is refused for a reason of `ValidationExceptionReason`.
    pub(crate) fn agreement_validation(reason: &str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(400, "ValidationException", message.clone())
            .with("reason", reason)
            .with("fields", json!([{ "name": field, "message": message }]))
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDeniedException", message)
    }

    /// Agreement: the caller is no party to the object.
    pub(crate) fn agreement_access(message: impl Into<String>) -> Self {
        Self::access_denied(message).with("reason", "INVALID_ACCESS")
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFoundException", message)
    }

    /// Agreement: no such object.
    pub(crate) fn agreement_not_found(kind: &str, id: &str) -> Self {
        Self::not_found(format!("{kind} `{id}` does not exist")).with("resourceId", id).with("resourceType", kind)
    }

    /// Agreement: the object is in the wrong state.
    pub(crate) fn conflict(kind: &str, id: &str, message: impl Into<String>) -> Self {
        Self::new(409, "ConflictException", message).with("resourceId", id).with("resourceType", kind)
    }

    pub(crate) fn throttled() -> Self {
        Self::new(429, "ThrottlingException", "Rate exceeded")
    }

    pub(crate) fn unknown_operation(operation: &str) -> Self {
        Self::new(404, "UnknownOperationException", format!("the operation `{operation}` does not exist here"))
    }
}
