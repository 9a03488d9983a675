//! YAML with budgets, read twice: once typed, once as an outline that knows where each field stands.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_saphyr::{
    DuplicateKeyPolicy, Error, MessageFormatter, Options, UserMessageFormatter,
    options::{MergeKeyPolicy, NonFiniteFloatPolicy},
};

use super::{
    hidden,
    outline::{Outline, place_of},
};
use crate::{chart::model::Place, context::FieldError};

/// The largest document, in bytes.
pub(super) const SIZE_MAX: usize = 1_000_000;

/// A document that cannot be read: where, which field, what is wrong and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {}{message}", place.line, place.column, in_field(field))]
pub struct DocumentError {
    /// The file, as the caller named it.
    pub file: String,
    /// Where in the file, from 1.
    pub place: Place,
    /// The field as a JSON pointer, such as `/pricing/contract/duration`; empty for the document as a whole.
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

fn in_field(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("field `{field}`: ") }
}

/// Reads a file that a person wrote: as [`parse`], and nothing in it is hidden from who reads it.
pub(crate) fn read<T: DeserializeOwned>(
    file: &str,
    text: &str,
    exists: &dyn Fn(&str) -> bool,
) -> Result<(T, Outline), DocumentError> {
    let outline = |text: &str| Outline::read(text, lenient());
    let refuse = |place, field, message| Err(DocumentError { file: file.to_owned(), place, field, message });
    if text.len() <= SIZE_MAX {
        if let Some((place, c)) = hidden::first_in(text) {
            let field = outline(&hidden::shown(text)).map(|outline| outline.field_at(place)).unwrap_or_default();
            return refuse(place, field, hidden::message(c));
        }
        let Outline { hidden, tagged, .. } = outline(text).unwrap_or_default();
        // What stands there as an escape.
        if let Some((field, place, c)) = hidden {
            return refuse(place, field, hidden::message(c));
        }
        // A tag may change what the text after it means: `!!binary` hides it altogether.
        if let Some((field, place, tag)) = tagged {
            let message = format!("has the tag `{tag}`; remove the tag, and quote what is to be read as text");
            return refuse(place, field, message);
        }
    }
    parse(file, text, exists)
}

/// Reads a file that a person wrote into something that is made of it; what is wrong with that is told with its place.
pub(crate) fn made<D: DeserializeOwned, T>(
    file: &str,
    text: &str,
    make: impl FnOnce(D) -> Result<T, FieldError>,
) -> Result<T, DocumentError> {
    let (document, outline) = read::<D>(file, text, &|_| true)?;
    make(document).map_err(|defect| DocumentError {
        file: file.to_owned(),
        place: outline.place_of(&defect.field),
        field: defect.field,
        message: defect.message,
    })
}

/// The name of a document that is kept in versions.
pub(crate) fn plain_name(field: &str, name: &str) -> Result<(), FieldError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=64).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(FieldError { field: field.into(), message: "has 1 to 64 lower-case letters, digits and `-`; rename it".into() })
}

/// Reads a YAML document, and where each of its fields stands. `exists` knows the fields of the type as patterns,
/// with `*` for a place in a list: it tells which part of the document lacks a field.
fn parse<T: DeserializeOwned>(
    file: &str,
    text: &str,
    exists: &dyn Fn(&str) -> bool,
) -> Result<(T, Outline), DocumentError> {
    let refuse = |place, field, message| Err(DocumentError { file: file.to_owned(), place, field, message });
    if text.len() > SIZE_MAX {
        let message = format!("the document has {} bytes; at most {SIZE_MAX} are read", text.len());
        return refuse(Place { line: 1, column: 1 }, String::new(), message);
    }
    let outline = Outline::read(text, lenient());
    match serde_saphyr::from_str_with_options(text, strict()) {
        Ok(value) => Ok((value, outline.unwrap_or_default())),
        Err(error) => {
            let error = error.without_snippet();
            let place = error.location().map_or(Place { line: 1, column: 1 }, |at| place_of(&at));
            match (error, outline) {
                (Error::SerdeMissingField { field, .. }, Some(outline)) => {
                    let field = outline.lacking(field, place, exists);
                    refuse(outline.place_of(&field), field, message(error))
                }
                (_, outline) => {
                    let field = outline.map(|outline| outline.field_at(place)).unwrap_or_default();
                    refuse(place, field, message(error))
                }
            }
        }
    }
}

/// Reads typed data out of JSON. A decimal must be text there: a float is no longer what was written.
pub(crate) fn from_json<T: DeserializeOwned>(value: &Value, exists: &dyn Fn(&str) -> bool) -> Result<T, FieldError> {
    if let Some(field) = float(value, String::new()) {
        let message = "is a floating-point number; write decimals as text, such as \"12.50\", so that they stay exact";
        return Err(FieldError { field, message: message.into() });
    }
    // JSON is YAML, and the YAML reader knows which field an error is about.
    let read = parse("", &hidden::escaped(&value.to_string()), exists);
    read.map(|(value, _)| value).map_err(|error| FieldError { field: error.field, message: error.message })
}

/// The first floating-point number in a JSON document.
fn float(value: &Value, pointer: String) -> Option<String> {
    match value {
        Value::Number(number) if !(number.is_i64() || number.is_u64()) => Some(pointer),
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| float(item, format!("{pointer}/{at}"))),
        Value::Object(fields) => fields.iter().find_map(|(name, inner)| float(inner, format!("{pointer}/{name}"))),
        _ => None,
    }
}

/// Budgets far above any real document and far below what a small machine can bear.
fn strict() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 100_000,
            max_nodes: 50_000,
            max_depth: 32,
            max_aliases: 100,
            max_anchors: 100,
            max_documents: 1,
            max_total_scalar_bytes: SIZE_MAX,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// The same budgets for whatever can be read at all: where a field stands is to be known of a document that is refused, too.
fn lenient() -> Options {
    let mut options = strict();
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.merge_keys = MergeKeyPolicy::AsOrdinary;
    options.non_finite_float_policy = NonFiniteFloatPolicy::PassThrough;
    options.reject_unsupported_tags = false;
    options
}

fn message(error: &Error) -> String {
    match error {
        Error::InvalidScalar { ty, .. } if ty.starts_with('u') => "is not a whole number from 0".into(),
        Error::MergeKeyNotAllowed { .. } => "merge keys (`<<`) are not part of YAML 1.2; write the fields out".into(),
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing; add it"),
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("duplicate key `{key}`; keep one of the two"),
        Error::SerdeUnknownField { field, expected, .. } => {
            format!("unknown field `{field}`; the fields here are {}", expected.join(", "))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!("`{variant}` is none of the values allowed here: {}", expected.join(", "))
        }
        _ => UserMessageFormatter.format_message(error).into_owned(),
    }
}
