//! A seal: a signed statement of what the chains had become, chained to the seal before it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fingerprint, merkle_root};
use crate::ids::RunId;

/// How far one chain had grown when a seal was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// The run.
    pub run: RunId,
    /// Its last row's step, which is also the chain's length.
    pub seq: u64,
    /// Its last row's hash.
    pub hash: Fingerprint,
}

impl Head {
    fn leaf(&self) -> Vec<u8> {
        [self.run.0.as_bytes().as_slice(), &self.seq.to_be_bytes(), &self.hash.0].concat()
    }
}

/// A seal over the rows committed since the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Its place in the one global chain of seals, from 1.
    pub no: u64,
    /// The hash of the seal before it; zeros for the first.
    pub previous: Fingerprint,
    /// The Merkle root over the hashes of the rows it covers, by run and step.
    pub rows_root: Fingerprint,
    /// How many rows it covers.
    pub rows: u64,
    /// The Merkle root over the heads of the chains it touched.
    pub heads_root: Fingerprint,
    /// When it was made.
    pub at: Timestamp,
    /// The heads of the chains it touched, by run.
    pub heads: Vec<Head>,
    /// The key that signed it, as the verifier knows it.
    pub key: String,
    /// The Ed25519 signature over [`Seal::signed_bytes`], in hexadecimal.
    pub signature: String,
}

/// Checks signatures. The core knows no cryptography beyond SHA-256.
pub trait Verifier {
    /// Whether `signature` was made over `message` by the key of this name.
    fn verifies(&self, key: &str, message: &[u8], signature: &str) -> bool;
}

impl Seal {
    /// A seal without its signature. `rows` are the hashes of the rows it covers with run and step; `heads` may come in any order.
    pub fn unsigned(
        no: u64,
        previous: Fingerprint,
        mut rows: Vec<(RunId, u64, Fingerprint)>,
        mut heads: Vec<Head>,
        at: Timestamp,
    ) -> Seal {
        rows.sort_unstable();
        heads.sort_unstable();
        Seal {
            no,
            previous,
            rows_root: rows_root(&rows),
            rows: rows.len() as u64,
            heads_root: heads_root(&heads),
            at,
            heads,
            key: String::new(),
            signature: String::new(),
        }
    }

    /// The bytes to sign: every field but the heads, which their root stands for, and the signature.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/seal/1\0".to_vec();
        bytes.extend_from_slice(&self.no.to_be_bytes());
        bytes.extend_from_slice(&self.previous.0);
        bytes.extend_from_slice(&self.rows_root.0);
        bytes.extend_from_slice(&self.rows.to_be_bytes());
        bytes.extend_from_slice(&self.heads_root.0);
        bytes.extend_from_slice(&self.at.as_nanosecond().to_be_bytes());
        bytes.extend_from_slice(self.key.as_bytes());
        bytes
    }

    /// The hash that the next seal carries.
    pub fn hash(&self) -> Fingerprint {
        Fingerprint::of(&[&self.signed_bytes()])
    }
}

/// The root over rows that are sorted by run and step.
pub(super) fn rows_root(rows: &[(RunId, u64, Fingerprint)]) -> Fingerprint {
    merkle_root(rows.iter().map(|(_, _, hash)| hash.0))
}

/// The root over heads that are sorted by run.
pub(super) fn heads_root(heads: &[Head]) -> Fingerprint {
    merkle_root(heads.iter().map(Head::leaf))
}
