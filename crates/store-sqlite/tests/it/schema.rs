//! Rows 49 and 50: schemas of other versions.

use std::{path::Path, process::Stdio};

use entente_store::Error;
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
