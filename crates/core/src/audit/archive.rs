//! An archive: whole histories of runs that have ended, outside the database, under one signed manifest.
//!
//! A seal covers rows of many runs, of which an archive may hold some only. It proves those all the same: a seal lists
//! the heads of the chains that it touched, and a chain's head stands for every row before it. So an archive carries the
//! seals that touched its runs, and each run's last row must be the head of one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Finding, Fingerprint, Report, Seal, SealFault, StoredRow, Verifier, merkle_root, seal::heads_root, verify,
};
use crate::ids::RunId;

/// A run as its archive keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedRun {
    /// The run.
    pub run: RunId,
    /// Its readable name.
    pub label: String,
    /// Its last row's step, which is also the number of its rows.
    pub seq: u64,
    /// Its last row's hash.
    pub head: Fingerprint,
}

impl ArchivedRun {
    fn leaf(&self) -> Vec<u8> {
        [self.run.0.as_bytes().as_slice(), &self.seq.to_be_bytes(), &self.head.0, self.label.as_bytes()].concat()
    }
}

/// What an archive holds, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The epoch of the database that it was taken from.
    pub epoch: String,
    /// Its runs had taken their last step before this business time.
    pub ended_before: Timestamp,
    /// When it was made, business time.
    pub at: Timestamp,
    /// Who made it: a person or a job.
    pub by: String,
    /// Its runs, by their labels.
    pub runs: Vec<ArchivedRun>,
    /// The seals that touched its runs, ascending.
    pub seals: Vec<u64>,
    /// SHA-256 of everything in the file before the manifest.
    pub content: Fingerprint,
    /// The key that signed it, as the verifier knows it.
    pub key: String,
    /// The Ed25519 signature over [`Manifest::signed_bytes`], in hexadecimal.
    pub signature: String,
}

impl Manifest {
    /// The bytes to sign: every field but the signature. A root stands for the runs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/archive/1\0".to_vec();
        for text in [&self.epoch, &self.by, &self.key] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        for instant in [self.ended_before, self.at] {
            bytes.extend_from_slice(&instant.as_nanosecond().to_be_bytes());
        }
        bytes.extend_from_slice(&self.runs_root().0);
        bytes.extend_from_slice(&merkle_root(self.seals.iter().map(|no| no.to_be_bytes())).0);
        bytes.extend_from_slice(&self.content.0);
        bytes
    }

    /// The Merkle root over its runs: two archives of the same histories have the same.
    pub fn runs_root(&self) -> Fingerprint {
        merkle_root(self.runs.iter().map(ArchivedRun::leaf))
    }

    /// How many history rows it holds.
    pub fn rows(&self) -> u64 {
        self.runs.iter().map(|run| run.seq).sum()
    }

    /// Whether its signature is that of its key.
    pub fn is_signed(&self, verifier: &dyn Verifier) -> bool {
        verifier.verifies(&self.key, &self.signed_bytes(), &self.signature)
    }
}

/// What about an archive does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveFault {
    /// It ends without its manifest.
    Unsigned,
    /// Its manifest's signature is not that of its key.
    Signature,
    /// What it holds is not what its manifest signs.
    Content,
}

impl fmt::Display for ArchiveFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArchiveFault::Unsigned => "it ends without its manifest",
            ArchiveFault::Signature => "its signature is not valid",
            ArchiveFault::Content => "what it holds is not what was signed",
        })
    }
}

/// The verification of one archive alone. Seals come before the runs; one run is held in memory at a time.
#[derive(Debug, Default)]
pub struct ArchiveAudit {
    report: Report,
    /// The heads that the archive's seals sign, by run.
    heads: BTreeMap<RunId, BTreeMap<u64, Fingerprint>>,
    seals: BTreeSet<u64>,
    /// What was found of each run: its last step and that one's hash, and how far it is sealed.
    found: BTreeMap<RunId, (u64, Fingerprint, u64)>,
}

