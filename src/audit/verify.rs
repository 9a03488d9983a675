//! Verifying history: of a database, or of an export alone.

use std::io::BufRead;

use entente_core::audit::{Audit, Finding, Fingerprint, Report, Seal, StoredRow};
use entente_store::Store;

use super::{
    carried::Carried,
    export::Line,
    key::Trust,
    stored::{self, Runs},
};

/// Why history cannot be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The export cannot be read.
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
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// A stored seal, or an archive's manifest, cannot be read.
    #[error("{what} {no} of the database cannot be read: {detail}")]
    Stored {
        /// `seal` or `archive`.
        what: &'static str,
        /// Its number.
        no: i64,
        /// Why.
        detail: String,
    },
}

/// The seals with the rows that they say they cover.
#[derive(Debug, Default)]
struct Seals(Vec<(i64, i64, Seal)>);

impl Seals {
    /// The seal that covers the row of this number. Seals cover ascending stretches.
    fn covering(&self, no: i64) -> Option<u64> {
        let at = self.0.partition_point(|(_, last, _)| *last < no);
        self.0.get(at).filter(|(first, _, _)| *first <= no).map(|(_, _, seal)| seal.no)
    }

    fn end(self, audit: Audit, trust: &Trust) -> Report {
        audit.finish(self.0.into_iter().map(|(_, _, seal)| seal), trust)
    }
}

/// Reads an export and says what is not as it was written. With `trusted`, only that public key's seals count.
///
/// # Errors
/// When the export cannot be read.
pub fn verify(export: impl BufRead, trusted: Option<String>) -> Result<Report, VerifyError> {
    let trust = Trust(trusted);
    let mut audit = Audit::default();
    let mut seals = Seals::default();
    let mut headed = false;
    let (mut carried, mut mistold) = (Carried::default(), Vec::new());
    for (at, line) in export.lines().enumerate() {
        let bad = |detail: String| VerifyError::Line { line: at + 1, detail };
        match serde_json::from_str::<Line>(&line?).map_err(|error| bad(error.to_string()))? {
            Line::Export { format: 1, .. } => headed = true,
            Line::Export { format, .. } => return Err(bad(format!("format {format} is newer than this binary"))),
            Line::Row { .. } | Line::Seal { .. } | Line::Archive { .. } if !headed => {
                return Err(bad("the first line must be the header".into()));
            }
            Line::Row { no, run, seq, record, hash, external_refs } => {
                let carries = carried.after(run, &record);
                if external_refs.is_some_and(|told| told != *carries) {
                    mistold.push(Finding::EditedEntry { run, seq });
                }
                let hash = hex::decode(&hash).ok().and_then(|bytes| Fingerprint::from_bytes(&bytes));
                let hash = hash.ok_or_else(|| bad("`hash` is not a SHA-256 hash".into()))?;
                audit.row(StoredRow { run, seq, record: record.into_bytes(), hash, seal: seals.covering(no) });
            }
            Line::Seal { first, last, seal } => seals.0.push((first, last, *seal)),
            Line::Archive { file, manifest } => audit.archive(&file, *manifest, &trust),
        }
    }
    if !headed {
        return Err(VerifyError::Line { line: 1, detail: "it is empty".into() });
    }
    let mut report = seals.end(audit, &trust);
    // What a line tells beside its record is not hashed: it must be what the records say.
    mistold.retain(|finding| !report.findings.contains(finding));
    report.findings.extend(mistold);
    Ok(report)
}

/// Reads a database's history and says what is not as it was written. With `trusted`, only that public key's seals count.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify_stored(store: &dyn Store, trusted: Option<String>) -> Result<Report, VerifyError> {
    let trust = Trust(trusted);
    let mut seals = Seals::default();
    for row in stored::seals(store).await? {
        let seal = serde_json::from_str(&row.body);
        let seal = seal.map_err(|error| unreadable("seal", row.no, &error))?;
        seals.0.push((row.first, row.last, seal));
    }
    let mut audit = Audit::default();
    let mut runs = Runs::default();
    while let Some(run) = runs.next(store).await? {
        let mut from = 1;
        loop {
            let page = stored::history(store, run, from).await?;
            let Some(last) = page.last() else { break };
            from = last.seq + 1;
            for row in page {
                let (hash, seal) = (Fingerprint(row.hash), seals.covering(row.no));
                audit.row(StoredRow { run, seq: row.seq, record: row.record.into_bytes(), hash, seal });
            }
        }
    }
    // Read after the rows: what left meanwhile was recorded before it did.
    for archive in stored::archives(store).await? {
        let manifest = serde_json::from_str(&archive.manifest);
        let manifest = manifest.map_err(|error| unreadable("archive", archive.no, &error))?;
        audit.archive(&archive.file, manifest, &trust);
    }
    Ok(seals.end(audit, &trust))
}

fn unreadable(what: &'static str, no: i64, error: &serde_json::Error) -> VerifyError {
    VerifyError::Stored { what, no, detail: error.to_string() }
}
