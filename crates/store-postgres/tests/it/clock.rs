//! Rows 13 and 14: leases run by the database's clock, whatever the processes' clocks say.

use std::{sync::Arc, time::Duration};

use entente_store::{
    LeaseKey, Leases, MemberOutcome,
    conformance::fixture::{World, process, run},
};

use crate::database::{Database, sql};

/// From now on the database's clock stands, and is moved by hand.
const CLOCK: &str = "CREATE TABLE clock (at bigint NOT NULL); INSERT INTO clock VALUES (1000000);
    CREATE OR REPLACE FUNCTION now_micros() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT at FROM clock $$";

#[tokio::test]
async fn row_14_a_lease_runs_out_by_the_databases_clock_alone() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    sql(&mut conn, CLOCK).await;
    let (one, two) = (database.open().await, database.open().await);
    let key = LeaseKey("job/seal".into());
    let ttl = Duration::from_secs(10);
    let held = one.acquire(&process("p1"), std::slice::from_ref(&key), ttl).await.expect("a write");
    assert_eq!(held[0].remaining, ttl);
    sql(&mut conn, "UPDATE clock SET at = at + 9999999").await;
    assert!(two.acquire(&process("p2"), std::slice::from_ref(&key), ttl).await.expect("a write").is_empty());
    assert_eq!(two.leases().await.expect("a read")[0].remaining, Duration::from_micros(1));
    assert!(one.holds(&key, held[0].fence).await.expect("a read"));
    sql(&mut conn, "UPDATE clock SET at = at + 1").await;
    assert!(!one.holds(&key, held[0].fence).await.expect("a read"), "it has run out");
    let taken = two.acquire(&process("p2"), std::slice::from_ref(&key), ttl).await.expect("a write");
    assert!(taken[0].fence > held[0].fence);
    assert!(one.renew(&[(key, held[0].fence)], ttl).await.expect("a write").is_empty(), "it is another's now");
}

/// A process that was held up goes on with a lease that nobody took; one that was taken from it writes nothing.
#[tokio::test]
async fn row_13_a_lease_that_ran_out_is_its_owners_until_somebody_takes_it() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    sql(&mut conn, CLOCK).await;
    let world = World::new(Arc::new(database.open().await)).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    sql(&mut conn, "UPDATE clock SET at = at + 36000000000").await;
    let second = world.next(&first);
    world.hold(&second).await;
    let lease = LeaseKey::shard(run("OFR-1").shard());
    let other = database.open().await;
    other.acquire(&process("p2"), std::slice::from_ref(&lease), Duration::from_secs(10)).await.expect("it is free");
    assert_eq!(world.commit(vec![world.next(&second)]).await, [MemberOutcome::Fenced]);
}
