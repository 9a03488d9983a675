//! The types that conditions in charts are checked against.

use std::collections::BTreeMap;

use crate::context::Type;

fn object<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Object(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}

fn optional(kind: Type) -> Type {
    Type::Optional(Box::new(kind))
}

/// The fields under `ctx`. Whatever JSON leaves out when it is empty is optional.
pub(super) fn context() -> Type {
    object([
        ("label", Type::Text),
        ("revision", Type::Text),
        ("requester", optional(Type::Text)),
        ("authors", optional(Type::List(Box::new(Type::Text)))),
        ("ask", ask()),
        ("figures", optional(figures())),
        ("change", optional(object([("id", Type::Text)]))),
        ("applied_at", optional(Type::Text)),
        (
            "refusal",
            optional(object([
                ("message", Type::Text),
                ("field", optional(Type::Text)),
                ("code", optional(Type::Text)),
            ])),
        ),
        ("withdrawal", optional(object([("reason", Type::Text), ("by", optional(Type::Text)), ("at", Type::Text)]))),
    ])
}

/// What every request names.
fn ask() -> Type {
    object([
        ("marketplace", Type::Text),
        ("legal_entity", Type::Text),
        ("agreement_id", Type::Text),
        ("reason", optional(Type::Text)),
        ("description", optional(Type::Text)),
        ("justification", optional(Type::Text)),
    ])
}

fn figures() -> Type {
    object([
        ("revision", Type::Text),
        ("in_force", Type::Bool),
        ("buyer_account", Type::Text),
        ("buyer", optional(Type::Text)),
        ("offer", optional(Type::Text)),
        ("ends_at", optional(Type::Text)),
    ])
}

/// The fields under `event`, by event.
pub(super) fn events() -> BTreeMap<String, Type> {
    let events = [
        ("submit", object([])),
        ("revise", object([("ask", ask())])),
        ("withdraw", object([("reason", Type::Text)])),
        ("note", object([("text", Type::Text)])),
    ];
    events.into_iter().map(|(name, data)| (name.to_owned(), data)).collect()
}
