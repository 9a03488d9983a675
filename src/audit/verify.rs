//! Verifying an export alone.

use std::io::BufRead;

use entente_core::audit::{Audit, Fingerprint, Report, Seal, StoredRow};

use super::{export::Line, key::Trust};

/// Why an export cannot be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("the export cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A line is not of the format.
    #[error("line {line} of the export cannot be read: {detail}")]
    Line {
        /// From 1.
        line: usize,
        /// Why.
        detail: String,
    },
}

/// Reads an export and says what is not as it was written. With `trusted`, only that public key's seals count.
///
/// # Errors
/// When the export cannot be read.
pub fn verify(export: impl BufRead, trusted: Option<String>) -> Result<Report, VerifyError> {
    let mut rows: Vec<(i64, StoredRow)> = Vec::new();
    let mut seals: Vec<(i64, i64, Seal)> = Vec::new();
    for (at, line) in export.lines().enumerate() {
        let line = line?;
        let bad = |detail: String| VerifyError::Line { line: at + 1, detail };
        match serde_json::from_str::<Line>(&line).map_err(|error| bad(error.to_string()))? {
            Line::Export { format: 1, .. } => {}
            Line::Export { format, .. } => return Err(bad(format!("format {format} is newer than this binary"))),
            Line::Row { no, run, seq, record, hash } => {
                let hash = hex::decode(&hash).ok().and_then(|bytes| Fingerprint::from_bytes(&bytes));
                let hash = hash.ok_or_else(|| bad("`hash` is not a SHA-256 hash".into()))?;
                rows.push((no, StoredRow { run, seq, record: record.into_bytes(), hash, seal: None }));
            }
            Line::Seal { first, last, seal } => seals.push((first, last, *seal)),
        }
    }
    for (no, row) in &mut rows {
        let covering = seals.partition_point(|(_, last, _)| last < no);
        row.seal = seals.get(covering).filter(|(first, _, _)| first <= no).map(|(_, _, seal)| seal.no);
    }
    rows.sort_by_key(|(no, row)| (row.run, row.seq, *no));
    let mut audit = Audit::default();
    rows.into_iter().for_each(|(_, row)| audit.row(row));
    Ok(audit.finish(seals.into_iter().map(|(_, _, seal)| seal), &Trust(trusted)))
}
