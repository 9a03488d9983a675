//! A database that an older program has booked in goes on with the same money.

use std::{collections::BTreeSet, path::Path};

use entente_core::{ledger::PostingAction, scope::Scope};
use entente_store::{
    Audit, BalanceFilter, LedgerBook,
    conformance::fixture::{at, posting, run},
};

use crate::database::{Database, sql};

/// A database with the first four steps of the schema, as they were released.
async fn fourth() -> Database {
    let database = Database::empty().await;
    let mut conn = database.connect().await;
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut steps: Vec<_> =
        std::fs::read_dir(migrations).expect("migrations").map(|entry| entry.expect("a file").path()).collect();
    steps.sort();
    for step in &steps[..4] {
        sql(&mut conn, &std::fs::read_to_string(step).expect("a step")).await;
    }
    let mark =
        "CREATE TABLE entente_schema (one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL);
                INSERT INTO entente_schema (version) VALUES (4)";
    sql(&mut conn, mark).await;
    database
}

#[tokio::test]
async fn what_was_booked_before_there_were_accounts_stands_on_them() {
    let database = fourth().await;
    let mut conn = database.connect().await;
    sql(
        &mut conn,
        "INSERT INTO ledger_journals (no, fund, key, action, currency, minor, run, seq, booked_at) VALUES
           (1, 'emea', 'budget', 'allocate', 'USD', 100, gen_random_uuid(), 1, 1),
           (2, 'emea', 'claim/1', 'reserve', 'USD', 60, gen_random_uuid(), 2, 2),
           (3, 'emea', 'claim/1', 'post', 'USD', 20, gen_random_uuid(), 3, 3),
           (4, 'emea', 'claim/1', 'void', 'USD', 99, gen_random_uuid(), 4, 4),
           (5, 'emea', 'claim/2', 'reserve', 'USD', 30, gen_random_uuid(), 5, 5);
         INSERT INTO ledger_entries VALUES
           (1, 'allocated', -100), (1, 'free', 100), (2, 'free', -60), (2, 'reserved', 60), (3, 'reserved', -20),
           (3, 'posted', 20), (4, 'reserved', -40), (4, 'free', 40), (5, 'free', -30), (5, 'reserved', 30);
         UPDATE counters SET journal = 5",
    )
    .await;
    let store = database.open().await;
    let filter = BalanceFilter { by_key: true, ..BalanceFilter::default() };
    let stands = store.balances(&Scope::vendor(), &filter).await.expect("a read");
    let lines: Vec<String> = stands.iter().map(|at| format!("{} {} {}", at.account, at.key, at.minor)).collect();
    assert_eq!(
        lines,
        ["allocated  -100", "free  50", "posted claim/1 20", "reserved claim/1 0", "reserved claim/2 30"]
    );
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
    let book = async |action, key: &str, minor| {
        store.post(&Scope::vendor(), run("x"), &posting(action, "emea", key, minor), at(9)).await.expect("a write")
    };
    assert!(book(PostingAction::Reserve, "claim/3", 51).await.is_err_and(|why| why.contains("USD 0.50 free")));
    assert_eq!(book(PostingAction::Post, "claim/2", 30).await.expect("a booking").no, 6);
    assert!(sqlx::raw_sql("DELETE FROM ledger_journals").execute(&mut conn).await.is_err());
}

#[tokio::test]
async fn the_movements_in_the_database_are_those_of_the_program() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    let asked = sqlx::query_as("SELECT action, source, target FROM ledger_movements");
    let stored: Vec<(String, String, String)> = asked.fetch_all(&mut conn).await.expect("a read");
    let known = PostingAction::ALL.map(|action| {
        let (source, target) = action.movement();
        (action.to_string(), source.to_string(), target.to_string())
    });
    assert_eq!(BTreeSet::from_iter(stored), BTreeSet::from(known));
}
