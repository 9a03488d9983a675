//! Rows 45 and 46: several processes write, or every connection is in use. Work waits its turn, or is refused whole and can be
//! repeated.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entente_core::scope::Scope;
use entente_store::{
    Appended, Audit, Error, Inbox, LeaseKey, Leases, Runs, Store,
    conformance::fixture::{LONG, World, all_committed, message, process, run, shards},
};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

use crate::{folder, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_thirty_two_writers_through_three_stores_lose_nothing() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let runner = open(&path, Mode::Runner).await;
    let world = Arc::new(World::new(Arc::new(runner.clone())).await);
    let stores = [runner, open(&path, Mode::Beside).await, open(&path, Mode::Beside).await];
    let writers: Vec<_> = (0..32)
        .map(|n| {
            let (world, store) = (Arc::clone(&world), stores[n % 3].clone());
            tokio::spawn(async move {
                for k in 0..5 {
                    let appended = store.append(&Scope::vendor(), vec![message("target", &format!("{n}/{k}"))]).await;
                    assert!(matches!(appended.expect("a write")[..], [Appended::New(_)]));
                    assert!(all_committed(&world.commit(vec![world.first(&format!("R-{n}-{k}"))]).await));
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("a writer");
    }
    let store = &world.store;
    let messages = store.messages(&Scope::vendor(), run("target")).await.expect("a read");
    assert_eq!(messages.len(), 160);
    assert!(messages.windows(2).all(|pair| pair[0].no < pair[1].no));
    assert_eq!(store.history_rows(0, 1000).await.expect("a read").len(), 160);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_a_write_that_waits_too_long_is_refused_whole_and_can_be_repeated() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let options = OpenOptions { busy_timeout: Duration::from_millis(20), ..OpenOptions::default() };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, options).await.expect("the store opens"));
    let other = rusqlite::Connection::open(&path).expect("another process");
    other.execute_batch("BEGIN IMMEDIATE").expect("its transaction");
    for _ in 0..2 {
        let refused = store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await;
        assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
    }
    assert!(store.pending(&shards(), 0, 10).await.expect("reading goes on").is_empty());
    other.execute_batch("COMMIT").expect("it ends");
    let appended = store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await.expect("the same again");
    assert!(matches!(appended[..], [Appended::New(_)]), "{appended:?}");
}

/// The only connection for reading is kept busy by long checks; leases do not need it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_46_reads_that_find_no_connection_are_refused_while_leases_are_renewed() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let options = OpenOptions { readers: 1, busy_timeout: Duration::from_millis(5), ..OpenOptions::default() };
    let store = SqliteStore::open(&path, options).await.expect("the store opens");
    let world = World::new(Arc::new(store.clone())).await;
    for n in 0..40 {
        assert!(all_committed(&world.commit((0..100).map(|k| world.first(&format!("R-{n}-{k}"))).collect()).await));
    }
    let lease = LeaseKey("job/seal".into());
    let held = store.acquire(&process("p1"), std::slice::from_ref(&lease), LONG).await.expect("it is free");
    let checking = AtomicBool::new(true);
    let check = async {
        while checking.load(Ordering::Relaxed) {
            // Its turn may be taken by a read, as a read's by it.
            if let Ok(found) = store.integrity().await {
                assert_eq!(found, Vec::<String>::new());
            }
        }
    };
    let others = async {
        let mut refused = 0;
        while refused < 5 {
            match store.run(&Scope::vendor(), run("R-0-0")).await {
                Ok(row) => assert!(row.is_some()),
                Err(error) => {
                    assert!(matches!(error, Error::Busy(_)), "{error:?}");
                    refused += 1;
                }
            }
            let renewed = store.renew(&[(lease.clone(), held[0].fence)], LONG).await.expect("a write");
            assert_eq!(renewed, std::slice::from_ref(&lease));
        }
        checking.store(false, Ordering::Relaxed);
    };
    tokio::join!(check, others);
    assert!(store.run(&Scope::vendor(), run("R-0-0")).await.expect("a read").is_some());
}
