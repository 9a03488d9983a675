//! Row 41 with a server that crashes; and what a step costs, on a server where nobody else writes.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{
    Audit, Batch, Error, Member, Runs,
    conformance::fixture::{World, all_committed, local},
};
use entente_store_postgres::{OpenOptions, PostgresStore};
use serde_json::json;

use crate::server::Server;

const RESTARTS: usize = 3;

/// What was acknowledged is there after every crash, and nobody opens anything again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_41_after_a_crash_of_the_server_work_goes_on_by_itself() {
    let server = Server::start();
    let store = PostgresStore::open(&server.url, OpenOptions::default()).await.expect("the store opens");
    let world = World::new(Arc::new(store.clone())).await;
    let mut step = world.first("OFR-1");
    world.hold(&step).await;
    for _ in 0..RESTARTS {
        let target = step.snapshot.seq + 20;
        std::thread::scope(|scope| {
            let restart = scope.spawn(|| server.restart_at_once());
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    while step.snapshot.seq < target || !restart.is_finished() {
                        step = advance(&store, &world, step.clone()).await;
                    }
                });
            });
        });
    }
    let row = store.run(&Scope::vendor(), step.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!(row.snapshot.seq, step.snapshot.seq);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// The next step of the run, which the owner reads again after a failure.
async fn advance(store: &PostgresStore, world: &World, step: Member) -> Member {
    let next = world.next(&step);
    let batch = Batch { appends: Vec::new(), members: vec![next.clone()] };
    loop {
        match store.commit(Arc::new(batch.clone())).await {
            Ok(outcome) => {
                assert!(all_committed(&outcome.members), "{outcome:?}");
                return next;
            }
            Err(Error::Busy(_)) => match store.run(&Scope::vendor(), step.snapshot.run).await {
                Ok(Some(row)) if row.snapshot.seq == next.snapshot.seq => return next,
                _ => {}
            },
            Err(error) => panic!("{error}"),
        }
    }
}

const LANES: u64 = 64;
const LIVES: u64 = 20;
const STEPS: u64 = 5;

/// A step of the usual size (a context of 200 bytes, a record of 400, one intent closed and one opened), 64 in flight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_writes_no_more_to_the_log_than_promised() {
    let server = Server::start();
    let store = PostgresStore::open(&server.url, OpenOptions::default()).await.expect("the store opens");
    let world = World::new(Arc::new(store.clone())).await;
    let (before, begun) = (store.tally().read(), store.wal_bytes().await.expect("a read"));
    for life in 0..LIVES {
        let mut steps: Vec<Member> = (0..LANES).map(|lane| first(&world, lane, life)).collect();
        for seq in 1..=STEPS {
            assert!(all_committed(&world.commit(steps.clone()).await));
            steps = steps.iter().map(|step| next(&world, step, seq + 1)).collect();
        }
    }
    let (after, bytes) = (store.tally().read(), store.wal_bytes().await.expect("a read") - begun);
    let steps = after.steps - before.steps;
    assert_eq!(steps, LANES * LIVES * STEPS);
    println!(
        "{} bytes of log, {:.3} commits per step",
        bytes / steps,
        (after.commits - before.commits) as f64 / steps as f64
    );
    assert!(bytes / steps <= 1500, "{} bytes per step", bytes / steps);
    assert_eq!(after.commits - before.commits, LIVES * STEPS, "a batch is one commit");
}

fn first(world: &World, lane: u64, life: u64) -> Member {
    let mut step = world.first(&format!("RUN-{life:06}-{lane:03}"));
    step.snapshot.context =
        json!({ "offer": { "name": "A private offer", "buyer": "123456789012", "notes": "x".repeat(120) } });
    step.record = format!(r#"{{"seq":1,"delta":"{}"}}"#, "y".repeat(400));
    step.intents = vec![local(1, 0)];
    step
}

fn next(world: &World, step: &Member, seq: u64) -> Member {
    let mut next = world.next(step);
    next.record = format!(r#"{{"seq":{seq},"delta":"{}"}}"#, "y".repeat(400));
    next.closed = step.intents.first().map(|intent| intent.invoke);
    next.snapshot.ended = seq == STEPS;
    if !next.snapshot.ended {
        next.intents = vec![local(seq, 0)];
    }
    next
}
