//! Forms that others describe by a JSON schema: what they ask for, what an answer lacks, and an empty one to fill in.
//!
//! The keywords that describe forms are understood: `type`, `properties`, `required`, `additionalProperties`, `enum`, `items`
//! and the bounds of texts, numbers and lists. What is not understood refuses nothing: whoever asked for the form judges the
//! answer in the end.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::FieldError;

/// How deep a form may be nested; what lies deeper is not looked at.
const DEPTH_MAX: usize = 16;

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Where its answer stands, as a JSON pointer.
    pub field: String,
    /// What it is called, where it has a name of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What kind of answer it takes.
    pub kind: String,
    /// Whether it has to be answered.
    pub required: bool,
    /// What bounds the answer, in words.
    pub bounds: String,
}

/// The fields of a form, in its own order.
pub fn fields(schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(schema, "", true, 0, &mut found);
    found
}

/// Everything that is wrong with an answer; empty when nothing is.
pub fn problems(schema: &Value, answer: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    check(schema, answer, "", 0, &mut found);
    found
}

/// An empty answer: every field that has to be answered, with something that is of its kind.
pub fn blank(schema: &Value) -> Value {
    empty(schema, 0)
}

fn word<'a>(schema: &'a Value, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn whole(schema: &Value, key: &str) -> Option<i64> {
    schema.get(key).and_then(Value::as_i64)
}

fn requires(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.into_iter().flatten().any(|known| known.as_str() == Some(name))
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn collect(schema: &Value, at: &str, required: bool, depth: usize, found: &mut Vec<Field>) {
    if depth > DEPTH_MAX {
        return;
    }
    if word(schema, "type") == "object" {
        for (name, inner) in properties(schema) {
            let needed = required && requires(schema, name);
            collect(inner, &format!("{at}/{name}"), needed, depth + 1, found);
        }
        return;
    }
    found.push(Field {
        field: at.to_owned(),
        title: schema.get("title").and_then(Value::as_str).map(str::to_owned),
        kind: match word(schema, "format") {
            "" => word(schema, "type").to_owned(),
            format => format.to_owned(),
        },
        required,
        bounds: bounds(schema),
    });
}

fn bounds(schema: &Value) -> String {
    let mut said = Vec::new();
    if let Some(known) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> =
            known.iter().map(|word| word.as_str().map_or(word.to_string(), str::to_owned)).collect();
        said.push(format!("one of {}", words.join(", ")));
    }
    let between = |least: &str, most: &str, what: &str| match (whole(schema, least), whole(schema, most)) {
        (None, None) => None,
        (Some(least), None) => Some(format!("at least {least}{what}")),
        (None, Some(most)) => Some(format!("at most {most}{what}")),
        (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
    };
    said.extend(between("minLength", "maxLength", " characters"));
    said.extend(between("minimum", "maximum", ""));
    said.extend(between("minItems", "maxItems", " entries"));
    if !word(schema, "pattern").is_empty() {
        said.push(format!("like {}", word(schema, "pattern")));
    }
    said.join("; ")
}

fn check(schema: &Value, answer: &Value, at: &str, depth: usize, found: &mut Vec<FieldError>) {
    let mut wrong = |message: String| found.push(FieldError { field: at.to_owned(), message });
    if depth > DEPTH_MAX {
        return;
    }
    if let Some(known) = schema.get("enum").and_then(Value::as_array)
        && !known.contains(answer)
    {
        return wrong(format!("is none of the answers: write {}", bounds(schema)));
    }
    match (word(schema, "type"), answer) {
        ("object", Value::Object(fields)) => object(schema, fields, at, depth, found),
        ("array", Value::Array(items)) => {
            if !within(schema, "minItems", "maxItems", items.len()) {
                wrong(format!("has {} entries; it takes {}", items.len(), bounds(schema)));
            }
            let item = schema.get("items").cloned().unwrap_or_default();
            for (index, value) in items.iter().enumerate() {
                check(&item, value, &format!("{at}/{index}"), depth + 1, found);
            }
        }
        ("string", Value::String(text)) => {
            let length = text.chars().count();
            if !within(schema, "minLength", "maxLength", length) {
                wrong(format!("has {length} characters; it takes {}", bounds(schema)));
            } else if word(schema, "format") == "date" && text.parse::<Date>().is_err() {
                wrong(format!("`{text}` is no day; write it as 2027-03-01"));
            }
        }
        ("integer", Value::Number(number)) => {
            let fits = number.as_i64().is_some_and(|number| {
                whole(schema, "minimum").is_none_or(|least| number >= least)
                    && whole(schema, "maximum").is_none_or(|most| number <= most)
            });
            if !fits {
                wrong(format!("{number} is not a whole number of {}", bounds(schema)));
            }
        }
        ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) | ("null", Value::Null) => {}
        ("object" | "array" | "string" | "integer" | "number" | "boolean" | "null", _) => {
            wrong(format!("is not of type {}", word(schema, "type")));
        }
        _ => {}
    }
}

