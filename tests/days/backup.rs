//! Copies made while the database is written to.

use std::{path::Path, sync::Arc};

use entente::{
    audit::verify,
    database::Database,
    restore::{place, state},
};
use entente_core::{
    run::{Record, fold},
    scope::Scope,
};
use entente_store::{RunFilter, Store};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::{ground, kit};

const COPIES: usize = 50;
const RUNS_PER_COPY: usize = 5;

/// Row 67: fifty copies that are made while runs move each verify once they are restored.
pub async fn fifty_copies() {
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
        put_into_place(&copy, &restored).await;
        seen.push(restored_rows(&restored).await);
        std::fs::remove_file(&copy).unwrap();
    }
    writing.await.unwrap();
    assert!(seen.windows(2).all(|two| two[0] <= two[1]), "copies only grow: {seen:?}");
    let steps = u64::try_from(COPIES * RUNS_PER_COPY * 6).unwrap();
    assert!(seen.first() < seen.last() && seen.last() <= Some(&steps), "nothing was written meanwhile: {seen:?}");
}

async fn put_into_place(copy: &Path, database: &Path) {
    let name = ground::named(database).await;
    let found = Database::find(&name.as_str().into(), Path::new(""), Path::new("")).unwrap();
    let placed = match &found {
        Database::File(path) => place::place(copy, path, "a test".into(), Timestamp::now()).await,
        Database::Server { url, .. } => place::place_on_server(copy, url, "a test".into(), Timestamp::now()).await,
    };
    placed.unwrap();
}

/// Checks everything that a restored copy must be; how many rows it holds.
async fn restored_rows(path: &Path) -> u64 {
    if ground::on_server() {
        return sound(ground::beside(path).await.as_ref()).await;
    }
    let store = SqliteStore::open(path, OpenOptions::new(Mode::Beside)).await.unwrap();
    let rows = sound(&store).await;
    store.close().await;
    rows
}

async fn sound(store: &dyn Store) -> u64 {
    assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
    let report = verify::verify_stored(store, None).await.unwrap();
    assert_eq!(report.findings, []);
    let page = store.runs(&Scope::vendor(), &RunFilter { limit: 1000, ..RunFilter::default() }).await.unwrap();
    for row in page.rows {
        let history = store.history(&Scope::vendor(), row.snapshot.run, 1, 100).await.unwrap();
        let records: Vec<Record> = history.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect();
        assert_eq!(fold(&records).unwrap(), row.snapshot);
    }
    assert!(state::pending(store).await.unwrap().is_some(), "it is read back before it sends");
    report.rows
}
