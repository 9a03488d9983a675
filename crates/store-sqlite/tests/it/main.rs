//! The embedded store: the laws of every store, and the bad days of this one.

mod backup;
mod busy;
mod child;
mod damage;
mod files;
mod full;
mod grown;
mod kill;
mod schema;

use std::{path::Path, sync::Arc};

use entente_store::Store;
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use tempfile::TempDir;

async fn fresh() -> (Arc<dyn Store>, TempDir) {
    let folder = folder();
    let store = open(&folder.path().join("entente.db"), Mode::Runner).await;
    (Arc::new(store), folder)
}

entente_store::conformance_tests!(fresh);

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

async fn open(path: &Path, mode: Mode) -> SqliteStore {
    SqliteStore::open(path, OpenOptions::new(mode)).await.expect("the store opens")
}
