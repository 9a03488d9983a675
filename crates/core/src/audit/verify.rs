//! Verifying an export: what was edited, removed, moved, cut off or written anew, and where.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ArchiveFault, ArchivedRun, Finding, Fingerprint, Manifest, Seal, SealFault, Verifier, row_hash,
    seal::{heads_root, rows_root},
};
use crate::ids::RunId;

/// A history row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// The run.
    pub run: RunId,
    /// The step.
    pub seq: u64,
    /// The record's bytes.
    pub record: Vec<u8>,
    /// The hash stored beside it.
    pub hash: Fingerprint,
    /// The seal that covers it.
    pub seal: Option<u64>,
}

/// What a verification came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Everything that is not as it was written; empty means that all is well.
    pub findings: Vec<Finding>,
    /// Rows seen.
    pub rows: u64,
    /// Runs seen.
    pub runs: u64,
    /// Seals seen.
    pub seals: u64,
    /// Rows that no seal covers yet: their tail could be cut without a trace.
    pub unsealed: u64,
    /// Runs of which nothing was seen because their history lies in an archive.
    pub archived: u64,
}

/// A verification under way. Rows come run by run, each run's rows together; only one run is held in memory.
#[derive(Debug, Default)]
pub struct Audit {
    report: Report,
    current: Vec<StoredRow>,
    /// Per run, how far its chain goes.
    lengths: BTreeMap<RunId, u64>,
    /// The rows of each seal.
    sealed: BTreeMap<u64, Vec<(RunId, u64, Fingerprint)>>,
    /// What the manifests of archives vouch for, by run.
    archived: BTreeMap<RunId, ArchivedRun>,
}

impl Audit {
    /// Takes the next row.
    pub fn row(&mut self, row: StoredRow) {
        if self.current.first().is_some_and(|first| first.run != row.run) {
            self.close_run();
        }
        self.report.rows += 1;
        match row.seal {
            Some(no) => self.sealed.entry(no).or_default().push((row.run, row.seq, row.hash)),
            None => self.report.unsealed += 1,
        }
        self.current.push(row);
    }

    /// Takes the manifest of an archive: histories that it lists may be gone.
    pub fn archive(&mut self, archive: &str, manifest: Manifest, verifier: &dyn Verifier) {
        if !manifest.is_signed(verifier) {
            let archive = archive.to_owned();
            self.report.findings.push(Finding::ArchiveBroken { archive, why: ArchiveFault::Signature });
        }
        self.archived.extend(manifest.runs.into_iter().map(|listed| (listed.run, listed)));
    }

    /// The run's archived end, where nothing else is left of it.
    fn left(&self, run: RunId) -> Option<&ArchivedRun> {
        self.archived.get(&run).filter(|_| !self.lengths.contains_key(&run))
    }

    /// Takes the seals, from the first to the last, and says what was found.
    pub fn finish(mut self, seals: impl IntoIterator<Item = Seal>, verifier: &dyn Verifier) -> Report {
        self.close_run();
        self.report.runs = self.lengths.len() as u64;
        self.report.archived = self.archived.keys().filter(|run| !self.lengths.contains_key(*run)).count() as u64;
        let mut previous = Fingerprint::ZERO;
        let mut heads = BTreeMap::new();
        let mut last = 0;
        for seal in seals {
            self.report.seals += 1;
            for no in last + 1..seal.no {
                self.broken(no, SealFault::Absent);
            }
            if seal.previous != previous {
                self.broken(seal.no, SealFault::Link);
            }
            self.check_seal(&seal, verifier);
            previous = seal.hash();
            last = seal.no;
            heads.extend(seal.heads.into_iter().map(|head| ((head.run, head.seq), head.hash)));
        }
        let beyond: Vec<u64> = self.sealed.keys().copied().filter(|no| *no > last).collect();
        for no in beyond {
            self.broken(no, SealFault::Absent);
        }
        self.check_heads(&heads);
        self.report
    }

    fn broken(&mut self, no: u64, why: SealFault) {
        self.report.findings.push(Finding::SealBroken { no, why });
    }

