//! The types that conditions in charts are checked against.

use std::collections::BTreeMap;

use crate::context::Type;

fn object<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Object(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}

fn optional(kind: Type) -> Type {
    Type::Optional(Box::new(kind))
}

fn texts() -> Type {
    Type::List(Box::new(Type::Text))
}

/// The fields under `ctx`. Whatever JSON leaves out when it is empty is optional.
pub(super) fn context() -> Type {
    object([
        ("label", Type::Text),
        ("revision", Type::Text),
        ("requester", optional(Type::Text)),
        ("authors", optional(texts())),
        ("offer", document()),
        ("facts", optional(facts())),
        ("expiry", optional(object([("last_day", Type::Text), ("last_moment", Type::Text)]))),
        ("remote", optional(object([("offer_id", optional(Type::Text)), ("revision", optional(Type::Text))]))),
        ("withdrawal", optional(object([("reason", Type::Text), ("by", optional(Type::Text)), ("at", Type::Text)]))),
        ("readiness", optional(readiness())),
    ])
}

fn document() -> Type {
    object([
        ("reference", Type::Text),
        ("marketplace", Type::Text),
        ("legal_entity", Type::Text),
        ("region", optional(Type::Text)),
        ("product", object([("id", Type::Text), ("kind", Type::Text)])),
        ("buyer", object([("name", Type::Text), ("accounts", texts()), ("country", optional(Type::Text))])),
        ("name", Type::Text),
        ("description", Type::Text),
        ("currency", Type::Text),
        ("expires_on", Type::Text),
        ("payment_due_days", optional(Type::Int)),
        ("price_book", optional(Type::Text)),
    ])
}

fn facts() -> Type {
    object([
        ("revision", Type::Text),
        ("discount_bp", optional(Type::Int)),
        ("list_value_minor", optional(Type::Int)),
        ("value_minor", Type::Int),
        ("annualised_minor", Type::Int),
        ("currency", Type::Text),
        ("cumulative_value_12m_minor", Type::Int),
        ("cumulative_left_out", optional(texts())),
        ("eula_approved", Type::Bool),
        ("last_moment", Type::Text),
        ("marketplace_zone", Type::Text),
        ("seller_zone", Type::Text),
    ])
}

fn readiness() -> Type {
    object([
        ("account_confirmed_by", optional(Type::Text)),
        ("accepter_permission", optional(Type::Bool)),
        ("purchase_order", optional(Type::Text)),
        ("legal", optional(Type::Text)),
        ("next_step", optional(Type::Text)),
        ("owner", optional(Type::Text)),
        ("waiting_on", optional(Type::Text)),
    ])
}

/// The fields under `event`, by event.
pub(super) fn events() -> BTreeMap<String, Type> {
    let any = || object([]);
    let events = [
        ("submit", object([("facts", facts())])),
        ("revise", object([("offer", any()), ("facts", optional(facts()))])),
        ("withdraw", object([("reason", Type::Text)])),
        ("cancel", object([("reason", Type::Text)])),
        ("extend", object([("expires_on", Type::Text), ("last_moment", Type::Text), ("reason", optional(Type::Text))])),
        ("reissue", object([("account", Type::Text), ("facts", facts()), ("reason", optional(Type::Text))])),
        ("amend", object([("offer", any()), ("facts", facts()), ("reason", optional(Type::Text))])),
        ("keep", object([("reason", Type::Text)])),
        ("readiness", readiness()),
        ("note", object([("text", Type::Text)])),
        ("offer.accepted", acceptance()),
        ("offer.drifted", object([("diff", any())])),
        ("agreement.updated", agreement()),
        (
            "agreement.ended",
            object([("agreement_id", Type::Text), ("status", Type::Text), ("ended_at", optional(Type::Text))]),
        ),
        ("agreement.renewed", object([("agreement_id", Type::Text), ("renewed_by", Type::Text)])),
    ];
    events.into_iter().map(|(name, data)| (name.to_owned(), data)).collect()
}

fn acceptance() -> Type {
    object([
        ("agreement_id", Type::Text),
        ("accepted_at", Type::Text),
        ("account", optional(Type::Text)),
        ("offer_id", optional(Type::Text)),
        ("starts_at", optional(Type::Text)),
        ("ends_at", optional(Type::Text)),
        ("value_minor", optional(Type::Int)),
    ])
}

fn agreement() -> Type {
    object([
        ("agreement_id", Type::Text),
        ("starts_at", optional(Type::Text)),
        ("ends_at", optional(Type::Text)),
        ("value_minor", optional(Type::Int)),
    ])
}