impl ArchiveAudit {
    /// Takes a line that is not as it was written, by its number from 1.
    pub fn changed_line(&mut self, line: u64) {
        self.report.findings.push(Finding::ChangedLine { line });
    }

    /// Takes a seal.
    pub fn seal(&mut self, seal: Seal, verifier: &dyn Verifier) {
        self.report.seals += 1;
        if !verifier.verifies(&seal.key, &seal.signed_bytes(), &seal.signature) {
            self.report.findings.push(Finding::SealBroken { no: seal.no, why: SealFault::Signature });
        }
        if heads_root(&seal.heads) != seal.heads_root {
            self.report.findings.push(Finding::SealBroken { no: seal.no, why: SealFault::Heads });
        }
        self.seals.insert(seal.no);
        for head in seal.heads {
            self.heads.entry(head.run).or_default().insert(head.seq, head.hash);
        }
    }

    /// Takes all rows of a run.
    pub fn run(&mut self, run: RunId, mut rows: Vec<StoredRow>) {
        self.report.runs += 1;
        self.report.rows += rows.len() as u64;
        rows.sort_by_key(|row| row.seq);
        let hashes: BTreeMap<u64, Fingerprint> = rows.iter().map(|row| (row.seq, row.hash)).collect();
        let chain = verify::check_chain(run, rows);
        let sealed = self.heads.get(&run).into_iter().flatten();
        for (seq, head) in sealed.clone() {
            let edited = chain.contains(&Finding::EditedEntry { run, seq: *seq });
            if hashes.get(seq).is_some_and(|hash| hash != head) && !edited {
                self.report.findings.push(Finding::Rewritten { run, seq: *seq });
            }
        }
        self.report.findings.extend(chain);
        let (last, hash) = hashes.last_key_value().map_or((0, Fingerprint::ZERO), |(seq, hash)| (*seq, *hash));
        let sealed_to = sealed.map(|(seq, _)| *seq).max().unwrap_or(0);
        self.found.insert(run, (last, hash, sealed_to));
    }

    /// Compares everything with the manifest. `content` is the hash of what came before it in the file, `archive` the
    /// name under which it is reported.
    pub fn finish(
        mut self,
        archive: &str,
        manifest: Option<&Manifest>,
        content: Fingerprint,
        verifier: &dyn Verifier,
    ) -> Report {
        let Some(manifest) = manifest else {
            self.broken(archive, ArchiveFault::Unsigned);
            return self.report;
        };
        if !manifest.is_signed(verifier) {
            self.broken(archive, ArchiveFault::Signature);
        }
        for no in manifest.seals.iter().filter(|no| !self.seals.contains(no)) {
            self.report.findings.push(Finding::SealBroken { no: *no, why: SealFault::Absent });
        }
        for listed in &manifest.runs {
            self.compare(listed);
        }
        let listed: BTreeSet<RunId> = manifest.runs.iter().map(|listed| listed.run).collect();
        for run in self.found.keys().filter(|run| !listed.contains(run)) {
            self.report.findings.push(Finding::Unlisted { run: *run });
        }
        if content != manifest.content && self.report.findings.is_empty() {
            self.broken(archive, ArchiveFault::Content);
        }
        self.report
    }

    fn compare(&mut self, listed: &ArchivedRun) {
        let ArchivedRun { run, seq, head, .. } = listed;
        let (run, seq) = (*run, *seq);
        let (last, hash, sealed_to) = self.found.get(&run).copied().unwrap_or_default();
        let findings = &mut self.report.findings;
        if last < seq {
            findings.push(Finding::TailCut { run, sealed_seq: seq, found: last });
        } else if (last > seq || hash != *head)
            && !findings.iter().any(|found| matches!(found, Finding::EditedEntry { run: at, .. } if *at == run))
        {
            findings.push(Finding::Rewritten { run, seq });
        } else if sealed_to != seq {
            findings.push(Finding::Unsealed { run, seq });
        }
    }

    fn broken(&mut self, archive: &str, why: ArchiveFault) {
        self.report.findings.push(Finding::ArchiveBroken { archive: archive.to_owned(), why });
    }
}
