//! JSON values and the SDK's documents, one for one.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// A value as the SDK sends it. Numbers stay whole; a fraction is sent as text, for amounts are texts everywhere in this API.
pub(crate) fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(flag) => Document::Bool(*flag),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Value::Object(fields) => {
            Document::Object(fields.iter().map(|(key, value)| (key.clone(), to_document(value))).collect())
        }
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => Document::Number(Number::PosInt(whole)),
            (None, Some(negative)) => Document::Number(Number::NegInt(negative)),
            (None, None) => Document::String(number.to_string()),
        },
    }
}

/// A document as the SDK read it.
pub(crate) fn from_document(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(flag) => Value::Bool(*flag),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(items) => Value::Array(items.iter().map(from_document).collect()),
        Document::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), from_document(value))).collect())
        }
        Document::Number(Number::PosInt(whole)) => Value::from(*whole),
        Document::Number(Number::NegInt(negative)) => Value::from(*negative),
        Document::Number(Number::Float(fraction)) => Value::from(*fraction),
    }
}

/// The details of an entity or a change, which the service gives as a document, as a text, or as both.
pub(crate) fn details(document: Option<&Document>, text: Option<&str>) -> Option<Value> {
    document.map(from_document).or_else(|| text.and_then(|text| serde_json::from_str(text).ok()))
}
