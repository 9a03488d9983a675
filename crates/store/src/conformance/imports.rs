//! Spreadsheets that were brought in.

use std::sync::Arc;

use entente_core::money::Money;

use super::fixture::*;
use crate::{Error, ImportKind, ImportLine, ImportStatus, NewImport, Store};

fn import(name: &str) -> NewImport {
    let hash = |letter: &str| letter.repeat(64);
    NewImport {
        id: hash(name),
        file: format!("{name}.csv"),
        file_sha256: hash("1"),
        mapping_sha256: hash("2"),
        by: "ada".into(),
        at: at(1),
    }
}

fn line(line: u64, natural_key: &str, kind: ImportKind, minor: i64) -> ImportLine {
    ImportLine {
        line,
        natural_key: natural_key.into(),
        sha256: format!("hash of {minor}"),
        kind,
        fund: "emea".into(),
        partner: "nordlicht".into(),
        amount: Money { minor, currency: "EUR".parse().expect("a currency") },
        run: (kind == ImportKind::Granted).then(|| run(natural_key)),
        content: format!("{{\"line\": {line}}}"),
        keys: vec!["invoice:a".into(), format!("activity:{natural_key}")],
    }
}

fn paid(at: u64, natural_key: &str, minor: i64) -> ImportLine {
    line(at, natural_key, ImportKind::Paid, minor)
}

fn is_conflict<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}

/// A process that dies between two portions finds where it was, and neither portion is stored twice.
pub async fn an_import_is_begun_once_and_goes_on_where_it_was(store: Arc<dyn Store>) {
    let (new, id) = (import("a"), import("a").id);
    let begun = store.begin_import(&new).await.expect("a write");
    assert_eq!((begun.status, begun.read_to, begun.lines), (ImportStatus::Staging, 0, 0));
    store.stage_lines(&id, 0, 5, false, &[paid(2, "one", 100), paid(4, "two", 250)]).await.expect("a write");
    let again = store.begin_import(&NewImport { by: "ben".into(), at: at(9), ..new.clone() }).await.expect("a read");
    assert_eq!((again.new, again.read_to, again.lines), (new, 5, 2), "it is the one that was begun");
    assert!(is_conflict(store.stage_lines(&id, 0, 5, false, &[paid(2, "other", 1)]).await), "it was read further");
    store.stage_lines(&id, 5, 6, true, &[paid(6, "three", 1)]).await.expect("a write");
    assert!(is_conflict(store.stage_lines(&id, 6, 7, true, &[]).await), "it is staged");
    let all = store.imports().await.expect("a read");
    assert_eq!(all.iter().map(|row| (row.status, row.lines)).collect::<Vec<_>>(), [(ImportStatus::Staged, 3)]);
    let unknown = store.stage_lines(&import("b").id, 0, 1, false, &[]).await;
    assert!(matches!(unknown, Err(Error::Conflict { .. } | Error::NotFound { .. })), "{unknown:?}");
}

/// Within a portion, within an import, and among imports.
pub async fn a_line_is_there_once_whatever_file_brings_it(store: Arc<dyn Store>) {
    let (a, b) = (import("a").id, import("b").id);
    store.begin_import(&import("a")).await.expect("a write");
    store.begin_import(&import("b")).await.expect("a write");
    assert!(is_conflict(store.stage_lines(&a, 0, 3, false, &[paid(2, "one", 1), paid(3, "one", 1)]).await));
    store.stage_lines(&a, 0, 2, false, &[paid(2, "one", 100)]).await.expect("what was refused left nothing");
    assert!(is_conflict(store.stage_lines(&a, 2, 3, false, &[paid(3, "one", 100)]).await));
    assert!(is_conflict(store.stage_lines(&b, 0, 9, false, &[paid(8, "two", 1), paid(9, "one", 1)]).await));
    let asked = ["one".to_owned(), "two".to_owned()];
    let known = store.known_lines(&asked).await.expect("a read");
    assert_eq!(known.iter().map(|line| (line.import.as_str(), line.line)).collect::<Vec<_>>(), [(a.as_str(), 2)]);
    assert_eq!(known[0].sha256, "hash of 100");
}

