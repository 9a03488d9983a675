//! Row 67: a copy made while work goes on is a sound database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entente_core::{ledger::PostingAction, scope::Scope};
use entente_store::{
    Audit, Error, LedgerBook, RunFilter, Runs,
    conformance::fixture::{World, at, local, posting, run},
};
use entente_store_postgres::PostgresStore;

use crate::database::{Database, number};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_67_copies_made_during_writes_are_sound_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::migrated().await;
    let store = database.open().await;
    let world = Arc::new(World::new(Arc::new(store.clone())).await);
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (world, done) = (Arc::clone(&world), Arc::clone(&done));
        tokio::spawn(async move {
            let mut step = world.first("OFR-1");
            step.postings = vec![posting(PostingAction::Allocate, "fund", "budget", 1_000_000)];
            while !done.load(Ordering::Relaxed) {
                let seq = step.snapshot.seq;
                step.intents = vec![local(seq, 0)];
                step.closed = (seq > 1).then_some(entente_core::ids::InvokeId { seq: seq - 1, n: 0 });
                step.postings.push(posting(PostingAction::Reserve, "fund", &format!("claim/{seq}"), 1));
                world.hold(&step).await;
                step = world.next(&step);
            }
        })
    };
    let mut last = 0;
    for n in 0..3 {
        let path = folder.path().join(format!("copy-{n}"));
        store.backup(&path).await.expect("a copy");
        let place = Database::empty().await;
        PostgresStore::restore(&place.url, &path).await.expect("the copy comes back");
        let copy = place.open().await;
        assert_eq!(copy.integrity().await.expect("a check"), Vec::<String>::new(), "copy {n}");
        assert_eq!(copy.epoch().await.expect("a read"), store.epoch().await.expect("a read"));
        let page = copy.runs(&Scope::vendor(), &RunFilter::default()).await.expect("a read");
        let seq = page.rows.first().map_or(0, |row| row.snapshot.seq);
        assert!(seq >= last, "a later copy holds no less");
        last = seq;
        let more = posting(PostingAction::Allocate, "fund", "budget", 5);
        let booked = copy.post(&Scope::vendor(), run("funds"), &more, at(0)).await.expect("a write");
        booked.expect("the copy goes on keeping the books");
        assert_eq!(copy.integrity().await.expect("a check"), Vec::<String>::new(), "copy {n}, after a booking");
        copy.close().await;
    }
    done.store(true, Ordering::Relaxed);
    writer.await.expect("the writer");
    assert!(last > 0);
}

#[tokio::test]
async fn a_copy_never_overwrites_a_file_and_never_a_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::migrated().await;
    let store = database.open().await;
    let path = folder.path().join("copy");
    std::fs::write(&path, "precious").expect("a file");
    let refused = store.backup(&path).await;
    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "precious");
    let nowhere = store.backup(&folder.path().join("no/such/copy")).await;
    assert!(matches!(&nowhere, Err(Error::NotFound { kind: "folder", .. })), "{nowhere:?}");
    let copy = folder.path().join("whole");
    store.backup(&copy).await.expect("a copy");
    let refused = PostgresStore::restore(&database.url, &copy).await;
    assert!(matches!(refused, Err(Error::Conflict { kind: "database", .. })), "{refused:?}");
}

#[tokio::test]
async fn a_copy_that_ends_too_soon_fills_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::migrated().await;
    let world = World::new(Arc::new(database.open().await)).await;
    world.hold(&world.first("OFR-1")).await;
    let path = folder.path().join("copy");
    world.store.backup(&path).await.expect("a copy");
    let whole = std::fs::read(&path).expect("the copy");
    for length in [20, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).expect("a shorter file");
        let place = Database::empty().await;
        let refused = PostgresStore::restore(&place.url, &path).await;
        assert!(matches!(&refused, Err(Error::Decode { kind: "backup", .. })), "{length}: {refused:?}");
        let opened = place.open().await;
        assert!(opened.history_rows(0, 10).await.expect("a read").is_empty(), "{length} bytes");
    }
}

#[tokio::test]
async fn row_66_a_copy_takes_the_place_of_what_is_there_which_is_kept_and_fences_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::migrated().await;
    let world = World::new(Arc::new(database.open().await)).await;
    world.hold(&world.first("OFR-1")).await;
    let path = folder.path().join("copy");
    world.store.backup(&path).await.expect("a copy");
    world.hold(&world.first("OFR-2")).await;
    let staged = PostgresStore::stage(&database.url, &path).await.expect("the copy is filled");
    assert_eq!(staged.store().integrity().await.expect("a check"), Vec::<String>::new());
    let refused = staged.put_into_place("aside").await;
    assert!(matches!(refused, Err(Error::Conflict { kind: "database", .. })), "its owner is there: {refused:?}");

    let held: Vec<_> = world.store.leases().await.expect("a read").into_iter().map(|l| (l.key, l.fence)).collect();
    world.store.release(&held).await.expect("they are given back");
    let staged = PostgresStore::stage(&database.url, &path).await.expect("the copy is filled");
    assert!(staged.put_into_place("aside").await.expect("it is put into place"));
    let store = database.open().await;
    assert_eq!(store.runs(&Scope::vendor(), &RunFilter::default()).await.expect("a read").rows.len(), 1);
    let mut conn = database.connect().await;
    assert_eq!(number(&mut conn, "SELECT count(*) FROM aside.runs").await, 2, "what stood there is kept");
    assert_eq!(number(&mut conn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'entente_restoring'").await, 0);
    let again = World::new(Arc::new(store)).await;
    let newest = held.iter().map(|(_, fence)| *fence).max().expect("leases");
    assert!(again.fence(world.first("OFR-1").snapshot.run) > newest, "nobody holds an older one that still counts");
}
