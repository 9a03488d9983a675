//! The rules, one family or part of a family per file.

mod activity_claims;
pub(super) mod amounts;
pub(super) mod budget;
pub(super) mod claim_amounts;
pub(super) mod clawback;
pub(super) mod deadline;
pub(super) mod documents;
mod duplicates;
pub(super) mod earnings;
mod eligibility;
mod evidence;
pub(super) mod fraud;
pub(super) mod funding;
pub(super) mod likeness;
pub(super) mod near;
pub(super) mod payment;
mod play;
pub(super) mod proposal;
mod relations;
pub(super) mod request;
pub(super) mod reservation;
mod risk;
pub(super) mod route;
pub(super) mod service;
pub(super) mod timing;

use std::{collections::BTreeMap, sync::LazyLock};

use super::rule::Rule;

/// A table of a parameter: a word, and a value for it.
type Table<T> = BTreeMap<String, T>;

static GROUPS: [&[Rule]; 21] = [
    eligibility::RULES,
    earnings::RULES,
    budget::RULES,
    reservation::RULES,
    request::RULES,
    proposal::RULES,
    route::RULES,
    funding::RULES,
    timing::RULES,
    deadline::RULES,
    evidence::RULES,
    documents::RULES,
    amounts::RULES,
    claim_amounts::RULES,
    duplicates::RULES,
    near::RULES,
    activity_claims::RULES,
    relations::RULES,
    fraud::RULES,
    payment::RULES,
    service::RULES,
];

/// Every rule, by id.
pub(super) static SORTED: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&'static Rule> = GROUPS.iter().flat_map(|group| group.iter()).chain(clawback::RULES).collect();
    rules.sort_by_key(|rule| rule.id);
    rules
});

/// Names the ids of a family.
macro_rules! ids {
    ($family:ident: $($name:ident = $number:literal),+ $(,)?) => {
        $(pub(in crate::mdf) const $name: $crate::mdf::RuleId =
            $crate::mdf::RuleId::of($crate::mdf::Family::$family, $number);)+
    };
}

/// Declares a parameter of a rule: `NAME: type = rule "name" bounds, default, meaning`.
macro_rules! param {
    ($name:ident: $type:ty = $rule:ident $word:literal $bounds:expr, $default:literal, $about:literal) => {
        pub(in crate::mdf) const $name: $crate::mdf::parameter::Param<$type> = $crate::mdf::parameter::Param {
            rule: $rule,
            name: $word,
            bounds: $bounds,
            default: $default,
            about: $about,
        };
    };
}

use ids;
use param;

/// Words in a list for people: quoted, or a word for none.
fn quoted<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
