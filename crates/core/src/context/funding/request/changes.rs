//! How two papers differ, field by field, in words.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::Money;

/// A field that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The field, as a JSON pointer.
    pub field: String,
    /// What stood there; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What stands there now; absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Changed {
    /// Every field in which two papers differ.
    pub fn between<T: Serialize>(before: &T, after: &T) -> Vec<Changed> {
        let tree = |paper: &T| serde_json::to_value(paper).unwrap_or_default();
        let mut found = Vec::new();
        differ("", Some(&tree(before)), Some(&tree(after)), &mut found);
        found
    }
}

fn differ(field: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Changed>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) if money(before).is_none() => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                differ(&format!("{field}/{name}"), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for at in 0..old.len().max(new.len()) {
                differ(&format!("{field}/{at}"), old.get(at), new.get(at), found);
            }
        }
        _ => found.push(Changed { field: field.to_owned(), from: words(before), to: words(after) }),
    }
}

fn money(value: Option<&Value>) -> Option<Money> {
    Money::deserialize(value?).ok()
}

fn words(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(money(Some(value)).map_or_else(|| value.to_string(), |money| money.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_field_by_field_and_money_as_people_write_it() {
        let paper = |room: i64, place: &str, offers: Value| {
            let amount = json!({ "minor": room, "currency": "EUR" });
            json!({ "items": [{ "what": "Room", "amount": amount }], "place": place, "offers": offers, "cost": amount })
        };
        let before = paper(400_000, "Hamburg", json!([]));
        assert!(Changed::between(&before, &before).is_empty());
        let after = paper(450_000, "Kiel", json!(["OFR-1"]));
        let told: Vec<(String, Option<String>, Option<String>)> =
            Changed::between(&before, &after).into_iter().map(|one| (one.field, one.from, one.to)).collect();
        let told: Vec<(&str, Option<&str>, Option<&str>)> =
            told.iter().map(|(field, from, to)| (field.as_str(), from.as_deref(), to.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("/cost", Some("EUR 4,000.00"), Some("EUR 4,500.00")),
                ("/items/0/amount", Some("EUR 4,000.00"), Some("EUR 4,500.00")),
                ("/offers/0", None, Some("OFR-1")),
                ("/place", Some("Hamburg"), Some("Kiel")),
            ]
        );
    }
}
