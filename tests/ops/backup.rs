//! What is no backup does not take the database's place.

use entente::restore::place;
use jiff::Timestamp;

use crate::kit;

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
