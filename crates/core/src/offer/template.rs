//! Templates: an offer with most of its fields locked, and a few inputs, free or bounded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    Offer,
    source::{self, DocumentError},
};
use crate::context::FieldError;

/// A template. What `offer` states is locked; every other field comes from an input.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name, such as `saas-contract-36m`.
    pub template: String,
    /// Its version, from 1.
    pub version: u32,
    /// What it is for.
    pub description: String,
    /// What a person fills in.
    pub inputs: Vec<Input>,
    /// The locked fields, as the offer document writes them.
    offer: Locked,
}

/// One field that a person fills in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name, such as `seats`.
    pub name: String,
    /// The question that a person answers.
    pub ask: String,
    /// What is accepted.
    pub kind: InputKind,
    /// The fields that it fills, as JSON pointers into the offer.
    pub fields: Vec<String>,
    /// The least value of a number, or the first day of a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The greatest value of a number, or the last day of a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The only values accepted; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// What counts when nothing is filled in; absent means that an answer is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// What an input accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Any text that is not empty.
    Text,
    /// A whole number from 0.
    Whole,
    /// An exact decimal.
    Amount,
    /// A day.
    Date,
}

impl Template {
    /// Reads a template; the first defect is returned, with its place in the file.
    pub fn from_yaml(file: &str, text: &str) -> Result<Template, DocumentError> {
        let (template, outline) = source::read::<Template>(file, text, &|_| true)?;
        template.coherent().map_err(|defect| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&defect.field),
            field: defect.field,
            message: defect.message,
        })?;
        Ok(template)
    }

    fn coherent(&self) -> Result<(), FieldError> {
        let (mut names, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for (at, input) in self.inputs.iter().enumerate() {
            let wrong =
                |part: &str, message: String| Err(FieldError { field: format!("/inputs/{at}/{part}"), message });
            if !names.insert(&input.name) {
                return wrong("name", format!("`{}` is the name of two inputs", input.name));
            }
            if input.fields.is_empty() {
                return wrong("fields", format!("input `{}` fills no field; name at least one", input.name));
            }
            for (nth, field) in input.fields.iter().enumerate() {
                if !field.starts_with('/') {
                    return wrong(
                        &format!("fields/{nth}"),
                        format!("`{field}` is not a JSON pointer; begin it with `/`"),
                    );
                }
                if self.offer.0.pointer(field).is_some() {
                    return wrong(&format!("fields/{nth}"), format!("`{field}` is locked in `offer` already"));
                }
                if !fields.insert(field) {
                    return wrong(&format!("fields/{nth}"), format!("`{field}` is filled by two inputs"));
                }
            }
            for (part, value) in [("min", &input.min), ("max", &input.max), ("default", &input.default)] {
                if let Some(value) = value
                    && let Err(message) = input.kind.parse(value)
                {
                    return wrong(part, message);
                }
            }
        }
        Ok(())
    }

    /// Makes an offer out of a person's answers, or lists everything that is wrong with them.
    pub fn instantiate(&self, answers: &BTreeMap<String, String>) -> Result<Offer, Vec<FieldError>> {
        let mut document = self.offer.0.clone();
        let mut errors = Vec::new();
        for input in &self.inputs {
            match input.value(answers.get(&input.name)) {
                Ok(value) => {
                    let place = |field: &String| {
                        let message =
                            format!("input `{}` fills `{field}`, where the template allows nothing", input.name);
                        set(&mut document, field, value.clone()).ok_or(FieldError { field: field.clone(), message })
                    };
                    errors.extend(input.fields.iter().map(place).filter_map(Result::err));
                }
                Err(message) => errors.push(FieldError { field: input.name.clone(), message }),
            }
        }
        let known: BTreeSet<&String> = self.inputs.iter().map(|input| &input.name).collect();
        errors.extend(answers.keys().filter(|name| !known.contains(name)).map(|name| FieldError {
            field: name.clone(),
            message: format!("template `{}` has no such input; it asks for {}", self.template, self.asked()),
        }));
        if !errors.is_empty() {
            return Err(errors);
        }
        Offer::from_json(&document).map_err(|error| vec![error])
    }

    fn asked(&self) -> String {
        self.inputs.iter().map(|input| format!("`{}`", input.name)).collect::<Vec<_>>().join(", ")
    }
}

