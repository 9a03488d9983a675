//! Copies made while the database is written to.

use std::sync::Arc;

use entente::{
    audit::verify,
    restore::{place, state},
};
use entente_core::{
    run::{Record, fold},
    scope::Scope,
};
use entente_store::{Audit as _, RunFilter, Runs as _, Store};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::kit;

const COPIES: usize = 50;
const RUNS_PER_COPY: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn row_67_fifty_copies_made_while_runs_move_each_verify_once_they_are_restored() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Arc::new(kit::start(&folder.path().join("e.db"), &[kit::STEPS], kit::settings()).await);
    // Each copy is made while a few more runs are on their way.
    let wanted = Arc::new(Semaphore::new(0));
    let writing = tokio::spawn({
        let (bench, wanted) = (bench.clone(), wanted.clone());
        async move {
            for n in 0..COPIES * RUNS_PER_COPY {
                wanted.acquire().await.unwrap().forget();
                bench.submit(kit::started(kit::run_id(), "kit_steps", &format!("A-{n:05}"), json!({}))).await;
            }
        }
    });
    let mut seen = Vec::new();
    for n in 0..COPIES {
        wanted.add_permits(RUNS_PER_COPY);
        let copy = folder.path().join(format!("copy-{n}.db"));
        bench.store.backup(&copy).await.unwrap();
        let restored = folder.path().join("restored.db");
        place::place(&copy, &restored, "a test".into(), Timestamp::now()).await.unwrap();
        seen.push(sound(&restored).await);
        std::fs::remove_file(&copy).unwrap();
    }
    writing.await.unwrap();
    assert!(seen.windows(2).all(|two| two[0] <= two[1]), "copies only grow: {seen:?}");
    let steps = u64::try_from(COPIES * RUNS_PER_COPY * 6).unwrap();
    assert!(seen.first() < seen.last() && seen.last() <= Some(&steps), "nothing was written meanwhile: {seen:?}");
}

/// Checks everything that a restored copy must be; how many rows it holds.
async fn sound(path: &std::path::Path) -> u64 {
    let store = SqliteStore::open(path, OpenOptions::new(Mode::Beside)).await.unwrap();
    assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
    let report = verify::verify_stored(&store, None).await.unwrap();
    assert_eq!(report.findings, []);
    let page = store.runs(&Scope::vendor(), &RunFilter { limit: 1000, ..RunFilter::default() }).await.unwrap();
    for row in page.rows {
        let history = store.history(&Scope::vendor(), row.snapshot.run, 1, 100).await.unwrap();
        let records: Vec<Record> = history.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect();
        assert_eq!(fold(&records).unwrap(), row.snapshot);
    }
    let seen: &dyn Store = &store;
    assert!(state::pending(seen).await.unwrap().is_some(), "it is read back before it sends");
    store.close().await;
    report.rows
}

#[tokio::test]
async fn a_backup_is_refused_for_what_it_is_not_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let bench = kit::start(&path("e.db"), &[kit::STEPS], kit::settings()).await;
    bench.store.backup(&path("copy.db")).await.unwrap();
    let place = async |from: &str| {
        let placed = place::place(&path(from), &path("e.db"), "a test".into(), Timestamp::now()).await;
        placed.unwrap_err().to_string()
    };
    assert!(place("copy.db").await.contains("stop `entente serve` first"), "while it is served");
    bench.engine.stop().await;
    drop(bench.store);
    // Its last tasks let go of the file a moment after the engine has stopped.
    while place("copy-that-is-missing.db").await.contains("stop `entente serve` first") {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let before = std::fs::read(path("e.db")).unwrap();
    std::fs::write(path("text.db"), "this is no database").unwrap();
    std::fs::write(path("damaged.db"), damaged(&std::fs::read(path("copy.db")).unwrap())).unwrap();
    std::fs::copy(path("copy.db"), path("live.db")).unwrap();
    std::fs::write(path("live.db-wal"), "more").unwrap();
    for (from, expected) in [
        ("e.db", "the database itself"),
        ("live.db", "lie beside it"),
        ("text.db", "damaged"),
        ("damaged.db", "damaged"),
        ("missing.db", "missing.db"),
    ] {
        let said = place(from).await;
        assert!(said.contains(expected), "{from}: {said}");
    }
    assert!(std::fs::read(path("e.db")).unwrap() == before, "the database is as it was");
    assert!(!path("e.db.restoring").exists());
}

/// The same database with a page of its tables overwritten.
fn damaged(database: &[u8]) -> Vec<u8> {
    let mut bytes = database.to_vec();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    bytes
}
