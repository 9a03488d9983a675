//! Where each field of a YAML document stands.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::Spanned;

use crate::chart::model::Place;

/// Where each field of a document stands, by JSON pointer.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline {
    /// The value's place, and before it the key's where it has one.
    fields: BTreeMap<String, (Option<Place>, Place)>,
}

impl Outline {
    pub(super) fn read(text: &str, options: serde_saphyr::Options) -> Option<Outline> {
        let root: Spanned<Node> = serde_saphyr::from_str_with_options(text, options).ok()?;
        let mut outline = Outline::default();
        outline.add(String::new(), None, &root);
        Some(outline)
    }

    fn add(&mut self, pointer: String, key: Option<Place>, node: &Spanned<Node>) {
        match &node.value {
            Node::Map(entries) => {
                for (name, value) in entries {
                    let inner = format!("{pointer}/{}", name.value.replace('~', "~0").replace('/', "~1"));
                    self.add(inner, Some(place_of(&name.referenced)), value);
                }
            }
            Node::List(items) => {
                for (at, value) in items.iter().enumerate() {
                    self.add(format!("{pointer}/{at}"), None, value);
                }
            }
            Node::Scalar => {}
        }
        self.fields.insert(pointer, (key, place_of(&node.referenced)));
    }

    /// Where `pointer` stands; for an absent field, where the nearest one around it does.
    pub(super) fn place_of(&self, pointer: &str) -> Place {
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
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
    List(Vec<Spanned<Node>>),
    Scalar,
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
        Ok(Node::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        data.variant::<IgnoredAny>().map(|_| Node::Scalar)
    }
}
