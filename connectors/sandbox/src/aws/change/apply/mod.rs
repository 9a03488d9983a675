//! Writing details documents into entities.

pub(super) mod authorization;
pub(super) mod offer;
pub(super) mod offer_set;
pub(super) mod product;

use serde_json::Value;

/// An optional text of a document.
fn optional(details: &Value, key: &str) -> Option<String> {
    details.get(key).and_then(Value::as_str).map(str::to_owned)
}