impl Input {
    /// The answer as the document writes it.
    fn value(&self, answer: Option<&String>) -> Result<Value, String> {
        let answer = answer.or(self.default.as_ref()).ok_or_else(|| format!("is missing: {}", self.ask))?.trim();
        let value = self.kind.parse(answer)?;
        if !self.one_of.is_empty() && !self.one_of.iter().any(|allowed| allowed == answer) {
            return Err(format!("`{answer}` is not allowed; choose {}", self.one_of.join(", ")));
        }
        let beyond = |bound: &Option<String>, side: std::cmp::Ordering| {
            let bound = bound.as_ref().and_then(|bound| self.kind.parse(bound).ok())?;
            (value.cmp(&bound) == side).then(|| bound.to_string())
        };
        if let Some(least) = beyond(&self.min, std::cmp::Ordering::Less) {
            return Err(format!("`{answer}` is less than {least}, the least that the template allows"));
        }
        if let Some(most) = beyond(&self.max, std::cmp::Ordering::Greater) {
            return Err(format!("`{answer}` is more than {most}, the most that the template allows"));
        }
        Ok(value.json())
    }
}

/// A parsed answer; only answers of one kind are compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Text(String),
    Whole(u64),
    Amount(Decimal),
    Date(Date),
}

impl InputKind {
    fn parse(self, text: &str) -> Result<Answer, String> {
        match self {
            InputKind::Text if text.is_empty() => Err("is empty; write at least one character".into()),
            InputKind::Text => Ok(Answer::Text(text.to_owned())),
            InputKind::Whole => {
                text.parse().map(Answer::Whole).map_err(|_| format!("`{text}` is not a whole number from 0"))
            }
            InputKind::Amount => text
                .parse::<super::Amount>()
                .map(|amount| Answer::Amount(amount.decimal()))
                .map_err(|error| error.to_string()),
            InputKind::Date => {
                text.parse().map(Answer::Date).map_err(|_| format!("`{text}` is not a day; write it as 2027-03-31"))
            }
        }
    }
}

impl Answer {
    fn json(self) -> Value {
        match self {
            Answer::Whole(number) => Value::from(number),
            other => Value::String(other.to_string()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Text(text) => f.write_str(text),
            Answer::Whole(number) => number.fmt(f),
            Answer::Amount(amount) => amount.fmt(f),
            Answer::Date(date) => date.fmt(f),
        }
    }
}

/// Sets a field, making the objects around it and appending to lists; `None` where the document has something else.
fn set(document: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let mut node = document;
    for step in pointer.strip_prefix('/')?.split('/') {
        if node.is_null() {
            *node = if step == "0" { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        }
        node = match node {
            Value::Object(fields) => fields.entry(step.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null),
            Value::Array(items) => {
                let at: usize = step.parse().ok()?;
                if at == items.len() {
                    items.push(Value::Null);
                }
                items.get_mut(at)?
            }
            _ => return None,
        };
    }
    *node = value;
    Some(())
}

/// Any YAML without floats: a decimal that YAML would read as a float must stand in quotes to stay exact.
#[derive(Debug, Clone, PartialEq)]
struct Locked(Value);

impl<'de> Deserialize<'de> for Locked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Locked, D::Error> {
        struct Exact;

        impl<'de> Visitor<'de> for Exact {
            type Value = Locked;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a whole number, a list or named fields")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Locked, E> {
                Ok(Locked(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Locked, E> {
                Ok(Locked(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Locked, E> {
                Ok(Locked(value.into()))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Locked, E> {
                Err(E::custom("a decimal must stand in quotes, such as \"12.50\", to stay exact"))
            }

            fn visit_str<E>(self, value: &str) -> Result<Locked, E> {
                Ok(Locked(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Locked, A::Error> {
                let mut items = Vec::new();
                while let Some(Locked(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Locked(items.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Locked, A::Error> {
                let mut fields = Map::new();
                while let Some((name, Locked(value))) = map.next_entry::<String, Locked>()? {
                    fields.insert(name, value);
                }
                Ok(Locked(Value::Object(fields)))
            }
        }

        deserializer.deserialize_any(Exact)
    }
}
