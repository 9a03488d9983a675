//! The chain of one run: each row hashes the one before it, so no two runs share a row to lock.

use super::Fingerprint;
use crate::ids::RunId;

/// Keeps a row's hash apart from every other hash of the product.
const DOMAIN: &[u8] = b"entente/history/1\0";

/// The hash of a history row: SHA-256 over the hash before it, the run, the step and the record's bytes as they are stored.
pub fn row_hash(previous: &Fingerprint, run: RunId, seq: u64, record: &[u8]) -> Fingerprint {
    Fingerprint::of(&[DOMAIN, &previous.0, run.0.as_bytes(), &seq.to_be_bytes(), record])
}

/// How far a run's chain has grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The run.
    pub run: RunId,
    /// The last row's step; 0 before the first.
    pub seq: u64,
    /// The last row's hash.
    pub head: Fingerprint,
}

impl Chain {
    /// A chain without rows.
    pub fn empty(run: RunId) -> Chain {
        Chain { run, seq: 0, head: Fingerprint::ZERO }
    }

    /// Adds the next row and returns its hash.
    pub fn append(&mut self, record: &[u8]) -> Fingerprint {
        self.seq += 1;
        self.head = row_hash(&self.head, self.run, self.seq, record);
        self.head
    }
}
