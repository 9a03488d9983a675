//! P10: an edited, deleted or moved entry is found and located; a deleted tail or run once it is sealed.

use entente::audit::{export, key::SealKey, verify};
use entente_core::audit::{Finding, SealFault};
use entente_store::Audit as _;

use crate::forger::{Forger, of};

#[tokio::test]
async fn row_84_one_changed_byte_among_a_hundred_thousand_entries_is_found_and_located() {
    let forger = Forger::new(1000, 100).await;
    let key = forger.seal().await;
    let report = forger.verify(Some(key.clone())).await;
    assert_eq!((report.findings.len(), report.unsealed), (0, 0), "{:?}", report.findings.first());
    assert!(report.rows >= 100_000 && report.seals >= 100, "{} rows, {} seals", report.rows, report.seals);

    // In an export, on its way.
    let store = forger.store().await;
    let mut written = Vec::new();
    export::export(&store, &mut written).await.unwrap();
    store.close().await;
    assert_eq!(verify::verify(written.as_slice(), Some(key.clone())).unwrap().findings, []);
    let needle = b"in step 57 of R-00777";
    let at = written.windows(needle.len()).position(|window| window == needle).unwrap();
    written[at] = b'o';
    let run = forger.runs[777];
    let expected = [Finding::EditedEntry { run, seq: 57 }];
    assert_eq!(verify::verify(written.as_slice(), Some(key.clone())).unwrap().findings, expected);

    // In the database itself.
    let edit =
        format!("UPDATE history SET record = replace(record, 'step 57', 'step 58') WHERE {} AND seq = 57", of(run));
    forger.forge(&[edit]).await;
    assert_eq!(forger.verify(Some(key)).await.findings, expected);
}

#[tokio::test]
async fn row_84_an_entry_taken_out_is_named_and_entries_that_changed_places_are_too() {
    let base = Forger::new(5, 10).await;
    base.seal().await;
    let run = base.runs[2];

    let forger = base.copy().await;
    forger.forge(&[format!("DELETE FROM history WHERE {} AND seq = 4", of(run))]).await;
    let findings = forger.findings().await;
    assert!(findings.contains(&Finding::Missing { run, seq: 4 }), "{findings:?}");

    let forger = base.copy().await;
    let row = of(run);
    let swap = [
        format!("UPDATE history SET seq = 1004 WHERE {row} AND seq = 4"),
        format!("UPDATE history SET seq = 4 WHERE {row} AND seq = 7"),
        format!("UPDATE history SET seq = 7 WHERE {row} AND seq = 1004"),
    ];
    forger.forge(&swap).await;
    let findings = forger.findings().await;
    assert!(findings.contains(&Finding::Reordered { run, seq: 4, found_at: 7 }), "{findings:?}");
}

#[tokio::test]
async fn row_84_a_tail_that_was_cut_off_is_found_once_it_was_sealed() {
    let cut = async |forger: &Forger| {
        let run = forger.runs[1];
        let back = "UPDATE runs SET seq = 7, snapshot = json_set(snapshot, '$.seq', 7), head = (SELECT hash FROM history h WHERE h.rid = runs.rid AND h.seq = 7)";
        forger
            .forge(&[format!("DELETE FROM history WHERE {} AND seq > 7", of(run)), format!("{back} WHERE {}", of(run))])
            .await;
    };
    let base = Forger::new(3, 10).await;
    let unsealed = base.copy().await;
    cut(&unsealed).await;
    assert_eq!(unsealed.findings().await, [], "before a seal, nobody can tell");
    base.seal().await;
    cut(&base).await;
    let findings = base.findings().await;
    let run = base.runs[1];
    assert!(findings.contains(&Finding::TailCut { run, sealed_seq: 10, found: 7 }), "{findings:?}");
    assert!(base.store().await.integrity().await.unwrap().is_empty(), "the forger left the file consistent");
}

#[tokio::test]
async fn row_84_a_run_that_was_taken_out_whole_is_found_once_it_was_sealed() {
    let forger = Forger::new(3, 10).await;
    forger.seal().await;
    let run = forger.runs[0];
    forger
        .forge(&[format!("DELETE FROM history WHERE {}", of(run)), format!("DELETE FROM runs WHERE {}", of(run))])
        .await;
    let findings = forger.findings().await;
    assert!(findings.contains(&Finding::TailCut { run, sealed_seq: 10, found: 0 }), "{findings:?}");
}

#[tokio::test]
async fn row_84_a_chain_made_anew_from_an_edit_on_contradicts_the_seals_before() {
    let forger = Forger::new(3, 10).await;
    forger.seal().await;
    let run = forger.runs[1];
    forger
        .forge(&[format!(
            "UPDATE history SET record = replace(record, 'step 5', 'step 6') WHERE {} AND seq = 5",
            of(run)
        )])
        .await;
    forger.rechain(run, 5).await;
    let findings = forger.findings().await;
    assert!(findings.contains(&Finding::Rewritten { run, seq: 10 }), "{findings:?}");
    assert!(findings.contains(&Finding::SealBroken { no: 1, why: SealFault::Rows }), "{findings:?}");
}

#[tokio::test]
async fn row_84_seals_made_anew_with_another_key_are_told_by_who_names_the_key() {
    let forger = Forger::new(3, 10).await;
    let ours = forger.seal().await;
    let run = forger.runs[1];
    let edit = format!("UPDATE history SET record = replace(record, 'step 5', 'step 6') WHERE {} AND seq = 5", of(run));
    forger.forge(&[edit, "DELETE FROM seals".into()]).await;
    forger.rechain(run, 5).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let theirs = forger.seal_with(&elsewhere.path().join("forger.db")).await;
    assert_ne!(ours, theirs);
    assert_eq!(forger.findings().await, [], "everything fits, but for who signed it");
    assert_eq!(forger.verify(Some(ours)).await.findings, [Finding::SealBroken { no: 1, why: SealFault::Signature }]);
}

#[tokio::test]
async fn a_seal_taken_out_of_their_chain_is_missed() {
    let forger = Forger::new(30, 100).await;
    forger.seal().await;
    forger.forge(&["DELETE FROM seals WHERE no = 2".into()]).await;
    let findings = forger.findings().await;
    assert!(findings.contains(&Finding::SealBroken { no: 2, why: SealFault::Absent }), "{findings:?}");
}

#[tokio::test]
async fn sealing_twice_seals_nothing_twice_and_the_key_stays() {
    let forger = Forger::new(3, 10).await;
    let first = forger.seal().await;
    let report = forger.verify(Some(first.clone())).await;
    assert_eq!(forger.seal().await, first);
    assert_eq!(forger.verify(Some(first)).await, report);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(forger.database().with_extension("db.seal-key")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600, "nobody else reads the key");
    assert!(SealKey::existing(&forger.database().with_extension("other")).unwrap().is_none());
}

#[tokio::test]
async fn an_export_that_is_none_is_refused_with_its_line() {
    let table: [(&[u8], &str); 4] = [
        (b"", "line 1"),
        (b"{\"line\":\"export\",\"format\":9,\"epoch\":\"e\"}\n", "format 9 is newer"),
        (b"{\"line\":\"export\",\"format\":1,\"epoch\":\"e\"}\nnot json\n", "line 2"),
        (b"{\"line\":\"row\",\"no\":1,\"run\":\"0198c0de-0000-7000-8000-000000000000\",\"seq\":1,\"record\":\"\",\"hash\":\"\"}\n", "header"),
    ];
    for (export, expected) in table {
        let error = verify::verify(export, None).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