    fn check_seal(&mut self, seal: &Seal, verifier: &dyn Verifier) {
        if !verifier.verifies(&seal.key, &seal.signed_bytes(), &seal.signature) {
            self.broken(seal.no, SealFault::Signature);
        }
        if heads_root(&seal.heads) != seal.heads_root {
            self.broken(seal.no, SealFault::Heads);
        }
        // The rows of an archived run are hashed into the head that the seal lists; without them the root over all rows
        // cannot be made again.
        let partial = seal.heads.iter().any(|head| self.left(head.run).is_some());
        let rows = self.sealed.entry(seal.no).or_default();
        rows.sort_unstable();
        let fits = match partial {
            true => (rows.len() as u64) < seal.rows,
            false => rows.len() as u64 == seal.rows && rows_root(rows) == seal.rows_root,
        };
        if !fits {
            self.broken(seal.no, SealFault::Rows);
        }
    }

    fn check_heads(&mut self, heads: &BTreeMap<(RunId, u64), Fingerprint>) {
        let stored: BTreeMap<(RunId, u64), Fingerprint> =
            self.sealed.values().flatten().map(|(run, seq, hash)| ((*run, *seq), *hash)).collect();
        let mut furthest: BTreeMap<RunId, u64> = BTreeMap::new();
        for ((run, seq), hash) in heads {
            furthest.insert(*run, *seq);
            let left = self.left(*run).filter(|left| left.seq == *seq).map(|left| &left.head);
            let now = left.or_else(|| stored.get(&(*run, *seq)));
            let differs = now.is_some_and(|now| now != hash);
            let edited = self.report.findings.contains(&Finding::EditedEntry { run: *run, seq: *seq });
            if differs && !edited {
                self.report.findings.push(Finding::Rewritten { run: *run, seq: *seq });
            }
        }
        for (run, sealed_seq) in furthest {
            let found = self.lengths.get(&run).copied();
            let found = found.or_else(|| self.left(run).map(|left| left.seq)).unwrap_or(0);
            if found < sealed_seq {
                self.report.findings.push(Finding::TailCut { run, sealed_seq, found });
            }
        }
    }

    fn close_run(&mut self) {
        let mut rows = std::mem::take(&mut self.current);
        let Some(run) = rows.first().map(|row| row.run) else { return };
        rows.sort_by_key(|row| row.seq);
        self.lengths.insert(run, rows.last().map_or(0, |row| row.seq));
        let findings = check_chain(run, rows);
        self.report.findings.extend(findings);
    }
}

/// Walks one chain. After a finding it goes on with what is stored, so that one change is one finding.
pub(super) fn check_chain(run: RunId, mut rows: Vec<StoredRow>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The hashes that may stand before the next row; none known means that it cannot be checked.
    let mut before: Vec<Fingerprint> = vec![Fingerprint::ZERO];
    let mut expected = 1;
    for at in 0..rows.len() {
        let Some(seq) = rows.get(at).map(|row| row.seq) else { break };
        if seq < expected {
            findings.push(Finding::Doubled { run, seq });
            continue;
        }
        for missing in expected..seq {
            findings.push(Finding::Missing { run, seq: missing });
            before.clear();
        }
        expected = seq + 1;
        let fits = |row: &StoredRow| {
            before.is_empty() || before.iter().any(|hash| row_hash(hash, run, seq, &row.record) == row.hash)
        };
        if !rows.get(at).is_some_and(fits) {
            let moved = rows.iter().skip(at + 1).position(fits).map(|offset| at + 1 + offset);
            match moved {
                Some(from) => {
                    findings.push(Finding::Reordered { run, seq, found_at: rows.get(from).map_or(seq, |row| row.seq) });
                    swap_contents(&mut rows, at, from);
                }
                None => findings.push(Finding::EditedEntry { run, seq }),
            }
        }
        let Some(row) = rows.get(at) else { break };
        let recomputed =
            before.iter().map(|hash| row_hash(hash, run, seq, &row.record)).filter(|hash| *hash != row.hash);
        before = std::iter::once(row.hash).chain(recomputed).collect();
    }
    findings
}

/// Puts two rows' contents where they belong; their places stay.
fn swap_contents(rows: &mut [StoredRow], at: usize, from: usize) {
    let (seq_at, seq_from) = (rows.get(at).map(|row| row.seq), rows.get(from).map(|row| row.seq));
    rows.swap(at, from);
    for (place, seq) in [(at, seq_at), (from, seq_from)] {
        if let (Some(row), Some(seq)) = (rows.get_mut(place), seq) {
            row.seq = seq;
        }
    }
}
