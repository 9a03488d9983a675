//! History lies in partitions by the month in which its run began.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{Runs, conformance::fixture::World};

use crate::database::{Database, number, sql};

async fn set_month(conn: &mut sqlx::PgConnection, month: u32) {
    let text = format!(
        "CREATE OR REPLACE FUNCTION this_month() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT {month}::bigint $$"
    );
    sql(conn, &text).await;
}

async fn rows(conn: &mut sqlx::PgConnection, partition: &str) -> i64 {
    number(conn, &format!("SELECT count(*) FROM {partition}")).await
}

#[tokio::test]
async fn a_run_keeps_its_partition_over_the_end_of_a_month_and_new_runs_begin_in_the_next() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    set_month(&mut conn, 203011).await;
    // Opening makes the partitions of this month and the two after it.
    let world = World::new(Arc::new(database.open().await)).await;
    let old = world.first("OLD");
    world.hold(&old).await;
    set_month(&mut conn, 203012).await;
    let (moved, new) = (world.next(&old), world.first("NEW"));
    for outcome in world.commit(vec![moved.clone(), new.clone()]).await {
        assert!(matches!(outcome, entente_store::MemberOutcome::Committed { .. }), "{outcome:?}");
    }
    set_month(&mut conn, 203101).await;
    world.hold(&world.first("NEWEST")).await;
    world.hold(&world.next(&moved)).await;
    let found = (
        rows(&mut conn, "history_2030_11").await,
        rows(&mut conn, "history_2030_12").await,
        rows(&mut conn, "history_2031_01").await,
    );
    assert_eq!(found, (3, 1, 1));
    let all = world.store.history_rows(0, 100).await.expect("a read");
    assert_eq!(all.iter().map(|row| row.no).collect::<Vec<_>>(), [1, 2, 3, 4, 5], "one order over all partitions");
    let own = world.store.history(&Scope::vendor(), old.snapshot.run, 0, 100).await.expect("a read");
    assert_eq!(own.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn a_month_that_nobody_prepared_has_a_place_and_keeps_it() {
    let database = Database::migrated().await;
    let store = database.open().await;
    let mut conn = database.connect().await;
    set_month(&mut conn, 204507).await;
    let world = World::new(Arc::new(store.clone())).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    assert_eq!(rows(&mut conn, "history_other").await, 1);
    let again = database.open().await;
    let made = number(&mut conn, "SELECT count(*) FROM pg_class WHERE relname LIKE 'history_2045___'").await;
    assert_eq!(made, 2, "the months after it; its own stays where its rows are");
    world.hold(&world.next(&first)).await;
    let own = again.history(&Scope::vendor(), first.snapshot.run, 0, 100).await.expect("a read");
    assert_eq!(own.len(), 2);
}

/// Not by our statements alone: the database refuses a second row for a step, whatever partition it would go to.
#[tokio::test]
async fn a_step_has_one_row_in_all_partitions() {
    let database = Database::migrated().await;
    let world = World::new(Arc::new(database.open().await)).await;
    world.hold(&world.first("OFR-1")).await;
    let mut conn = database.connect().await;
    let again = "INSERT INTO history SELECT no + 1, rid, seq, prev_hash, hash, record FROM history";
    let refused = sqlx::raw_sql(again).execute(&mut conn).await;
    assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("unique")), "{refused:?}");
}
