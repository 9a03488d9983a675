//! What is checked before the first write, and what is never shown.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{
    Error, Runs, Store,
    conformance::fixture::{World, message, run},
};
use entente_store_postgres::{Mode, OpenOptions, PostgresStore};

use crate::database::{Database, sql};

#[tokio::test]
async fn a_database_that_loses_commits_is_refused() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    for value in ["off", "local"] {
        let name = "SELECT current_database()";
        let name: String = sqlx::query_scalar(name).fetch_one(&mut conn).await.expect("a name");
        sql(&mut conn, &format!("ALTER DATABASE {name} SET synchronous_commit = {value}")).await;
        let refused = PostgresStore::open(&database.url, OpenOptions::default()).await;
        assert!(matches!(&refused, Err(Error::Database(words)) if words.contains("synchronous_commit")), "{refused:?}");
    }
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let database = Database::migrated().await;
    let url = database.url.replace("entente_test_", "entente_nowhere_");
    let refused = PostgresStore::open(&url, OpenOptions::default()).await;
    assert!(matches!(&refused, Err(Error::NotFound { kind: "database", id }) if id.contains("nowhere")), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_away_can_be_tried_again_and_its_secrets_are_not_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let url = format!("postgres://anna:hunter2@127.0.0.1:{port}/entente");
    let refused = PostgresStore::open(&url, OpenOptions::default()).await.expect_err("nobody listens");
    assert!(matches!(refused, Error::Busy(_)), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
}

#[tokio::test]
async fn a_store_opened_for_reading_reads_and_never_writes() {
    let database = Database::migrated().await;
    let world = World::new(Arc::new(database.open().await)).await;
    world.hold(&world.first("OFR-1")).await;
    let reader = database.open_with(OpenOptions::new(Mode::ReadOnly)).await;
    assert!(reader.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_some());
    let refused = reader.next_number("OFR").await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
    let reader: Arc<dyn Store> = Arc::new(reader);
    let refused = reader.append(&Scope::vendor(), vec![message("OFR-1", "k1")]).await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
    let refused = reader.release(&[]).await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_closed_store_refuses_and_what_it_acknowledged_is_there() {
    let database = Database::migrated().await;
    let store = database.open().await;
    let world = World::new(Arc::new(store.clone())).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    store.close().await;
    let closed = store.next_number("OFR").await;
    assert!(matches!(closed, Err(Error::Database(_))), "{closed:?}");
    let again = database.open().await;
    let row = again.run(&Scope::vendor(), first.snapshot.run).await.expect("a read").expect("the run");
    assert_eq!(row.snapshot, first.snapshot);
}
