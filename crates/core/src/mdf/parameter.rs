//! Parameters: what a pack may set of a rule, each with its type, bounds and default.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    cell::{Cell, Wrong},
    rule::RuleId,
};

/// A parameter as documentation and packs see it.
pub trait Parameter: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// What it means.
    fn about(&self) -> &'static str;

    /// Its default, as it would be written in a pack; empty where there is none.
    fn default_text(&self) -> &'static str;

    /// Its type and bounds, in words.
    fn describe(&self) -> String;

    /// Whether a value can be its own.
    ///
    /// # Errors
    /// When it is of another type or out of bounds.
    fn check(&self, raw: &Value) -> Result<(), Wrong>;
}

/// A parameter of a type.
pub struct Param<T: Cell> {
    /// The rule that it belongs to.
    pub(super) rule: RuleId,
    /// Its name.
    pub(super) name: &'static str,
    /// What bounds it.
    pub(super) bounds: T::Bounds,
    /// Its default as JSON; empty for none.
    pub(super) default: &'static str,
    /// What it means.
    pub(super) about: &'static str,
}

impl<T: Cell> Param<T> {
    /// What it is under these terms. Values were checked when the pack was read.
    pub(super) fn of(&self, terms: &Terms) -> T {
        let written = terms.written(self.rule, self.name).and_then(|raw| T::read(raw, self.bounds).ok());
        written.or_else(|| self.standard()).unwrap_or_else(|| T::none(self.bounds))
    }

    fn standard(&self) -> Option<T> {
        let raw: Value = serde_json::from_str(self.default).ok()?;
        T::read(&raw, self.bounds).ok()
    }
}

impl<T: Cell> Parameter for Param<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn default_text(&self) -> &'static str {
        self.default
    }

    fn describe(&self) -> String {
        T::describe(self.bounds)
    }

    fn check(&self, raw: &Value) -> Result<(), Wrong> {
        T::read(raw, self.bounds).map(drop)
    }
}

/// Which rules a pack enables, with what it writes for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(pub(super) BTreeMap<RuleId, BTreeMap<String, Value>>);

impl Terms {
    /// Whether a rule is enabled.
    pub fn enables(&self, rule: RuleId) -> bool {
        self.0.contains_key(&rule)
    }

    /// The enabled rules.
    pub fn enabled(&self) -> impl Iterator<Item = RuleId> + '_ {
        self.0.keys().copied()
    }

    fn written(&self, rule: RuleId, name: &str) -> Option<&Value> {
        self.0.get(&rule)?.get(name)
    }
}
