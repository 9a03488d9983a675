//! A file that an older program has booked in goes on with the same money.

use std::{collections::BTreeSet, path::Path};

use entente_core::{ledger::PostingAction, scope::Scope};
use entente_store::{
    Audit, BalanceFilter, LedgerBook,
    conformance::fixture::{at, posting, run},
};
use entente_store_sqlite::Mode;

use crate::{folder, open};

/// A file with the first four steps of the schema, as they were released.
fn fourth(path: &Path) -> rusqlite::Connection {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let conn = rusqlite::Connection::open(path).expect("a file");
    let mut steps: Vec<_> =
        std::fs::read_dir(migrations).expect("migrations").map(|entry| entry.expect("a file").path()).collect();
    steps.sort();
    for step in &steps[..4] {
        conn.execute_batch(&std::fs::read_to_string(step).expect("a step")).expect("the step");
    }
    conn.execute_batch("PRAGMA application_id = 0x456e7465; PRAGMA user_version = 4").expect("the marks");
    conn
}

#[tokio::test]
async fn what_was_booked_before_there_were_accounts_stands_on_them() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let conn = fourth(&path);
    conn.execute_batch(
        "INSERT INTO ledger_journals (no, fund, key, action, currency, minor, run, seq, booked_at) VALUES
           (1, 'emea', 'budget', 'allocate', 'USD', 100, zeroblob(16), 1, 1),
           (2, 'emea', 'claim/1', 'reserve', 'USD', 60, zeroblob(16), 2, 2),
           (3, 'emea', 'claim/1', 'post', 'USD', 20, zeroblob(16), 3, 3),
           (4, 'emea', 'claim/1', 'void', 'USD', 99, zeroblob(16), 4, 4),
           (5, 'emea', 'claim/2', 'reserve', 'USD', 30, zeroblob(16), 5, 5);
         INSERT INTO ledger_entries VALUES
           (1, 'allocated', -100), (1, 'free', 100), (2, 'free', -60), (2, 'reserved', 60), (3, 'reserved', -20),
           (3, 'posted', 20), (4, 'reserved', -40), (4, 'free', 40), (5, 'free', -30), (5, 'reserved', 30);",
    )
    .expect("bookings");
    drop(conn);
    let store = open(&path, Mode::Runner).await;
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
    assert!(rusqlite::Connection::open(&path).expect("the file").execute("DELETE FROM ledger_journals", []).is_err());
}

#[tokio::test]
async fn the_movements_in_the_file_are_those_of_the_program() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    open(&path, Mode::Runner).await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    let mut asked = conn.prepare("SELECT action, source, target FROM ledger_movements").expect("sql");
    let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("a read");
    let stored: BTreeSet<(String, String, String)> = rows.map(|row| row.expect("a row")).collect();
    let known = PostingAction::ALL.map(|action| {
        let (source, target) = action.movement();
        (action.to_string(), source.to_string(), target.to_string())
    });
    assert_eq!(stored, BTreeSet::from(known));
}
