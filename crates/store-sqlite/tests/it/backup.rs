//! Row 67: a copy made while work goes on is a sound database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entente_core::{ledger::PostingAction, scope::Scope};
use entente_store::{
    Audit, Error, RunFilter, Runs,
    conformance::fixture::{World, local, posting},
};
use entente_store_sqlite::Mode;

use crate::{folder, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_67_copies_made_during_writes_are_sound_and_whole() {
    let folder = folder();
    let store = open(&folder.path().join("entente.db"), Mode::Runner).await;
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
    for n in 0..20 {
        let path = folder.path().join(format!("copy-{n}.db"));
        store.backup(&path).await.expect("a copy");
        let copy = open(&path, Mode::Runner).await;
        assert_eq!(copy.integrity().await.expect("a check"), Vec::<String>::new(), "copy {n}");
        assert_eq!(copy.epoch().await.expect("a read"), store.epoch().await.expect("a read"));
        let page = copy.runs(&Scope::vendor(), &RunFilter::default()).await.expect("a read");
        let seq = page.rows.first().map_or(0, |row| row.snapshot.seq);
        assert!(seq >= last, "a later copy holds no less");
        last = seq;
        copy.close().await;
    }
    done.store(true, Ordering::Relaxed);
    writer.await.expect("the writer");
    assert!(last > 0);
}

#[tokio::test]
async fn a_copy_never_overwrites_a_file() {
    let folder = folder();
    let store = open(&folder.path().join("entente.db"), Mode::Runner).await;
    let path = folder.path().join("copy.db");
    std::fs::write(&path, "precious").expect("a file");
    let refused = store.backup(&path).await;
    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "precious");
    let nowhere = store.backup(&folder.path().join("no/such/folder.db")).await;
    assert!(matches!(&nowhere, Err(Error::NotFound { kind: "folder", .. })), "{nowhere:?}");
}
