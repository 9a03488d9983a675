//! What changed between two snapshots, as a patch to their JSON form.
//!
//! Two fields never stand in a delta, because every record carries them itself: `seq` and `state`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Delta, Snapshot};

/// A delta that does not fit the value it is applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` holds no object to change within")]
pub struct Misfit {
    /// The field's name.
    pub field: String,
}

impl Delta {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.within.is_empty() && self.gone.is_empty()
    }

    /// The difference of two JSON objects; anything else counts as an object without fields.
    pub fn between(old: &Value, new: &Value) -> Delta {
        let empty = Map::new();
        let fields = |value: &'_ Value| value.as_object().cloned();
        match (old.as_object(), new.as_object()) {
            (Some(old), Some(new)) => Delta::of_objects(old, new),
            _ => Delta::of_objects(&fields(old).unwrap_or_default(), &fields(new).unwrap_or(empty)),
        }
    }

    /// The difference of two snapshots of one run; from nothing where `old` is `None`.
    pub fn of(old: Option<&Snapshot>, new: &Snapshot) -> Delta {
        match old {
            Some(old) => Delta::of_snapshots(old, new),
            None => {
                let mut whole = json(new);
                for recorded in ["seq", "state"] {
                    whole.as_object_mut().map(|fields| fields.remove(recorded));
                }
                Delta::between(&Value::Null, &whole)
            }
        }
    }

    /// Applies the difference to a JSON object.
    ///
    /// # Errors
    /// When it does not fit: it changes a field within an object that is not there.
    pub fn apply(&self, target: &mut Map<String, Value>) -> Result<(), Misfit> {
        for field in &self.gone {
            target.remove(field);
        }
        for (field, value) in &self.set {
            target.insert(field.clone(), value.clone());
        }
        for (field, delta) in &self.within {
            let inner = target.get_mut(field).and_then(Value::as_object_mut);
            delta.apply(inner.ok_or_else(|| Misfit { field: field.clone() })?)?;
        }
        Ok(())
    }

    fn of_objects(old: &Map<String, Value>, new: &Map<String, Value>) -> Delta {
        let mut delta = Delta::default();
        for (field, value) in new {
            delta.field(field, old.get(field), value);
        }
        delta.gone = old.keys().filter(|field| !new.contains_key(*field)).cloned().collect();
        delta
    }

    fn of_snapshots(old: &Snapshot, new: &Snapshot) -> Delta {
        let mut delta = Delta::default();
        delta.plain("run", &old.run, &new.run);
        delta.plain("label", &old.label, &new.label);
        delta.plain("home", &old.home, &new.home);
        delta.plain("chart", &old.chart, &new.chart);
        delta.plain("context_version", &old.context_version, &new.context_version);
        delta.plain("ended", &old.ended, &new.ended);
        if old.tags != new.tags {
            delta.optional("tags", some(&old.tags, old.tags.is_empty()), some(&new.tags, new.tags.is_empty()));
        }
        delta.field("context", Some(&old.context), &new.context);
        delta.map("invokes", &old.invokes, &new.invokes);
        delta.map("timers", &old.timers, &new.timers);
        delta.map("tasks", &old.tasks, &new.tasks);
        delta.map("children", &old.children, &new.children);
        delta.optional("approvals", old.approvals.as_ref(), new.approvals.as_ref());
        delta.optional("parent", old.parent.as_ref(), new.parent.as_ref());
        delta.optional("incident", old.incident.as_ref(), new.incident.as_ref());
        delta.gone.sort();
        delta
    }

    fn field(&mut self, name: &str, old: Option<&Value>, new: &Value) {
        match (old, new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let inner = if old == new { Delta::default() } else { Delta::of_objects(old, new) };
                if !inner.is_empty() {
                    self.within.insert(name.to_owned(), inner);
                }
            }
            (Some(old), new) if old == new => {}
            _ => {
                self.set.insert(name.to_owned(), new.clone());
            }
        }
    }

    fn plain<T: Serialize + PartialEq>(&mut self, name: &str, old: &T, new: &T) {
        if old != new {
            self.field(name, Some(&json(old)), &json(new));
        }
    }

    /// A field that is left out of the JSON while it is `None`.
    fn optional<T: Serialize + PartialEq>(&mut self, name: &str, old: Option<&T>, new: Option<&T>) {
        match (old, new) {
            (_, None) if old.is_some() => self.gone.push(name.to_owned()),
            (_, Some(new)) if old != Some(new) => self.field(name, old.map(json).as_ref(), &json(new)),
            _ => {}
        }
    }

    /// A map that is left out of the JSON while it is empty. Only entries that differ are turned into JSON.
    fn map<K: Serialize + Ord, V: Serialize + PartialEq>(
        &mut self,
        name: &str,
        old: &BTreeMap<K, V>,
        new: &BTreeMap<K, V>,
    ) {
        if old == new {
            return;
        }
        if old.is_empty() || new.is_empty() {
            return self.optional(name, some(old, old.is_empty()), some(new, new.is_empty()));
        }
        let mut inner = Delta::default();
        for (key, value) in new {
            let before = old.get(key);
            if before != Some(value) {
                inner.field(&text(key), before.map(json).as_ref(), &json(value));
            }
        }
        inner.gone = old.keys().filter(|key| !new.contains_key(key)).map(text).collect();
        inner.gone.sort();
        self.within.insert(name.to_owned(), inner);
    }
}

fn some<T>(value: &T, absent: bool) -> Option<&T> {
    if absent { None } else { Some(value) }
}

/// The JSON of a part of a snapshot. Its types have no way to fail; the fold's own tests would show it.
fn json<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn text<K: Serialize>(key: &K) -> String {
    match json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
