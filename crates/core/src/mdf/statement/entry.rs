//! The lines of a statement's file: canonical JSON, numbered and chained by hashes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Line, Preliminary, Statement};
use crate::{
    audit::Fingerprint,
    ids::{FundId, LegalEntityId, PartyId},
    money::Money,
    offer::revision::canonical_json,
};

/// Keeps the hashes of lines apart from every other hash of the product.
const LINE: &[u8] = b"entente/statement-line/1\0";
/// Keeps what is signed apart from everything else that the same key signs.
const SIGNED: &[u8] = b"entente/statement/1\0";
/// The format that this program writes and reads.
pub(super) const FORMAT: u64 = 1;

/// What a line says, without its number and its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Entry {
    /// The first line: whose statement it is.
    Statement {
        format: u64,
        partner: PartyId,
        entity: LegalEntityId,
        period: String,
        zone: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preliminary: Option<Preliminary>,
    },
    /// A section begins.
    Opening { fund: FundId, owed: Money },
    /// A movement.
    Line(Line),
    /// The section ends.
    Closing { owed: Money },
}

impl Entry {
    pub(super) fn head(statement: &Statement) -> Entry {
        Entry::Statement {
            format: FORMAT,
            partner: statement.partner.clone(),
            entity: statement.entity.clone(),
            period: statement.period.month(),
            zone: statement.period.zone().to_owned(),
            preliminary: statement.preliminary.clone(),
        }
    }

    /// The entry without a field that it should not have.
    pub(super) fn read(fields: &Map<String, Value>) -> Option<Entry> {
        let entry: Entry = serde_json::from_value(Value::Object(fields.clone())).ok()?;
        // What is written again as it was read has no field that was overlooked.
        (fields_of(&entry) == *fields).then_some(entry)
    }
}

/// An entry as JSON.
pub(super) fn fields_of(entry: &Entry) -> Map<String, Value> {
    match json!(entry) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The hash of a line: over the hash of the line before it, its number, and what it says.
pub(super) fn line_hash(previous: &Fingerprint, no: u64, fields: &Map<String, Value>) -> Fingerprint {
    let said = canonical_json(&Value::Object(fields.clone()));
    Fingerprint::of(&[LINE, &previous.0, &no.to_be_bytes(), said.as_bytes()])
}

/// The last line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Last {
    /// The signature over everything above.
    Signature(Signature),
}

/// A signature over the lines above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// The key that signed, as the verifier knows it.
    pub(super) key: String,
    /// How many lines it covers.
    pub(super) lines: u64,
    /// The hash of the last of them, which stands for all.
    pub(super) last: Fingerprint,
    /// The signature over [`Signature::signed_bytes`], in hexadecimal.
    pub(super) signature: String,
}

impl Signature {
    /// The bytes to sign: every field but the signature.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let Signature { key, lines, last, .. } = self;
        [SIGNED, (key.len() as u64).to_be_bytes().as_slice(), key.as_bytes(), &lines.to_be_bytes(), &last.0].concat()
    }
}

/// The lines on their way out.
#[derive(Debug, Default)]
pub(super) struct Chained {
    lines: u64,
    last: Fingerprint,
}

impl Chained {
    /// The next line, without its line end.
    pub(super) fn append(&mut self, entry: &Entry) -> String {
        let mut fields = fields_of(entry);
        self.lines += 1;
        self.last = line_hash(&self.last, self.lines, &fields);
        fields.insert("no".into(), json!(self.lines));
        fields.insert("hash".into(), json!(self.last));
        canonical_json(&Value::Object(fields))
    }

    /// The last line, without its line end.
    pub(super) fn end(&self, key: &str, sign: impl FnOnce(&[u8]) -> String) -> String {
        let mut signed =
            Signature { key: key.to_owned(), lines: self.lines, last: self.last, signature: String::new() };
        signed.signature = sign(&signed.signed_bytes());
        canonical_json(&json!(Last::Signature(signed)))
    }
}
