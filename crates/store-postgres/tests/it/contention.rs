//! Rows 45 and 46: others are in the way. Work waits its turn, is done again as a whole, or is refused and can be repeated.

use std::{sync::Arc, time::Duration};

use entente_core::{ids::RunId, ledger::PostingAction, scope::Scope};
use entente_store::{
    Appended, Audit, Error, Inbox, LeaseKey, Leases, LedgerBook, MemberOutcome, Runs,
    conformance::fixture::{LONG, World, all_committed, message, posting, process, run},
};
use entente_store_postgres::{OpenOptions, PostgresStore};
use sqlx::PgConnection;

use crate::database::{Database, number, sql};

/// Waits until so many sessions of this database wait for a lock.
pub async fn blocked(conn: &mut PgConnection, sessions: i64) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waited = async {
        while number(conn, waiting).await < sessions {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited).await.expect("sessions wait for a lock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_thirty_two_writers_through_three_stores_lose_nothing() {
    let database = Database::migrated().await;
    let stores = [database.open().await, database.open().await, database.open().await];
    let world = Arc::new(World::new(Arc::new(stores[0].clone())).await);
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

/// Readers walk along the numbers: what they have passed must not be added to afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_numbers_become_visible_in_their_order() {
    let database = Database::migrated().await;
    let stores = [database.open().await, database.open().await];
    let writers: Vec<_> = (0..8)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for k in 0..20 {
                    store
                        .append(&Scope::vendor(), vec![message("target", &format!("{n}/{k}"))])
                        .await
                        .expect("a write");
                }
            })
        })
        .collect();
    let shards = [run("target").shard()];
    let walking = async {
        let mut walked = Vec::new();
        while walked.len() < 160 {
            let after = walked.last().copied().unwrap_or(0);
            let page = stores[0].pending(&shards, after, 1000).await.expect("a read");
            walked.extend(page.into_iter().map(|pending| pending.no));
        }
        walked
    };
    let walked = tokio::time::timeout(Duration::from_secs(120), walking).await.expect("no number is passed by");
    for writer in writers {
        writer.await.expect("a writer");
    }
    assert_eq!(walked, (1..=160).collect::<Vec<_>>());
}

/// A session of somebody else's holds the run and wants the numbers; ours holds the numbers and wants the run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_after_a_deadlock_the_whole_transaction_is_done_again() {
    let database = Database::migrated().await;
    let store = database.open().await;
    let world = Arc::new(World::new(Arc::new(store.clone())).await);
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let mut other = database.connect().await;
    // The other one is patient: the server finds ours to be the victim.
    sql(&mut other, "SET deadlock_timeout = '60s'; BEGIN; SELECT 1 FROM runs FOR UPDATE").await;
    let stepping = {
        let (world, next) = (Arc::clone(&world), world.next(&first));
        tokio::spawn(async move { world.commit(vec![next]).await })
    };
    let mut watch = database.connect().await;
    blocked(&mut watch, 1).await;
    sql(&mut other, "SELECT 1 FROM counters FOR UPDATE").await;
    sql(&mut other, "COMMIT").await;
    assert!(all_committed(&stepping.await.expect("a task")));
    assert!(store.tally().read().repeated > 0, "ours was the victim");
    assert_eq!(store.history(&Scope::vendor(), first.snapshot.run, 0, 10).await.expect("a read").len(), 2);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_a_write_that_waits_too_long_is_refused_whole_and_can_be_repeated() {
    let database = Database::migrated().await;
    let store =
        database.open_with(OpenOptions { patience: Duration::from_millis(400), ..OpenOptions::default() }).await;
    let mut other = database.connect().await;
    sql(&mut other, "BEGIN; SELECT 1 FROM counters FOR UPDATE").await;
    for _ in 0..2 {
        let refused = store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await;
        assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
    }
    assert!(store.messages(&Scope::vendor(), run("OFR-1")).await.expect("reading goes on").is_empty());
    sql(&mut other, "COMMIT").await;
    let appended = loop {
        match store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await {
            Ok(appended) => break appended,
            Err(error) => assert!(matches!(error, Error::Busy(_)), "{error:?}"),
        }
    };
    assert!(matches!(appended[..], [Appended::New(_)]), "{appended:?}");
}

/// Every connection for reading hangs; leases have one of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_46_reads_that_find_no_connection_are_refused_while_leases_are_renewed() {
    let database = Database::migrated().await;
    let options = OpenOptions { readers: 2, patience: Duration::from_secs(1), ..OpenOptions::default() };
    let store = database.open_with(options).await;
    let lease = LeaseKey("job/seal".into());
    let held = store.acquire(&process("p1"), std::slice::from_ref(&lease), LONG).await.expect("it is free");
    let mut other = database.connect().await;
    sql(&mut other, "BEGIN; LOCK TABLE runs").await;
    let reads: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.run(&Scope::vendor(), run("OFR-1")).await })
        })
        .collect();
    let mut watch = database.connect().await;
    blocked(&mut watch, 2).await;
    for _ in 0..5 {
        let renewed = store.renew(&[(lease.clone(), held[0].fence)], LONG).await.expect("a write");
        assert_eq!(renewed, std::slice::from_ref(&lease));
        assert!(store.holds(&lease, held[0].fence).await.expect("a read"));
    }
    for read in reads {
        let refused = read.await.expect("a task");
        assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
    }
    sql(&mut other, "COMMIT").await;
    assert!(store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_none());
}

/// 64 ask at once for the last 1,000, 30 each, through four stores.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_61_sixty_four_writers_of_four_processes_never_oversubscribe_a_fund() {
    let database = Database::migrated().await;
    let first = database.open().await;
    let allocation = posting(PostingAction::Allocate, "emea", "budget", 1000);
    let at = entente_store::conformance::fixture::at(0);
    first.post(&Scope::vendor(), run("funds"), &allocation, at).await.expect("a write").expect("an allocation");
    let world = Arc::new(World::new(Arc::new(first.clone())).await);
    let stores: Vec<PostgresStore> = vec![first, database.open().await, database.open().await, database.open().await];
    let calls: Vec<_> = (0..64)
        .map(|n| {
            let (world, store) = (Arc::clone(&world), stores[n % 4].clone());
            tokio::spawn(async move {
                let mut step = world.first(&format!("CLM-{n}"));
                step.postings = vec![posting(PostingAction::Reserve, "emea", &format!("claim/{n}"), 30)];
                let batch = entente_store::Batch { appends: Vec::new(), members: vec![step] };
                store.commit(Arc::new(batch)).await.expect("the database takes the batch").members.remove(0)
            })
        })
        .collect();
    let (mut reserved, mut refused) = (0, 0);
    for call in calls {
        match call.await.expect("a task") {
            MemberOutcome::Committed { .. } => reserved += 1,
            MemberOutcome::LedgerRefused { reason } => {
                assert!(reason.contains("`emea` has USD 0.10 free and USD 0.30 is asked for"), "{reason}");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((reserved, refused), (33, 31));
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
    let runs: Vec<RunId> = (0..64).map(|n| run(&format!("CLM-{n}"))).collect();
    assert_eq!(world.store.runs_of(&Scope::vendor(), &runs).await.expect("a read").len(), 33);
}
