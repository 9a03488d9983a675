//! Rows 49 and 50: schemas of other versions, and what the schema itself refuses.

use std::{path::Path, process::Stdio, sync::Arc};

use entente_store::{Archives, Audit, Error, NewArchive, SealRow, conformance::fixture::World};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

use crate::{child, folder, open};

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

/// Half-way failures are told in `migrations.rs`; here three processes find a new file at once.
#[test]
fn row_49_three_processes_create_one_database_together() {
    for round in 0..10 {
        let folder = folder();
        let path = folder.path().join("entente.db");
        let start = || child::command("open", &path).stderr(Stdio::piped()).spawn().expect("a child");
        let children: Vec<_> = (0..3).map(|_| start()).collect();
        for child in children {
            let output = child.wait_with_output().expect("its output");
            let told = String::from_utf8_lossy(&output.stdout);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && told.contains("opened"), "round {round}: {complaint}");
        }
        let conn = rusqlite::Connection::open(&path).expect("the file");
        let epochs: i64 = conn.query_row("SELECT count(*) FROM meta", [], |row| row.get(0)).expect("a count");
        assert_eq!(epochs, 1);
    }
}

#[tokio::test]
async fn row_50_a_newer_schema_is_refused_without_a_write() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let store = open(&path, Mode::Runner).await;
    store.close().await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    conn.execute_batch("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE);").expect("a newer schema");
    drop(conn);
    let before = files(folder.path());
    for mode in [Mode::Runner, Mode::Beside, Mode::ReadOnly] {
        let refused = SqliteStore::open(&path, OpenOptions::new(mode)).await;
        assert!(matches!(refused, Err(Error::SchemaTooNew { found: 999, .. })), "{refused:?}");
    }
    assert_eq!(files(folder.path()), before);
}

/// Not by our statements alone: the file refuses to lose history that no archive holds.
#[tokio::test]
async fn history_is_deleted_of_runs_that_are_gone_to_an_archive_only_and_never_its_newest_row() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let store = open(&path, Mode::Runner).await;
    let world = World::new(Arc::new(store.clone())).await;
    let mut closed = world.first("CLOSED");
    closed.snapshot.ended = true;
    world.hold(&closed).await;
    let mut newest = world.first("NEWEST");
    newest.snapshot.ended = true;
    world.hold(&newest).await;
    let seal = SealRow { no: 1, first: 1, last: 2, body: "a seal".into(), signature: "ab".repeat(64) };
    store.add_seal(&seal).await.expect("a seal");
    let archive = NewArchive {
        file: "file".into(),
        folder: "/srv/archive".into(),
        sha256: "cd".repeat(32),
        bytes: 1,
        manifest: "{}".into(),
        runs: [&closed, &newest].map(|step| (step.snapshot.run, 1, step.hash)).to_vec(),
    };
    store.add_archive(&archive).await.expect("an archive");
    store.close().await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    let refused = |text: &str| {
        let done = conn.execute(text, []);
        assert!(done.as_ref().is_err_and(|error| error.to_string().contains("never")), "{text}: {done:?}");
    };
    refused("DELETE FROM history WHERE no = 1");
    assert_eq!(conn.execute("UPDATE archived_runs SET gone = 1", []).expect("a mark"), 2);
    refused("DELETE FROM history WHERE no = 2");
    assert_eq!(conn.execute("DELETE FROM history WHERE no = 1", []).expect("it may leave"), 1);
    refused("UPDATE archived_runs SET gone = 0");
    refused("DELETE FROM archived_runs");
    refused("UPDATE archives SET file = 'other'");
    refused("DELETE FROM archives");
}
