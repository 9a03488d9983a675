//! YAML as a tree in which every node knows its line and column.

use std::fmt;

use serde::{
    Deserialize,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, Options, Spanned, options::MergeKeyPolicy};

use crate::chart::{
    model::{At, Place},
    problem::{Code, Problem},
};

/// The largest file accepted, in bytes.
const MAX_BYTES: usize = 1_000_000;

/// A value of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Nothing was written.
    Null,
    /// A scalar that YAML reads as a whole number.
    Int(i64),
    /// Any other scalar that is not text, as a reader would call it.
    Other(&'static str),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// A mapping in file order, free of duplicates.
    Map(Vec<(At<String>, Tree)>),
}

/// A node and where it stands.
pub(crate) type Tree = At<Node>;

impl Node {
    /// What a reader would call it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "nothing",
            Node::Int(_) => "a number",
            Node::Other(kind) => kind,
            Node::Text(_) => "text",
            Node::List(_) => "a list",
            Node::Map(_) => "a mapping",
        }
    }
}

/// Reads a YAML 1.2 document within the budgets of a chart.
pub(crate) fn read(file: &str, text: &str) -> Result<Tree, Problem> {
    if text.len() > MAX_BYTES {
        let cause = format!("the file has {} bytes and may have {MAX_BYTES}", text.len());
        let place = Place { line: 1, column: 1 };
        return Err(Problem::new(file, place, Code::Budget, cause, "write a smaller file"));
    }
    serde_saphyr::from_str_with_options::<Spanned<Node>>(text, options())
        .map(located)
        .map_err(|error| problem(file, &error))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 24,
            max_aliases: 64,
            max_anchors: 64,
            max_nodes: 50_000,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        with_snippet: false,
    }
}

fn problem(file: &str, error: &Error) -> Problem {
    let place = error.location().map(place).unwrap_or(Place { line: 1, column: 1 });
    let error = match error {
        Error::AliasError { error, .. } => error.as_ref(),
        _ => error,
    };
    let (code, cause, remedy) = match error {
        Error::DuplicateMappingKey { key, .. } => (
            Code::DuplicateKey,
            format!("the key `{}` stands twice", key.as_deref().unwrap_or("?")),
            "keep one of the two",
        ),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. } => (
            Code::Budget,
            "the file is nested, aliased or repeated beyond what a chart may be".to_owned(),
            "write it flat, without anchors",
        ),
        Error::MultipleDocuments { .. } => {
            (Code::Syntax, "the file holds more than one document".to_owned(), "keep one document per file")
        }
        Error::MergeKeyNotAllowed { .. } => {
            (Code::Syntax, "merge keys (`<<`) are not part of YAML 1.2".to_owned(), "write the keys out")
        }
        _ => (Code::Syntax, sentence(error), "correct the YAML"),
    };
    Problem::new(file, place, code, cause, remedy)
}

/// The parser's own words on one line, without the position that [`Problem`] shows anyway.
fn sentence(error: &Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default().trim().trim_end_matches('.');
    match first.rfind(" at line ") {
        Some(at) => first[..at].trim_end_matches(',').to_owned(),
        None => first.to_owned(),
    }
}

fn place(location: Location) -> Place {
    Place {
        line: u32::try_from(location.line()).unwrap_or(u32::MAX),
        column: u32::try_from(location.column()).unwrap_or(u32::MAX),
    }
}

fn located<T>(spanned: Spanned<T>) -> At<T> {
    At { node: spanned.value, place: place(spanned.referenced) }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, a list or a mapping")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other("a boolean"))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::Other("a huge number"), Node::Int))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node::Other("a huge number"))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node::Other("a huge number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other("a fraction"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Node>>()? {
            list.push(located(item));
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            map.push((located(key), located(entries.next_value::<Spanned<Node>>()?)));
        }
        Ok(Node::Map(map))
    }
}
