//! What a vote binds to: the hash of the full document, and one hash per projection of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Offer;
use crate::policy::approvals::Projection::{self, Administrative, Commercial, Legal};

/// Every field of the document and the projections to which it belongs; `*` stands for a place in a list or a key of a map.
///
/// A field that is missing here belongs to all projections, so that forgetting one voids too many votes, never too few.
pub const CLASSES: &[(&str, &[Projection])] = &[
    ("/reference", &[Administrative]),
    ("/marketplace", &[Commercial, Legal]),
    ("/legal_entity", &[Legal]),
    ("/region", &[Commercial]),
    ("/product/id", &[Commercial, Legal]),
    ("/product/kind", &[Commercial, Legal]),
    ("/product/dimensions/*", &[Commercial]),
    ("/buyer/name", &[Legal]),
    ("/buyer/accounts/*", &[Legal]),
    ("/buyer/country", &[Legal]),
    ("/buyer/zone", &[Administrative]),
    ("/buyer/contacts/*/name", &[Administrative]),
    ("/buyer/contacts/*/email", &[Administrative]),
    ("/buyer/contacts/*/role", &[Administrative]),
    ("/name", &[Administrative]),
    ("/description", &[Administrative]),
    ("/currency", &[Commercial]),
    ("/pricing/contract/duration", &[Commercial]),
    ("/pricing/contract/dimensions/*/key", &[Commercial]),
    ("/pricing/contract/dimensions/*/quantity", &[Commercial]),
    ("/pricing/contract/dimensions/*/unit_price", &[Commercial]),
    ("/pricing/contract/dimensions/*/sku", &[Commercial]),
    ("/pricing/contract/dimensions/*/ramp/*/after_months", &[Commercial]),
    ("/pricing/contract/dimensions/*/ramp/*/quantity", &[Commercial]),
    ("/pricing/contract/choose", &[Commercial]),
    ("/pricing/contract/alternatives/*/duration", &[Commercial]),
    ("/pricing/contract/alternatives/*/dimensions/*/key", &[Commercial]),
    ("/pricing/contract/alternatives/*/dimensions/*/unit_price", &[Commercial]),
    ("/pricing/contract/alternatives/*/dimensions/*/sku", &[Commercial]),
    ("/pricing/contract/instalments/*/date", &[Commercial]),
    ("/pricing/contract/instalments/*/amount", &[Commercial]),
    ("/pricing/contract/free_months", &[Commercial]),
    ("/pricing/contract/total", &[Commercial]),
    ("/pricing/contract/currency", &[Commercial]),
    ("/pricing/usage/dimensions/*/key", &[Commercial]),
    ("/pricing/usage/dimensions/*/unit_price", &[Commercial]),
    ("/pricing/usage/dimensions/*/sku", &[Commercial]),
    ("/pricing/usage/currency", &[Commercial]),
    ("/pricing/free_trial/duration", &[Commercial]),
    ("/pricing/free_trial/grants/*/key", &[Commercial]),
    ("/pricing/free_trial/grants/*/quantity", &[Commercial]),
    ("/term/duration", &[Commercial]),
    ("/term/start", &[Commercial]),
    ("/term/end", &[Commercial]),
    ("/eula/standard/version", &[Legal]),
    ("/eula/custom/url", &[Legal]),
    ("/eula/custom/sha256", &[Legal]),
    ("/refund_policy", &[Commercial, Legal]),
    ("/countries/only/*", &[Legal]),
    ("/countries/except/*", &[Legal]),
    ("/expires_on", &[Commercial]),
    ("/renewal/of", &[Commercial, Legal]),
    ("/renewal/as", &[Commercial, Legal]),
    ("/auto_renewal/price_increase_percent", &[Commercial, Legal]),
    ("/auto_renewal/lockout_days", &[Commercial, Legal]),
    ("/auto_renewal/renewals_max", &[Commercial, Legal]),
    ("/auto_renewal/adjustable/min_percent", &[Commercial, Legal]),
    ("/auto_renewal/adjustable/max_percent", &[Commercial, Legal]),
    ("/auto_renewal/adjustable/until_days", &[Commercial, Legal]),
    ("/auto_renewal/instalments/*/after_months", &[Commercial, Legal]),
    ("/auto_renewal/instalments/*/after_days", &[Commercial, Legal]),
    ("/auto_renewal/instalments/*/percent", &[Commercial, Legal]),
    ("/auto_renewal/instalments/*/day_of_month", &[Commercial, Legal]),
    ("/payment_due_days", &[Commercial]),
    ("/external_refs/*", &[Administrative]),
    ("/price_book", &[Commercial]),
    ("/justification", &[Administrative]),
    ("/notes", &[Administrative]),
];

