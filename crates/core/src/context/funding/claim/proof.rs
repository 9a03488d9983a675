//! The files that a claim names.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};

use crate::context::{FieldError, agreement_request::filled, funding::check_at};

/// What only the vault's record of a file says.
const RECORDED: [&str; 10] =
    ["sha256", "name", "bytes", "media", "scan", "class", "received_on", "legal_hold", "removed_on", "picture_hash"];

const FIELDS: [&str; 2] = ["file", "kind"];

/// A file that proves something. What it is, how large, and whether it is clean, the vault's record of it says: a claim
/// cannot state it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The SHA-256 under which it is kept, in hexadecimal.
    pub file: String,
    /// What it proves, such as `invoice`, `photo`, `attendee_list`.
    pub kind: String,
}

impl Proof {
    /// Whether it names a file by a hash; else by its path, where it has yet to be kept.
    pub fn is_kept(&self) -> bool {
        self.file.len() == 64 && self.file.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }

    pub(super) fn check(&self, field: &str) -> Result<(), FieldError> {
        let message =
            "is not the SHA-256 of a file; keep the file with `entente evidence add`, and write what that prints";
        check_at(self.is_kept(), &format!("{field}/file"), message)?;
        filled(&format!("{field}/kind"), &self.kind)
    }
}

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Proof, D::Error> {
        source.deserialize_struct("Proof", &FIELDS, Reading)
    }
}

/// Reads a [`Proof`], and says of a fact that stands in it why it does not belong there.
struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Proof;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file and what it proves")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Proof, M::Error> {
        let (mut file, mut kind) = (None, None);
        while let Some(field) = map.next_key::<String>()? {
            let place = match field.as_str() {
                "file" => &mut file,
                "kind" => &mut kind,
                fact if RECORDED.contains(&fact) => {
                    return Err(M::Error::custom(format!(
                        "`{fact}` is what the vault knows of a file, and no claim states it; write `file` and `kind` alone"
                    )));
                }
                other => return Err(M::Error::unknown_field(other, &FIELDS)),
            };
            if place.replace(map.next_value::<String>()?).is_some() {
                return Err(M::Error::custom(format!("`{field}` stands there twice")));
            }
        }
        let file = file.ok_or_else(|| M::Error::missing_field("file"))?;
        let kind = kind.ok_or_else(|| M::Error::missing_field("kind"))?;
        Ok(Proof { file, kind })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_names_a_file_and_states_nothing_of_it() {
        let read = |value| serde_json::from_value::<Proof>(value).map_err(|error| error.to_string());
        let proof = read(json!({ "file": "a".repeat(64), "kind": "photo" })).unwrap();
        assert!(proof.is_kept() && proof.check("/evidence/0").is_ok());
        for fact in RECORDED {
            let mut value = json!({ "file": "a".repeat(64), "kind": "photo" });
            value[fact] = json!(true);
            let refused = read(value).unwrap_err();
            assert!(refused.contains(&format!("`{fact}`")) && refused.contains("the vault knows"), "{refused}");
        }
        assert!(read(json!({ "file": "x", "kind": "photo", "kid": 1 })).unwrap_err().contains("unknown field `kid`"));
        assert!(read(json!({ "kind": "photo" })).unwrap_err().contains("missing field `file`"));
    }

    #[test]
    fn only_a_hash_names_a_file_that_is_kept() {
        for (file, kept) in [
            ("a".repeat(64), true),
            ("0123456789abcdef".repeat(4), true),
            ("A".repeat(64), false),
            ("a".repeat(63), false),
            ("a".repeat(65), false),
            ("invoice.pdf".to_owned(), false),
            (String::new(), false),
        ] {
            let proof = Proof { file: file.clone(), kind: "invoice".into() };
            assert_eq!(proof.is_kept(), kept, "{file}");
            let refused = proof.check("/evidence/2").err().map(|error| error.field);
            assert_eq!(refused, (!kept).then(|| "/evidence/2/file".to_owned()), "{file}");
        }
        let unsaid = Proof { file: "a".repeat(64), kind: " ".into() };
        assert_eq!(unsaid.check("/evidence/0").unwrap_err().field, "/evidence/0/kind");
    }
}
