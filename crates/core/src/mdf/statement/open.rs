//! A statement's file, taken apart line by line.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Last, Signature, line_hash};
use crate::{audit::Fingerprint, money::Money, offer::revision::canonical_json};

/// What a line is.
#[derive(Debug)]
pub(super) enum Opened {
    /// One of the chain.
    Chained(Chain),
    /// The end.
    Signature(Signature),
    /// Nothing that this program writes.
    Foreign,
}

/// A line of the chain.
#[derive(Debug)]
pub(super) struct Chain {
    /// Its number.
    pub(super) no: u64,
    /// The hash that it carries.
    pub(super) hash: Fingerprint,
    /// What it says.
    pub(super) fields: Map<String, Value>,
    /// The same, understood; `None` when it is not.
    pub(super) entry: Option<Entry>,
    /// Whether it is written as this program writes.
    pub(super) is_canonical: bool,
}

impl Opened {
    pub(super) fn read(line: &str) -> Opened {
        let Ok(value) = serde_json::from_str::<Value>(line) else { return Opened::Foreign };
        let is_canonical = canonical_json(&value) == line;
        if let Ok(Last::Signature(signature)) = serde_json::from_value(value.clone())
            && is_canonical
        {
            return Opened::Signature(signature);
        }
        let Value::Object(mut fields) = value else { return Opened::Foreign };
        let no = fields.remove("no").and_then(|no| no.as_u64());
        let hash = fields.remove("hash").and_then(|hash| hash.as_str().and_then(|hash| hash.parse().ok()));
        let (Some(no), Some(hash)) = (no, hash) else { return Opened::Foreign };
        let entry = Entry::read(&fields);
        Opened::Chained(Chain { no, hash, fields, entry, is_canonical })
    }
}

/// A line that is not as it was signed.
#[derive(Debug)]
pub(super) struct Suspect {
    /// The hashes that may stand before it.
    pub(super) before: Vec<Fingerprint>,
    /// Its number.
    pub(super) no: u64,
    /// The hash that it carries.
    pub(super) hash: Fingerprint,
    /// What it says now.
    pub(super) fields: Map<String, Value>,
}

impl Suspect {
    /// Whether its hash is the one that it has with this amount in the field.
    pub(super) fn was(&self, field: &str, amount: Money) -> bool {
        let mut fields = self.fields.clone();
        fields.insert(field.to_owned(), json!(amount));
        self.before.iter().any(|before| line_hash(before, self.no, &fields) == self.hash)
    }
}