/// The maps of the document, whose keys are data.
const MAPS: [&str; 2] = ["/product/dimensions", "/external_refs"];

/// A revision of an offer: what was shown, and what its parts hash to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// SHA-256 of the canonical document, in hexadecimal.
    pub hash: String,
    /// SHA-256 of each projection, in hexadecimal.
    pub projections: BTreeMap<Projection, String>,
}

impl Offer {
    /// The document's revision.
    pub fn revision(&self) -> Revision {
        let document = self.to_json();
        let mut parts: BTreeMap<Projection, Vec<Value>> = ALL.iter().map(|part| (*part, Vec::new())).collect();
        let mut leaves = Vec::new();
        flatten("", "", &document, &mut leaves);
        for (pointer, pattern, value) in leaves {
            for projection in classes(&pattern) {
                parts.entry(projection).or_default().push(json!([pointer, value]));
            }
        }
        let projections =
            parts.into_iter().map(|(part, leaves)| (part, sha256(&canonical_json(&Value::Array(leaves))))).collect();
        Revision { hash: sha256(&canonical_json(&document)), projections }
    }
}

const ALL: [Projection; 3] = [Commercial, Legal, Administrative];

/// The projections of a field, by its pattern.
pub fn classes(pattern: &str) -> BTreeSet<Projection> {
    let known = CLASSES.iter().find(|(field, _)| *field == pattern);
    known.map_or_else(|| ALL.into(), |(_, classes)| classes.iter().copied().collect())
}

/// Whether the document has a field, or a part with fields, of this pattern.
pub(super) fn exists(pattern: &str) -> bool {
    CLASSES
        .iter()
        .any(|(field, _)| field.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// What changed between two documents: every differing leaf with its old and new value.
pub fn differences(old: &Offer, new: &Offer) -> Vec<Difference> {
    let leaves = |offer: &Offer| {
        let mut leaves = Vec::new();
        flatten("", "", &offer.to_json(), &mut leaves);
        leaves.into_iter().map(|(pointer, pattern, value)| (pointer, (pattern, value))).collect::<BTreeMap<_, _>>()
    };
    let (old, mut new) = (leaves(old), leaves(new));
    let mut found = Vec::new();
    for (field, (pattern, was)) in old {
        let now = new.remove(&field).map(|(_, value)| value);
        if now.as_ref() != Some(&was) {
            found.push(Difference { projections: classes(&pattern), field, was: Some(was), now });
        }
    }
    found.extend(new.into_iter().map(|(field, (pattern, value))| Difference {
        projections: classes(&pattern),
        field,
        was: None,
        now: Some(value),
    }));
    found.sort_by(|a, b| a.field.cmp(&b.field));
    found
}

/// One field that differs between two revisions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The field as a JSON pointer.
    pub field: String,
    /// Whose votes the change voids.
    pub projections: BTreeSet<Projection>,
    /// The value before; absent when the field is new.
    pub was: Option<Value>,
    /// The value after; absent when the field is gone.
    pub now: Option<Value>,
}

fn flatten(pointer: &str, pattern: &str, value: &Value, leaves: &mut Vec<(String, String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, inner) in fields {
                let step = if MAPS.contains(&pattern) { "*" } else { name };
                let escaped = name.replace('~', "~0").replace('/', "~1");
                flatten(&format!("{pointer}/{escaped}"), &format!("{pattern}/{step}"), inner, leaves);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, inner) in items.iter().enumerate() {
                flatten(&format!("{pointer}/{at}"), &format!("{pattern}/*"), inner, leaves);
            }
        }
        leaf => leaves.push((pointer.to_owned(), pattern.to_owned(), leaf.clone())),
    }
}

/// JSON with sorted keys and without white space: equal values have equal text.
pub fn canonical_json(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let inner: Vec<String> =
                sorted.into_iter().map(|(name, value)| format!("{}:{}", json!(name), canonical_json(value))).collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical_json).collect::<Vec<_>>().join(",")),
        leaf => leaf.to_string(),
    }
}

/// SHA-256 of a text, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
