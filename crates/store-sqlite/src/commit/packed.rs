//! Long values of many rows in one parameter.
//!
//! A set-based statement reads its rows from one JSON array, or from `Numbers` on the hot path. Texts and hashes inside
//! JSON would be escaped, parsed and copied several times; instead they lie end to end in one blob, and the rows say
//! where: `substr(?2, at, length)`.

use entente_store::Result;
use serde::Serialize;

use crate::values::to_json;

/// A blob that grows.
#[derive(Debug)]
pub(super) struct Packed {
    bytes: Vec<u8>,
}

/// Room for a small batch, so that filling it does not move it again and again.
const BATCH: usize = 32 * 1024;

impl Default for Packed {
    fn default() -> Packed {
        Packed { bytes: Vec::with_capacity(BATCH) }
    }
}

/// Where a value lies: its first byte counted from 1, and its length, as `substr` takes them.
pub(super) type Place = (i64, i64);

impl Packed {
    pub(super) fn put(&mut self, value: impl AsRef<[u8]>) -> Place {
        let value = value.as_ref();
        let at = self.next();
        self.bytes.extend_from_slice(value);
        (at, value.len() as i64)
    }

    /// Puts a value's JSON text.
    pub(super) fn put_json(&mut self, kind: &'static str, value: &impl Serialize) -> Result<Place> {
        let at = self.next();
        serde_json::to_writer(&mut self.bytes, value)
            .map_err(|error| crate::values::unreadable(kind, "(new)", error))?;
        Ok((at, self.next() - at))
    }

    fn next(&self) -> i64 {
        self.bytes.len() as i64 + 1
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Rows for `json_each`.
pub(super) fn rows(rows: &impl Serialize) -> Result<String> {
    to_json("rows", rows)
}
