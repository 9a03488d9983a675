//! A small schema language for details documents: the synchronous half of validation.

use serde_json::{Map, Value};

/// What a value must look like.
pub(crate) enum Shape {
    /// A text of so many characters that passes a check.
    Text { min: usize, max: usize, form: Form },
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number in bounds.
    Integer { min: u64, max: u64 },
    /// So many items.
    List { min: usize, max: usize, item: &'static Shape },
    /// An object with these members and no others.
    Record(&'static [Member]),
    /// An object whose `Type` names which members it has.
    Tagged(&'static [(&'static str, &'static [Member])]),
    /// An object with at least one of these members and no others.
    AnyOf(&'static [Member]),
    /// This shape, or `null` to take a value away.
    OrNull(&'static Shape),
    /// Any object.
    Document,
}

/// A further check of a text; the error says what was expected.
pub(crate) type Form = fn(&str) -> Result<(), &'static str>;

/// A member of an object.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

/// A required member.
pub(crate) const fn needs(name: &'static str, shape: Shape) -> Member {
    Member { name, required: true, shape }
}

/// An optional member.
pub(crate) const fn may(name: &'static str, shape: Shape) -> Member {
    Member { name, required: false, shape }
}

/// One thing that is wrong, and where: a path such as `Terms/0/CurrencyCode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) message: String,
}

impl Shape {
    /// Everything that is wrong with a value.
    pub(crate) fn problems(&self, value: &Value) -> Vec<Problem> {
        let mut found = Vec::new();
        self.check(value, "", &mut found);
        found
    }

    /// The value without optional members that are `null`, which say the same as absent ones; only where `null` takes a
    /// value away does it stay.
    pub(crate) fn without_nulls(&self, value: Value) -> Value {
        match (self, value) {
            (Self::OrNull(shape), value @ (Value::Object(_) | Value::Array(_))) => shape.without_nulls(value),
            (Self::List { item, .. }, Value::Array(items)) => {
                items.into_iter().map(|value| item.without_nulls(value)).collect()
            }
            (Self::Record(members) | Self::AnyOf(members), Value::Object(map)) => pruned(members, map),
            (Self::Tagged(variants), Value::Object(map)) => {
                let tag = map.get("Type").and_then(Value::as_str).unwrap_or_default();
                match variants.iter().find(|(name, _)| *name == tag) {
                    Some((_, members)) => pruned(members, map),
                    None => Value::Object(map),
                }
            }
            (_, value) => value,
        }
    }

    fn check(&self, value: &Value, path: &str, found: &mut Vec<Problem>) {
        let mut wrong = |message: String| found.push(Problem { path: path.to_owned(), message });
        match (self, value) {
            (Self::OrNull(_), Value::Null) | (Self::Document, Value::Object(_)) => {}
            (Self::OrNull(shape), value) => shape.check(value, path, found),
            (Self::Text { min, max, form }, Value::String(text)) => {
                let length = text.chars().count();
                if !(*min..=*max).contains(&length) {
                    wrong(format!("must have {min} to {max} characters, has {length}"));
                } else if let Err(expected) = form(text) {
                    wrong(format!("`{text}` is not {expected}"));
                }
            }
            (Self::OneOf(allowed), Value::String(text)) => {
                if !allowed.contains(&text.as_str()) {
                    wrong(format!("`{text}` is not one of `{}`", allowed.join("`, `")));
                }
            }
            (Self::Integer { min, max }, Value::Number(number)) => {
                if !number.as_u64().is_some_and(|number| (*min..=*max).contains(&number)) {
                    wrong(format!("must be a whole number from {min} to {max}, is {number}"));
                }
            }
            (Self::List { min, max, item }, Value::Array(items)) => {
                if !(*min..=*max).contains(&items.len()) {
                    wrong(format!("must have {min} to {max} items, has {}", items.len()));
                }
                for (index, value) in items.iter().enumerate() {
                    item.check(value, &join(path, &index.to_string()), found);
                }
            }
            (Self::Record(members), value @ Value::Object(_)) => check_members(members, false, value, path, found),
            (Self::AnyOf(members), value @ Value::Object(map)) => {
                if map.is_empty() {
                    let names: Vec<&str> = members.iter().map(|member| member.name).collect();
                    wrong(format!("must have at least one of `{}`", names.join("`, `")));
                }
                check_members(members, false, value, path, found);
            }
            (Self::Tagged(variants), value @ Value::Object(map)) => {
                let tag = map.get("Type").and_then(Value::as_str).unwrap_or_default();
                match variants.iter().find(|(name, _)| *name == tag) {
                    Some((_, members)) => check_members(members, true, value, path, found),
                    None => {
                        let names: Vec<&str> = variants.iter().map(|(name, _)| *name).collect();
                        wrong(format!("`Type` must be one of `{}`", names.join("`, `")));
                    }
                }
            }
            (expected, _) => wrong(format!("must be {}", expected.kind())),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } | Self::OneOf(_) => "a string",
            Self::Integer { .. } => "a whole number",
            Self::List { .. } => "a list",
            Self::Record(_) | Self::Tagged(_) | Self::AnyOf(_) | Self::Document => "an object",
            Self::OrNull(shape) => shape.kind(),
        }
    }
}

fn check_members(members: &[Member], tagged: bool, value: &Value, path: &str, found: &mut Vec<Problem>) {
    let Value::Object(map) = value else { return };
    for member in members {
        match map.get(member.name) {
            Some(value) => member.shape.check(value, &join(path, member.name), found),
            None if member.required => {
                found.push(Problem { path: join(path, member.name), message: "is required".to_owned() });
            }
            None => {}
        }
    }
    for key in map.keys() {
        let known = members.iter().any(|member| member.name == key) || (tagged && key == "Type");
        if !known {
            found.push(Problem { path: join(path, key), message: "is not a member of this document".to_owned() });
        }
    }
}

fn pruned(members: &[Member], map: Map<String, Value>) -> Value {
    let mut kept = Map::new();
    for (key, value) in map {
        let member = members.iter().find(|member| member.name == key);
        let droppable = member.is_some_and(|member| !member.required && !matches!(member.shape, Shape::OrNull(_)));
        if !(value.is_null() && droppable) {
            let value = member.map_or(value.clone(), |member| member.shape.without_nulls(value));
            kept.insert(key, value);
        }
    }
    Value::Object(kept)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// Any text.
pub(crate) fn any_text(_: &str) -> Result<(), &'static str> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAME: Shape = Shape::Text { min: 1, max: 5, form: any_text };
    const SHAPE: Shape = Shape::Record(&[
        needs("Name", NAME),
        may(
            "Items",
            Shape::List {
                min: 0,
                max: 1,
                item: &Shape::Tagged(&[("A", &[needs("Size", Shape::Integer { min: 1, max: 9 })])]),
            },
        ),
    ]);

    fn paths(value: Value) -> Vec<String> {
        SHAPE.problems(&value).into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn each_problem_is_located() {
        assert_eq!(paths(json!({ "Name": "right", "Items": [{ "Type": "A", "Size": 3 }] })), Vec::<String>::new());
        assert_eq!(paths(json!({ "Name": "too long" })), ["Name"]);
        assert_eq!(paths(json!({})), ["Name"]);
        assert_eq!(paths(json!({ "Name": "x", "Nmae": 1 })), ["Nmae"]);
        assert_eq!(paths(json!({ "Name": "x", "Items": [{ "Type": "A", "Size": 10 }] })), ["Items/0/Size"]);
        assert_eq!(paths(json!({ "Name": "x", "Items": [{ "Type": "B" }] })), ["Items/0"]);
        assert_eq!(paths(json!({ "Name": 7 })), ["Name"]);
    }
}
