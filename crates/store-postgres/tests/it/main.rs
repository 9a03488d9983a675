//! The store to grow on: the laws of every store, and the bad days of this one.

mod backup;
mod clock;
mod contention;
mod database;
mod fences;
mod grown;
mod leaving;
mod lost;
mod marker;
mod months;
mod proxy;
mod restart;
mod schema;
mod server;
mod settings;
mod turns;

use std::sync::Arc;

use entente_store::Store;

use database::Database;

async fn fresh() -> (Arc<dyn Store>, Database) {
    let database = Database::migrated().await;
    (Arc::new(database.open().await), database)
}

entente_store::conformance_tests!(fresh);
