//! Runs whose rows are in an archive: what vouches for them, and what is found all the same.

use entente_core::audit::{ArchiveAudit, ArchiveFault, ArchivedRun, Manifest};

use super::*;

/// The manifest of these runs, as the rows are.
fn manifest(export: &Export, runs: &[u128]) -> Manifest {
    let listed = |run: &u128| {
        let last = export.rows.iter().rfind(|row| row.run == run_id(*run)).unwrap();
        ArchivedRun { run: last.run, label: format!("R-{run}"), seq: last.seq, head: last.hash }
    };
    let at = Timestamp::from_second(1_900_000_000).unwrap();
    let mut manifest = Manifest {
        epoch: "epoch".into(),
        ended_before: at,
        at,
        by: "ada".into(),
        runs: runs.iter().map(listed).collect(),
        seals: vec![1, 2],
        content: Fingerprint::ZERO,
        key: "notary".into(),
        signature: String::new(),
    };
    manifest.signature = signed(&manifest.signed_bytes());
    manifest
}

impl Export {
    fn without(mut self, runs: &[u128]) -> Export {
        self.rows.retain(|row| !runs.iter().any(|run| row.run == run_id(*run)));
        self
    }

    fn verify_with(&self, manifests: &[Manifest]) -> Report {
        let mut audit = Audit::default();
        for row in &self.rows {
            audit.row(row.clone());
        }
        for manifest in manifests {
            audit.archive("file", manifest.clone(), &Notary);
        }
        audit.finish(self.seals.clone(), &Notary)
    }
}

#[test]
fn rows_that_a_manifest_lists_may_be_gone_and_no_others() {
    let whole = Export::of(4, 6, 6);
    let manifest = manifest(&whole, &[2, 3]);
    let report = whole.verify_with(std::slice::from_ref(&manifest));
    assert_eq!((report.findings.len(), report.archived), (0, 0), "they may also be there still");
    let left = whole.clone().without(&[2, 3]);
    let report = left.verify_with(std::slice::from_ref(&manifest));
    assert_eq!((report.findings.as_slice(), report.runs, report.archived), (&[][..], 2, 2));
    let missed = left.verify_with(&[]).findings;
    assert!(missed.contains(&Finding::TailCut { run: run_id(2), sealed_seq: 6, found: 0 }), "{missed:?}");
    let more = whole.without(&[1, 2, 3]).verify_with(std::slice::from_ref(&manifest)).findings;
    assert!(more.contains(&Finding::TailCut { run: run_id(1), sealed_seq: 6, found: 0 }), "{more:?}");
    assert!(!more.iter().any(|found| matches!(found, Finding::TailCut { run, .. } if *run != run_id(1))), "{more:?}");
}

#[test]
fn what_stays_beside_archived_rows_under_the_same_seals_is_watched_as_before() {
    let whole = Export::of(3, 6, 6);
    let manifest = [manifest(&whole, &[2])];
    let found = |change: &dyn Fn(&mut Export)| {
        let mut left = whole.clone().without(&[2]);
        change(&mut left);
        left.verify_with(&manifest).findings
    };
    let run = run_id(3);
    let edited =
        found(&|left| left.rows.iter_mut().find(|row| row.run == run && row.seq == 4).unwrap().record.push(b' '));
    assert_eq!(edited, [Finding::EditedEntry { run, seq: 4 }]);
    let missing = found(&|left| left.rows.retain(|row| row.run != run || row.seq != 4));
    assert!(missing.contains(&Finding::Missing { run, seq: 4 }), "{missing:?}");
    let cut = found(&|left| left.rows.retain(|row| row.run != run || row.seq <= 4));
    assert!(cut.contains(&Finding::TailCut { run, sealed_seq: 6, found: 4 }), "{cut:?}");
    let anew = found(&|left| {
        let mut chain = Chain::empty(run);
        for row in left.rows.iter_mut().filter(|row| row.run == run) {
            row.record.push(b' ');
            row.hash = chain.append(&row.record);
        }
    });
    assert!(anew.contains(&Finding::Rewritten { run, seq: 6 }), "{anew:?}");
}

#[test]
fn a_manifest_that_is_not_what_was_signed_or_sealed_vouches_for_nothing_unseen() {
    let whole = Export::of(2, 6, 6);
    let left = whole.clone().without(&[2]);
    let mut renamed = manifest(&whole, &[2]);
    renamed.by = "somebody".into();
    let broken = Finding::ArchiveBroken { archive: "file".into(), why: ArchiveFault::Signature };
    assert_eq!(left.verify_with(&[renamed]).findings, [broken]);
    let mut shorter = manifest(&whole, &[2]);
    shorter.runs[0].seq = 5;
    shorter.signature = signed(&shorter.signed_bytes());
    let findings = left.verify_with(&[shorter]).findings;
    assert_eq!(findings, [Finding::TailCut { run: run_id(2), sealed_seq: 6, found: 5 }]);
    let mut other = manifest(&whole, &[2]);
    other.runs[0].head = Fingerprint::ZERO;
    other.signature = signed(&other.signed_bytes());
    assert_eq!(left.verify_with(&[other]).findings, [Finding::Rewritten { run: run_id(2), seq: 6 }]);
}

fn alone(export: &Export, runs: &[u128], manifest: Option<&Manifest>) -> Vec<Finding> {
    let mut audit = ArchiveAudit::default();
    for seal in &export.seals {
        audit.seal(seal.clone(), &Notary);
    }
    for run in runs.iter().map(|run| run_id(*run)) {
        audit.run(run, export.rows.iter().filter(|row| row.run == run).cloned().collect());
    }
    audit.finish("file", manifest, Fingerprint::ZERO, &Notary).findings
}

#[test]
fn an_archive_alone_says_what_was_changed_in_it() {
    let whole = Export::of(3, 6, 6);
    let manifest = manifest(&whole, &[1, 2]);
    assert_eq!(alone(&whole, &[1, 2], Some(&manifest)), []);
    assert_eq!(alone(&whole, &[1], Some(&manifest)), [Finding::TailCut { run: run_id(2), sealed_seq: 6, found: 0 }]);
    assert_eq!(alone(&whole, &[1, 2, 3], Some(&manifest)), [Finding::Unlisted { run: run_id(3) }]);
    let broken = |why| [Finding::ArchiveBroken { archive: "file".into(), why }];
    assert_eq!(alone(&whole, &[1, 2], None), broken(ArchiveFault::Unsigned));
    let mut elsewhere = manifest.clone();
    elsewhere.content = whole.rows[0].hash;
    elsewhere.signature = signed(&elsewhere.signed_bytes());
    assert_eq!(alone(&whole, &[1, 2], Some(&elsewhere)), broken(ArchiveFault::Content));
    let half_sealed = Export::of(3, 6, 4);
    let manifest = super::archive::manifest(&half_sealed, &[1, 2]);
    let unsealed = [1, 2].map(|run| Finding::Unsealed { run: run_id(run), seq: 6 });
    assert_eq!(alone(&half_sealed, &[1, 2], Some(&manifest)), unsealed);
    let mut edited = whole.clone();
    edited.rows.iter_mut().find(|row| row.run == run_id(2) && row.seq == 3).unwrap().record.push(b' ');
    let manifest = super::archive::manifest(&whole, &[1, 2]);
    assert_eq!(alone(&edited, &[1, 2], Some(&manifest)), [Finding::EditedEntry { run: run_id(2), seq: 3 }]);
}
