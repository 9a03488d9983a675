//! Keys under which claims find each other.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What a key is about; its word begins the key and is never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A file, by its SHA-256: F1.
    File,
    /// An invoice, by tax id and number in each form of writing, whatever its date and amount: F2, F3.
    Invoice,
    /// An invoice, by currency, band of amount and week: F3.
    Near,
    /// The same with the tax id, for weeks in which very many invoices are over one amount: F3.
    NearSupplier,
    /// The same with the beginning or the end of the number: F3.
    NearNumber,
    /// A fifth of a picture's perceptual hash: F3.
    Picture,
    /// An activity: F4, F5, F6.
    Activity,
    /// A supplier's price, by tax id and band of amount: whether F3 finds it usual.
    Price,
    /// An address of a partner or supplier: whether F7 finds it crowded.
    Address,
}

impl KeyKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            KeyKind::File => "file",
            KeyKind::Invoice => "invoice",
            KeyKind::Near => "near",
            KeyKind::NearSupplier => "near-supplier",
            KeyKind::NearNumber => "near-number",
            KeyKind::Picture => "picture",
            KeyKind::Activity => "activity",
            KeyKind::Price => "price",
            KeyKind::Address => "address",
        }
    }
}

/// A key: at most 150 characters, letters, digits and `:-./@+_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Key {
    #[serde(skip)]
    kind: KeyKind,
    #[serde(rename = "key")]
    text: String,
}

impl Key {
    pub(super) fn of(kind: KeyKind, value: impl fmt::Display) -> Key {
        Key { kind, text: format!("{}:{value}", kind.word()) }
    }

    /// What it is about.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Free text in a key: the first 80 bits of a SHA-256 over the parts, so that keys stay short and tell nobody an address.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}
