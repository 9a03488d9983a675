//! Where each field of a YAML document stands.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Spanned, Tagged};

use super::hidden::{first_hidden, shown};
use crate::chart::model::Place;

/// Where each field of a document stands, by JSON pointer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outline {
    /// The value's place, and before it the key's where it has one.
    fields: BTreeMap<String, (Option<Place>, Place)>,
    /// The first field with a character that is not shown: its pointer, its place and the character.
    pub(super) hidden: Option<(String, Place, char)>,
    /// The first field with a tag, on its name or its value: its pointer, its place and the tag.
    pub(super) tagged: Option<(String, Place, String)>,
}

/// A part of a document: where it stands, and its tag.
type Entry<T> = Spanned<Tagged<T>>;

impl Outline {
    pub(super) fn read(text: &str, options: serde_saphyr::Options) -> Option<Outline> {
        let root: Entry<Node> = serde_saphyr::from_str_with_options(text, options).ok()?;
        let mut outline = Outline::default();
        outline.add(String::new(), None, &root);
        Some(outline)
    }

    fn add(&mut self, pointer: String, key: Option<Place>, node: &Entry<Node>) {
        let Tagged(value, tag) = &node.value;
        self.note_tag(&pointer, place_of(&node.referenced), tag.as_deref());
        match value {
            Node::Map(entries) => {
                for (name, value) in entries {
                    let Tagged(text, tag) = &name.value;
                    let inner = format!("{pointer}/{}", text.replace('~', "~0").replace('/', "~1"));
                    let key = place_of(&name.referenced);
                    self.note_tag(&inner, key, tag.as_deref());
                    if let Some(c) = first_hidden(text) {
                        self.hidden.get_or_insert((shown(&inner), key, c));
                    }
                    self.add(inner, Some(key), value);
                }
            }
            Node::List(items) => {
                for (at, value) in items.iter().enumerate() {
                    self.add(format!("{pointer}/{at}"), None, value);
                }
            }
            Node::Scalar(Some(c)) => drop(self.hidden.get_or_insert((shown(&pointer), place_of(&node.referenced), *c))),
            Node::Scalar(None) => {}
        }
        self.fields.insert(pointer, (key, place_of(&node.referenced)));
    }

    fn note_tag(&mut self, pointer: &str, place: Place, tag: Option<&str>) {
        let Some(tag) = tag else { return };
        let written = match tag.strip_prefix("tag:yaml.org,2002:") {
            Some(name) => format!("!!{name}"),
            None if tag.starts_with('!') => tag.to_owned(),
            None => format!("!<{tag}>"),
        };
        self.tagged.get_or_insert((pointer.to_owned(), place, written));
    }

    /// Where `pointer` stands; for an absent field, where the nearest one around it does.
    pub(crate) fn place_of(&self, pointer: &str) -> Place {
        let mut pointer = pointer;
        loop {
            if let Some((_, place)) = self.fields.get(pointer) {
                return *place;
            }
            match pointer.rsplit_once('/') {
                Some((outer, _)) => pointer = outer,
                None => return Place { line: 1, column: 1 },
            }
        }
    }

    /// The field whose key or value stands at `place`, else the last one that begins before it.
    pub(super) fn field_at(&self, place: Place) -> String {
        let begins = |(key, value): &(Option<Place>, Place)| key.unwrap_or(*value);
        let exact = self.fields.iter().filter(|(_, (key, value))| *key == Some(place) || *value == place);
        let before = self.fields.iter().filter(|(_, places)| begins(places) <= place);
        exact
            .max_by_key(|(pointer, _)| pointer.matches('/').count())
            .or_else(|| before.max_by_key(|(_, places)| begins(places)))
            .map(|(pointer, _)| pointer.clone())
            .unwrap_or_default()
    }

    /// The pointer of a missing field: in the innermost part ending at `place` that could have it and does not.
    pub(super) fn lacking(&self, field: &str, place: Place, exists: &dyn Fn(&str) -> bool) -> String {
        let mut around = self.field_at(place);
        loop {
            let candidate = format!("{around}/{field}");
            if !self.fields.contains_key(&candidate) && exists(&pattern(&candidate)) {
                return candidate;
            }
            match around.rsplit_once('/') {
                Some((outer, _)) => around = outer.to_owned(),
                None => return format!("/{field}"),
            }
        }
    }
}

/// A place as the reader gives it.
pub(super) fn place_of(at: &serde_saphyr::Location) -> Place {
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: number(at.line()), column: number(at.column()) }
}

/// A JSON pointer with `*` for each place in a list.
fn pattern(pointer: &str) -> String {
    let step = |step: &str| {
        if !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()) { "*".to_owned() } else { step.to_owned() }
    };
    pointer.split('/').map(step).collect::<Vec<_>>().join("/")
}

/// The document's shape without its values.
enum Node {
    Map(Vec<(Entry<String>, Entry<Node>)>),
    List(Vec<Entry<Node>>),
    /// With the first character that is not shown.
    Scalar(Option<char>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Shape)
    }
}

struct Shape;

impl<'de> Visitor<'de> for Shape {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(first_hidden(text)))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(None))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        data.variant::<IgnoredAny>().map(|_| Node::Scalar(None))
    }
}
