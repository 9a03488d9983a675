//! Details against the schema of their benefit: the keywords that the schemas use.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// How much is asked of details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// What is there is of its form; something may still be missing.
    Draft,
    /// Nothing is missing.
    Whole,
}

/// Everything that is wrong, as entries of a `FieldList`.
pub(super) fn problems(schema: &Value, details: &Value, depth: Depth) -> Vec<Value> {
    let mut found = Vec::new();
    check(schema, details, "BenefitApplicationDetails", depth, &mut found);
    found
}

fn check(schema: &Value, value: &Value, at: &str, depth: Depth, found: &mut Vec<Value>) {
    let mut wrong = |code: &str, message: String| found.push(json!({ "Name": at, "Message": message, "Code": code }));
    match (schema.get("type").and_then(Value::as_str).unwrap_or_default(), value) {
        ("object", Value::Object(fields)) => object(schema, fields, at, depth, found),
        ("array", Value::Array(items)) => {
            let bound = |key| schema.get(key).and_then(Value::as_u64);
            let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
            if depth == Depth::Whole && bound("minItems").is_some_and(|least| count < least) {
                wrong("NOT_ENOUGH_VALUES", format!("has {count} values, which is too few"));
            }
            if bound("maxItems").is_some_and(|most| count > most) {
                wrong("TOO_MANY_VALUES", format!("has {count} values, which is too many"));
            }
            let item = schema.get("items").cloned().unwrap_or_default();
            for (index, value) in items.iter().enumerate() {
                check(&item, value, &format!("{at}.{index}"), depth, found);
            }
        }
        ("string", Value::String(text)) => {
            if let Some((code, message)) = of_text(schema, text) {
                wrong(code, message);
            }
        }
        ("integer", Value::Number(number)) => match number.as_i64() {
            None => wrong("INVALID_VALUE", "is not a whole number".to_owned()),
            Some(number) => {
                let bound = |key| schema.get(key).and_then(Value::as_i64);
                let low = bound("minimum").is_some_and(|least| number < least);
                if low || bound("maximum").is_some_and(|most| number > most) {
                    wrong("VALUE_OUT_OF_RANGE", format!("{number} is out of range"));
                }
            }
        },
        (kind, _) => wrong("INVALID_VALUE", format!("must be of type {kind}")),
    }
}

fn object(schema: &Value, fields: &Map<String, Value>, at: &str, depth: Depth, found: &mut Vec<Value>) {
    let known = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if depth == Depth::Whole && !fields.contains_key(name) {
            let name = format!("{at}.{name}");
            found.push(json!({ "Name": name, "Message": "is required", "Code": "REQUIRED_FIELD_MISSING" }));
        }
    }
    for (name, value) in fields {
        let at = format!("{at}.{name}");
        match known.and_then(|known| known.get(name)) {
            Some(schema) => check(schema, value, &at, depth, found),
            None => {
                found.push(json!({ "Name": at, "Message": "is not a field of this benefit", "Code": "INVALID_VALUE" }))
            }
        }
    }
}

fn of_text(schema: &Value, text: &str) -> Option<(&'static str, String)> {
    if let Some(known) = schema.get("enum").and_then(Value::as_array)
        && !known.iter().any(|word| word.as_str() == Some(text))
    {
        return Some(("INVALID_ENUM_VALUE", format!("`{text}` is not one of the values")));
    }
    let count = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let bound = |key| schema.get(key).and_then(Value::as_u64);
    if bound("minLength").is_some_and(|least| count < least) || bound("maxLength").is_some_and(|most| count > most) {
        return Some(("INVALID_STRING_FORMAT", format!("has {count} characters")));
    }
    let dated = schema.get("format").and_then(Value::as_str) == Some("date");
    if dated && text.parse::<Date>().is_err() {
        return Some(("INVALID_STRING_FORMAT", format!("`{text}` is not a day such as 2027-03-01")));
    }
    let formed = match schema.get("pattern").and_then(Value::as_str) {
        None => true,
        Some("^[A-Z]{2}$") => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        Some(_) => is_amount(text),
    };
    (!formed).then(|| ("INVALID_STRING_FORMAT", format!("`{text}` does not match the pattern")))
}

fn is_amount(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        None => digits(text),
        Some((whole, part)) => digits(whole) && digits(part) && part.len() <= 2,
    }
}
