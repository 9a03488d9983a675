//! A month of history leaves with its partition, once archives hold all of it.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{Archives, Audit, Error, Member, NewArchive, Runs, SealRow, conformance::fixture::World};
use entente_store_postgres::PostgresStore;

use crate::database::{Database, number, sql};

async fn set_month(conn: &mut sqlx::PgConnection, month: u32) {
    let text = format!(
        "CREATE OR REPLACE FUNCTION this_month() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT {month}::bigint $$"
    );
    sql(conn, &text).await;
}

async fn size(conn: &mut sqlx::PgConnection, partition: &str) -> i64 {
    number(conn, &format!("SELECT coalesce(pg_total_relation_size(to_regclass('{partition}')), 0)::bigint")).await
}

async fn ended(world: &World, name: &str) -> Member {
    let first = world.first(name);
    world.hold(&first).await;
    let mut last = world.next(&first);
    last.snapshot.ended = true;
    world.hold(&last).await;
    last
}

async fn seal(store: &PostgresStore) {
    let unsealed = store.unsealed(1000).await.expect("a read");
    let (first, last) = (unsealed[0].no, unsealed[unsealed.len() - 1].no);
    let no = store.seals(0, 100).await.expect("a read").len() as i64 + 1;
    let seal = SealRow { no, first, last, body: "a seal".into(), signature: "ab".repeat(64) };
    store.add_seal(&seal).await.expect("a seal");
}

async fn archive(store: &PostgresStore, file: &str, runs: &[&Member]) -> i64 {
    let archive = NewArchive {
        file: file.into(),
        folder: "/srv/archive".into(),
        sha256: "cd".repeat(32),
        bytes: 1,
        manifest: "{}".into(),
        runs: runs.iter().map(|step| (step.snapshot.run, step.snapshot.seq, step.hash)).collect(),
    };
    store.add_archive(&archive).await.expect("an archive")
}

#[tokio::test]
async fn a_month_leaves_when_every_run_that_began_in_it_is_archived() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    set_month(&mut conn, 203011).await;
    let store = database.open().await;
    let world = World::new(Arc::new(store.clone())).await;
    let (one, two) = (ended(&world, "ONE").await, ended(&world, "TWO").await);
    set_month(&mut conn, 203012).await;
    let other = ended(&world, "OTHER").await;
    seal(&store).await;
    let first = archive(&store, "first", &[&one, &other]).await;
    set_month(&mut conn, 203101).await;
    assert_eq!(store.let_go(&[first]).await.expect("a write"), None, "a run of the month is not archived; newest row");

    world.hold(&world.first("NEWER")).await;
    let left = store.let_go(&[first]).await.expect("a write").expect("December leaves");
    assert_eq!((left.partition.as_deref(), left.runs, left.rows), (Some("history_2030_12"), 1, 2));
    let second = archive(&store, "second", &[&two]).await;
    assert_eq!(store.let_go(&[second]).await.expect("a write"), None, "the file of one of its runs was not seen");
    let held = size(&mut conn, "history_2030_11").await;
    assert!(held > 0);
    let left = store.let_go(&[first, second]).await.expect("a write").expect("November leaves");
    assert_eq!((left.partition.as_deref(), left.runs, left.rows), (Some("history_2030_11"), 2, 4));
    assert_eq!((left.bytes as i64, size(&mut conn, "history_2030_11").await), (held, 0));
    assert_eq!(store.let_go(&[first, second]).await.expect("a write"), None);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
    assert!(store.history(&Scope::vendor(), one.snapshot.run, 0, 10).await.expect("a read").is_empty());

    // A copy of it says the same.
    let copy = folder.path().join("copy");
    store.backup(&copy).await.expect("a copy");
    let place = Database::empty().await;
    PostgresStore::restore(&place.url, &copy).await.expect("the copy comes back");
    let restored = place.open().await;
    assert_eq!(restored.integrity().await.expect("a check"), Vec::<String>::new());
    let (here, there) = (store.archives(0, 10).await, restored.archives(0, 10).await);
    assert_eq!(here.expect("a read"), there.expect("a read"));
}

#[tokio::test]
async fn the_month_that_still_runs_does_not_leave_and_neither_do_rows_that_no_archive_holds() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    set_month(&mut conn, 203011).await;
    let store = database.open().await;
    let world = World::new(Arc::new(store.clone())).await;
    let one = ended(&world, "ONE").await;
    world.hold(&world.first("NEWER")).await;
    seal(&store).await;
    let only = archive(&store, "only", &[&one]).await;
    assert_eq!(store.let_go(&[only]).await.expect("a write"), None);
    sql(&mut conn, "UPDATE runs SET rid = rid + 2000000000000 WHERE label = 'NEWER'").await;
    set_month(&mut conn, 203101).await;
    world.hold(&world.first("NEWEST")).await;
    let refused = store.let_go(&[only]).await;
    assert!(matches!(&refused, Err(Error::Database(words)) if words.contains("it stays")), "{refused:?}");
    assert_eq!(store.history(&Scope::vendor(), one.snapshot.run, 0, 10).await.expect("a read").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_history_is_waited_for_shortly_and_the_month_leaves_afterwards() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    set_month(&mut conn, 203011).await;
    let store = database.open().await;
    let world = World::new(Arc::new(store.clone())).await;
    let one = ended(&world, "ONE").await;
    set_month(&mut conn, 203101).await;
    world.hold(&world.first("NEWER")).await;
    seal(&store).await;
    let only = archive(&store, "only", &[&one]).await;
    sql(&mut conn, "BEGIN ISOLATION LEVEL REPEATABLE READ").await;
    assert_eq!(number(&mut conn, "SELECT count(*) FROM history").await, 3);
    let busy = store.let_go(&[only]).await;
    assert!(matches!(busy, Err(Error::Busy(_))), "{busy:?}");
    world.hold(&world.first("GOES-ON")).await;
    sql(&mut conn, "COMMIT").await;
    let left = store.let_go(&[only]).await.expect("a write").expect("the month leaves");
    assert_eq!(left.rows, 2);
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// The marks are kept by the database itself.
#[tokio::test]
async fn a_mark_is_never_changed_back_or_deleted() {
    let database = Database::migrated().await;
    let store = database.open().await;
    let world = World::new(Arc::new(store.clone())).await;
    let one = ended(&world, "ONE").await;
    seal(&store).await;
    archive(&store, "only", &[&one]).await;
    let mut conn = database.connect().await;
    sql(&mut conn, "UPDATE archived_runs SET gone = true").await;
    for text in [
        "UPDATE archived_runs SET gone = false",
        "UPDATE archived_runs SET seq = seq + 1",
        "DELETE FROM archived_runs",
        "UPDATE archives SET file = 'other'",
        "DELETE FROM archives",
    ] {
        let refused = sqlx::raw_sql(text).execute(&mut conn).await;
        assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("never")), "{text}: {refused:?}");
    }
}
