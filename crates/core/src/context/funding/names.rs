//! The names that charts may use of a paper.

use std::collections::BTreeMap;

use crate::context::Type;

/// What a paper's chart may name besides what every paper has.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Predicates.
    pub guards: &'static [&'static str],
    /// Deadlines.
    pub deadlines: &'static [&'static str],
    /// Tasks, besides the one that every paper has.
    pub tasks: &'static [&'static str],
    /// Activities for which it has a request.
    pub requests: &'static [&'static str],
    /// Postings.
    pub postings: &'static [&'static str],
    /// Events and results of activities that change what approvals bind to, besides `revise`.
    pub changes: &'static [&'static str],
    /// Events, with the fields of their data.
    pub events: BTreeMap<String, Type>,
}

impl Names {
    /// With an event and the fields of its data.
    #[must_use]
    pub fn event<const N: usize>(mut self, name: &str, fields: [(&str, Type); N]) -> Names {
        self.events.insert(name.to_owned(), object(fields));
        self
    }
}

/// An object of these fields.
pub(super) fn object<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Object(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}

/// Something that may be absent.
pub(super) fn optional(kind: Type) -> Type {
    Type::Optional(Box::new(kind))
}

/// An amount.
pub(super) fn money() -> Type {
    object([("minor", Type::Int), ("currency", Type::Text)])
}
