//! Rows 5, 41 and 90: connections are lost, at the worst moment and all the time, or carry nothing.

use std::{sync::Arc, time::Duration};

use entente_core::{ledger::PostingAction, scope::Scope};
use entente_store::{
    Appended, Audit, Batch, Consumed, Error, Inbox, LedgerBook, Member, MemberOutcome, Runs,
    conformance::fixture::{World, accepted, all_committed, at, local, message, posting, run},
};
use entente_store_postgres::{OpenOptions, PostgresStore};

use crate::{
    database::{Database, sql},
    proxy::{Cut, Proxy},
};

/// A step with a message that it answers, one that it sends, and an intent.
fn full(step: &Member) -> Batch {
    let (mut member, label) = (step.clone(), step.snapshot.label.clone());
    let seq = member.snapshot.seq;
    member.consumed = Some((Consumed::Appended(0), accepted(seq)));
    member.sends = vec![message("receiver", &format!("{label}/{seq}"))];
    member.intents = vec![local(seq, 0)];
    Batch { appends: vec![message(&label, &format!("to {label}/{seq}"))], members: vec![member] }
}

/// Whether the commit happened or not, it is told as it was, and it happened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_05_a_commit_whose_answer_is_lost_is_looked_up_never_guessed() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url).await;
    let store = PostgresStore::open(&proxy.url, OpenOptions::default()).await.expect("the store opens");
    let world = World::new(Arc::new(store.clone())).await;
    let mut step = world.first("OFR-1");
    world.hold(&step).await;
    for (n, cut) in (1..).zip([Cut::AfterCommit, Cut::BeforeCommit, Cut::AfterCommit, Cut::BeforeCommit]) {
        step = world.next(&step);
        proxy.cut(cut);
        let outcome = store.commit(Arc::new(full(&step))).await.unwrap_or_else(|error| panic!("{cut:?}: {error}"));
        assert_eq!(proxy.cuts(), n, "the wire was cut");
        assert!(matches!(outcome.appended[..], [Appended::New(_)]), "{cut:?}: {outcome:?}");
        assert!(matches!(&outcome.members[..], [MemberOutcome::Committed { sent }] if sent.len() == 1), "{outcome:?}");
    }
    assert_eq!(store.tally().read().looked_up, 4);
    let history = store.history(&Scope::vendor(), step.snapshot.run, 0, 100).await.expect("a read");
    assert_eq!(history.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let received = world.store.messages(&Scope::vendor(), run("receiver")).await.expect("a read");
    assert_eq!(received.len(), 4);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// The same for writes that are not steps: money is booked once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_05_a_booking_whose_answer_is_lost_is_not_booked_again() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url).await;
    let store = PostgresStore::open(&proxy.url, OpenOptions::default()).await.expect("the store opens");
    store.next_number("OFR").await.expect("a number");
    let allocation = posting(PostingAction::Allocate, "emea", "budget", 1000);
    for (n, cut) in (1..).zip([Cut::AfterCommit, Cut::BeforeCommit]) {
        proxy.cut(cut);
        let booked = store.post(&Scope::vendor(), run("funds"), &allocation, at(0)).await.expect("a write");
        assert_eq!(booked.expect("an allocation").no, n, "{cut:?}");
        assert_eq!(proxy.cuts(), n as u64);
    }
    let entries = store.entries(&Scope::vendor(), None, 0, 100).await.expect("a read");
    assert_eq!(entries.len(), 4, "two journals of two entries");
}

/// The network loses everything, and no connection is closed: nobody waits for ever, and what is said later is not done twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_90_a_silent_network_is_an_answer_that_did_not_come_in_time() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url).await;
    let options = OpenOptions { patience: Duration::from_millis(400), ..OpenOptions::default() };
    let store = PostgresStore::open(&proxy.url, options).await.expect("the store opens");
    proxy.silence(true);
    let read = store.run(&Scope::vendor(), run("OFR-1")).await;
    assert!(matches!(read, Err(Error::Busy(_))), "{read:?}");
    let written = store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await;
    assert!(matches!(written, Err(Error::Busy(_))), "{written:?}");
    proxy.silence(false);
    let appended = loop {
        match store.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await {
            Ok(appended) => break appended,
            Err(error) => assert!(matches!(error, Error::Busy(_)), "{error:?}"),
        }
    };
    assert_eq!(appended.len(), 1);
    assert_eq!(store.messages(&Scope::vendor(), run("OFR-1")).await.expect("a read").len(), 1);
}

const RUNS: usize = 8;
const STEPS: u64 = 80;

/// Every session of the database is ended by force, again and again, while eight runs go through their steps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_41_work_goes_on_while_its_connections_are_ended() {
    let database = Database::migrated().await;
    let store = database.open().await;
    let world = Arc::new(World::new(Arc::new(store.clone())).await);
    let walks: Vec<_> = (0..RUNS)
        .map(|n| {
            let (world, store) = (Arc::clone(&world), store.clone());
            tokio::spawn(async move { walk(&world, &store, &format!("R{n}")).await })
        })
        .collect();
    let mut killer = database.connect().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut rounds = 0;
    while walks.iter().any(|walk| !walk.is_finished()) {
        sql(&mut killer, kill).await;
        rounds += 1;
        // Some work gets through between two blows.
        let before = store.tally().read().commits;
        while store.tally().read().commits < before + 4 && walks.iter().any(|walk| !walk.is_finished()) {
            tokio::task::yield_now().await;
        }
    }
    for walk in walks {
        walk.await.expect("a walk");
    }
    assert!(rounds > 10, "{rounds} rounds");
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
    let rows = store.history_rows(0, 1000).await.expect("a read");
    assert_eq!(rows.len(), RUNS * STEPS as usize);
}

/// Takes a run through its steps as its owner would: after a failure it reads where the run stands.
async fn walk(world: &World, store: &PostgresStore, name: &str) {
    let mut step = world.first(name);
    loop {
        match store.commit(Arc::new(Batch { appends: Vec::new(), members: vec![step.clone()] })).await {
            Ok(outcome) => assert!(all_committed(&outcome.members), "{outcome:?}"),
            Err(Error::Busy(_)) => match store.run(&Scope::vendor(), step.snapshot.run).await {
                Ok(Some(row)) if row.snapshot.seq == step.snapshot.seq => {}
                _ => continue,
            },
            Err(error) => panic!("{error}"),
        }
        if step.snapshot.seq == STEPS {
            return;
        }
        step = world.next(&step);
    }
}
