//! Verifying an archive alone, on any machine.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use entente_core::{
    audit::{ArchiveAudit, Fingerprint, Manifest, StoredRow},
    ids::RunId,
};
use sha2::{Digest as _, Sha256};

use super::{
    ReadArchive,
    line::{FORMAT, Line},
};
use crate::audit::{key::Trust, verify::VerifyError};

/// Whether a file's first line is an archive's.
pub fn is_archive(first: &[u8]) -> bool {
    matches!(serde_json::from_slice(first), Ok(Line::Archive { .. }))
}

/// Reads an archive from a file.
pub(super) fn read(path: &Path, trusted: Option<String>) -> Result<ReadArchive, VerifyError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    verify(&name, BufReader::new(File::open(path)?), trusted)
}

/// Reads an archive and says what is not as it was written, under `name`. With `trusted`, only that public key's signatures
/// count.
///
/// # Errors
/// When it cannot be read, or is no archive that this binary knows.
pub fn verify(name: &str, mut archive: impl BufRead, trusted: Option<String>) -> Result<ReadArchive, VerifyError> {
    let trust = Trust(trusted);
    let mut reading = Reading::default();
    let mut text = Vec::new();
    loop {
        text.clear();
        if archive.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        reading.line(&text, &trust)?;
    }
    reading.close_run();
    let content = reading.content.unwrap_or_default();
    let report = reading.audit.finish(name, reading.manifest.as_ref(), content, &trust);
    Ok(ReadArchive {
        report,
        sha256: Fingerprint(reading.hasher.finalize().into()),
        bytes: reading.bytes,
        manifest: reading.manifest,
    })
}

#[derive(Default)]
struct Reading {
    audit: ArchiveAudit,
    hasher: Sha256,
    lines: u64,
    bytes: u64,
    run: Option<(RunId, Vec<StoredRow>)>,
    /// What each run is called, and in which line.
    labels: Vec<(u64, RunId, String)>,
    /// The hash of everything before the manifest.
    content: Option<Fingerprint>,
    manifest: Option<Manifest>,
}

impl Reading {
    fn line(&mut self, text: &[u8], trust: &Trust) -> Result<(), VerifyError> {
        let before = Fingerprint(self.hasher.clone().finalize().into());
        self.hasher.update(text);
        self.lines += 1;
        self.bytes += text.len() as u64;
        // A line that is written in any other way than ours was touched, even if it says the same.
        let known = serde_json::from_slice::<Line>(text).ok().filter(|line| {
            serde_json::to_vec(line).is_ok_and(|mut ours| {
                ours.push(b'\n');
                ours == text
            })
        });
        match known {
            Some(Line::Archive { format }) if self.lines == 1 && format > FORMAT => {
                let detail = format!("format {format} is newer than this binary");
                return Err(VerifyError::Line { line: 1, detail });
            }
            Some(Line::Archive { format: FORMAT }) if self.lines == 1 => {}
            Some(_) if self.lines > 1 && self.manifest.is_some() => self.audit.changed_line(self.lines),
            Some(Line::Seal { seal }) => self.audit.seal(*seal, trust),
            Some(Line::Run { run, label }) => {
                self.close_run();
                self.labels.push((self.lines, run, label));
                self.run = Some((run, Vec::new()));
            }
            Some(Line::Step { seq, record, hash }) => self.step(seq, record, &hash),
            Some(Line::Manifest { manifest }) => {
                self.content = Some(before);
                self.compare_labels(&manifest);
                self.manifest = Some(*manifest);
            }
            Some(Line::Archive { .. }) | None => self.audit.changed_line(self.lines),
        }
        Ok(())
    }

    fn step(&mut self, seq: u64, record: String, hash: &str) {
        let hash = hash.parse::<Fingerprint>().ok();
        match (&mut self.run, hash) {
            (Some((run, rows)), Some(hash)) => {
                rows.push(StoredRow { run: *run, seq, record: record.into_bytes(), hash, seal: None });
            }
            _ => self.audit.changed_line(self.lines),
        }
    }

    fn compare_labels(&mut self, manifest: &Manifest) {
        let listed: BTreeMap<RunId, &str> = manifest.runs.iter().map(|run| (run.run, run.label.as_str())).collect();
        for (line, run, label) in &self.labels {
            if listed.get(run).is_some_and(|listed| listed != label) {
                self.audit.changed_line(*line);
            }
        }
    }

    fn close_run(&mut self) {
        if let Some((run, rows)) = self.run.take() {
            self.audit.run(run, rows);
        }
    }
}

/// The SHA-256 of a file.
pub(super) fn sha256(path: &Path) -> io::Result<Fingerprint> {
    let mut hasher = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    loop {
        let part = file.fill_buf()?;
        if part.is_empty() {
            return Ok(Fingerprint(hasher.finalize().into()));
        }
        hasher.update(part);
        let length = part.len();
        file.consume(length);
    }
}
