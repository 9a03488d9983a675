//! Identifiers in the forms that AWS uses: a prefix and lower-case letters and digits.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Hands out identifiers that no other world hands out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdSource {
    seed: String,
    issued: u64,
}

impl IdSource {
    pub(crate) fn new() -> Self {
        Self { seed: uuid::Uuid::now_v7().to_string(), issued: 0 }
    }

    /// A fresh identifier: `prefix` and `length` (at most 32) characters.
    pub(crate) fn next(&mut self, prefix: &str, length: usize) -> String {
        let suffix: String =
            self.bytes().iter().take(length).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        format!("{prefix}{suffix}")
    }

    /// A fresh number of ten digits, as invoices have.
    pub(crate) fn next_invoice(&mut self) -> String {
        let digits: String = self.bytes().iter().take(9).map(|byte| char::from(b'0' + byte % 10)).collect();
        format!("2{digits}")
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.issued += 1;
        Sha256::digest(format!("{}/{}", self.seed, self.issued)).into()
    }
}
