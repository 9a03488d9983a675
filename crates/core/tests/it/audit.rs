//! History that proves itself.

mod archive;

use entente_core::{
    audit::{Audit, Chain, Finding, Fingerprint, Head, Report, Seal, SealFault, StoredRow, Verifier, merkle_root},
    ids::RunId,
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::journey::run_id;

/// Stands in for a signature: the key's name and the hash of the message.
struct Notary;

fn signed(message: &[u8]) -> String {
    merkle_root([b"notary".as_slice(), message]).to_string()
}

impl Verifier for Notary {
    fn verifies(&self, key: &str, message: &[u8], signature: &str) -> bool {
        key == "notary" && signature == signed(message)
    }
}

#[derive(Clone)]
struct Export {
    rows: Vec<StoredRow>,
    seals: Vec<Seal>,
}

impl Export {
    /// `runs` chains of `steps` rows each; the rows up to `sealed` of each run are under two seals.
    fn of(runs: u128, steps: u64, sealed: u64) -> Export {
        let mut rows = Vec::new();
        for run in (1..=runs).map(run_id) {
            let mut chain = Chain::empty(run);
            for seq in 1..=steps {
                let record = format!("{{\"run\":\"{run}\",\"seq\":{seq}}}").into_bytes();
                let hash = chain.append(&record);
                let seal = if seq <= sealed / 2 {
                    Some(1)
                } else if seq <= sealed {
                    Some(2)
                } else {
                    None
                };
                rows.push(StoredRow { run, seq, record, hash, seal });
            }
        }
        let mut export = Export { rows, seals: Vec::new() };
        export.seal(1, sealed / 2);
        export.seal(2, sealed);
        export
    }

    fn seal(&mut self, no: u64, head: u64) {
        let of_seal = |row: &&StoredRow| row.seal == Some(no);
        let rows = self.rows.iter().filter(of_seal).map(|row| (row.run, row.seq, row.hash)).collect();
        let heads = self
            .rows
            .iter()
            .filter(|row| row.seq == head)
            .map(|row| Head { run: row.run, seq: row.seq, hash: row.hash })
            .collect();
        let previous = self.seals.last().map_or(Fingerprint::ZERO, Seal::hash);
        let at = Timestamp::from_second(1_800_000_000 + no as i64).unwrap();
        let mut seal = Seal::unsigned(no, previous, rows, heads, at);
        seal.key = "notary".into();
        seal.signature = signed(&seal.signed_bytes());
        self.seals.push(seal);
    }

    fn verify(&self) -> Report {
        let mut audit = Audit::default();
        for row in &self.rows {
            audit.row(row.clone());
        }
        audit.finish(self.seals.clone(), &Notary)
    }

    fn row(&mut self, run: RunId, seq: u64) -> &mut StoredRow {
        self.rows.iter_mut().find(|row| row.run == run && row.seq == seq).unwrap()
    }
}

#[test]
fn an_untouched_history_verifies() {
    let report = Export::of(5, 10, 8).verify();
    assert_eq!(report, Report { findings: vec![], rows: 50, runs: 5, seals: 2, unsealed: 10, archived: 0 });
}

#[test]
fn one_changed_byte_among_100_000_entries_is_found_and_located() {
    let mut export = Export::of(1_000, 100, 100);
    export.row(run_id(617), 43).record[3] ^= 1;
    assert_eq!(export.verify().findings, [Finding::EditedEntry { run: run_id(617), seq: 43 }]);
}

#[test]
fn what_was_done_to_a_chain_is_named() {
    let run = run_id(2);
    let clean = Export::of(3, 9, 6);
    type Deed = fn(&mut Export);
    let cases: [(&str, Deed, Finding); 6] = [
        ("a hash is edited", |e| e.row(run_id(2), 8).hash.0[0] ^= 1, Finding::EditedEntry { run, seq: 8 }),
        (
            "an unsealed entry is edited",
            |e| e.row(run_id(2), 9).record.push(b' '),
            Finding::EditedEntry { run, seq: 9 },
        ),
        (
            "an entry is removed",
            |e| e.rows.retain(|row| (row.run, row.seq) != (run_id(2), 7)),
            Finding::Missing { run, seq: 7 },
        ),
        (
            "an entry is doubled",
            |e| {
                let mut double = e.row(run_id(2), 8).clone();
                double.record.push(b' ');
                e.rows.insert(17, double);
            },
            Finding::Doubled { run, seq: 8 },
        ),
        (
            "two entries change places",
            |e| {
                e.row(run_id(2), 8).seq = 99;
                e.row(run_id(2), 7).seq = 8;
                e.row(run_id(2), 99).seq = 7;
            },
            Finding::Reordered { run, seq: 7, found_at: 8 },
        ),
        (
            "a sealed tail is cut off",
            |e| e.rows.retain(|row| row.run != run_id(2) || row.seq < 5),
            Finding::TailCut { run, sealed_seq: 6, found: 4 },
        ),
    ];
    for (deed, act, finding) in cases {
        let mut export = clean.clone();
        act(&mut export);
        let findings = export.verify().findings;
        let located: Vec<_> = findings.iter().filter(|f| !matches!(f, Finding::SealBroken { .. })).collect();
        assert_eq!(located, [&finding], "{deed}: {findings:?}");
    }
}

#[test]
fn a_run_that_is_gone_altogether_is_missed_once_sealed() {
    let mut export = Export::of(3, 4, 4);
    export.rows.retain(|row| row.run != run_id(3));
    assert!(export.verify().findings.contains(&Finding::TailCut { run: run_id(3), sealed_seq: 4, found: 0 }));
}

#[test]
fn a_chain_written_anew_contradicts_its_seal() {
    let mut export = Export::of(2, 4, 4);
    let run = run_id(1);
    export.row(run, 2).record = b"a better story".to_vec();
    let mut chain = Chain::empty(run);
    for row in export.rows.iter_mut().filter(|row| row.run == run) {
        row.hash = chain.append(&row.record);
    }
    let findings = export.verify().findings;
    for expected in [
        Finding::Rewritten { run, seq: 2 },
        Finding::Rewritten { run, seq: 4 },
        Finding::SealBroken { no: 1, why: SealFault::Rows },
    ] {
        assert!(findings.contains(&expected), "{findings:?}");
    }
}

#[test]
fn seals_protect_each_other() {
    let broken = |act: fn(&mut Vec<Seal>)| {
        let mut export = Export::of(2, 4, 4);
        act(&mut export.seals);
        export.verify().findings
    };
    let fault = |no, why| Finding::SealBroken { no, why };
    assert_eq!(broken(|seals| drop(seals.pop())), [fault(2, SealFault::Absent)]);
    assert_eq!(broken(|seals| drop(seals.remove(0))), [fault(1, SealFault::Absent), fault(2, SealFault::Link)]);
    assert_eq!(broken(|seals| seals[1].signature.clear()), [fault(2, SealFault::Signature)]);
    assert_eq!(broken(|seals| seals[1].heads.truncate(1)), [fault(2, SealFault::Heads)]);
    let earlier = |seals: &mut Vec<Seal>| {
        seals[0].at = Timestamp::UNIX_EPOCH;
        seals[0].signature = signed(&seals[0].signed_bytes());
    };
    assert_eq!(broken(earlier), [fault(2, SealFault::Link)]);
}

#[test]
fn the_merkle_tree_is_that_of_rfc_6962() {
    // The tree heads of the test vectors published with RFC 6962's reference implementation.
    let leaves: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (count, root) in roots.iter().enumerate() {
        assert_eq!(merkle_root(&leaves[..count]).to_string(), *root, "{count} leaves");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_flipped_bit_is_found_at_its_place(run in 1u128..4, seq in 1u64..8, bit in 0usize..200) {
        let mut export = Export::of(3, 7, 6);
        let row = export.row(run_id(run), seq);
        let at = bit % (row.record.len() * 8);
        row.record[at / 8] ^= 1 << (at % 8);
        prop_assert_eq!(export.verify().findings, vec![Finding::EditedEntry { run: run_id(run), seq }]);
    }
}
