//! Who may open the file, and as what.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{
    Error, Inbox, Runs, Store,
    conformance::fixture::{World, message, run},
};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

use crate::{folder, open};

#[tokio::test]
async fn a_second_runner_is_refused_with_the_first_ones_process_id() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let first = open(&path, Mode::Runner).await;
    let second = SqliteStore::open(&path, OpenOptions::default()).await;
    match second {
        Err(Error::RunnerLocked { pid, path: named }) => {
            assert_eq!((pid, named), (std::process::id(), path.display().to_string()));
        }
        other => panic!("{other:?}"),
    }
    first.close().await;
    let again = SqliteStore::open(&path, OpenOptions::default()).await;
    again.expect("the lock is free again");
}

#[tokio::test]
async fn a_command_writes_and_reads_beside_the_runner_which_notices() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let runner = open(&path, Mode::Runner).await;
    let before = runner.change_marker().await.expect("a marker");
    runner.next_number("OFR").await.expect("an own write");
    assert_eq!(runner.change_marker().await.expect("a marker"), before, "own writes are no news");
    let beside = open(&path, Mode::Beside).await;
    let settled = runner.change_marker().await.expect("a marker");
    beside.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await.expect("a write beside the runner");
    assert!(runner.change_marker().await.expect("a marker") > settled);
    let waiting = runner.pending(&[run("OFR-1").shard()], 0, 10).await.expect("a read");
    assert_eq!(waiting.len(), 1);
}

#[tokio::test]
async fn what_was_committed_is_there_after_closing_and_opening() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let store = open(&path, Mode::Runner).await;
    let world = World::new(Arc::new(store.clone())).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    store.close().await;
    let log = folder.path().join("entente.db-wal");
    assert!(!log.exists(), "everything is in the file itself");
    let closed = store.next_number("OFR").await;
    assert!(matches!(closed, Err(Error::Database(_))), "{closed:?}");
    let again = open(&path, Mode::Beside).await;
    let row = again.run(&Scope::vendor(), first.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!(row.snapshot, first.snapshot);
}

#[tokio::test]
async fn a_store_opened_for_reading_reads_and_never_writes() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let missing = SqliteStore::open(&path, OpenOptions::new(Mode::ReadOnly)).await;
    assert!(matches!(&missing, Err(Error::NotFound { kind: "database", .. })), "{missing:?}");
    assert!(!path.exists());
    let store = open(&path, Mode::Runner).await;
    let world = World::new(Arc::new(store)).await;
    world.hold(&world.first("OFR-1")).await;
    let reader = open(&path, Mode::ReadOnly).await;
    assert!(reader.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_some());
    let refused = reader.next_number("OFR").await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
    let reader: Arc<dyn Store> = Arc::new(reader);
    let refused = reader.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = folder();
    let path = folder.path().join("nowhere/entente.db");
    let refused = SqliteStore::open(&path, OpenOptions::default()).await;
    let nowhere = folder.path().join("nowhere").display().to_string();
    assert!(matches!(&refused, Err(Error::NotFound { kind: "folder", id }) if *id == nowhere), "{refused:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let path = folder.path().join("entente.db");
    let store = open(&path, Mode::Runner).await;
    store.next_number("OFR").await.expect("a write");
    let copy = folder.path().join("copy.db");
    entente_store::Audit::backup(&store, &copy).await.expect("a copy");
    for name in ["entente.db", "entente.db-wal", "entente.db.lock", "copy.db"] {
        let mode = std::fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).expect("a file");
    other.execute_batch("CREATE TABLE theirs (x)").expect("a table");
    drop(other);
    let before = std::fs::read(&path).expect("the file");
    let refused = SqliteStore::open(&path, OpenOptions::default()).await;
    assert!(matches!(&refused, Err(Error::Database(words)) if words.contains("another program")), "{refused:?}");
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}