fn within(schema: &Value, least: &str, most: &str, count: usize) -> bool {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    whole(schema, least).is_none_or(|least| count >= least) && whole(schema, most).is_none_or(|most| count <= most)
}

fn object(schema: &Value, fields: &Map<String, Value>, at: &str, depth: usize, found: &mut Vec<FieldError>) {
    for (name, inner) in properties(schema) {
        let at = format!("{at}/{name}");
        match fields.get(name) {
            Some(value) => check(inner, value, &at, depth + 1, found),
            None if requires(schema, name) => {
                found.push(FieldError { field: at, message: "is missing; it has to be answered".to_owned() });
            }
            None => {}
        }
    }
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        let known: Vec<&str> = properties(schema).map(|(name, _)| name.as_str()).collect();
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let message = format!("is not asked for; the fields are {}", known.join(", "));
            found.push(FieldError { field: format!("{at}/{name}"), message });
        }
    }
}

fn empty(schema: &Value, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|known| known.first()) {
        return first.clone();
    }
    match word(schema, "type") {
        "object" => {
            let needed = properties(schema).filter(|(name, _)| requires(schema, name));
            Value::Object(needed.map(|(name, inner)| (name.clone(), empty(inner, depth + 1))).collect())
        }
        "array" => match whole(schema, "minItems") {
            Some(least) if least > 0 => {
                Value::Array(vec![empty(schema.get("items").unwrap_or(&Value::Null), depth + 1)])
            }
            _ => Value::Array(Vec::new()),
        },
        "integer" | "number" => Value::from(whole(schema, "minimum").unwrap_or(0)),
        "boolean" => Value::Bool(false),
        "null" => Value::Null,
        _ => Value::from(""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "Kind": { "type": "string", "enum": ["Event", "Webinar"] },
                "Name": { "type": "string", "minLength": 3, "maxLength": 5 },
                "Start": { "type": "string", "format": "date" },
                "Leads": { "type": "integer", "minimum": 1, "maximum": 9 },
                "Countries": { "type": "array", "items": { "type": "string", "maxLength": 2 }, "minItems": 1 },
                "Cost": { "type": "object", "properties": { "Amount": { "type": "string" } }, "required": ["Amount"] },
                "Note": { "type": "string" },
            },
            "required": ["Kind", "Name", "Start", "Leads", "Countries", "Cost"],
            "additionalProperties": false,
        })
    }

    fn good() -> Value {
        json!({
            "Kind": "Event", "Name": "Noon", "Start": "2027-03-01", "Leads": 4, "Countries": ["DE"],
            "Cost": { "Amount": "10.00" },
        })
    }

    #[test]
    fn each_thing_that_is_wrong_is_named_with_its_field() {
        assert_eq!(problems(&schema(), &good()), []);
        let cases = [
            ("/Kind", json!("Fair")),
            ("/Name", json!("No")),
            ("/Name", json!(7)),
            ("/Start", json!("tomorrow")),
            ("/Leads", json!(0)),
            ("/Leads", json!("4")),
            ("/Countries", json!([])),
            ("/Countries/0", json!(["DEU"])),
            ("/Cost/Amount", json!({})),
            ("/Cost", json!("10.00")),
            ("/Extra", json!(1)),
        ];
        for (field, value) in cases {
            let mut answer = good();
            let top = field.trim_start_matches('/').split('/').next().unwrap_or_default();
            answer[top] = value;
            let fields: Vec<String> = problems(&schema(), &answer).into_iter().map(|problem| problem.field).collect();
            assert_eq!(fields, [field], "{answer}");
        }
        let missing: Vec<String> = problems(&schema(), &json!({})).into_iter().map(|problem| problem.field).collect();
        assert_eq!(missing.len(), 6, "{missing:?}");
    }

    #[test]
    fn an_empty_form_has_every_field_that_has_to_be_answered() {
        let blank = blank(&schema());
        assert_eq!(blank["Kind"], "Event");
        assert_eq!(blank["Countries"], json!([""]));
        assert_eq!(blank["Cost"], json!({ "Amount": "" }));
        assert!(blank.get("Note").is_none());
        let listed = fields(&schema());
        assert_eq!(listed.len(), 7);
        let amount = listed.iter().find(|field| field.field == "/Cost/Amount");
        assert!(amount.is_some_and(|field| field.required));
        assert!(listed.iter().any(|field| field.field == "/Note" && !field.required));
    }

    #[test]
    fn what_is_nested_without_end_ends() {
        let mut deep = json!({ "type": "string" });
        for _ in 0..200 {
            deep = json!({ "type": "object", "properties": { "a": deep }, "required": ["a"] });
        }
        assert!(problems(&deep, &blank(&deep)).len() <= 1);
        assert!(fields(&deep).is_empty());
    }
}