/// Whoever brought a file cannot be the one who agrees to it, and nobody agrees to half of one.
pub async fn nothing_of_an_import_counts_before_somebody_else_agrees(store: Arc<dyn Store>) {
    let id = import("a").id;
    let keys = ["invoice:a".to_owned(), "activity:two".to_owned()];
    store.begin_import(&import("a")).await.expect("a write");
    let granted = line(3, "three", ImportKind::Granted, 70);
    store.stage_lines(&id, 0, 3, false, &[paid(1, "one", 100), paid(2, "two", 250), granted]).await.expect("a write");
    assert!(is_conflict(store.apply_import(&id, "finn", at(2)).await), "it is not staged to its end");
    store.stage_lines(&id, 3, 3, true, &[]).await.expect("a write");
    assert!(is_conflict(store.apply_import(&id, "ada", at(2)).await), "who brought it does not agree to it");
    assert!(store.imported_alike(&keys, 9).await.expect("a read").is_empty());
    assert!(store.imported_sums(None, None).await.expect("a read").is_empty());
    assert_eq!(store.imported_request(run("three")).await.expect("a read"), None);
    store.apply_import(&id, "finn", at(2)).await.expect("a write");
    assert!(is_conflict(store.apply_import(&id, "fay", at(3)).await), "once is enough");
    let row = store.imports().await.expect("a read").pop().expect("an import");
    assert_eq!((row.status, row.applied), (ImportStatus::Applied, Some(("finn".to_owned(), at(2)))));
    let lines = async |keys: &[String], most| {
        let alike = store.imported_alike(keys, most).await.expect("a read");
        alike.into_iter().map(|line| line.line).collect::<Vec<_>>()
    };
    assert_eq!(lines(&keys, 9).await, [1, 2, 3]);
    assert_eq!(lines(&keys[..1], 2).await, [2, 3], "the last ones of a key");
    assert_eq!(lines(&keys[1..], 9).await, [2]);
    let request = store.imported_request(run("three")).await.expect("a read").expect("a line");
    assert_eq!((request.line, request.content.as_str()), (3, "{\"line\": 3}"));
    let granted = store.granted_lines(&id, 0, 9).await.expect("a read");
    assert_eq!(granted, [request]);
    assert!(store.granted_lines(&id, 3, 9).await.expect("a read").is_empty());
    let all = async |after, most| {
        let lines = store.import_lines(&id, after, most).await.expect("a read");
        lines.into_iter().map(|line| line.line).collect::<Vec<_>>()
    };
    assert_eq!((all(0, 9).await, all(1, 1).await, all(3, 9).await), (vec![1, 2, 3], vec![2], vec![]));
    store.note_opened(&id, 3).await.expect("a write");
    store.note_opened(&id, 2).await.expect("a write");
    assert_eq!(store.imports().await.expect("a read")[0].opened_to, 3);
}

/// Whole portions at a time, until nothing is left of it; its lines may then come with another file.
pub async fn what_was_not_applied_can_be_taken_out_and_what_was_stays(store: Arc<dyn Store>) {
    let (a, b) = (import("a").id, import("b").id);
    store.begin_import(&import("a")).await.expect("a write");
    let lines: Vec<ImportLine> = (1..=40).map(|at| paid(at, &format!("line {at}"), 1)).collect();
    store.stage_lines(&a, 0, 40, true, &lines).await.expect("a write");
    let mut turns = 0;
    while !store.drop_import(&a).await.expect("a write") {
        turns += 1;
        assert!(turns < 40, "each turn takes some of it");
    }
    assert!(store.imports().await.expect("a read").is_empty());
    assert!(store.drop_import(&a).await.is_err(), "it is gone");
    store.begin_import(&import("b")).await.expect("a write");
    store.stage_lines(&b, 0, 40, true, &lines).await.expect("its lines are nobody's");
    store.apply_import(&b, "finn", at(2)).await.expect("a write");
    assert!(is_conflict(store.drop_import(&b).await), "what counts stays");
    assert_eq!(store.imported_alike(&["invoice:a".into()], 99).await.expect("a read").len(), 40);
}

/// Over all imports that count; what was granted is no payment.
pub async fn what_was_paid_adds_up_by_fund_and_partner(store: Arc<dyn Store>) {
    for (name, minor, partner) in [("a", 100, "nordlicht"), ("b", 20, "nordlicht"), ("c", 3, "castell")] {
        let id = import(name).id;
        store.begin_import(&import(name)).await.expect("a write");
        let of = |at: u64, minor| ImportLine { partner: partner.into(), ..paid(at, &format!("{name}{at}"), minor) };
        let granted = line(3, &format!("{name}3"), ImportKind::Granted, 999);
        store.stage_lines(&id, 0, 2, false, &[of(1, minor), of(2, minor)]).await.expect("a write");
        store.stage_lines(&id, 2, 4, true, &[granted, of(4, minor)]).await.expect("a write");
        store.apply_import(&id, "finn", at(2)).await.expect("a write");
    }
    let sums = async |fund, partner| {
        let sums = store.imported_sums(fund, partner).await.expect("a read");
        sums.into_iter().map(|sum| (sum.partner, sum.paid.minor, sum.lines)).collect::<Vec<_>>()
    };
    let (castell, nordlicht) = (("castell".to_owned(), 9, 3), ("nordlicht".to_owned(), 360, 6));
    assert_eq!(sums(None, None).await, [castell.clone(), nordlicht.clone()]);
    assert_eq!(sums(Some("emea"), Some("castell")).await, [castell]);
    assert_eq!(sums(None, Some("nordlicht")).await, [nordlicht]);
    assert!(sums(Some("apac"), None).await.is_empty());
}
